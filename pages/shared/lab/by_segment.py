"""α by segment: what each does best with, why, and the α of its own that goes into the draft."""

import pandas as pd
import streamlit as st

from core.profiles.segments import segments
from core.score import releases
from core.score.plan import Plan
from core.train.alpha_curve import AlphaCurve
from core.train.trade_off import Advice, advice
from pages.shared import state


def show(found: AlphaCurve | None, shop: Advice | None, alpha: float, live: Plan) -> dict[int, float]:
    """Show the segments with their advice; return those that get an α of their own in the draft: segment id -> α."""
    st.subheader("By segment", anchor=False)
    groups = [(one.segment_id, one.name) for one in state.read(segments)]
    if not groups:
        st.caption("There are no segments yet, so one α is for everyone.")
        return {}
    if found is None or shop is None:
        st.caption("Suggestions come with the curve. An α of its own can be set all the same.")
    there = releases.live(state.store())
    rows = _rows(found, live, groups, there.segment_alpha if there else {})
    frame = pd.DataFrame(rows).set_index("segment_id")
    column, decimals = st.column_config, "%.2f"
    asked = st.data_editor(
        frame,
        hide_index=True,
        placeholder="",
        key=f"own_alpha_{state.version()}_{live.release}",
        disabled=[name for name in frame.columns if name != "own"],
        column_config={
            "name": column.TextColumn("Segment", width=205),
            "questions": column.NumberColumn(
                "Asked", format="localized", width=55, help="Shoppers of it in the validation part."
            ),
            "now": column.NumberColumn("α now", format=decimals, width=55),
            "suggested": column.NumberColumn("Suggested", format=decimals, width=75),
            "own": column.NumberColumn(
                "In the draft",
                format=decimals,
                min_value=0.0,
                max_value=1.0,
                step=0.05,
                width=95,
                help="Empty: the shop's, that of the slider. Type a number to give this segment its own.",
            ),
            "why": column.TextColumn("Why", width=520),
        },
    )
    st.caption(f":material/edit: Segments whose field is empty get the shop's α of the draft, {alpha:.2f}.")
    return {int(str(number)): float(own) for number, own in asked["own"].items() if pd.notna(own)}


def _rows(
    found: AlphaCurve | None, live: Plan, groups: list[tuple[int, str]], released: dict[int, float]
) -> list[dict[str, object]]:
    """Return a row a segment; its field in the draft is filled where the suggestion is another than the shop's."""
    if found is None:
        return [
            {
                "segment_id": number,
                "name": name,
                "questions": None,
                "now": live.alpha_for(number),
                "suggested": None,
                "own": released.get(number),
                "why": "Not measured yet.",
            }
            for number, name in groups
        ]
    shop, own = advice(found, live.alpha, groups)
    return [
        {
            "segment_id": one.segment_id,
            "name": one.name,
            "questions": one.questions,
            "now": live.alpha_for(one.segment_id),
            "suggested": one.suggested,
            "own": one.suggested if one.suggested != shop.suggested else released.get(int(one.segment_id or 0)),
            "why": one.sentence,
        }
        for one in own
    ]
