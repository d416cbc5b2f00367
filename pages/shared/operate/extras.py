"""What a training may do besides: change the histories while it learns from them, and learn more than the next item."""

import streamlit as st

from core.train import unanswered
from core.train.names import AUGMENT_CHANCE, TASK_WEIGHT, Augment, also
from pages.shared import format as fmt
from pages.shared import state
from pages.shared.operate import words


def ask() -> dict[str, int | float]:
    """Show the choices and return the options that they make."""
    ways = st.pills(
        "Augmentation",
        list(Augment),
        selection_mode="multi",
        format_func=lambda way: str(way).capitalize(),
        key="augment",
        help="Changes histories at random while learning from them; what is judged and served is never changed.  \n"
        + "  \n".join(f"**{str(way).capitalize()}**: {told}" for way, told in words.AUGMENT.items())
        + "  \nMeasured with one seed, one tower (NDCG): on the demo shop mask +0.006, all three together −0.007; on Amazon "
        "Beauty crop −0.004, mask −0.011. So no preset has them on.",
    )
    chosen = also(ways)
    if ways:
        chance = st.slider("Share of the histories", 0.1, 1.0, AUGMENT_CHANCE, 0.1, key="augment_chance")
        chosen = dict.fromkeys(chosen, chance)
    return {**chosen, **_tasks()}


def _tasks() -> dict[str, int | float]:
    wanted = st.toggle(
        "Multi-task",
        key="multi_task",
        help="The towers also learn whether the next act is a purchase, and how many stars the next rating gives. The figures of "
        "both, on the validation part, are shown with the run. Measured with one seed, one tower: NDCG +0.004 on the demo shop.",
    )
    if not wanted:
        return {}
    weight = st.slider(
        "Weight of each task", 0.05, 1.0, TASK_WEIGHT, 0.05, key="task_weight", help="Against the loss of the next item."
    )
    for sentence in state.read(unanswered.unanswered):
        st.caption(fmt.plain(sentence))
    return dict.fromkeys(also(multi_task=True), weight)
