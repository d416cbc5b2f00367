"""What is served now, and the way back to what was served before."""

from datetime import UTC, datetime

import streamlit as st

from core.score import releases
from core.score.releases import Release
from pages.shared import format as fmt
from pages.shared import jobs_panel, state
from pages.shared.boundary import telling
from pages.shared.memory import keep, recall

AUTHOR = "author"


def show() -> str:
    """Show the release in force, what of it no longer holds, and the way back; return who is at work, '' = not said."""
    live, before = releases.live(state.store()), releases.before_live(state.store())
    recall(AUTHOR)
    with st.container(border=True, horizontal=True, vertical_alignment="center"):
        st.markdown(f":green[:material/rocket_launch:] {_told(live)}", width="stretch")
        author = st.text_input(
            "Your name", key=AUTHOR, placeholder="Your name, for the history", label_visibility="collapsed", width=210
        )
        keep(AUTHOR, author)
        if live:
            _revert(live, before, author)
    for one in releases.lapsed(state.store(), live) if live else ():
        st.caption(
            f":material/info: The release has an α for '{fmt.plain(one.name)}' ({one.alpha:.2f}), a segment that no longer "
            "exists: its shoppers get the shop's, or that of the segment they are in now."
        )
    return author


def _revert(live: Release, before: Release | None, author: str) -> None:
    back = f"release {before.release_id} (α {before.alpha:.2f})" if before else f"the model's own α, {_own():.2f}"
    with st.popover("Revert", icon=":material/undo:"):
        st.markdown(f"Lists go back to {back} from the next one on. Release {live.release_id} stays in the history.")
        if st.button("Revert", type="primary", key="revert", disabled=jobs_panel.busy()):
            with telling():
                releases.revert(state.store(), author, now())
                st.toast(f"Back to {back}", icon=":material/undo:")
                st.rerun()


def words(one: Release) -> str:
    """Return what a release says: 'α 0.70 · 2 segments with their own · diversity 0.3 · at most 2 of a category'."""
    own = fmt.count(len(one.own), "segment") + " with their own" if len(one.own) > 1 else "1 segment with its own"
    parts = [
        f"α {one.alpha:.2f}",
        own if one.own else "",
        f"diversity {one.diversity:.1f}" if one.diversity else "",
        f"at most {one.category_cap} of a category" if one.category_cap else "",
    ]
    return " · ".join(part for part in parts if part)


def now() -> datetime:
    """Return this moment, UTC, as the store keeps it."""
    return datetime.now(UTC).replace(tzinfo=None)


def _told(live: Release | None) -> str:
    if live is None:
        return f"**The model's own α is served: {_own():.2f}** :gray[· nothing has been published]"
    since = f"since {fmt.moment(live.published_at)} UTC, by {fmt.plain(str(live.published_by))}"
    return f"**Release {live.release_id} is served** :gray[· {words(live)} · {since} · the model's own α is {_own():.2f}]"


def _own() -> float:
    return state.index().alpha
