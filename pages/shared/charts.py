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
    GRAY_70,
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
MAIN, SECOND, MUTED = CATEGORY_0, CATEGORY_1, GRAY_70
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
    figure.update_xaxes(tickformat="%-d %b\n%Y", hoverformat="%a %-d %b %Y")
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
    figure.update_xaxes(visible=False, range=[min(0, *values) * 1.4, max(0, *values) * 1.4 or 1])
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
    return figure
