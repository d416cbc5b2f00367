"""A rule as it is put together, before it stands."""

from datetime import date
from typing import Any

import streamlit as st

from core.profiles.segments import segments
from core.score.effects import targets
from core.score.rules import STRENGTH, Draft, Kind, On
from pages.shared import state
from pages.shared.surfaces.asking import item_picker

KINDS = {
    Kind.PIN: ("Pin", "keep", "Show it at a fixed place."),
    Kind.BOOST: ("Boost", "arrow_upward", "Lift its score: it comes sooner, where it fits the shopper at all."),
    Kind.BURY: ("Bury", "arrow_downward", "Lower its score: it comes later, but it may still come."),
    Kind.HIDE: ("Hide", "visibility_off", "Never show it."),
    Kind.IN_STOCK: ("Require stock", "inventory_2", "Show it only while enough of it is known to be left."),
}
_ONS = {On.ITEM: "An item", On.CATEGORY: "A category", On.BRAND: "A brand", On.EVERYTHING: "Everything"}


def ask() -> Draft | None:
    """Show the choices of a rule; return it, None while something is missing."""
    kind = st.segmented_control(
        "What to do", list(KINDS), default=Kind.BOOST, required=True, format_func=lambda one: KINDS[one][0], key="rule_kind"
    )
    st.caption(KINDS[kind][2])
    target, whom = st.columns(2)
    on = target.selectbox("With what", _targets(kind), format_func=_ONS.__getitem__, key="rule_on")
    with whom:
        segment = _segment()
    value = _value(on)
    more = _more(kind)
    starts, ends = _dates()
    note = st.text_input("Note", placeholder="Why, for those who read it later", key="rule_note", max_chars=200)
    return None if value is None else Draft(kind, on, value, segment=segment, starts=starts, ends=ends, note=note, **more)


def _targets(kind: Kind) -> list[On]:
    """Return what a rule of this kind can be on, of what the shop knows."""
    index = state.index()
    known = {
        On.ITEM: kind is not Kind.IN_STOCK,
        On.CATEGORY: len(targets(On.CATEGORY, index)) > 0,
        On.BRAND: len(targets(On.BRAND, index)) > 0,
        On.EVERYTHING: kind is Kind.IN_STOCK,
    }
    return [on for on, there in known.items() if there]


def _value(on: On) -> str | None:
    if on is On.EVERYTHING:
        return ""
    if on is On.ITEM:
        return item_picker("rule_item")
    return st.selectbox(str(on).capitalize(), targets(on, state.index()), key=f"rule_{on}")


def _segment() -> int | None:
    names = {one.segment_id: one.name for one in state.read(segments)}
    return st.selectbox(
        "For whom", [None, *names], format_func=lambda one: "Everyone" if one is None else names[one], key="rule_segment"
    )


def _more(kind: Kind) -> dict[str, Any]:
    """Ask what only this kind of rule has."""
    if kind is Kind.PIN:
        return {"position": int(st.number_input("Place in the list", 1, 50, 1, key="rule_position"))}
    if kind is Kind.IN_STOCK:
        return {"strength": float(st.number_input("Units left at least", 1, None, 1, key="rule_units"))}
    if kind in STRENGTH:
        told = (
            "Points of the score, which lies between 0 and 1: 0.05 is felt, 0.1 is strong. The lists beside show what it moves."
        )
        return {"strength": st.slider("By how much", 0.01, 0.3, STRENGTH[kind], 0.01, key="rule_strength", help=told)}
    return {}


def _dates() -> tuple[date | None, date | None]:
    """Ask from when to when, both days included."""
    first, last = st.columns(2)
    told = "Empty = no limit. By the calendar, not by the dates of the log."
    starts = first.date_input("From", None, key="rule_starts", format="DD/MM/YYYY", help=told)
    ends = last.date_input("Until (included)", None, key="rule_ends", format="DD/MM/YYYY")
    return starts, ends
