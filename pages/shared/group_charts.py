"""The charts of the segments screen: the tree drawn as a tree, moves as a Sankey, RFM as heat maps, two groups side by side."""

from collections.abc import Iterator, Sequence
from textwrap import wrap

import pandas as pd
import plotly.graph_objects as go

from core.profiles.conditions import Condition
from core.profiles.movement import NOT_YET, Movement
from core.profiles.rfm import GRID, NAMES
from core.profiles.tree import Node, leaves
from pages.shared import charts

LEAF = 42
"""Pixels a leaf of the tree takes."""
LINE = 14
"""Characters of a question on one line: more would run into the next node on a narrow screen."""
LINK, UNKNOWN = "rgba(128, 138, 150, 0.28)", "rgba(128, 138, 150, 0.75)"


def tree(root: Node, names: dict[int, str]) -> go.Figure:
    """Return the tree from left to right: upwards where the condition holds, a coloured square for each leaf."""
    figure = go.Figure()
    figure.update_layout(showlegend=False)
    heights = iter(range(sum(1 for _ in leaves(root))))
    _draw(figure, root, 0, heights, names)
    figure.update_yaxes(visible=False, autorange="reversed")
    figure.update_xaxes(visible=False, range=[-0.1, 6])
    return figure


def tree_height(root: Node) -> int:
    """Return the height the drawn tree needs, pixels."""
    return 40 + LEAF * sum(1 for _ in leaves(root))


def _draw(figure: go.Figure, node: Node, depth: int, heights: Iterator[int], names: dict[int, str]) -> float:
    """Draw the node with all below it; return its height on the chart."""
    if node.feature is None or node.threshold is None or node.yes is None or node.no is None:
        height = float(next(heights))
        _leaf(figure, node, depth, height, names)
        return height
    ends = [_draw(figure, child, depth + 1, heights, names) for child in (node.yes, node.no)]
    height = sum(ends) / 2
    for end, sign in zip(ends, ("yes", "no"), strict=True):
        figure.add_scatter(
            x=[depth, depth, depth + 1],
            y=[height, end, end],
            mode="lines",
            line={"color": LINK, "width": 2},
            hovertemplate=f"{sign}<extra></extra>",
        )
    asked = Condition(node.feature, "≤", node.threshold)
    figure.add_scatter(
        x=[depth],
        y=[height],
        mode="markers",
        marker={"size": 9, "color": UNKNOWN},
        hovertemplate=f"{asked}?<br>{node.size:,} shoppers<br>up: yes, down: no<extra></extra>",
    )
    text = "<br>".join(wrap(str(asked).replace("≤ ", "≤\N{NO-BREAK SPACE}"), LINE))
    figure.add_annotation(
        x=depth, y=height, text=f"{text}?", showarrow=False, xanchor="left", xshift=9, align="left", font_size=11
    )
    return height


def _leaf(figure: go.Figure, node: Node, depth: int, height: float, names: dict[int, str]) -> None:
    name = names.get(node.segment_id, "")
    figure.add_scatter(
        x=[depth],
        y=[height],
        mode="markers",
        marker={"size": 13, "symbol": "square", "color": charts.color(node.segment_id - 1)},
        hovertemplate=f"{name}<br>{node.size:,} shoppers, {node.share:.0%} of them in it<extra></extra>",
    )
    text = f"{name}<br>{node.size:,} · {node.share:.0%}"
    figure.add_annotation(x=depth, y=height, text=text, showarrow=False, xanchor="left", xshift=11, align="left", font_size=11)


def sankey(moved: Movement) -> go.Figure:
    """Return the moves from the cut on the left to now on the right; grey: not in a group at the cut."""
    flows = moved.flows
    left = list(dict.fromkeys(flows.sort_values("source", key=lambda ids: (ids <= NOT_YET) * 10_000 + ids)["source"]))
    right = sorted(set(flows["target"]))
    names = dict(zip(flows["source"], flows["from_name"], strict=True)), dict(zip(flows["target"], flows["to_name"], strict=True))
    colors = [charts.color(one - 1) if one > NOT_YET else UNKNOWN for one in [*left, *right]]
    return go.Figure(
        go.Sankey(
            node={
                "x": [0.001] * len(left) + [0.999] * len(right),
                "y": [*_middles(flows, "source", left), *_middles(flows, "target", right)],
                "label": [names[0][one] for one in left] + [names[1][one] for one in right],
                "color": colors,
                "pad": 14,
                "thickness": 14,
                "line": {"width": 0},
                "hovertemplate": "%{label}: %{value:,} shoppers<extra></extra>",
            },
            link={
                "source": [left.index(one) for one in flows["source"]],
                "target": [len(left) + right.index(one) for one in flows["target"]],
                "value": flows["shoppers"],
                "color": LINK,
                "hovertemplate": "%{source.label} → %{target.label}: %{value:,} shoppers<extra></extra>",
            },
            valueformat=",",
        )
    )


