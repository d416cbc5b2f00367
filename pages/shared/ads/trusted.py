"""How far the chances of a click can be trusted: what was told against what happened, and what they rest on."""

import streamlit as st

from core.score.ctr import CtrReport
from pages.shared import charts
from pages.shared import format as fmt
from pages.shared import stickiness_charts as drawn


def show(report: CtrReport) -> None:
    """Show the reliability of the chances, or why nothing could be judged."""
    st.caption(f":material/info: {fmt.plain(report.sentence)}")
    if not report.judged or report.auc is None or report.gain is None:
        st.info("There is nothing to judge yet: chances are not learned from single shoppers.", icon=":material/inbox:")
        return
    left, right = st.columns(2)
    with left.container(border=True, height="stretch"):
        st.markdown("**Chance told against clicks that came**")
        what = "told %{x:.1%}, clicked %{y:.1%}<br>%{customdata:,} showings"
        charts.show(
            drawn.reliability(report.judged, "chance told", "share clicked", what), "Reliability of the chances of a click", 340
        )
        st.caption(
            "Each dot is a tenth of the latest showings, by the chance told; the line is its 95 % interval, "
            "the dotted diagonal is a chance that holds exactly."
        )
    with right.container(border=True, height="stretch"):
        st.markdown("**How well it does on showings it had not seen**")
        for one in report.judged:
            st.markdown(
                f"{fmt.plain(one.name[0].upper() + one.name[1:])}: AUC **{one.auc:.2f}**, Brier score **{one.brier:.4f}** "
                f"({one.skill:+.1%} against telling everyone the mean), off by **{100 * one.gap:.1f}** points on average"
            )
        auc, gain = report.auc, report.gain
        st.caption(
            "AUC: how often, of a clicked and a not clicked showing, the clicked one was given the higher chance; 0.5 is blind. "
            f"95 % interval of the personal model {auc[0]:.2f} to {auc[1]:.2f}, of its lead {gain[0]:+.2f} to {gain[1]:+.2f}. "
            f"With {fmt.number(report.clicks)} clicks in all, small differences cannot be told from chance."
        )
        st.markdown("**What a chance rests on**")
        names = dict.fromkeys(name.partition(",")[0].replace("_", " ") for name in report.facts)
        st.markdown(fmt.plain(", ".join(names)) + ".")
