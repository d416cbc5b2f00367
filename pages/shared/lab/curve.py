"""The curve: what each α is worth on the validation part, with bands, and where α stands, in words."""

from dataclasses import dataclass
from typing import Any

import plotly.graph_objects as go
import streamlit as st

from core.base.db import Store
from core.base.derived import Progress
from core.score.plan import Plan
from core.train.alpha_curve import ALPHAS, AlphaCurve, Line, alpha_curve, place
from core.train.alpha_curve import kept as kept_curve
from core.train.trade_off import Advice, advise, trade
from pages.shared import charts, jobs_panel, state
from pages.shared import format as fmt
from pages.shared.lab import listing


@dataclass(frozen=True)
class _Figure:
    """What a chart shows: a field of Curve, its format, what it says, and whether its axis begins at 0."""

    field: str
    shape: str
    told: str
    from_zero: bool


_FIGURES = {
    "Accuracy": _Figure(
        "ndcg", ".3f", "NDCG@10: how high the items stand that shoppers came to next: 1 = all on top, 0 = none shown.", True
    ),
    "Catalogue shown": _Figure("coverage", ".0%", "Share of the shop's items that are in anybody's list.", True),
    "Novelty": _Figure("novelty", ".1f", "In bits: one bit more = known to half as many shoppers.", False),
    "Mean price": _Figure("price", ",.2f", "Mean price of the items in a list.", False),
}
_MARKS = ((17, "circle-open"), (13, "star"), (9, "circle"))
_SIGNS = {"now": "◯", "suggested": "★", "slider": "●"}


def kept() -> AlphaCurve | None:
    """Return the curve measured for what is served now; None = not measured yet."""
    return state.read(_kept)


def _kept(store: Store) -> AlphaCurve | None:
    return kept_curve(store, state.settings())


def advised(found: AlphaCurve | None, now: float) -> Advice | None:
    """Return the advice for the whole shop."""
    return advise(found.everyone, now) if found else None


def show(found: AlphaCurve | None, shop: Advice | None, alpha: float, live: Plan) -> None:
    """Show the curves of a group, α marked, and what α trades; or offer to measure them."""
    st.subheader("What each α is worth", anchor=False)
    if found is None or shop is None:
        _offer()
        return
    curves = {curve.name: curve for curve in (found.everyone, *found.segments)}
    group = curves[st.selectbox("Of whom", list(curves), key="lab_group", label_visibility="collapsed")]
    now = live.alpha_for(group.segment_id)
    mine = shop if group.segment_id is None else advise(group, shop.suggested)
    marks = {"now": now, "suggested": mine.suggested, "slider": alpha}
    with st.grid(2, min_column_width=195):
        shown = {name: figure for name, figure in _FIGURES.items() if getattr(found.everyone, figure.field)}
        for name, figure in shown.items():
            _figure(name, figure, getattr(group, figure.field), marks)
    legend = " ".join(f"{charts.dot(number).replace('●', sign)} {name}" for number, (name, sign) in enumerate(_SIGNS.items()))
    st.caption(f"{legend} · bands: 95 % intervals over {fmt.count(group.questions, 'shopper')}")
    if place(alpha) != place(now):
        st.markdown(f":material/balance: **At {alpha:.2f} instead of {now:.2f}:** {trade(group, now, alpha)}")
    _in_words(found, mine, alpha)


def _figure(name: str, figure: _Figure, line: Line | None, marks: dict[str, float]) -> None:
    with st.container(gap="xsmall"):
        st.markdown(f"**{name}**", help=figure.told)
        if line is None:
            st.caption("No item in these lists has a price.")
            return
        charts.show(_drawn(line, figure, marks), f"{name} at each α", 240, key=f"curve_{figure.field}")


def _in_words(found: AlphaCurve, mine: Advice, alpha: float) -> None:
    """Say what is suggested to the group, and what the curve was made from."""
    st.markdown(f":material/lightbulb: {mine.sentence}")
    if place(alpha) != place(mine.suggested):
        label = f"Move the slider to {mine.suggested:.2f}"
        st.button(label, icon=":material/tune:", key="take_suggestion", on_click=listing.move_to, args=(mine.suggested,))
    if not found.everyone.price:
        st.caption(":material/info: This shop's prices are not known, so the mean price is left out.")
    most = "" if found.asked == found.of else f" of {found.of:,}, drawn by chance"
    st.caption(
        f"{found.model}. {found.asked:,} shoppers{most} of the validation part: what they came to next was not known to it. "
        "Lists by score alone: without rules, diversity and what clicks taught. "
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


def _drawn(line: Line, shown: _Figure, marks: dict[str, float]) -> go.Figure:
    """Return the line with its band, and a mark for each α named."""
    figure = go.Figure()
    edge: dict[str, Any] = {"mode": "lines", "line": {"width": 0}, "showlegend": False, "hoverinfo": "skip"}
    figure.add_scatter(x=ALPHAS, y=line.low, **edge)
    figure.add_scatter(x=ALPHAS, y=line.high, fill="tonexty", fillcolor="rgba(23,150,138,0.18)", **edge)
    spans = [f"{low:{shown.shape}} to {high:{shown.shape}}" for low, high in zip(line.low, line.high, strict=True)]
    figure.add_scatter(
        x=ALPHAS,
        y=line.value,
        mode="lines",
        line={"color": charts.MAIN, "width": 2},
        customdata=spans,
        showlegend=False,
        hovertemplate=f"α %{{x:.2f}}: %{{y:{shown.shape}}} (%{{customdata}})<extra></extra>",
    )
    for number, (alpha, (size, symbol)) in enumerate(zip(marks.values(), _MARKS, strict=True)):
        figure.add_scatter(
            x=[alpha],
            y=[line.value[place(alpha)]],
            mode="markers",
            marker={"size": size, "color": charts.color(number), "symbol": symbol},
            hoverinfo="skip",
        )
    figure.update_traces(marker_line_width=3, selector={"marker.symbol": "circle-open"})
    figure.update_layout(showlegend=False)
    figure.update_xaxes(tickformat=".1f", dtick=0.2, showgrid=False)
    figure.update_yaxes(tickformat=shown.shape, rangemode="tozero" if shown.from_zero else "normal", nticks=5)
    return figure
