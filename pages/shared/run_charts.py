"""The charts of the training screens: how a run learned, and metrics as dots with their intervals."""

from collections.abc import Mapping, Sequence
from typing import Literal

import plotly.graph_objects as go

from core.train.runs import Epoch
from pages.shared import charts

ROW = 30
"""Pixels a row of dots takes."""
_EVERY = 12
"""Epochs up to which each has its tick."""
_AXES = {"loss": ("loss", ".2f"), "ndcg": ("validation NDCG@10", ".4f")}


def learning(epochs: Sequence[Epoch], value: Literal["loss", "ndcg"]) -> go.Figure:
    """Return one line a tower, its best epoch marked where the value is what it was chosen by."""
    label, shape = _AXES[value]
    towers = sorted({epoch.tower for epoch in epochs})
    figure = go.Figure()
    for number, tower in enumerate(towers):
        mine = [epoch for epoch in epochs if epoch.tower == tower]
        best = max(mine, key=lambda epoch: epoch.ndcg)
        figure.add_scatter(
            x=[epoch.epoch for epoch in mine],
            y=[getattr(epoch, value) for epoch in mine],
            name=f"Tower {number + 1}",
            mode="lines+markers",
            line={"color": charts.color(number), "width": 2},
            marker={"size": [10 if value == "ndcg" and epoch == best else 5 for epoch in mine]},
            hovertemplate=f"%{{y:{shape}}}",
        )
    figure.update_layout(hovermode="x unified", showlegend=len(towers) > 1)
    figure.update_xaxes(title="epoch", showgrid=False, tickformat="d", dtick=1 if len(epochs) <= _EVERY * len(towers) else None)
    figure.update_yaxes(title=label, tickformat=_short(shape))
    return figure


def dots(
    labels: Sequence[str],
    values: Sequence[float | None],
    bounds: Sequence[tuple[float, float] | None],
    shape: str,
    colors: Sequence[str] | None = None,
) -> go.Figure:
    """Return a dot a row, the first on top, with a whisker from low to high where it has an interval."""
    figure = go.Figure()
    for number, (label, value, span) in enumerate(zip(labels, values, bounds, strict=True)):
        low, high = span if span else (value, value)
        figure.add_scatter(
            x=[value],
            y=[label],
            mode="markers",
            marker={"size": 11, "color": colors[number] if colors else charts.color(number)},
            error_x=_whisker(value, span),
            hovertemplate=f"{label}: %{{x:{shape}}}"
            + (f" ({low:{shape}} to {high:{shape}})" if span else "")
            + "<extra></extra>",
        )
    figure.update_layout(showlegend=False)
    figure.update_yaxes(autorange="reversed", ticksuffix="  ", showgrid=False, automargin=True)
    figure.update_xaxes(tickformat=_short(shape), nticks=4, zeroline=False)
    return figure


def slices(names: Sequence[str], series: Mapping[str, Sequence[float | None]], shape: str) -> go.Figure:
    """Return a dot for each part of the questions and each model. series: model → a value a name, None = not asked there."""
    figure = go.Figure()
    for number, (model, values) in enumerate(series.items()):
        figure.add_scatter(
            x=list(values),
            y=list(names),
            name=model,
            mode="markers",
            marker={"size": 11, "color": charts.color(number), "opacity": 0.9},
            hovertemplate=f"{model}: %{{x:{shape}}}<extra></extra>",
        )
    figure.update_layout(showlegend=True)
    figure.update_yaxes(autorange="reversed", ticksuffix="  ", showgrid=True, automargin=True)
    highest = max((value for values in series.values() for value in values if value is not None), default=0) or 1
    figure.update_xaxes(tickformat=_short(shape), range=[-0.02 * highest, 1.05 * highest], zeroline=False)
    return figure


def height(rows: int, legend: bool = False) -> int:
    """Return the height that so many rows of dots need, pixels."""
    return 50 + ROW * rows + (30 if legend else 0)


def _short(shape: str) -> str:
    """Return the format without trailing zeros, for ticks."""
    return f"{shape[:-1]}~{shape[-1]}"


def _whisker(value: float | None, span: tuple[float, float] | None) -> dict[str, object] | None:
    if value is None or span is None:
        return None
    return {
        "type": "data",
        "symmetric": False,
        "array": [span[1] - value],
        "arrayminus": [value - span[0]],
        "thickness": 2,
        "width": 5,
    }
