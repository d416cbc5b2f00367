"""Reactions to a list in the preview: six buttons, a notice with its undo, and everything that was given so far."""

from dataclasses import dataclass
from datetime import UTC, datetime

import streamlit as st

from core.base.derived import Progress
from core.base.schema import Col, Feedback
from core.represent import registry
from core.score.plan import Plan
from core.score.recommend import Pick, Recommendation
from core.update import feedback, impressions
from pages.shared import format as fmt
from pages.shared import jobs_panel, state
from pages.shared.boundary import telling

_KINDS = {
    Feedback.LIKE: ("Like", "Liked", "thumb_up", "Counts like a wish: draws the list to what is like it."),
    Feedback.DISLIKE: ("Dislike", "Disliked", "thumb_down", "Never shown again, and the list turns away from what is like it."),
    Feedback.NOT_INTERESTED: ("Not interested", "Not interested in", "visibility_off", "Never shown again; the taste stays."),
    Feedback.CLICK: ("Click", "Clicked", "ads_click", "Counts like a click in the shop."),
    Feedback.ADD: ("Add", "Put in the basket:", "add_shopping_cart", "Counts like an item put in the basket."),
    Feedback.BUY: ("Buy", "Bought", "shopping_bag", "Counts like a purchase: not shown again."),
}
"""Label, what was done in words, icon, and what it does."""
_LATEST, _TOAST = "latest_reaction", "reaction_toast"
_LISTED = 50
_IN_LOG = "In the log by now: undo its import on the Import screen to take it back."
_TALL, _ROWS = 320, 6
_SHOWN = [Col.KIND, Col.TITLE, Col.ITEM, Col.TIMESTAMP, Col.SURFACE, Col.FEEDBACK, "in_log"]


@dataclass(frozen=True)
class _Reaction:
    """What was given last in this session, and the item ids of the list that it was given to."""

    feedback_id: int
    user_id: str
    kind: Feedback
    title: str
    before: tuple[str, ...]


def impression(best: Recommendation, plan: Plan) -> str | None:
    """Record that the list was shown in the preview and return its id; None while other work writes to the store."""
    if jobs_panel.busy():
        return None
    served = registry.live(state.settings().home)
    run = served.run if served else None
    return impressions.shown(state.store(), best, surface=feedback.PREVIEW, plan=plan, now=_now(), model=run)


def buttons(best: Recommendation, pick: Pick, list_id: str | None) -> None:
    """Show the six buttons for one pick: a click counts in the list that is shown next."""
    busy, before = jobs_panel.busy(), tuple(one.item_id for one in best.picks)
    with st.container(border=True):
        st.markdown(f"**React to #{pick.rank} as this shopper**")
        with st.container(horizontal=True, gap="xsmall"):
            for kind, (label, _, icon, does) in _KINDS.items():
                st.button(
                    label,
                    icon=f":material/{icon}:",
                    key=f"react_{kind}",
                    help=does,
                    disabled=busy,
                    on_click=_give,
                    args=(best.user_id, pick, kind, list_id, before),
                )
        if busy:
            st.caption("Other work is writing to the store: reactions wait until it is done.")


def notice(best: Recommendation) -> None:
    """Say once in a toast what was done, and above the list what it changed, with the way back."""
    if told := st.session_state.pop(_TOAST, None):
        st.toast(told[0], icon=f":material/{told[1]}:")
    latest: _Reaction | None = st.session_state.get(_LATEST)
    if latest is None or latest.user_id != best.user_id:
        return
    new = sum(pick.item_id not in latest.before for pick in best.picks)
    changed = f"{fmt.count(new, 'pick')} of {len(best.picks)} {'is' if new == 1 else 'are'} new" if new else "the same picks"
    _, did, icon, _ = _KINDS[latest.kind]
    with st.container(horizontal=True, vertical_alignment="center", gap="small", key="reaction_notice"):
        st.markdown(f":green[:material/{icon}:] {did} **{fmt.plain(latest.title)}**: {changed}.", width="content")
        _undo_button("Undo", "undo_latest", latest.user_id, latest.feedback_id)


