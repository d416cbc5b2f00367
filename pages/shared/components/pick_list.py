"""A ranked list whose rows slide to their new places, each with its score split into its parts."""

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from pathlib import Path

import streamlit as st

_HERE = Path(__file__).parent

_list = st.components.v2.component(
    "pick_list",
    html=(_HERE / "pick_list.html").read_text(encoding="utf-8"),
    css=(_HERE / "pick_list.css").read_text(encoding="utf-8"),
    js=(_HERE / "pick_list.js").read_text(encoding="utf-8"),
)


@dataclass(frozen=True)
class Row:
    """One row. move: places risen (+) or fallen (−) against the default α; the score is the sum of from_taste,
    from_quality, from_learning and from_rules.

    from_together, from_revisit, from_trend: what of from_taste comes from the same shoppers' choices, from having looked at the
    item before, and from what is in demand of late.
    """

    item_id: str
    rank: int
    move: int
    title: str
    meta: str
    reason: str
    score: float
    from_taste: float
    from_together: float
    from_revisit: float
    from_trend: float
    from_quality: float
    from_learning: float
    from_rules: float


def pick_list(rows: Sequence[Row], key: str) -> str:
    """Show the rows and return the item id of the one selected: the first until another is clicked."""
    ids = [row.item_id for row in rows]
    state = st.session_state.get(key) or {}
    chosen = state.get("selected")
    selected = chosen if chosen in ids else ids[0]
    _list(key=key, data={"picks": [asdict(row) for row in rows], "selected": selected}, on_selected_change=_nothing)
    return selected


def alpha_list(steps: Sequence[tuple[float, Sequence[Row]]], start: int, marks: Sequence[tuple[int, str]], key: str) -> int:
    """Show a slider over α with the list at each step, changed in the browser at once; return the step it stands at.

    steps: (α, its list); start: the step it stands at first; marks: (step, what to write below it).
    """
    at = int((st.session_state.get(key) or {}).get("at", start))
    told = [{"alpha": alpha, "picks": [asdict(row) for row in rows]} for alpha, rows in steps]
    _list(key=key, data={"steps": told, "at": at, "marks": list(marks)}, on_at_change=_nothing)
    return at


def _nothing() -> None:
    """Make a choice cause a rerun, with nothing else to do."""
