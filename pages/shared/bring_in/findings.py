"""What the checks found in the data, with advice; and whether there is enough of it."""

import streamlit as st

from core.ingest import findings
from pages.shared import cards, next_step, state
from pages.shared import format as fmt

_LOOKS = {"good": ("check_circle", "green"), "note": ("info", "blue"), "warn": ("warning", "orange")}


def show() -> None:
    """Show the readiness card and every finding, the serious ones first."""
    ready = state.read(findings.readiness)
    if not ready.interactions:
        next_step.nothing_yet("There is nothing to check yet.")
        return
    found, enough = st.columns([2, 1])
    with found:
        every = state.read(findings.findings)
        for finding in every:
            if finding.severity != "good":
                _finding(finding)
        _passed([finding for finding in every if finding.severity == "good"])
    with enough.container(border=True):
        st.subheader("Is it enough data?", anchor=False)
        cards.readiness(ready)


def _finding(finding: findings.Finding) -> None:
    icon, color = _LOOKS[finding.severity]
    with st.container(border=True, gap="xsmall"):
        with st.container(horizontal=True, horizontal_alignment="distribute", vertical_alignment="center"):
            st.markdown(f":{color}[:material/{icon}:] **{finding.check}**", width="content")
            if finding.of:
                st.badge(f"{fmt.number(finding.rows)} of {fmt.number(finding.of)}", color="gray")
        st.markdown(fmt.plain(finding.advice))
        st.caption(fmt.plain(finding.rule))
        if finding.examples:
            st.caption("For example: " + fmt.plain(" · ".join(finding.examples)))


def _passed(good: list[findings.Finding]) -> None:
    if good:
        with st.expander(f"{fmt.count(len(good), 'check')} found nothing", icon=":material/check_circle:"):
            for finding in good:
                st.markdown(f":green[:material/check:] **{finding.check}** :gray[{fmt.plain(finding.rule)}]")