def given(user_id: str) -> None:
    """Show what the shopper said so far, each with its undo, and what it counts for."""
    frame = feedback.given(state.store(), user_id).head(_LISTED)
    with st.container(border=True):
        st.subheader("Feedback given", anchor=False)
        if frame.empty:
            st.caption("No feedback yet. React to a pick with the buttons above its reasons: the next list counts it.")
        else:
            with st.container(height=_TALL if len(frame) > _ROWS else "content", border=False, gap="xsmall"):
                for kind, title, item, when, surface, number, in_log in frame[_SHOWN].itertuples(index=False):
                    _row(user_id, kind, title if isinstance(title, str) else item, when, surface, number, in_log)
        _take_into_the_log()


def _row(user_id: str, kind: str, title: str, when: datetime, surface: str, feedback_id: int, in_log: bool) -> None:
    label, _, icon, _ = _KINDS[Feedback(kind)]
    where = "" if surface == feedback.PREVIEW else f" · {fmt.plain(surface)}"
    said, back = st.columns([8, 1], vertical_alignment="center", gap="xsmall")
    said.markdown(f":gray[:material/{icon}:] {label} · {fmt.plain(title)} :gray[· {fmt.ago(when, _now())}{where}]")
    if in_log:
        back.button("", icon=":material/history:", key=f"in_log_{feedback_id}", help=_IN_LOG, disabled=True, type="tertiary")
    else:
        with back:
            _undo_button("", f"undo_{feedback_id}", user_id, feedback_id)


def _undo_button(label: str, key: str, user_id: str, feedback_id: int) -> None:
    st.button(
        label,
        icon=":material/undo:",
        key=key,
        help=None if label else "Undo",
        disabled=jobs_panel.busy(),
        on_click=_undo,
        args=(user_id, feedback_id),
        type="tertiary",
    )


def _take_into_the_log() -> None:
    """Say what counts for what, and offer to turn the feedback that waits into events of the log."""
    st.caption(
        "Given here, feedback counts in this shopper's lists at once. It is no visit: click rates and the learning from clicks "
        "leave the preview out, and training and reports read it only once it is in the log."
    )
    waits = sum(feedback.waiting(state.store()).values())
    if waits and st.button(
        f"Take {fmt.count(waits, 'reaction')} of all shoppers into the log",
        icon=":material/playlist_add:",
        key="absorb",
        disabled=jobs_panel.busy(),
        help="Clicks, adds, buys and likes become events of one import, which the Import screen can undo.",
    ):
        jobs_panel.start("feedback", "Taking feedback into the log", _absorb)


def _absorb(progress: Progress) -> dict[str, object]:
    from core.update.absorb import absorb_and_refresh

    return absorb_and_refresh(state.store(), state.settings(), state.encoder, _now(), progress).as_json()


@telling()
def _give(user_id: str, pick: Pick, kind: Feedback, list_id: str | None, before: tuple[str, ...]) -> None:
    number = feedback.give(state.store(), user_id, pick.item_id, kind, list_id=list_id, surface=feedback.PREVIEW, now=_now())
    _, did, icon, _ = _KINDS[kind]
    st.session_state[_LATEST] = _Reaction(number, user_id, kind, pick.title, before)
    st.session_state[_TOAST] = (f"{did} {fmt.plain(pick.title)}", icon)


@telling()
def _undo(user_id: str, feedback_id: int) -> None:
    """Take the feedback back, if another window has not done so already."""
    if feedback_id in set(feedback.given(state.store(), user_id)[Col.FEEDBACK]):
        feedback.undo(state.store(), feedback_id, _now())
    latest: _Reaction | None = st.session_state.get(_LATEST)
    if latest is not None and latest.feedback_id == feedback_id:
        del st.session_state[_LATEST]
    st.session_state[_TOAST] = ("Taken back", "undo")


def _now() -> datetime:
    return datetime.now(UTC).replace(tzinfo=None)
