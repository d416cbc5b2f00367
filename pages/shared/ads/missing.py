"""What a shop has to import before it has ads or coupons to look at."""

import streamlit as st

from core.base.schema import FileKind
from core.ingest.fields import FIELDS
from pages.shared import next_step

_ADS = (
    "Campaigns of ads need a file of campaigns, and the ads in the catalogue with the kind 'ad'; their views and clicks count "
    "from the log."
)
_COUPONS = (
    "Coupons need a file of campaigns with dates, and one or more files of coupons: whom a campaign was sent to, what its "
    "coupons are good for, who redeemed them."
)


def everything() -> None:
    """Show what to import where the shop has neither ads nor coupons."""
    with st.container(border=True):
        st.subheader("No campaigns yet", anchor=False)
        st.markdown(f"{_ADS}\n\n{_COUPONS}")
        _columns()
        with st.container(horizontal=True):
            next_step.demo_button()
            next_step.import_link()


def rest(ads: bool, coupons: bool) -> None:
    """Say what to import for what the shop does not have."""
    if not (ads and coupons):
        with st.expander("What is not here, and what it needs", icon=":material/upload_file:"):
            st.markdown(_COUPONS if ads else _ADS)
            _columns()


def _columns() -> None:
    for kind in (FileKind.CAMPAIGNS, FileKind.COUPONS):
        names = ", ".join(f"**{one.label}**{' (needed)' if one.required else ''}" for one in FIELDS[kind])
        st.markdown(f"Columns of a file of {kind}: {names}. They may be called otherwise; the import finds them.")
