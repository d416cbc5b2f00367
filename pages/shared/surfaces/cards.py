"""Offers as cards: what it is, what it costs, its figures, and why it is here."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import streamlit as st

from core.score.index import Index
from pages.shared import format as fmt
from pages.shared import state

_LONGEST = 80
"""Characters of a title that a card shows; the rest is told when the pointer rests on it."""


@dataclass(frozen=True)
class Card:
    """One offer. figures: short texts with their units, the telling one first, in the colour ``tone``."""

    item_id: str
    rank: int
    figures: tuple[str, ...]
    reason: str
    tone: str = "primary"


def show(sentence: str, cards: Sequence[Card]) -> None:
    """Show where the list comes from, then the cards; only the sentence where there are none."""
    if not cards:
        st.info(fmt.plain(sentence), icon=":material/inbox:")
        return
    st.caption(f":material/info: {fmt.plain(sentence)}")
    index = state.index()
    with st.grid(4, min_column_width=230) as grid:
        for card in cards:
            _show(grid.container(border=True, height="stretch", gap="xsmall"), card, index)


def footnote() -> None:
    """Say what is on no surface, and what the shop's files do not tell."""
    told = ["Items that are hidden or out of stock are on no surface."]
    if np.isnan(state.index().prices).all():
        told.append("No price is shown: the files that were imported state none.")
    st.caption(f":material/block: {' '.join(told)}")


def _show(place: st.delta_generator.DeltaGenerator, card: Card, index: Index) -> None:
    row = index.row(card.item_id)
    shelf = str(index.categories[row] or "").rsplit(">", 1)[-1].strip()
    facts = [fact for fact in (index.brands[row], shelf) if fact]
    price = float(index.prices[row])
    with place:
        with st.container(horizontal=True, horizontal_alignment="distribute", vertical_alignment="center"):
            st.caption(f"{card.rank} · {fmt.plain(card.item_id)}", width="content")
            if price == price:  # not NaN: the shop knows one
                st.markdown(f"**{fmt.money(price)}**", width="content")
        title = index.titles[row]
        st.markdown(f"**{fmt.plain(fmt.shortened(title, _LONGEST))}**", help=fmt.plain(title) if len(title) > _LONGEST else None)
        if facts:
            st.caption(fmt.plain(" · ".join(facts)))
        first, *others = card.figures
        badges = [f":{card.tone}-badge[{fmt.plain(first)}]", *(f":gray-badge[{fmt.plain(one)}]" for one in others)]
        st.markdown(" ".join(badges))
        if card.reason:
            st.markdown(f":green[:material/check:] {fmt.plain(card.reason)}")
