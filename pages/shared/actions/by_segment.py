"""What pays with each segment, and in one of them which action with whom."""

from typing import Any

import pandas as pd
import streamlit as st

from core.score.action_reasons import segment_reason
from core.score.action_report import best_of_segments
from core.score.actions import Valued, per_action
from core.score.lifts import Action
from pages.shared import format as fmt
from pages.shared.actions import asked

EVERYONE = "All segments"


def table(of: Valued) -> None:
    """Show one row a segment: its best action, whom it goes to, what it is worth, why."""
    st.subheader("Best action of each segment", anchor=False)
    rows = best_of_segments(of)
    rows["action"] = rows["action"].map(asked.named)
    shape = "%.2f" if of.situation.has_prices else "%.3f"
    st.dataframe(
        rows,
        hide_index=True,
        column_order=["segment", "shoppers", "action", "reached", "each", "total", "reason"],
        column_config={
            "segment": st.column_config.TextColumn("Segment", pinned=True, width=210),
            "shoppers": st.column_config.NumberColumn("Shoppers", format="localized", width=65),
            "action": st.column_config.TextColumn("Best action", width=135, help="With the largest total."),
            "reached": st.column_config.NumberColumn(
                "Pays with", format="localized", width=68, help="Shoppers whose value is above 0."
            ),
            "each": st.column_config.NumberColumn("A head", format=shape, width=55, help="Mean value of these."),
            "total": st.column_config.NumberColumn("Total", format=shape, width=60, help="Value of these together."),
            "reason": st.column_config.TextColumn("Why", width=405),
        },
        alt="Best action of each segment",
    )


def choose(of: Valued) -> int | None:
    """Show which segment to look at; return its number, None = all."""
    there = best_of_segments(of)
    names: dict[int | None, str] = {None: EVERYONE, **dict(zip(there["segment_id"], there["segment"], strict=True))}
    chosen: int | None = st.selectbox("Segment", list(names), 0, format_func=lambda one: names[one], key="action_segment")
    return chosen


def actions(of: Valued, segment: int | None) -> pd.DataFrame:
    """Show every action that pays with anybody of a segment; return the rows."""
    rows = per_action(of, segment)
    if rows.empty:
        st.caption("No action pays with anybody here under these assumptions.")
        return rows
    for row in rows.itertuples(index=False):
        _action(of, Action(str(row.action)), row)
    return rows


def _action(of: Valued, action: Action, row: Any) -> None:
    name, icon = asked.NAMES[action]
    lift = of.lifts[action]
    st.markdown(
        f":material/{icon}: **{name}** · {fmt.count(row.reached, 'shopper')}, the best for {fmt.number(row.mine)} · "
        f"**{asked.amount(row.total, of)}** together {asked.badge(lift)}  \n"
        f":gray[{fmt.plain(segment_reason(of.situation, row))}. Means: chance {fmt.percent(row.chance)}, effect "
        f"{fmt.percent(row.effect, 1)}, gain {asked.amount(row.gain, of)}, costs {asked.amount(row.given_away + row.cost, of)}.]"
    )
