"""The charts of the catalogue."""

import math
from collections.abc import Sequence

import pandas as pd
import plotly.graph_objects as go

from core.represent.opinions import Opinions
from pages.shared import charts
from pages.shared import format as fmt

_TONES = {"negative": charts.PALETTE[1], "neutral": charts.PALETTE[9], "positive": charts.PALETTE[0]}


def prices(bins: pd.DataFrame, price: float | None) -> go.Figure:
    """Return the prices of a category on a log scale, with a line at an item's."""
    figure = go.Figure()
    figure.add_bar(
        x=(bins["low"] * bins["high"]) ** 0.5,
        y=bins["items"],
        width=bins["high"] - bins["low"],
        marker={"color": charts.PALETTE[9], "opacity": 0.6},
        customdata=bins[["low", "high"]],
        hovertemplate="%{customdata[0]:,.2f} to %{customdata[1]:,.2f}: %{y:,} items<extra></extra>",
    )
    if price is not None:
        figure.add_vline(x=price, line={"color": charts.SECOND, "width": 3})
    ticks = _log_ticks(float(bins["low"].min()), float(bins["high"].max()))
    figure.update_xaxes(type="log", showgrid=False, tickvals=ticks, ticktext=[f"{tick:,g}" for tick in ticks])
    figure.update_yaxes(visible=False)
    figure.update_layout(showlegend=False, bargap=0.05)
    return figure


def histogram(counts: Sequence[int]) -> go.Figure:
    """Return how many ratings gave each number of stars, five on top."""
    labels = [f"{stars} ★" for stars in (5, 4, 3, 2, 1)]
    return charts.bars(labels, list(counts)[::-1], [fmt.number(count) for count in list(counts)[::-1]])


def stars_over_time(frame: pd.DataFrame) -> go.Figure:
    """Return the mean stars of each month, the dots as large as the month has ratings."""
    figure = go.Figure()
    most = frame["ratings"].max() if len(frame) else 1
    figure.add_scatter(
        x=frame["month"],
        y=frame["mean"],
        mode="lines+markers",
        line={"color": charts.MAIN, "width": 2},
        marker={"size": 5 + 9 * (frame["ratings"] / most) ** 0.5, "color": charts.MAIN},
        customdata=frame["ratings"],
        hovertemplate="%{x|%b %Y}: %{y:.2f} ★ of %{customdata:,} ratings<extra></extra>",
    )
    figure.update_yaxes(range=[0.8, 5.2], dtick=1)
    figure.update_xaxes(tickformat="%b\n%Y", showgrid=False)
    return figure


def tones(said: Opinions) -> go.Figure:
    """Return one bar split into negative, neutral and positive."""
    figure = go.Figure()
    for name, color in _TONES.items():
        count = getattr(said, name)
        share = count / said.reviews
        figure.add_bar(
            x=[share],
            y=[""],
            orientation="h",
            name=name.capitalize(),
            marker={"color": color},
            text=[f"{name} {fmt.percent(share)}" if share >= 0.12 else ""],
            textposition="inside",
            insidetextanchor="middle",
            hovertemplate=f"{name}: {count:,} reviews<extra></extra>",
        )
    figure.update_layout(barmode="stack", showlegend=False, bargap=0.1)
    figure.update_xaxes(visible=False, range=[0, 1])
    figure.update_yaxes(visible=False)
    return figure


def tones_over_time(frame: pd.DataFrame) -> go.Figure:
    """Return the reviews of each month, stacked by tone."""
    figure = go.Figure()
    for name, color in _TONES.items():
        figure.add_bar(x=frame["month"], y=frame[name], name=name.capitalize(), marker={"color": color}, hovertemplate="%{y:,}")
    figure.update_layout(barmode="stack", hovermode="x unified", showlegend=True, bargap=0.15)
    figure.update_xaxes(tickformat="%b\n%Y", hoverformat="%B %Y", showgrid=False)
    return figure


def mix(frame: pd.DataFrame) -> go.Figure:
    """Return the share of each segment among an item's buyers, and among all buyers, as pairs of bars."""
    figure = go.Figure()
    for column, label, color in (("share", "This item", charts.MAIN), ("usual", "All buyers", charts.PALETTE[9])):
        figure.add_bar(
            x=frame[column],
            y=[fmt.shortened(name, 24) for name in frame["segment"]],
            orientation="h",
            name=label,
            marker={"color": color, "cornerradius": 3},
            text=[fmt.percent(share) for share in frame[column]],
            textposition="outside",
            cliponaxis=False,
            hovertemplate=f"{label}: %{{x:.1%}}<extra></extra>",
        )
    figure.update_yaxes(autorange="reversed", ticksuffix="  ", showgrid=False)
    figure.update_xaxes(visible=False, range=[0, 1.25 * max([*frame["share"], *frame["usual"], 0.01])])
    figure.update_layout(barmode="group", bargap=0.3, bargroupgap=0.05, showlegend=True)
    return figure


def _log_ticks(low: float, high: float) -> list[float]:
    """Return the numbers 1, 2 and 5 times a power of ten between two prices."""
    powers = range(math.floor(math.log10(low)), math.ceil(math.log10(high)) + 1)
    return [digit * 10.0**power for power in powers for digit in (1, 2, 5) if low <= digit * 10.0**power <= high]
