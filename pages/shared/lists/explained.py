"""Why a pick is in the list, what the taste was made from, and why another item is not."""

import pandas as pd
import streamlit as st

from core.base.schema import Col
from core.represent.ratings import QualityReport
from core.score.explain import Stage, why_not_in
from core.score.explanation import explanations, signed
from core.score.find import find_items
from core.score.plan import Plan
from core.score.recommend import Pick, Scored
from pages.shared import format as fmt
from pages.shared.lists import adding_up

_STAGES = {
    Stage.EXCLUDED: ("block", "orange"),
    Stage.HIDDEN: ("visibility_off", "orange"),
    Stage.BELOW: ("trending_down", "gray"),
    Stage.VARIED: ("shuffle", "violet"),
    Stage.PINNED: ("keep", "violet"),
    Stage.SHOWN: ("check", "green"),
}
_MATCHES = 8

_LEAST = 0.0005
"""Points of the score below which a part is told as nothing."""


def why(scored: Scored, pick: Pick, plan: Plan, k: int) -> None:
    """Explain one pick of the list of k: the score's two parts, the reasons, what the history adds, the words it shares."""
    alpha = plan.alpha_for(scored.segment)
    with st.container(border=True):
        st.subheader(f"Why #{pick.rank}: {fmt.plain(pick.title)}", anchor=False)
        st.markdown(
            f"**{pick.score:.3f}** = {alpha:.2f} × {pick.taste:.3f} :primary[taste] + {1 - alpha:.2f} × {pick.quality:.3f} "
            f":orange[quality]  \n:gray[= {pick.from_taste:.3f} from taste + {pick.from_quality:.3f} from quality]"
            f"{_besides(pick)}"
        )
        if pick.moved:
            st.markdown(f":violet[:material/swap_vert:] {fmt.plain(pick.moved)}")
        if pick.from_together or pick.from_revisit or pick.from_trend:
            moving = "rising" if pick.from_trend > 0 else "falling"
            own = pick.from_taste - pick.from_together - pick.from_revisit - pick.from_trend
            parts = [
                f"{own:.3f} nearness to what they did",
                f"{signed(pick.from_together)} :blue[chosen together] by the same shoppers" if pick.from_together else "",
                f"{signed(pick.from_revisit)} :green[looked at before]" if pick.from_revisit else "",
                f"{signed(pick.from_trend)} :violet[{moving}] of late" if pick.from_trend else "",
            ]
            st.caption("Of the taste: " + " ".join(part for part in parts if part))
        if learned := scored.learned(plan, pick.item_id):
            told = [f"{part:+.3f} {label.lower()}" for label, part in learned if abs(part) >= _LEAST]
            st.caption("Learned from clicks: " + " · ".join(told) + f" = {pick.from_learning:+.3f}")
        st.markdown("  \n".join(f":green[:material/check:] {fmt.plain(reason)}" for reason in pick.reasons))
        adding_up.show(explanations(scored, [pick], plan, k)[0])
        if pick.keywords:
            with st.container(horizontal=True, gap="xsmall"):
                for word in pick.keywords:
                    st.badge(fmt.plain(word), color="gray")


def _besides(pick: Pick) -> str:
    """Say what was added to the two parts: learned from clicks, and by rules."""
    parts = {"learned from clicks": pick.from_learning, "from rules": pick.from_rules}
    told = [f":gray[{part:+.3f} {name}]" for name, part in parts.items() if part]
    return "  \n" + " ".join(told) if told else ""


def quality(report: QualityReport | None) -> None:
    """Say what quality is read from in this shop."""
    if report:
        st.caption(f":material/star: {report.sentence}")


def history(frame: pd.DataFrame) -> None:
    """Show what the shopper did, latest first, and how much each item counts in the taste."""
    with st.container(border=True):
        st.subheader("What they did before", anchor=False)
        if frame.empty:
            st.caption("Nothing is known of this shopper.")
            return
        st.dataframe(
            frame,
            hide_index=True,
            height=300,
            column_order=[Col.TITLE, Col.DID, Col.LAST, Col.WEIGHT],
            column_config={
                Col.TITLE: st.column_config.TextColumn("Item", width=300),
                Col.DID: st.column_config.TextColumn("Did", width=130),
                Col.LAST: st.column_config.DateColumn("Last", format="D MMM YY", width=85),
                Col.WEIGHT: st.column_config.NumberColumn(
                    "Counts",
                    format="%.2f",
                    width=60,
                    help="Weight in the taste: what they did, how well they rated it, how long ago.",
                ),
            },
            alt="The shopper's history, latest first",
        )


def why_not(scored: Scored, plan: Plan, k: int) -> None:
    """Let the user ask why an item is not in the list."""
    with st.container(border=True):
        st.subheader("Why not …?", anchor=False)
        typed = st.text_input("Item", placeholder="Part of a title, or an item id", label_visibility="collapsed", key="why_not")
        if not typed:
            return
        found = find_items(scored.index, typed, _MATCHES)
        if not found:
            st.warning(f"No item's title or id contains '{fmt.plain(typed)}'. Try fewer letters.", icon=":material/search_off:")
        for item in found:
            answer = why_not_in(scored, item.item_id, plan=plan, k=k)
            icon, color = _STAGES[answer.stage]
            name = f"**{fmt.plain(item.title)}** :gray[{fmt.plain(item.item_id)}]"
            st.markdown(f":{color}[:material/{icon}:] {name}  \n{fmt.plain(answer.sentence)}")
