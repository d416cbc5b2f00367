"""The rules that stand, what is wrong with them, and those that were ended."""

from datetime import UTC, date, datetime

import streamlit as st

from core.profiles.segments import segments
from core.score.conflicts import conflicts
from core.score.rules import SCORED, Kind, On, Rule, end_rule, every_rule, standing
from pages.shared import format as fmt
from pages.shared import jobs_panel, state
from pages.shared.boundary import telling
from pages.shared.merchant.trial import KINDS


def show() -> None:
    """Show the rules in force and those to come, with their conflicts; the ended ones folded away."""
    today = datetime.now(UTC).date()
    there, names = standing(state.store(), today), _segments()
    with st.container(border=True):
        st.subheader(f"{fmt.count(len(there), 'rule')} in force or to come" if there else "No rule stands", anchor=False)
        if not there:
            st.caption("Lists go by score alone. Put a rule together above: it is tried out before it stands.")
        for sentence in conflicts(there, state.index()):
            st.warning(fmt.plain(sentence), icon=":material/warning:")
        for rule in there:
            _row(rule, today, names)
    ended = [rule for rule in every_rule(state.store()) if rule not in there]
    if ended:
        with st.expander(f"{fmt.count(len(ended), 'rule')} that ended"):
            st.markdown(
                "\n".join(f"- {_what(rule, names)} :gray[· {_when(rule)} · by {fmt.plain(rule.author)}]" for rule in ended)
            )


def _row(rule: Rule, today: date, names: dict[int, str]) -> None:
    what, end = st.columns([6, 1], vertical_alignment="center")
    to_come = rule.starts is not None and rule.starts > today
    badge = " :orange-badge[to come]" if to_come else ""
    note = f"  \n:gray[{fmt.plain(rule.note)}]" if rule.note else ""
    what.markdown(f"{_what(rule, names)}{badge}  \n:gray[{_when(rule)} · by {fmt.plain(rule.author)}]{note}")
    if end.button("End", key=f"end_rule_{rule.rule_id}", disabled=jobs_panel.busy(), width="stretch"):
        with telling():
            end_rule(state.store(), rule.rule_id, datetime.now(UTC).replace(tzinfo=None))
            st.rerun()


def _segments() -> dict[int, str]:
    return {one.segment_id: one.name for one in state.read(segments)}


def _what(rule: Rule, names: dict[int, str]) -> str:
    """Return a rule in words: **3** Pin *red tea pot* to place 2 for everyone."""
    index = state.index()
    known = rule.on is On.ITEM and rule.value in index.rows
    target = f"item '{index.titles[index.rows[rule.value]]}'" if known else rule.target
    whom = "" if rule.segment is None else f" for {names.get(rule.segment, 'a segment that is no longer there')}"
    how = {Kind.PIN: f" to place {rule.position}", Kind.IN_STOCK: f", {rule.strength:g} or more left"}.get(rule.kind, "")
    much = f" by {rule.strength:.2f}" if rule.kind in SCORED else ""
    icon = f":material/{KINDS[rule.kind][1]}:"
    return f"{icon} **{rule.rule_id}** {KINDS[rule.kind][0]} {fmt.plain(target)}{how}{much}{fmt.plain(whom)}"


def _when(rule: Rule) -> str:
    start = f"from {fmt.day(rule.starts)}" if rule.starts else f"since {fmt.day(rule.created_at)}"
    end = f" until {fmt.day(rule.ends)}" if rule.ends else ""
    return start + end + (f", ended {fmt.day(rule.ended_at)}" if rule.ended_at else "")
