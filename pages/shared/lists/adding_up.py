"""How the taste of a pick adds up over the shopper's history, where the model looks, and what the pick owes to one item."""

import streamlit as st

from core.score.explanation import Explanation, signed
from pages.shared import format as fmt

_MOST = 5


def show(told: Explanation) -> None:
    """Show the parts of the taste, largest first, their sum, and the history item without which the pick falls."""
    if not told.history:
        return
    most = sorted(told.history, key=lambda part: -abs(part.part))[:_MOST]
    largest = max(1e-9, *(part.part for part in told.history))
    st.caption("How the taste adds up over their history")
    for part in most:
        text = f"{fmt.plain(part.title)} :gray[· {part.did} ·] **{signed(part.part)}**"
        st.progress(max(0.0, part.part / largest), text=text)
    rest, named = len(told.history) - len(most), sum(part.part for part in most)
    others = f" {signed(sum(part.part for part in told.history) - named)} from {fmt.count(rest, 'other')}" if rest else ""
    whose = f" {signed(told.traits)} for their profile" if told.traits else ""
    st.caption(f"{told.everyone:.3f} for everyone{whose} {signed(named)} from these{others} = {told.from_taste:.3f} from taste")
    for one in told.without:
        st.markdown(f":orange[:material/undo:] {fmt.plain(one.sentence)}")
    if told.attended:
        looked = ", ".join(f"{fmt.plain(part.title)} ({fmt.percent(part.attention)})" for part in told.attended)
        st.caption(f":material/visibility: Attention of the trained model, which is where it looks and no cause: {looked}")
