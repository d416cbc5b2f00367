"""Every release: its state, who did what when; what a draft would change, and the button that publishes it."""

from dataclasses import replace

import pandas as pd
import streamlit as st

from core.score import releases
from core.score.plan import Plan, of_release
from core.score.releases import Release, State
from pages.shared import format as fmt
from pages.shared import jobs_panel, state
from pages.shared.boundary import telling
from pages.shared.lab import served
from pages.shared.merchant import effect

_TALL, _ROWS = 320, 8


def publish(live: Plan, author: str) -> None:
    """Show a draft to be published, and what that would change."""
    st.subheader("Publish a draft", anchor=False)
    drafts = {one.release_id: one for one in releases.history(state.store()) if one.state is State.DRAFT}
    if not drafts:
        st.caption("No draft waits. What publishing one would change is shown here, for a sample of shoppers, before you do.")
        return
    number = st.selectbox(
        "Draft", list(drafts), format_func=lambda one: f"Release {one}: {served.words(drafts[one])}", key="chosen_draft"
    )
    _publish(drafts[number], live, author)


def history(live: Plan) -> None:
    """Show every release, with who did what and when."""
    st.subheader("History", anchor=False)
    made = releases.history(state.store())
    if made:
        _table(made, live)
    else:
        st.caption("No release yet. Every draft is kept here, with who drafted, published and reverted it, and why.")


def _publish(draft: Release, live: Plan, author: str) -> None:
    """Show what changes for a sample of shoppers, and the button."""
    effect.counted(live, replace(of_release(draft), rules=live.rules, learning=live.learning))
    with st.popover("Publish", icon=":material/rocket_launch:"):
        st.markdown(f"Release {draft.release_id} makes every list from the next one on. **Revert** takes it back.")
        if st.button("Publish", type="primary", key="publish", disabled=jobs_panel.busy()):
            with telling():
                releases.publish(state.store(), draft.release_id, author, served.now())
                st.toast(f"Release {draft.release_id} is served.", icon=":material/rocket_launch:")
                st.rerun()


def _table(made: tuple[Release, ...], live: Plan) -> None:
    rows = [
        {
            "release": one.release_id,
            "state": "served" if one.release_id == live.release else str(one.state),
            "says": served.words(one),
            "note": one.note,
            "drafted": f"{fmt.moment(one.created_at)} · {one.author}",
            "published": _done(one.published_at, one.published_by),
            "reverted": _done(one.reverted_at, one.reverted_by),
        }
        for one in made
    ]
    column = st.column_config
    st.dataframe(
        pd.DataFrame(rows),
        hide_index=True,
        height=_TALL if len(rows) > _ROWS else "content",
        column_config={
            "release": column.NumberColumn("№", width=35),
            "state": column.TextColumn("State", width=70),
            "says": column.TextColumn("What it says", width=240),
            "note": column.TextColumn("Note", width=130),
            "drafted": column.TextColumn("Drafted (UTC)", width=175),
            "published": column.TextColumn("Published (UTC)", width=175),
            "reverted": column.TextColumn("Reverted (UTC)", width=175),
        },
        alt="Every release, newest first",
    )


def _done(when: object, who: str | None) -> str:
    return f"{fmt.moment(when)} · {who}" if who else ""  # type: ignore[arg-type]  # a time where somebody did it
