"""The charts of the stickiness screen."""

from collections.abc import Sequence

import pandas as pd
import plotly.graph_objects as go

from core.profiles.churn import Judged
from core.profiles.splits import Group
from pages.shared import charts


def cohorts(frame: pd.DataFrame, noun: str) -> go.Figure:
    """Return the heat map: a row a cohort, the latest at the bottom, a column a week since; a week not over yet is blank.

    Week 0, 100 % by definition, is left out. The colours reach from 0 to the highest share.
    """
    later = frame[frame["week"] > 0]
    shares = later.pivot(index="cohort", columns="week", values="share")
    sizes = frame.drop_duplicates("cohort").set_index("cohort")["shoppers"]
    figure = go.Figure(
        go.Heatmap(
            z=shares,
            x=shares.columns,
            y=[f"{day:%-d %b %y} · {sizes[day]:,}" for day in shares.index],
            zmin=0,
            zmax=max(later["share"].max(), 0.01),
            customdata=later.pivot(index="cohort", columns="week", values="active"),
            text=shares.map(lambda share: "" if pd.isna(share) else f"{share * 100:.0f}"),
            texttemplate="%{text}",
            xgap=1,
            ygap=1,
            hoverongaps=False,
            showscale=False,
            hovertemplate=f"%{{y}} {noun}<br>week %{{x}}: %{{customdata:,}} back, %{{z:.1%}}<extra></extra>",
        )
    )
    figure.update_yaxes(autorange="reversed", ticksuffix="  ", showgrid=False, type="category")
    figure.update_xaxes(title="weeks since", showgrid=False, dtick=1, side="top")
    return figure


def cohorts_height(many: int) -> int:
    """Return the height of a heat map of ``many`` cohorts, pixels."""
    return 70 + 21 * max(many, 4)


def by_group(
    frame: pd.DataFrame, x: str, y: str, groups: Sequence[Group], chosen: str, shape: str | None = None, unit: str = ""
) -> go.Figure:
    """Return one line a group, the chosen one on top in full strength; frame: columns grp, ``x`` and ``y``, a share.

    shape: Plotly's line shape, 'hv' for a step function.
    """
    figure = go.Figure()
    for number, group in sorted(enumerate(groups), key=lambda pair: pair[1].key == chosen):
        mine = frame[frame["grp"] == group.key]
        full = group.key == chosen
        figure.add_scatter(
            x=mine[x],
            y=mine[y],
            name=group.name,
            mode="lines",
            opacity=1 if full else 0.4,
            line={"color": charts.color(number), "width": 3 if full else 1.5, "shape": shape},
            hovertemplate="%{y:.1%}",
        )
    figure.update_layout(hovermode="x unified", showlegend=False)
    figure.update_yaxes(tickformat=".0%", rangemode="tozero")
    figure.update_xaxes(title=unit or None)
    return figure


def retention(frame: pd.DataFrame, groups: Sequence[Group], chosen: str) -> go.Figure:
    """Return retention by week since the first, week 0 left out so that the rest can be read."""
    figure = by_group(frame[frame["week"] > 0], "week", "share", groups, chosen, unit="weeks since the first")
    figure.update_xaxes(hoverformat="d")
    return figure


def stickiness(frame: pd.DataFrame, groups: Sequence[Group], chosen: str) -> go.Figure:
    """Return DAU ÷ MAU of each group over time."""
    figure = by_group(frame, "day", "stickiness", groups, chosen)
    figure.update_xaxes(tickformat=charts.DAYS, hoverformat="%a %-d %b %Y")
    return figure


def columns(
    labels: Sequence[str], shares: Sequence[float], counts: Sequence[int], noun: str, color: str = charts.MAIN
) -> go.Figure:
    """Return upright bars of shares, each with its percentage above."""
    figure = go.Figure(
        go.Bar(
            x=list(labels),
            y=list(shares),
            customdata=list(counts),
            marker={"color": color, "cornerradius": 4},
            text=[f"{share:.0%}" if share >= 0.005 else "" for share in shares],
            textposition="outside",
            cliponaxis=False,
            hovertemplate=f"%{{x}}: %{{customdata:,}} {noun}<extra></extra>",
        )
    )
    figure.update_yaxes(visible=False, range=[0, max(shares, default=0) * 1.2 or 1])
    figure.update_xaxes(type="category", showgrid=False)
    figure.update_layout(bargap=0.25, showlegend=False)
    return figure


def buying_again(curve: pd.DataFrame) -> go.Figure:
    """Return the share that has bought again by each day, a step function, in its 95 % band."""
    figure = go.Figure()
    band = {"mode": "lines", "line": {"width": 0, "shape": "hv"}, "hoverinfo": "skip", "showlegend": False}
    figure.add_scatter(x=curve["days"], y=curve["high"], **band)
    figure.add_scatter(x=curve["days"], y=curve["low"], fill="tonexty", **band)
    figure.add_scatter(
        x=curve["days"],
        y=curve["share"],
        mode="lines",
        line={"color": charts.MAIN, "width": 3, "shape": "hv"},
        customdata=curve["at_risk"],
        hovertemplate="by day %{x}: %{y:.1%}<br>%{customdata:,} still watched<extra></extra>",
    )
    figure.update_layout(showlegend=False)
    figure.update_traces(fillcolor="rgba(23,150,138,0.18)", selector={"fill": "tonexty"})
    return share_axis(figure, "days since the purchase")


def share_axis(figure: go.Figure, unit: str) -> go.Figure:
    """Label a figure of shares over days."""
    figure.update_yaxes(tickformat=".0%", rangemode="tozero")
    figure.update_xaxes(title=unit, rangemode="tozero")
    return figure


def reliability(
    judged: Sequence[Judged],
    told: str = "risk told",
    happened: str = "share that left",
    what: str = "told %{x:.0%}, left %{y:.0%}<br>%{customdata:,} shoppers",
) -> go.Figure:
    """Return what happened against what was told, a dot a tenth of the cases, with the 95 % interval; ideal: the diagonal.

    told, happened: titles of the axes; what: of a dot, where the pointer rests on it.
    """
    figure = go.Figure()
    most = max(max(one.high, one.predicted) for model in judged for one in model.reliability)
    figure.add_scatter(
        x=[0, most],
        y=[0, most],
        mode="lines",
        line={"dash": "dot", "width": 1, "color": "#8A9A98"},
        hoverinfo="skip",
        showlegend=False,
    )
    for number, model in enumerate(judged):
        bins = model.reliability
        figure.add_scatter(
            x=[one.predicted for one in bins],
            y=[one.observed for one in bins],
            name=model.name,
            mode="lines+markers",
            line={"color": charts.color(number), "width": 2 if number == 0 else 1},
            marker={"size": 8 if number == 0 else 5},
            error_y={
                "type": "data",
                "array": [one.high - one.observed for one in bins],
                "arrayminus": [one.observed - one.low for one in bins],
                "width": 0,
                "thickness": 1,
                "visible": number == 0,
            },
            customdata=[one.shoppers for one in bins],
            hovertemplate=what,
        )
    figure.update_xaxes(tickformat=".0%", title=told, range=[0, most * 1.02])
    figure.update_yaxes(tickformat=".0%", title=happened, range=[0, most * 1.02])
    figure.update_layout(showlegend=True)
    return figure
