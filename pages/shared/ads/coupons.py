"""Coupons: what campaigns brought, who is likely to redeem, how far that can be trusted."""

import pandas as pd
import streamlit as st

from core.base.schema import Col
from core.profiles.coupons import CouponReport, coupon_report, likeliest
from pages.shared import charts, state
from pages.shared import format as fmt
from pages.shared import stickiness_charts as drawn


def show(found: pd.DataFrame) -> None:
    """Show campaigns with coupons, targets, and how well redeeming is foretold."""
    report = state.read(coupon_report)
    st.caption(f":material/info: {fmt.plain(report.sentence)}")
    left, right = st.columns([3, 2])
    with left.container(border=True, height="stretch"):
        _campaigns(found)
    with right.container(border=True, height="stretch"):
        _targets(found)
    if report.fitted:
        _trust(report)


def _campaigns(found: pd.DataFrame) -> None:
    st.markdown("**Campaigns with coupons**")
    st.dataframe(
        found,
        hide_index=True,
        height=420,
        column_config={
            "campaign_id": st.column_config.TextColumn("Campaign", pinned=True),
            "name": "Kind",
            "starts_at": st.column_config.DateColumn("Starts", format="D MMM YY"),
            "ends_at": st.column_config.DateColumn("Ends", format="D MMM YY"),
            "sent": st.column_config.NumberColumn("Sent to", format="localized", help="Shoppers."),
            "redeemed": st.column_config.NumberColumn("Redeemed", format="localized", help="Shoppers, up to now."),
            "expected": st.column_config.NumberColumn(
                "Expected",
                format="%.0f",
                help="Shoppers who will have redeemed by its end, by the model; blank where it is over.",
            ),
        },
        placeholder="",
        alt="Campaigns with coupons",
    )


def _targets(found: pd.DataFrame) -> None:
    st.markdown("**Most likely to redeem**")
    open_now = found.loc[found["expected"].notna(), "campaign_id"].tolist()
    if not open_now:
        st.caption("No campaign with a date is open at the end of the log, or there is no model: nobody to tell of.")
        return
    chosen = st.selectbox("Campaign that is not over", open_now, key="coupon_campaign")
    targets = state.read(likeliest, chosen, 200)
    st.dataframe(
        targets,
        hide_index=True,
        height=320,
        column_config={
            Col.USER: st.column_config.TextColumn("Shopper", pinned=True),
            "chance": st.column_config.ProgressColumn("Chance to redeem", format="percent", min_value=0, max_value=1),
            "redeemed": st.column_config.CheckboxColumn("Has redeemed"),
        },
        alt="Shoppers most likely to redeem",
    )


def _trust(report: CouponReport) -> None:
    left, right = st.columns(2)
    with left.container(border=True, height="stretch"):
        st.markdown("**Chance told against coupons redeemed**")
        what = "told %{x:.0%}, redeemed %{y:.0%}<br>%{customdata:,} times sent"
        judged = [one.judged for one in report.rated[:1]]
        charts.show(drawn.reliability(judged, "chance told", "share that redeemed", what), "Reliability of the chances", 400)
        st.caption(f"On campaigns from {fmt.day(pd.Timestamp(report.split[1]))} on, which it had not seen; 95 % intervals.")
    with right.container(border=True, height="stretch"):
        st.markdown("**Against simpler ways**")
        frame = pd.DataFrame(
            [
                (one.name, one.judged.auc, f"{one.auc[0]:.3f} – {one.auc[1]:.3f}", one.judged.brier, one.judged.gap)
                for one in report.rated
            ]
        )
        frame.columns = ["Way", "AUC", "95 %", "Brier", "Off by"]
        config = {name: st.column_config.NumberColumn(format="%.3f") for name in ("AUC", "Brier", "Off by")}
        st.dataframe(frame, hide_index=True, column_config=config, alt="Models compared")
        st.caption("AUC: 0.5 is blind, 1 perfect; Brier score and distance from the truth (a share of 1): the lower the better.")
        top = [pair for pair in report.importance if pair[1] > 0][:6]
        st.markdown("**What it rests on**")
        texts = [f"{lost:.3f}" for _, lost in top]
        charts.show(charts.bars([label for label, _ in top], [lost for _, lost in top], texts), "What the chance rests on", 230)
