"""How varied lists are: likeness and categories, what it changes, and what it costs in accuracy."""

from dataclasses import replace
from datetime import UTC, datetime

import streamlit as st

from core.represent.registry import os_user
from core.score import releases
from core.score.plan import Plan
from core.train.diversity_cost import CAPS, DIVERSITIES, Cost, Costs, Setting, diversity_costs
from core.train.served import served
from core.train.snapshot import take_snapshot
from pages.shared import charts, jobs_panel, run_charts, state
from pages.shared import format as fmt
from pages.shared.boundary import telling
from pages.shared.merchant import effect

_COSTS = "diversity_costs"
ANY = 0
"""No cap."""


def show() -> None:
    """Show the two controls with what they cost on the left, what they change on the right."""
    live = state.plan()
    asked, shown = st.columns([2, 3])
    with asked.container(border=True, height="stretch"):
        st.subheader("How varied", anchor=False)
        setting = _ask(live.diversity, live.category_cap)
        _draft(live, setting)
        _costs(setting)
    with shown.container(border=True, height="stretch"):
        st.subheader("What it would change", anchor=False)
        diversity, cap = setting
        effect.show(live, replace(live, diversity=diversity, category_cap=cap))


def _ask(diversity: float, cap: int | None) -> Setting:
    index = state.index()
    told = "Each next item is chosen by its score and by how unlike it is to those before. 0 = by score alone."
    spread = st.slider("Diversity", 0.0, max(DIVERSITIES), diversity, 0.1, key="diversity", help=told)
    caps = [ANY, *CAPS] if len(index.shelves[1]) else [ANY]
    most = st.selectbox(
        "Most items of one category",
        caps,
        caps.index(cap) if cap in caps else 0,
        format_func=lambda one: str(one or "Any number"),
        key="category_cap",
        help=None if len(caps) > 1 else "This shop's items have no categories.",
    )
    if not index.has_vector.any():
        st.caption(":material/info: No item has a vector, so their likeness is not known, and diversity changes nothing.")
    return round(spread, 1), most or None


def _draft(live: Plan, setting: Setting) -> None:
    """Offer to draft a release with this variety, everything else as it is served."""
    same, busy = setting == (live.diversity, live.category_cap), jobs_panel.busy()
    told = "Lists stay as they are until the draft is published on the α lab's screen."
    if st.button("Draft a release", icon=":material/edit_note:", disabled=same or busy, help=told, key="draft_variety"):
        with telling():
            made = releases.draft(
                state.store(),
                alpha=live.alpha,
                segment_alpha=live.segment_alpha,
                diversity=setting[0],
                category_cap=setting[1],
                note="Variety",
                author=os_user(),
                now=datetime.now(UTC).replace(tzinfo=None),
            )
            st.toast(f"Release {made.release_id} is drafted. Publish it on the α lab's screen.", icon=":material/check:")


def _costs(setting: Setting) -> None:
    """Show what the setting costs, measured where the user asks for it."""
    st.markdown("**What it costs**")
    asked = state.version()
    if st.button("Measure", icon=":material/target:", key="measure_diversity"):
        with st.spinner("Making lists for past shoppers and looking what they came to"):
            st.session_state[_COSTS] = (asked, _measure())
    kept, found = st.session_state.get(_COSTS, (None, None))
    if found is None or kept != asked:
        st.caption(
            "Measured on the validation part of the log: how well the lists foresee what shoppers came to next. It takes some "
            "seconds to a minute."
        )
        return
    if row := found.at(setting):
        _told(row, found)
    _drawn(found, setting)


def _measure() -> Costs:
    index = state.index()
    asked = served(state.settings(), lambda: take_snapshot(state.store(), index, state.workspace()))
    shelves = dict(zip(index.ids.tolist(), index.categories.tolist(), strict=True))
    caps: list[int | None] = [None, *CAPS] if len(index.shelves[1]) else [None]
    return diversity_costs(asked, shelves, [(diversity, cap) for cap in caps for diversity in DIVERSITIES])


def _told(row: Cost, found: Costs) -> None:
    with st.grid(2, min_column_width=120):
        st.metric(f"NDCG@{found.k}", f"{row.ndcg:.4f}", f"{row.change:+.4f}" if row.change else None, border=True, help=_NDCG)
        st.metric("Categories a list", fmt.number(row.categories, 1), border=True, help=f"Of the {found.k} items.")
    st.markdown(_verdict(row, found.rows[0]))


def _verdict(row: Cost, off: Cost) -> str:
    if row is off:
        return "Lists by score alone: what the others are compared with."
    span = f"95 % interval {row.low:+.4f} to {row.high:+.4f}"
    if row.high < 0:
        return (
            f":red[It costs accuracy]: {row.change / off.ndcg:+.1%} NDCG ({span})."
            if off.ndcg
            else f"It costs accuracy ({span})."
        )
    if row.low > 0:
        return f":green[It makes lists more accurate] ({span})."
    return f"No difference in accuracy that could not be chance ({span})."


def _drawn(found: Costs, setting: Setting) -> None:
    rows = [row for row in found.rows if row.cap == setting[1]]
    figure = run_charts.dots(
        [f"{row.diversity:.1f}" for row in rows],
        [row.ndcg for row in rows],
        [(found.rows[0].ndcg + row.low, found.rows[0].ndcg + row.high) for row in rows],
        ".4f",
        [charts.color(1 if row.diversity == setting[0] else 0) for row in rows],
    )
    charts.show(figure, "Accuracy at each diversity", run_charts.height(len(rows)), key="diversity_curve")
    capped = f"at most {setting[1]} of a category" if setting[1] else "any number of a category"
    st.caption(
        f"NDCG@{found.k} at each diversity, {capped}; whiskers: the 95 % interval of the difference to lists by score alone. "
        f"{found.sentence}; {fmt.count(found.users, 'shopper')} asked."
    )


_NDCG = "How high the items stand that the shopper came to next: 1 = all on top, 0 = none in the list."
