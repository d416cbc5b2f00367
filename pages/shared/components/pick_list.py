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
    item before, and from its demand rising, or falling (< 0), of late.
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


def alpha_list(
    steps: Sequence[tuple[float, Sequence[Row]]], start: float, marks: Sequence[tuple[float, str]], key: str, choose: bool = False
) -> tuple[float, str]:
    """Show a slider over α with the list at each step, changed in the browser at once; return its α and the chosen row.

    steps: (α, its list of at least one row), α rising; start: the α it stands at first; marks: (α, what to write below it);
    choose: whether rows can be chosen. The chosen row is an item id: the list's first until another of its rows is clicked.
    """
    told = st.session_state.get(key) or {}
    alphas = [alpha for alpha, _ in steps]
    at = nearest(alphas, told.get("alpha", start))
    ids = [row.item_id for row in steps[at][1]]
    selected = told["selected"] if told.get("selected") in ids else ids[0]
    data = {
        "steps": [{"alpha": alpha, "picks": [asdict(row) for row in rows]} for alpha, rows in steps],
        "at": at,
        "marks": [(nearest(alphas, alpha), text) for alpha, text in marks],
        "selected": selected if choose else None,
    }
    _list(key=key, data=data, on_alpha_change=_nothing, on_selected_change=_nothing)
    return alphas[at], selected


def nearest(alphas: Sequence[float], alpha: float) -> int:
    """Return the place of the nearest α.

    >>> nearest([0.0, 0.5, 0.72, 1.0], 0.7)
    2
    """
    return min(range(len(alphas)), key=lambda at: abs(alphas[at] - alpha))


def _nothing() -> None:
    """Make a choice cause a rerun, with nothing else to do."""
