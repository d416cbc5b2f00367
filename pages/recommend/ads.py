"""Ads: campaigns and whether they are on pace, the sponsored places of a shopper and what they are worth, coupons."""

import streamlit as st

from core.profiles.coupons import coupon_campaigns
from core.score.campaigns import campaigns, latest
from core.score.ctr import ctr_report
from pages.shared import next_step, state
from pages.shared.ads import coupons, followed, missing, placed, trusted
from pages.shared.memory import keep, recall

KEY = "ads_view"

st.title("Ads", anchor=False)
report = state.read(ctr_report)
if report is None:
    next_step.needs_build("Ads are")
    st.stop()
now = state.read(latest)
every, couponed = state.read(campaigns), state.read(coupon_campaigns)
views = ["Campaigns", "Shopper", "Reliability"] if every else []
views += ["Coupons"] if len(couponed) else []
if not views:
    missing.everything()
    st.stop()
recall(KEY)
view = st.segmented_control(
    "View", views, default=views[0], required=True, key=KEY, bind="query-params", label_visibility="collapsed"
)
keep(KEY, view)
match view:
    case "Campaigns":
        followed.headline(every, report, now)
        with st.container(border=True):
            followed.table(every)
        with st.container(border=True):
            followed.by_segment(every)
    case "Shopper":
        placed.show(report)
    case "Reliability":
        trusted.show(report)
    case "Coupons":
        coupons.show(couponed)
missing.rest(bool(every), bool(len(couponed)))
