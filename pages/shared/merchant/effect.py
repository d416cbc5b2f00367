"""What another plan would change: one shopper's list before and after, and how many lists of a sample."""

from collections.abc import Callable
from dataclasses import replace

import streamlit as st

from core.score.plan import Plan
from core.score.preview import SAMPLE, Difference, Place, beside, difference, sample
from pages.shared import format as fmt
from pages.shared import state
from pages.shared.picker import shopper_picker

_KEPT = "plan_difference"
_TITLE = 46


def show(before: Plan, after: Plan) -> None:
    """Show the two lists of a shopper side by side, then the count over the sample."""
    user = shopper_picker()
    if user is None:
        st.caption("Choose a shopper to see their list before and after.")
    else:
        was, now = beside(state.scored(user), before, after)
        left, right = st.columns(2)
        with left:
            _listed("Now", was, gone=True)
        with right:
            _listed("With the change", now, gone=False)
    counted(before, after)


def _listed(title: str, places: tuple[Place, ...], gone: bool) -> None:
    st.markdown(f"**{title}**")
    if not places:
        st.caption("No item is left to show.")
    st.markdown("\n".join(_line(place, gone) for place in places))


def _line(place: Place, gone: bool) -> str:
    """Return a place as a line of a list; gone: of the list before."""
    name = fmt.plain(fmt.shortened(place.title, _TITLE))
    if place.other is None:
        mark = ":red[:material/remove: leaves]" if gone else ":green[:material/add: new]"
    elif gone or place.other == place.rank:
        mark = ""
    else:
        up = place.other > place.rank
        mark = f":green[▲ {place.other - place.rank}]" if up else f":gray[▼ {place.rank - place.other}]"
    return f"{place.rank}. {name} {mark}"


def counted(before: Plan, after: Plan) -> None:
    """Show over a sample of shoppers how many lists would be others, counted once for each pair of plans."""
    asked = (state.version(), *(replace(plan, learning=None) for plan in (before, after)))
    kept, found = st.session_state.get(_KEPT, (None, None))
    if kept != asked:
        with st.spinner(f"Making the lists of {SAMPLE} shoppers"):
            found = difference(state.store(), state.index(), state.read(sample), before, after)
        st.session_state[_KEPT] = (asked, found)
    _told(found)


def _told(found: Difference) -> None:
    with st.grid(3, min_column_width=110):
        many = max(found.shoppers, 1)
        drawn = f"Of {fmt.count(found.shoppers, 'shopper')} drawn by chance, always the same ones."
        st.metric("Lists that change", fmt.percent(found.changed / many), border=True, help=drawn)
        st.metric("With other items", fmt.percent(found.swapped / many), border=True, help="The rest only changes its order.")
        st.metric("New items a list", fmt.number(found.items, 1), border=True, help="Of 10, over all lists of the sample.")
        st.metric("What stays", fmt.percent(found.overlap), border=True, help="Mean share of a list that is in it after, too.")
        st.metric(
            "Places moved", fmt.number(found.shift, 1), border=True, help="By what stays in its list, up or down, on average."
        )
        _before_after("Items shown", *found.spread, fmt.number, "Different items in all the lists of the sample.")
        _before_after("Mean price", *found.price, fmt.money, "Of the items shown whose price is known, before and after.")
    for label, titles in (("Comes in most", found.entering), ("Goes out most", found.leaving)):
        most = [f"{fmt.plain(title)} :gray[({fmt.count(lists, 'list')})]" for title, lists in list(titles.items())[:3]]
        if most:
            st.caption(f"{label}: " + ", ".join(most))


def _before_after(label: str, was: float, now: float, shape: Callable[[float], str], told: str) -> None:
    """Show a figure before and after, with the change; a dash where it is not known."""
    known = was == was and now == now
    change = f"{now / was - 1:+.1%} from {shape(was)}" if known and was and now != was else None
    st.metric(label, shape(now) if known else fmt.NOTHING, change, delta_color="off", border=True, help=told)
