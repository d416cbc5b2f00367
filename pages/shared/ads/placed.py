"""What one shopper would be shown as ads, what each place is worth, and why the other campaigns are not shown."""

from collections import Counter

import pandas as pd
import streamlit as st

from core.score.ctr import Basis, CtrReport
from core.score.sponsored import Place, sponsored
from pages.shared import format as fmt
from pages.shared import state
from pages.shared.picker import shopper_picker

PLACES = 3


def show(report: CtrReport) -> None:
    """Show the picker, the places, and the campaigns that are not shown."""
    user = shopper_picker()
    if user is None:
        st.caption("Choose a shopper to see which ads they would be shown now.")
        return
    found = sponsored(state.store(), state.index(), user, PLACES)
    if report.basis is Basis.NOTHING:
        st.warning(fmt.plain(found.sentence), icon=":material/visibility_off:")
    else:
        st.caption(f":material/info: {fmt.plain(found.sentence)}")
    if not found.offers:
        st.info("No campaign may be shown to this shopper now.", icon=":material/inbox:")
    with st.grid(PLACES, min_column_width=240) as grid:
        for place in found.offers:
            _place(grid.container(border=True, height="stretch", gap="xsmall"), place)
    if found.left_out:
        counts = Counter(one.why.partition(":")[0] for one in found.left_out)
        st.markdown(f"**Not shown: {fmt.count(len(found.left_out), 'campaign')}**")
        st.caption(", ".join(f"{many} {fmt.plain(why)}" for why, many in counts.most_common()))
        frame = pd.DataFrame([(one.campaign, one.campaign_id, one.why) for one in found.left_out])
        frame.columns = ["Campaign", "Id", "Why not"]
        st.dataframe(frame, hide_index=True, height=min(36 * (len(frame) + 1) + 3, 420), alt="Campaigns that are not shown")


def _place(card: st.delta_generator.DeltaGenerator, place: Place) -> None:
    with card:
        with st.container(horizontal=True, horizontal_alignment="distribute", vertical_alignment="center"):
            st.markdown(f":gray-badge[{place.label}]", width="content")
            st.caption(f"{place.rank} · {fmt.plain(place.item_id)}", width="content")
        st.markdown(f"**{fmt.plain(place.title)}**")
        st.caption(fmt.plain(place.campaign))
        if place.chance is None or place.value is None:
            st.markdown(f":primary-badge[bid {place.bid:.2f} a click]")
        else:
            st.markdown(f"{fmt.percent(place.chance, 2)} chance of a click × {place.bid:.2f} bid")
            st.markdown(f":primary-badge[= {1000 * place.value:.2f} per 1,000 showings]")
        told = place.reason.partition("; ")[2]
        st.markdown(f":green[:material/check:] {fmt.plain(told[0].upper() + told[1:])}")
