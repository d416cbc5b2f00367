"""Every chart of the app: Plotly figures on one template.

Colours are Streamlit's placeholders (``CATEGORY_0`` …), which the browser replaces with the palette of the theme in
use: a chart follows a switch between light and dark without a rerun.
"""

from collections.abc import Sequence
from typing import Any

import pandas as pd
import plotly.graph_objects as go
import streamlit as st
from streamlit.elements.lib.streamlit_plotly_theme import (
    CATEGORY_0,
    CATEGORY_1,
    CATEGORY_2,
    CATEGORY_3,
    CATEGORY_4,
    CATEGORY_5,
    CATEGORY_6,
    CATEGORY_7,
    CATEGORY_8,
    CATEGORY_9,
)

PALETTE = (
    CATEGORY_0,
    CATEGORY_1,
    CATEGORY_2,
    CATEGORY_3,
    CATEGORY_4,
    CATEGORY_5,
    CATEGORY_6,
    CATEGORY_7,
    CATEGORY_8,
    CATEGORY_9,
)
_HUES = ("#12998C", "#EE7250", "#5C7CE6", "#DFA135", "#9A6ED2", "#3BA5D1", "#DC6496", "#7BAE4B", "#AE8062", "#74859B")
MAIN, SECOND = CATEGORY_0, CATEGORY_1
DAYS = "%-d %b\n%Y"
_CONFIG = {"displayModeBar": False, "scrollZoom": False}


def show(figure: go.Figure, alt: str, height: int | None = 260, key: str | None = None, select: bool = False) -> Any:
    """Draw a figure on the app's template and return its selection state where ``select`` asks for one.

    height: pixels; None fills what the container has left.
    """
    figure.update_layout(
        height=height,
        margin={"l": 8, "r": 8, "t": 8, "b": 8},
        legend={"orientation": "h", "y": 1.02, "yanchor": "bottom", "x": 0, "title": None},
        hovermode=figure.layout.hovermode or "closest",
        dragmode=False,
        separators=".,",
    )
    tall: Any = "content" if height else "stretch"
    if select:
        return st.plotly_chart(figure, height=tall, key=key, config=_CONFIG, alt=alt, on_select="rerun", selection_mode="points")
    return st.plotly_chart(figure, height=tall, key=key, config=_CONFIG, alt=alt)


def color(number: int) -> str:
    """Return the palette's colour for a group's number, the same on every chart."""
    return PALETTE[number % len(PALETTE)]


def dot(number: int) -> str:
    """Return Markdown of a dot in a group's colour: the hues of the palette, readable on light and dark."""
    return f':color[●]{{foreground="{_HUES[number % len(_HUES)]}"}}'


def lines(frame: pd.DataFrame, x: str, names: dict[str, str], fill: bool = False, y_format: str = ",") -> go.Figure:
    """Return one line for each column in ``names`` (column → label); ``fill`` shades below the first."""
    figure = go.Figure()
    for number, (column, label) in enumerate(names.items()):
        figure.add_scatter(
            x=frame[x],
            y=frame[column],
            name=label,
            mode="lines",
            line={"color": color(number), "width": 2},
            fill="tozeroy" if fill and number == 0 else None,
            hovertemplate=f"%{{y:{y_format}}}",
        )
    figure.update_layout(hovermode="x unified", showlegend=len(names) > 1)
    figure.update_yaxes(tickformat=y_format, rangemode="tozero")
    figure.update_xaxes(tickformat=DAYS, hoverformat="%a %-d %b %Y")
    return figure


def bars(labels: Sequence[str], values: Sequence[float], texts: Sequence[str], colors: Sequence[str] | None = None) -> go.Figure:
    """Return horizontal bars, the first on top, each with its text beside it."""
    figure = go.Figure(
        go.Bar(
            x=list(values),
            y=list(labels),
            orientation="h",
            marker={"color": list(colors) if colors else MAIN, "cornerradius": 4},
            text=list(texts),
            textposition="outside",
            cliponaxis=False,
            hovertemplate="%{y}: %{x:,}<extra></extra>",
        )
    )
    figure.update_yaxes(autorange="reversed", ticksuffix="  ", showgrid=False)
    figure.update_xaxes(visible=False, range=[min([0, *values]) * 1.4, max([0, *values]) * 1.4 or 1])
    figure.update_layout(bargap=0.35, showlegend=False)
    return figure


