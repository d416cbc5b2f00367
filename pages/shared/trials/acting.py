"""What may be done with an experiment: start, stop, and on the demo shop let made-up shoppers come and go."""

import streamlit as st

from core.base.derived import Progress
from core.score.assignment import Arm, arm_of
from core.update import experiments, simulated
from core.update.experiments import Experiment, Stage
from core.update.outcomes import Results
from pages.shared import format as fmt
from pages.shared import jobs_panel, state
from pages.shared.boundary import telling
from pages.shared.lab import served
from pages.shared.picker import shopper_picker
from pages.shared.trials.asking import label

_STAGES = {
    Stage.PLANNED: ("gray", "edit_calendar"),
    Stage.RUNNING: ("green", "play_circle"),
    Stage.STOPPED: ("blue", "stop_circle"),
}
_KEY = "trial"


def choose() -> Experiment | None:
    """Let an experiment be chosen, the running or newest one first; None where there is none."""
    every = {one.experiment_id: one for one in experiments.every(state.store())}
    if not every:
        return None
    running = experiments.running(state.store())
    if st.session_state.get(_KEY) not in every:
        st.session_state[_KEY] = running.experiment_id if running else next(iter(every))
    chosen = st.selectbox("Experiment", list(every), format_func=lambda number: _title(every[number]), key=_KEY)
    return every[chosen]


def head(one: Experiment, author: str) -> None:
    """Show what it compares, how far it is, by whom and why."""
    color, icon = _STAGES[one.stage]
    with st.container(border=True):
        with st.container(horizontal=True, vertical_alignment="center"):
            st.badge(str(one.stage), icon=f":material/{icon}:", color=color)  # type: ignore[arg-type]
            st.space("stretch")
            _buttons(one, author)
        st.markdown(f"**Now** {fmt.plain(label(one.control))}  \n**New** {fmt.plain(label(one.treatment))}")
        share, effect = fmt.percent(one.share), fmt.percent(one.effect)
        told = [f"{share} of shoppers get the new lists", f"planned to find {effect} or more", f"by {fmt.plain(one.author)}"]
        for did, at, by, why in (
            ("started", one.started_at, one.started_by, one.start_reason),
            ("stopped", one.stopped_at, one.stopped_by, one.stop_reason),
        ):
            if at is not None:
                told.append(f"{did} {fmt.moment(at)} UTC by {fmt.plain(by or '')}" + (f": {fmt.plain(why)}" if why else ""))
        st.caption(" · ".join(told))
        if one.stage is Stage.RUNNING:
            st.caption(
                ":material/info: While it runs, every shopper's lists come from their group. A release that is published "
                "meanwhile is served once the experiment is stopped."
            )


def make_up(one: Experiment, found: Results) -> None:
    """On the demo shop: let simulated shoppers come, or remove them."""
    if not simulated.is_demo(state.store(), state.workspace()):
        return
    with st.container(border=True, horizontal=True, vertical_alignment="center"):
        st.markdown(":material/smart_toy: **Demo shop** :gray[· nobody visits it, but what its shoppers would click is known]")
        st.space("stretch")
        if one.stage is Stage.RUNNING and st.button(
            f"Simulate {simulated.DAYS} days", icon=":material/smart_toy:", key="trial_simulate", disabled=jobs_panel.busy()
        ):
            jobs_panel.start("simulate", "Simulating shoppers", lambda progress: _simulate(one, progress))
        if found.simulated and st.button(
            "Remove what was simulated", icon=":material/delete_sweep:", key="trial_clear", disabled=jobs_panel.busy()
        ):
            lists = simulated.clear(state.store(), one.experiment_id)
            st.toast(f"{fmt.count(lists, 'simulated list')} removed", icon=":material/delete_sweep:")
            st.rerun()


def whose(one: Experiment) -> None:
    """Tell which group a shopper is in."""
    with st.expander("Which group is a shopper in?"):
        user = shopper_picker()
        if user:
            arm = arm_of(one.experiment_id, user, one.share)
            st.markdown(
                f"{fmt.plain(user)} gets **the {'new lists' if arm is Arm.TREATMENT else 'lists of now'}**, at every visit."
            )


def _buttons(one: Experiment, author: str) -> None:
    if one.stage is Stage.PLANNED:
        with st.popover("Start", icon=":material/play_arrow:"):
            why = st.text_input("Why", key="trial_start_why")
            st.caption("Shoppers are split from the next list on.")
            if st.button("Start", type="primary", key="trial_start", disabled=jobs_panel.busy()):
                with telling():
                    experiments.start(state.store(), one.experiment_id, author, why, served.now())
                    st.rerun()
    elif one.stage is Stage.RUNNING:
        with st.popover("Stop", icon=":material/stop:"):
            why = st.text_input("Why", key="trial_stop_why")
            st.caption("Everybody gets what is published again, from the next list on. The results stay.")
            if st.button("Stop", type="primary", key="trial_stop", disabled=jobs_panel.busy() or not why.strip()):
                with telling():
                    experiments.stop(state.store(), one.experiment_id, author, why, served.now())
                    st.rerun()


def _title(one: Experiment) -> str:
    return f"{one.experiment_id} · {one.name} · {one.stage}"


def _simulate(one: Experiment, progress: Progress) -> dict[str, object]:
    done = simulated.simulate(
        state.store(), state.index(), state.workspace(), one, seed=state.settings().seed, progress=progress
    )  # fmt: skip
    return done.as_json()
