"""What was learned: the weights and their drift, α by segment, and whether it pays against the frozen order."""

import pandas as pd
import plotly.graph_objects as go
import streamlit as st

from core.profiles.segments import segments as segments_of
from core.score.learning import FEATURES
from core.score.plan import published
from core.score.ranker import SHRINK
from core.update.learning_log import Version, since_reset
from pages.shared import charts, state
from pages.shared import format as fmt


def weights(history: list[Version]) -> None:
    """Show what each feature adds to the score at most."""
    st.subheader("What each feature adds", anchor=False)
    deltas = history[0].state.ranker.deltas.tolist()
    texts = [f"{delta:+.3f}" for delta in deltas]
    colors = [charts.MAIN if delta >= 0 else charts.SECOND for delta in deltas]
    labels = [one.label for one in FEATURES]
    charts.show(charts.bars(labels, deltas, texts, colors), "The learned weight of each feature", charts.bars_height(len(labels)))
    st.caption("Points of the score that an item with the feature at its fullest gets over one without it.")
    with st.expander("What the features are"):
        st.markdown("\n".join(f"- **{one.label}**: {one.formula}" for one in FEATURES))


def drift(history: list[Version]) -> None:
    """Show how the weights came to be, step by step."""
    st.subheader("How the weights drift", anchor=False)
    steps = since_reset(history)
    figure = go.Figure()
    for number, feature in enumerate(FEATURES):
        figure.add_scatter(
            x=[one.state.lists for one in steps],
            y=[one.state.ranker.deltas[number] for one in steps],
            name=feature.label,
            mode="lines+markers" if len(steps) < 20 else "lines",
            line={"color": charts.color(number), "width": 2},
            hovertemplate="%{y:+.3f}",
        )
    figure.update_layout(hovermode="x unified")
    figure.update_xaxes(title="lists learned from", tickformat=",")
    figure.update_yaxes(tickformat="+.2f")
    charts.show(figure, "The weight of each feature after each step of learning", 360, key="drift")


def segments(history: list[Version]) -> None:
    """Show α by segment: as published, and as learned."""
    st.subheader("α by segment", anchor=False)
    ranker = history[0].state.ranker
    if not ranker.segments:
        st.caption("Nobody who was shown a list is in a segment, so α is the same for everyone.")
        return
    names = {one.segment_id: one.name for one in state.read(segments_of)}
    plan = published(state.store(), state.index())
    rows = [
        {"segment": names.get(one, f"Segment {one}"), "published": plan.alpha_for(one), "shift": shift, "shown": shown}
        for one, shift, shown in zip(ranker.segments, ranker.shifts.tolist(), ranker.shown.tolist(), strict=True)
    ]
    column = st.column_config
    st.dataframe(
        pd.DataFrame(rows),
        hide_index=True,
        column_config={
            "segment": column.TextColumn("Segment", width=150),
            "published": column.NumberColumn("Published", format="%.2f", width=70),
            "shift": column.NumberColumn("Learned", format="%+.3f", width=65),
            "shown": column.NumberColumn("Shown", format="localized", width=60, help="Places shown"),
        },
        alt="The published α of each segment and what learning adds to it",
    )
    st.caption(
        f"Learned is added to the published α. It counts half at {fmt.number(SHRINK)} places shown to the segment, less below: "
        "few clicks move little."
    )


def regret(history: list[Version]) -> None:
    """Show by progressive validation whether the learned order foresees clicks better than the frozen one."""
    st.subheader("Does it pay?", anchor=False)
    steps = since_reset(history)
    last = steps[-1].state
    gain = (last.base_loss - last.loss) / max(last.base_loss, 1e-12)
    better = "better" if gain >= 0 else "worse"
    st.markdown(f"Clicks are foreseen **{fmt.percent(abs(gain), 1)} {better}** than by the frozen ranker.")
    figure = go.Figure()
    figure.add_scatter(
        x=[one.state.lists for one in steps],
        y=[one.state.base_loss - one.state.loss for one in steps],
        mode="lines+markers" if len(steps) < 20 else "lines",
        line={"color": charts.MAIN, "width": 2},
        hovertemplate="after %{x:,} lists: %{y:+.1f}<extra></extra>",
    )
    figure.add_hline(y=0, line={"color": "rgba(128,128,128,0.6)", "width": 1})
    figure.update_xaxes(title="lists learned from", tickformat=",")
    charts.show(figure, "Log-loss that learning saves against the frozen ranker, summed", 240, key="regret")
    st.caption(
        "Log-loss saved, summed over the places shown; above 0 = learning is ahead. Each place was judged before it was learned "
        "from. The frozen ranker keeps its order and learned only what its scores, the places and the segments are worth. It is "
        "a measure of foresight on the lists that were shown: how often frozen lists would be clicked, only an experiment tells."
    )