def bars_height(many: int) -> int:
    """Return the height at which ``many`` horizontal bars are neither thick nor cramped."""
    return 30 + 32 * many


_EVENT_ORDER = ("rating", "return", "purchase", "cart", "wishlist", "click", "view")


def timeline(frame: pd.DataFrame) -> go.Figure:
    """Return one dot an event, time across, a row for each type of event, the item's title on hover."""
    present = [event for event in _EVENT_ORDER if event in set(frame["event_type"])]
    figure = go.Figure()
    for event in present:
        mine = frame[frame["event_type"] == event]
        figure.add_scatter(
            x=mine["ts"],
            y=mine["event_type"].str.capitalize(),
            mode="markers",
            marker={"size": 9, "opacity": 0.55, "color": color(_EVENT_ORDER[::-1].index(event))},
            text=mine["title"].fillna(mine["item_id"]),
            hovertemplate="%{text}<br>%{x|%-d %b %Y, %H:%M}<extra></extra>",
        )
    figure.update_layout(showlegend=False)
    figure.update_yaxes(ticksuffix="  ")
    figure.update_xaxes(tickformat=DAYS)
    return figure


def differences(labels: Sequence[str], effects: Sequence[float], texts: Sequence[str]) -> go.Figure:
    """Return bars to the right of a middle line for more, to the left for less, with the text on the line's other side."""
    widest = max((abs(effect) for effect in effects), default=1)
    figure = go.Figure()
    figure.add_bar(
        x=list(effects),
        y=list(labels),
        orientation="h",
        marker={"color": [MAIN if effect > 0 else SECOND for effect in effects], "cornerradius": 4},
        hovertemplate="%{y}: %{x:+.1f} standard deviations<extra></extra>",
    )
    for label, effect, text in zip(labels, effects, texts, strict=True):
        side = "right" if effect > 0 else "left"
        figure.add_annotation(
            x=0, y=label, text=text, showarrow=False, xanchor=side, xshift=-6 if effect > 0 else 6, font_size=11
        )
    figure.update_yaxes(autorange="reversed", ticksuffix="  ", showgrid=False)
    figure.update_xaxes(range=[-2 * widest, 2 * widest], showticklabels=False, showgrid=False, zeroline=True)
    figure.update_layout(bargap=0.4, showlegend=False)
    return figure


def clusters(points: pd.DataFrame, chosen: int) -> go.Figure:
    """Return one dot a shopper, coloured by segment, those of the chosen one in full strength."""
    figure = go.Figure()
    for number in sorted(points["segment_id"].unique().tolist()):
        mine = points[points["segment_id"] == number]
        strength = 0.9 if number == chosen else 0.25
        figure.add_scattergl(
            x=mine["x"],
            y=mine["y"],
            name=mine["name"].iloc[0],
            mode="markers",
            marker={"size": 5, "opacity": strength, "color": color(number - 1)},
            text=mine["user_id"],
            hovertemplate="%{text}",
        )
    figure.update_layout(showlegend=False)
    figure.update_xaxes(showticklabels=False, showgrid=False, zeroline=False)
    figure.update_yaxes(showticklabels=False, showgrid=False, zeroline=False)
    return figure


def silhouette(curve: Sequence[tuple[int, float]], chosen: int | None) -> go.Figure:
    """Return the silhouette of each number of groups, the one in force marked."""
    numbers = [number for number, _ in curve]
    figure = go.Figure()
    figure.add_scatter(
        x=numbers,
        y=[score for _, score in curve],
        mode="lines+markers",
        line={"color": MAIN, "width": 2},
        marker={"size": [13 if number == chosen else 7 for number in numbers], "color": MAIN},
        hovertemplate="%{x} groups: %{y:.3f}<extra></extra>",
    )
    figure.update_xaxes(dtick=1, title="groups", showgrid=False)
    figure.update_yaxes(tickformat=".2f")
    figure.update_layout(showlegend=False)
    return figure
