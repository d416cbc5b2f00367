"""A release as it is put together: α of the slider, the segments' own, diversity, category cap, a note."""

from collections.abc import Mapping

import streamlit as st

from core.score import releases
from core.score.plan import Plan
from core.train.diversity_cost import CAPS, DIVERSITIES
from pages.shared import format as fmt
from pages.shared import jobs_panel, state
from pages.shared.boundary import telling
from pages.shared.lab import served


def ask(alpha: float, own: Mapping[int, float], live: Plan, author: str) -> None:
    """Show what the draft would hold and the button that keeps it; nothing is served by that."""
    st.subheader("Draft a release", anchor=False)
    apart = f" · {fmt.count(len(own), 'segment')} with {'its' if len(own) == 1 else 'their'} own" if own else ""
    st.markdown(f"**α {alpha:.2f}**{apart} :gray[· from the slider and the table]")
    varied, capped = st.columns(2)
    diversity = varied.slider(
        "Diversity", 0.0, max(DIVERSITIES), live.diversity, 0.1, key="draft_diversity", help="What it costs: Rules, Variety."
    )
    caps: list[int | None] = [None, *CAPS] if len(state.index().shelves[1]) else [None]
    cap = capped.selectbox(
        "Most of one category",
        caps,
        caps.index(live.category_cap) if live.category_cap in caps else 0,
        format_func=lambda one: "Any number" if one is None else str(one),
        key="draft_cap",
    )
    note = st.text_input("Note", key="draft_note", max_chars=200, placeholder="Why, for those who read it later")
    if st.button("Draft", type="primary", icon=":material/edit_document:", key="draft", disabled=jobs_panel.busy()):
        with telling():
            made = releases.draft(
                state.store(),
                alpha=alpha,
                segment_alpha=own,
                diversity=round(diversity, 1),
                category_cap=cap,
                note=note,
                author=author,
                now=served.now(),
            )
            st.toast(f"Release {made.release_id} is drafted; it is served once it is published.", icon=":material/edit_document:")
            st.rerun()
    st.caption("A draft serves nobody until it is published.")
