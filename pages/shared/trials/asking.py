"""The form of a new experiment, and what it takes: shoppers and days, from the shop's own rates."""

from dataclasses import dataclass

import streamlit as st

from core.score import releases
from core.score.releases import Release
from core.update import experiments, traffic
from core.update.experiments import Measure
from core.update.traffic import Base
from pages.shared import format as fmt
from pages.shared import jobs_panel, state
from pages.shared.boundary import telling
from pages.shared.lab import served
from pages.shared.memory import keep, recall

LAB = "recommend/lab.py"
OWN = 0
"""The choice that is no release: the model's own α."""
MEASURES = {
    Measure.CTR: ("Clicks", "Clicks per place shown", "of the items shown are clicked"),
    Measure.CONVERSION: ("Conversion", "Shoppers who bought", "of the shoppers buy"),
    Measure.STICKINESS: ("Stickiness", "Days a week on which a shopper came", ""),
}
"""Label, what it is, and how its rate is told."""


@dataclass(frozen=True)
class Asked:
    """What the form holds. base: today's rate of the measure that decides."""

    name: str
    control: int
    treatment: int
    share: float
    measure: Measure
    effect: float
    base: Base


def sides() -> dict[int, Release | None]:
    """Return what a side may be: the model's own α, and every release, newest first."""
    return {OWN: None, **{one.release_id: one for one in releases.history(state.store())}}


def label(number: int | None) -> str:
    """Return a side in words."""
    one = sides().get(number or OWN)
    if one is None:
        return f"The model's own α, {state.index().alpha:.2f}"
    note = f" · {fmt.shortened(one.note, 40)}" if one.note else ""
    return f"Release {one.release_id} ({one.state}) · {served.words(one)}{note}"


def who() -> str:
    """Ask who is at work, kept for every screen that asks; '' = they do not say."""
    recall(served.AUTHOR)
    said = st.text_input(
        "Your name", key=served.AUTHOR, placeholder="Your name, for the history", label_visibility="collapsed", width=210
    )
    keep(served.AUTHOR, said)
    return said


def ask(author: str) -> None:
    """Show the form beside what the experiment would take; the button keeps the plan."""
    if len(sides()) < 2:
        st.info("An experiment compares two ways of making lists, and there is one so far.", icon=":material/science:")
        st.page_link(LAB, label="Draft another in the α lab", icon=":material/tune:")
        return
    form, takes = st.columns([3, 2])
    with form.container(border=True, height="stretch"):
        st.subheader("Plan an experiment", anchor=False)
        asked = _form()
    with takes.container(border=True, height="stretch"):
        st.subheader("What it takes", anchor=False)
        _takes(asked, author)


def _form() -> Asked:
    name = st.text_input("Name", key="trial_name", max_chars=80, placeholder="More taste on the home page")
    live, choices = releases.live(state.store()), list(sides())
    now = live.release_id if live else OWN
    control = st.selectbox("Now", choices, choices.index(now), format_func=label, key="trial_control")
    others = [one for one in choices if one != control]
    treatment = st.selectbox("New", others, format_func=label, key="trial_treatment")
    share = st.slider("Shoppers who get the new lists", 5, 95, 50, 5, format="%d%%", key="trial_share") / 100
    deciding = (Measure.CTR, Measure.CONVERSION)
    measure = st.segmented_control(
        "Decided by", deciding, default=Measure.CTR, required=True, format_func=lambda one: MEASURES[one][1], key="trial_measure"
    )
    effect = st.slider(
        "Smallest change worth finding, of today's rate", 2, 50, 10, 1, format="%d%%", key="trial_effect",
        help="A smaller change takes far more shoppers: half of it takes four times as many.",
    ) / 100  # fmt: skip
    return Asked(name, control, treatment, share, measure, effect, _base(measure))


def _base(measure: Measure) -> Base:
    """Return today's rate; where the shop does not know it, ask."""
    known = state.read(traffic.base_of, measure)
    _, what, told = MEASURES[measure]
    if known is not None:
        st.caption(f"Today: **{fmt.percent(known.rate, 1)}** {told} ({known.source}).")
        return known
    rate = st.number_input(f"{what} today, %", 0.1, 99.0, 5.0, 0.1, key=f"trial_base_{measure}")
    st.caption("This shop's data do not say it yet, so give a guess. The results do not depend on it.")
    return traffic.guessed(measure, rate / 100)


def _takes(asked: Asked, author: str) -> None:
    found = state.read(traffic.estimate, asked.base, asked.effect, asked.share)
    with st.grid(2, min_column_width=130):
        st.metric("Shoppers", fmt.number(found.size.any_time), border=True, help="Both groups together, stopping at any look.")
        st.metric("Days", "–" if found.days is None else fmt.number(found.days), border=True, help="At the shop's traffic.")
    st.markdown(found.sentence)
    st.caption(
        "For an 80 % chance of finding the change if it is there, and 5 % of seeing one that is not. Shoppers are drawn by a "
        "hash of their id: each stays in their group at every visit. Rules and what was learned count for both groups."
    )
    if st.button("Keep the plan", type="primary", icon=":material/science:", key="trial_plan", disabled=jobs_panel.busy()):
        with telling():
            made = experiments.plan(
                state.store(), asked.name, control=asked.control or None, treatment=asked.treatment or None, share=asked.share,
                measure=asked.measure, effect=asked.effect, base=_rates(asked.base), author=author, now=served.now(),
            )  # fmt: skip
            st.session_state["trial"] = made.experiment_id
            st.toast("Planned. Start it under Results.", icon=":material/science:")


def _rates(base: Base) -> dict[Measure, float]:
    """Return today's rate of every measure that the shop knows, with the one that decides as it was asked for."""
    known = {measure: state.read(traffic.base_of, measure) for measure in Measure}
    return {**{measure: one.rate for measure, one in known.items() if one}, base.measure: base.rate}
