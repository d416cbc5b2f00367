"""When to train again: what the policy says now, its thresholds, what it decided so far."""

from dataclasses import replace

import streamlit as st

from core.train.names import Preset
from core.update import retrain
from core.update.retrain import Policy, Verdict
from pages.shared import format as fmt
from pages.shared import jobs_panel, state
from pages.shared.boundary import telling
from pages.shared.lab import served

TRAINING, RUNS = "operate/training.py", "operate/runs.py"
_LOGGED = 20


def now() -> None:
    """Show the verdict with its reasons and figures, and the button that starts the training."""
    chosen = retrain.policy(state.store())
    said = retrain.verdict(state.store(), state.workspace().home, chosen, served.now())
    with st.container(horizontal=True, vertical_alignment="center"):
        st.subheader("A new training", anchor=False, width="content")
        st.badge(
            "due" if said.due else "not due",
            icon=":material/notification_important:" if said.due else ":material/check:",
            color="orange" if said.due else "green",
        )
    st.markdown("\n".join(f"- {fmt.plain(reason)}" for reason in said.reasons))
    _figures(said)
    with st.container(horizontal=True, vertical_alignment="center"):
        kind = "primary" if said.due else "secondary"
        label = f"Start {'the' if said.due else 'a'} training ({chosen.preset})"
        if st.button(label, type=kind, icon=":material/play_arrow:", key="policy_start", disabled=jobs_panel.busy()):  # type: ignore[arg-type]
            with telling():
                with st.spinner("Taking a snapshot of the data"):
                    retrain.begin(state.store(), state.index(), state.workspace(), said, served.now(), who="by hand")
                st.rerun()
        st.page_link(RUNS, label="Runs", icon=":material/history:")


@st.fragment
def thresholds() -> None:
    """Show the policy and let it be changed; what stands beside it is not worked out anew at each number."""
    chosen = retrain.policy(state.store())
    st.subheader("When it is due", anchor=False)
    left, right = st.columns(2)
    events = left.number_input("New events", 1, 10**9, chosen.events, 1000, key="policy_events")
    share = right.number_input(
        "Their share, %",
        1,
        1000,
        round(100 * chosen.share),
        5,
        key="policy_share",
        help="Of the events learned from. Both are needed.",
    )
    psi = left.number_input(
        "Shift (PSI)", 0.01, 5.0, chosen.psi, 0.05, key="policy_psi",
        help="Population stability index of items, categories and kinds of event: 0.1 is a small shift, 0.25 a large one. A "
        "shift that chance explains does not count.",
    )  # fmt: skip
    age = right.number_input("Age, days", 1, 3650, chosen.age_days, 5, key="policy_age")
    presets = [Preset.QUICK, Preset.BEST]
    preset = left.segmented_control("What is trained", presets, default=chosen.preset, required=True, key="policy_preset")
    automatic = right.toggle(
        "By itself", chosen.automatic, key="policy_automatic",
        help="Starts a training that is due without asking. Looked at when the app is used, at most once an hour. What comes "
        "out waits under Runs to be served.",
    )  # fmt: skip
    asked = Policy(int(events), share / 100, float(psi), int(age), automatic, preset)
    same = asked == replace(chosen, share=round(100 * chosen.share) / 100)
    if st.button("Keep", key="policy_keep", disabled=same or jobs_panel.busy(), icon=":material/save:"):
        with telling():
            retrain.decide(state.store(), asked, "", served.now())
            st.toast("The policy is in force.", icon=":material/save:")
            st.rerun()


def log() -> None:
    """Show what the policy decided, newest first."""
    st.subheader("What it decided", anchor=False)
    found = retrain.checks(state.store(), _LOGGED)
    if not found:
        st.caption("Nothing yet. It is asked when the app is used, at most once an hour.")
    for one in found:
        did = f" → run {one.run}, started {one.who or 'by itself'}" if one.run else ""
        icon = ":orange[:material/notification_important:]" if one.due else ":green[:material/check:]"
        said = fmt.plain(" ".join(one.reasons))
        st.markdown(f"{icon} {fmt.moment(one.checked_at)} · **{'due' if one.due else 'not due'}**{did}  \n:gray[{said}]")


def _figures(said: Verdict) -> None:
    worst = max(said.fresh.drifts, key=lambda one: one.psi, default=None)
    with st.grid(3, min_column_width=85):
        known = f"{fmt.number(said.fresh.known)} were there when the model was trained." if said.live else "No model is served."
        st.metric("New events" if said.live else "Events", fmt.compact(said.fresh.since), border=True, help=known)
        st.metric(
            "Largest shift",
            fmt.NOTHING if worst is None else f"{worst.psi:.2f}",
            border=True,
            help="Of the mixes of items, categories and kinds of event between what was learned from and what came since (PSI).",
        )
        age = fmt.NOTHING if said.age_days is None else f"{said.age_days:.0f} d"
        st.metric("Age", age, border=True, help="Of the model that is served, since it was trained.")
    for one in said.fresh.drifts:
        most = one.moved[0]
        sure = "" if one.psi > one.chance else ", no more than chance explains"
        moved = f"{most.name} from {fmt.percent(most.before, 1)} to {fmt.percent(most.since, 1)}"
        st.caption(f"Mix of {one.mix}: PSI {one.psi:.3f}{sure}; most moved: {fmt.plain(moved)}.")
