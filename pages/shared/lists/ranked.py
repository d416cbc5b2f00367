"""The ranked list, and where it comes from."""

import streamlit as st

from core.score.fallback import Fallback
from core.score.index import Index
from core.score.recommend import Pick, Recommendation
from pages.shared import format as fmt
from pages.shared.components.pick_list import Row


def headline(best: Recommendation) -> None:
    """Say on which rung the list stands and what was left out of it."""
    personal = best.fallback is Fallback.PERSONAL
    with st.container(horizontal=True, vertical_alignment="center", gap="small"):
        st.badge(
            str(best.fallback).capitalize(),
            icon=":material/person_heart:" if personal else ":material/stairs:",
            color="green" if personal else "orange",
        )
        st.markdown(fmt.plain(best.sentence), width="content")
        for reason, items in best.excluded.items():
            st.badge(f"{fmt.number(items)} left out: {reason}", color="gray", icon=":material/block:")


def looked_at(best: Recommendation) -> None:
    """Say how many of the picks the shopper has looked at before, and what brings in others; nothing where there are few."""
    known = sum(pick.from_revisit > 0 for pick in best.picks)
    if 2 * known > len(best.picks):
        st.caption(
            f":material/visibility: {known} of {len(best.picks)} they have looked at before: shoppers often come back for these. "
            "A lower α, or more diversity under Rules, Variety, brings in some that are new to them."
        )


def rows(best: Recommendation, index: Index, moves: list[int]) -> list[Row]:
    """Return the list as rows to be shown."""
    return [_row(pick, index, move) for pick, move in zip(best.picks, moves, strict=True)]


def _row(pick: Pick, index: Index, move: int) -> Row:
    at = index.row(pick.item_id)
    price = fmt.money(float(index.prices[at]))
    shelf = str(index.categories[at] or "").rsplit(">", 1)[-1].strip()
    facts = [price if price != fmt.NOTHING else None, index.brands[at], shelf]
    return Row(
        item_id=pick.item_id,
        rank=pick.rank,
        move=move,
        title=pick.title,
        meta=" · ".join(str(fact) for fact in facts if fact) or pick.item_id,
        reason=pick.moved or next(iter(pick.reasons), ""),
        score=pick.score,
        from_taste=pick.from_taste,
        from_together=pick.from_together,
        from_revisit=pick.from_revisit,
        from_trend=pick.from_trend,
        from_quality=pick.from_quality,
        from_learning=pick.from_learning,
        from_rules=pick.from_rules,
    )
