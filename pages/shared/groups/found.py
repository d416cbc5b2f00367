"""How the groups were found: the number of groups, how steady they are, how features were scaled, who was left out."""

import pandas as pd
import streamlit as st

from core.ingest.robots import RULE
from core.profiles import fits
from core.profiles.conditions import BY_NAME
from core.profiles.fits import FitReport
from pages.shared import charts, state
from pages.shared import format as fmt


def show(fit: FitReport) -> None:
    """Show all of it."""
    number, steady = st.columns(2)
    with number.container(border=True, height="stretch"):
        st.subheader("Number of groups", anchor=False)
        charts.show(charts.silhouette(fit.curve, fit.k), "Silhouette of each number of groups", 60 + 20 * len(fit.resamples))
        st.caption("The higher, the clearer the groups stand apart; of the numbers as good as the best, the smallest is taken.")
    with steady.container(border=True, height="stretch"):
        st.subheader("Stability", anchor=False)
        st.metric("Adjusted Rand index, mean", fmt.number(fit.stability, 2))
        labels = [f"Resample {number}" for number in range(1, len(fit.resamples) + 1)]
        charts.show(
            charts.bars(labels, fit.resamples, [fmt.number(one, 2) for one in fit.resamples]),
            "Each resample",
            60 + 20 * len(labels),
        )
        st.caption("Shoppers drawn anew with replacement and grouped anew: 1 = the same groups again, 0 = as by chance.")
    with st.container(border=True):
        st.subheader("How each feature entered", anchor=False)
        _scaling(fit)
    with st.container(border=True):
        st.subheader("Left out", anchor=False)
        _left_out(fit)


def _scaling(fit: FitReport) -> None:
    rows = [
        (
            BY_NAME[one.column].label if one.column in BY_NAME else one.column.replace("_", " "),
            one.log,
            round(one.capped, 3),
            round(one.unknown, 2),
            one.weight,
        )
        for one in fit.scales
    ]
    st.dataframe(
        pd.DataFrame(rows, columns=["feature", "log", "capped", "unknown", "weight"]),
        hide_index=True,
        height=320,
        column_config={
            "feature": st.column_config.TextColumn("Feature", width="medium"),
            "log": st.column_config.CheckboxColumn("Logarithm", help="Heavy-tailed: log(1 + x)"),
            "capped": st.column_config.NumberColumn(
                "Capped", format="percent", help="Shoppers beyond the 1st or 99th percentile"
            ),
            "unknown": st.column_config.NumberColumn("Not known", format="percent", help="They count as the median"),
            "weight": st.column_config.NumberColumn("Weight", format="%.2f", help="0 = describes a group, does not find it"),
        },
        alt="How each feature was scaled",
    )
    st.caption(
        "Shares seen in few events are drawn towards the shop's median first; then the ends are capped, mean 0, deviation 1."
    )


def _left_out(fit: FitReport) -> None:
    few = f"{fmt.count(fit.left_out, 'shopper')} with fewer than two events are placed by the rules instead."
    if not fit.robots:
        st.caption(f"{few} No robots: nobody meets the rule ({RULE}).")
        return
    st.caption(f"{few} {fmt.count(fit.robots, 'robot')}: {RULE}.")
    st.dataframe(
        state.read(fits.left_out),
        hide_index=True,
        height="content",
        column_config={
            "user_id": st.column_config.TextColumn("Shopper"),
            "events": st.column_config.NumberColumn("Events on those days", format="localized"),
            "why": st.column_config.TextColumn("Why"),
        },
        alt="Shoppers left out as robots",
    )
