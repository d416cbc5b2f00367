"""Catalogue: find an item and read everything about it; categories, what is wrong with the catalogue, spellings to merge."""

import streamlit as st

from core.update.standing import standing
from pages.shared import next_step, state
from pages.shared.catalogue import categories, checks, item_page, shelf, spellings
from pages.shared.memory import keep, recall

VIEWS = {"Items": shelf.show, "Categories": categories.show, "Checks": checks.show, "Spellings": spellings.show}
KEY = "catalogue_view"

if not state.read(standing).loaded or not len(state.index()):
    st.title("Catalogue", anchor=False)
    next_step.needs_build("The catalogue is")

if chosen := item_page.chosen():
    item_page.show(chosen)
    st.stop()

st.title("Catalogue", anchor=False)
recall(KEY)
view = st.segmented_control(
    "View", list(VIEWS), default="Items", required=True, key=KEY, bind="query-params", label_visibility="collapsed"
)
keep(KEY, view)
VIEWS[view]()
