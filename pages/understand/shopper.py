"""One shopper: who they are, what they like, how they compare with the shop, and everything they did."""

import streamlit as st

from core.profiles import interests, shopper, social
from core.score.reactions import known_by_feedback
from pages.shared import charts, next_step, profile, relations, state
from pages.shared.picker import shopper_picker

st.title("Shopper", anchor=False)
if state.read(shopper.users, 1).empty:
    next_step.needs_build("Shopper profiles are")

user = shopper_picker()
if user is None:
    st.caption("Choose a shopper to see the profile.")
    st.stop()

if said := known_by_feedback(state.store(), user).get(user):
    profile.stranger(user, said)
    st.stop()
who = state.read(shopper.shopper, user)
profile.header(who)

likes, habits = st.columns([2, 3])
with likes.container(border=True, height="stretch"):
    st.subheader("Interests", anchor=False)
    profile.interests(state.read(interests.interests, user, state.settings().half_life_days))
with habits.container(border=True, height="stretch"):
    st.subheader("Compared with the shop", anchor=False)
    profile.readings(who.readings)

with st.container(border=True):
    relations.show(state.read(social.relations, user))

history = state.read(shopper.timeline, user)
with st.container(border=True):
    st.subheader("Timeline", anchor=False)
    charts.show(charts.timeline(history), f"What {user} did over time", 220)
    profile.events(history, who.events)