def _middles(flows: pd.DataFrame, side: str, order: Sequence[int]) -> list[float]:
    """Return where the middle of each node lies from top to bottom, in 0..1, so that both sides keep one order."""
    shares = flows.groupby(side)["shoppers"].sum()[list(order)] / flows["shoppers"].sum()
    gap = 0.2 / max(len(order), 1)
    middles = (shares.cumsum() - shares / 2) * 0.8 + [gap * (place + 0.5) for place in range(len(order))]
    return [float(middle) for middle in middles]


def rfm_grid(cells: pd.DataFrame) -> go.Figure:
    """Return the five by five of recency and frequency with money: buyers in each cell, and the name the cell has."""
    many = {(r, fm): buyers for r, fm, buyers in cells[["r", "fm", "buyers"]].to_numpy().tolist()}
    rows = sorted(GRID)
    texts = [
        [f"{name.replace(' ', '<br>')}<br><b>{many.get((r, fm), 0):,}</b>" for fm, name in enumerate(GRID[r], start=1)]
        for r in rows
    ]
    figure = go.Figure(
        go.Heatmap(
            z=[[many.get((r, fm), 0) for fm in range(1, 6)] for r in rows],
            x=[str(fm) for fm in range(1, 6)],
            y=[str(r) for r in rows],
            text=texts,
            texttemplate="%{text}",
            xgap=2,
            ygap=2,
            showscale=False,
            hovertemplate="recency %{y}, frequency and money %{x}: %{z:,} buyers<extra></extra>",
        )
    )
    figure.update_xaxes(title="frequency and money, fifths", showgrid=False, type="category")
    figure.update_yaxes(title="recency, 5 = latest", showgrid=False, type="category")
    return figure


def cross(frame: pd.DataFrame) -> go.Figure:
    """Return segments against RFM names: the share of each segment, the shoppers as text."""
    columns = [name for name in (*NAMES, "No purchase") if name in set(frame["name"])]
    table = frame.pivot_table(index="segment", columns="name", values="shoppers", fill_value=0, sort=False)[columns]
    figure = go.Figure(
        go.Heatmap(
            z=table.div(table.sum(axis=1), axis=0),
            x=columns,
            y=table.index,
            zmin=0,
            text=table.map(lambda many: f"{many:,.0f}" if many else ""),
            texttemplate="%{text}",
            customdata=table,
            xgap=2,
            ygap=2,
            showscale=False,
            hovertemplate="%{y} · %{x}: %{customdata:,.0f} shoppers, %{z:.0%} of the segment<extra></extra>",
        )
    )
    figure.update_yaxes(autorange="reversed", ticksuffix="  ", showgrid=False)
    figure.update_xaxes(showgrid=False, side="top", tickangle=-35)
    return figure


def side_by_side(labels: Sequence[str], left: Sequence[float], right: Sequence[float], names: tuple[str, str]) -> go.Figure:
    """Return two bars for each label, shares of 1."""
    figure = go.Figure()
    for name, values, color in zip(names, (left, right), (charts.MAIN, charts.SECOND), strict=True):
        figure.add_bar(
            x=list(values),
            y=list(labels),
            name=name,
            orientation="h",
            marker={"color": color, "cornerradius": 3},
            hovertemplate="%{y}: %{x:.1%}",
        )
    figure.update_layout(barmode="group", bargap=0.3)
    figure.update_yaxes(autorange="reversed", ticksuffix="  ", showgrid=False)
    figure.update_xaxes(tickformat=".0%")
    return figure


def sizes(frame: pd.DataFrame) -> go.Figure:
    """Return the share of each segment at every fit so far."""
    figure = go.Figure()
    for number in sorted(frame["cluster_id"].unique().tolist()):
        mine = frame[frame["cluster_id"] == number]
        figure.add_scatter(
            x=mine["fitted_at"],
            y=mine["share"],
            name=mine["name"].iloc[-1],
            mode="lines+markers",
            line={"color": charts.color(number - 1), "width": 2},
            hovertemplate="%{y:.1%}",
        )
    figure.update_layout(hovermode="x unified")
    figure.update_yaxes(tickformat=".0%", rangemode="tozero")
    return figure
