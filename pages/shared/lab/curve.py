"""The curve: what each α is worth on the validation part, with bands, and where α stands, in words."""

from typing import Any

import plotly.graph_objects as go
import streamlit as st

from core.base.db import Store
from core.base.derived import Progress
from core.train.alpha_curve import ALPHAS, AlphaCurve, Curve, Line, alpha_curve, place
from core.train.alpha_curve import kept as kept_curve
from core.train.trade_off import Advice, advise, trade
from pages.shared import charts, jobs_panel, state
from pages.shared import format as fmt

_FIGURES = {
    "Accuracy": ("ndcg", ".3f", "NDCG@10: how high the items stand that shoppers came to next: 1 = all on top, 0 = none shown."),
    "Catalogue shown": ("coverage", ".0%", "Share of the shop's items that are in anybody's list."),
    "Novelty": ("novelty", ".2f", "In bits: one bit more = known to half as many shoppers."),
    "Mean price": ("price", ",.2f", "Mean price of the items in a list."),
}
"""Field, format and what it says."""
_MARKS = ((17, "circle-open"), (13, "star"), (9, "circle"))


def kept() -> AlphaCurve | None:
    """Return the curve measured for what is served now; None = not measured yet."""
    return state.read(_kept)


def _kept(store: Store) -> AlphaCurve | None:
    return kept_curve(store, state.settings())


def advised(found: AlphaCurve | None, now: float) -> Advice | None:
    """Return the advice for the whole shop."""
    return advise(found.everyone, now) if found else None


def show(found: AlphaCurve | None, shop: Advice | None, alpha: float) -> None:
    """Show the curve of a figure for a group, α marked, and what α trades; or offer to measure it."""
    st.subheader("What each α is worth", anchor=False)
    if found is None or shop is None:
        _offer()
        return
    curves = {curve.name: curve for curve in (found.everyone, *found.segments)}
    group = curves[st.selectbox("Of whom", list(curves), key="lab_group", label_visibility="collapsed")]
    marks = {"Now": shop.now, "Suggested": shop.suggested, "Slider": alpha}
    with st.grid(2, min_column_width=220):
        for number, (name, (field, shape, told)) in enumerate(_FIGURES.items()):
            _figure(name, getattr(group, field), shape, told, marks, legend=number == 0)
    st.caption(f"Bands: 95 % intervals over {fmt.count(group.questions, 'shopper')}.")
    _in_words(found, group, shop, alpha)


def _figure(name: str, line: Line | None, shape: str, told: str, marks: dict[str, float], legend: bool) -> None:
    with st.container(gap="xsmall"):
        st.markdown(f"**{name}**", help=told)
        if line is None:
            st.caption("No item in these lists has a price.")
            return
        charts.show(_drawn(line, shape, marks, legend), f"{name} at each α", 230, key=f"curve_{name}")


def _in_words(found: AlphaCurve, group: Curve, shop: Advice, alpha: float) -> None:
    """Say what the slider trades, what is suggested, and what the curve was made from."""
    if place(alpha) != place(shop.now):
        whom = "" if group.segment_id is None else f" (of {fmt.plain(group.name)})"
        st.markdown(f":material/balance: **At {alpha:.2f} instead of {shop.now:.2f}:** {trade(group, shop.now, alpha)}{whom}")
    st.markdown(f":material/lightbulb: {shop.sentence}")
    if not found.everyone.price:
        st.caption(":material/info: This shop's prices are not known, so the mean price is left out.")
    most = "" if found.asked == found.of else f" of {found.of:,}, drawn by chance"
    st.caption(
        f"{found.model}. {found.asked:,} shoppers{most} of the validation part: what they came to next was not known to it. "
        "A suggestion has to win by more than luck allows the best of 21."
    )


def _offer() -> None:
    st.info("Not measured yet for the data and the model that are served now.", icon=":material/show_chart:")
    st.caption("Makes the lists of past shoppers at 21 values of α, and looks what they came to next. Some seconds to a minute.")
    if st.button("Measure the curve", type="primary", icon=":material/target:", key="measure_alpha", disabled=jobs_panel.busy()):
        jobs_panel.start("alpha_curve", "Measuring what each α is worth", _measure)


def _measure(progress: Progress) -> dict[str, Any]:
    found = alpha_curve(state.store(), state.index(), state.settings(), state.workspace(), progress)
    return {"asked": found.asked}


def _drawn(line: Line, shape: str, marks: dict[str, float], legend: bool) -> go.Figure:
    """Return the line with its band, and a mark for each α named."""
    figure = go.Figure()
    edge: dict[str, Any] = {"mode": "lines", "line": {"width": 0}, "showlegend": False, "hoverinfo": "skip"}
    figure.add_scatter(x=ALPHAS, y=line.low, **edge)
    figure.add_scatter(x=ALPHAS, y=line.high, fill="tonexty", fillcolor="rgba(23,150,138,0.18)", **edge)
    spans = [f"{low:{shape}} to {high:{shape}}" for low, high in zip(line.low, line.high, strict=True)]
    figure.add_scatter(
        x=ALPHAS,
        y=line.value,
        mode="lines",
        line={"color": charts.MAIN, "width": 2},
        customdata=spans,
        showlegend=False,
        hovertemplate=f"α %{{x:.2f}}: %{{y:{shape}}} (%{{customdata}})<extra></extra>",
    )
    for number, ((name, alpha), (size, symbol)) in enumerate(zip(marks.items(), _MARKS, strict=True)):
        figure.add_scatter(
            x=[alpha],
            y=[line.value[place(alpha)]],
            name=name,
            mode="markers",
            marker={"size": size, "color": charts.color(number), "symbol": symbol},
            hoverinfo="skip",
        )
    figure.update_traces(marker_line_width=3, selector={"marker.symbol": "circle-open"})
    figure.update_layout(showlegend=legend)
    figure.update_xaxes(title="α", tickformat=".1f", dtick=0.2, showgrid=False)
    figure.update_yaxes(tickformat=shape, rangemode="tozero", nticks=5)
    return figure
