"""Export an audience: whom, what share is held back to measure the effect, and the file; what came of earlier ones."""

from datetime import UTC, datetime

import streamlit as st

from core.represent.registry import os_user
from core.score.actions import Valued
from core.score.lifts import BY_ORDERS, LEAST_MEMBERS, Action, trials
from core.score.outreach import PRODUCTS_FOR, Audience, Made, made, take_along
from pages.shared import format as fmt
from pages.shared import jobs_panel, state
from pages.shared.actions import asked
from pages.shared.boundary import telling

BEST = "Each shopper their best"
_MADE = "audience_made"


def ask(of: Valued, segment: int | None, offered: list[str]) -> None:
    """Show what to take along and, once made, the file."""
    st.subheader("Export an audience", anchor=False)
    named: dict[str | None, str] = {None: BEST, **{action: asked.named(action) for action in offered}}
    action = st.selectbox("Action", list(named), 0, format_func=named.__getitem__, key="audience_action")
    held = st.slider("Hold back by lot, %", 0, 50, 10, 5, key="audience_held", help=_HELD)
    products = st.number_input("Name products for the first", 0, 5000, min(PRODUCTS_FOR, 200), 100, key="audience_products")
    members = of.audience(Action(action) if action else None, segment)
    st.markdown(f"**{fmt.count(len(members), 'shopper')}** · {asked.amount(float(members['value'].sum()), of)} expected")
    if st.button("Make the audience", type="primary", icon=":material/group_add:", disabled=members.empty or jobs_panel.busy()):
        with telling(), st.spinner("Choosing products for each shopper"):
            st.session_state[_MADE] = take_along(
                state.store(),
                state.index(),
                of,
                action=Action(action) if action else None,
                segment=segment,
                hold_back=held / 100,
                products_for=int(products),
                author=os_user(),
                now=datetime.now(UTC).replace(tzinfo=None),
            )
    if (audience := st.session_state.get(_MADE)) is not None:
        _download(audience)


def _download(audience: Audience) -> None:
    numbers = "-".join(map(str, audience.numbers))
    st.download_button(
        f"Download {fmt.count(audience.contacted, 'shopper')}",
        audience.content,
        f"actions-{numbers}.csv",
        "text/csv",
        icon=":material/download:",
        on_click="ignore",
        help="Shopper, action, product ids, reason, expected value and its terms. Checked: as many rows as shoppers.",
    )
    busy = f" {fmt.count(audience.busy, 'shopper')} left out: an earlier audience still holds them back." if audience.busy else ""
    st.caption(f"{fmt.number(audience.held_back)} held back by lot; products for {fmt.number(audience.with_products)}.{busy}")


def earlier() -> None:
    """Show the audiences made so far, and what came of those whose time is over."""
    st.subheader("Audiences exported", anchor=False)
    there = made(state.store())
    if not there:
        st.caption("None yet. Once one is made with some shoppers held back, and newer data is in, its effect is measured here.")
        return
    st.dataframe(
        [
            {
                "Audience": one.outreach_id,
                "Action": asked.named(one.action),
                "Contacted": one.contacted,
                "Held back": one.held_back,
                "As of": one.as_of,
                "Orders count for": f"{one.horizon} days",
                "State": _state(one),
                "By": one.author,
            }
            for one in there
        ],
        hide_index=True,
        column_config={"As of": st.column_config.DatetimeColumn(format="D MMM YYYY")},
        alt="Audiences exported",
    )
    for action, trial in trials(state.store()).items():
        enough = "" if trial.told else f" Told from {LEAST_MEMBERS} on either side on."
        counted = "" if action in BY_ORDERS else " Its effect is no further order, so this does not replace the assumption."
        st.caption(
            f"{asked.named(action)}: {fmt.number(trial.ordered)} of {fmt.number(trial.contacted)} contacted ordered, "
            f"{fmt.number(trial.held_back_ordered)} of {fmt.number(trial.held_back)} held back.{enough}{counted}"
        )


def _state(one: Made) -> str:
    if not one.held_back:
        return "nobody held back: not measured"
    return "time is over" if one.over else "waits for newer data"


_HELD = (
    "These are left alone. Once newer data is in, the difference in orders between the two is the measured effect, which then "
    "replaces the assumption."
)
