"""What reviews say: tones, their course, aspects with the sentences that name them."""

import pandas as pd
import streamlit as st

from core.represent import tones as readers
from core.represent.opinions import Aspect, Opinions
from pages.shared import charts, state
from pages.shared import format as fmt
from pages.shared.catalogue import figures


def tones(said: Opinions, course: pd.DataFrame) -> None:
    """Show the shares of the tones, their course over time, and what read them."""
    if not said.reviews:
        st.caption("No review with words.")
        return
    charts.show(figures.tones(said), "Share of each tone", 70)
    if len(course) > 1:
        charts.show(figures.tones_over_time(course), "Reviews of each tone by month", 150)
    else:
        st.caption("The reviews carry no dates, so there is no course over time.")
    told = state.read(readers.report)
    st.caption(f"{fmt.count(said.reviews, 'review')}, read by: {said.source}.", help=told.sentence if told else None)


def aspects(said: Opinions) -> None:
    """Show what is liked beside what is disliked."""
    if not said.reviews:
        return
    liked, disliked = st.columns(2)
    with liked.container(border=True, height="stretch"):
        st.subheader(":green[:material/thumb_up:] Liked", anchor=False)
        _list(said.liked, "Nothing is named more often in praise than elsewhere.")
    with disliked.container(border=True, height="stretch"):
        st.subheader(":red[:material/thumb_down:] Disliked", anchor=False)
        _list(said.disliked, "Nothing is named more often in blame than elsewhere.")


def chips(words: list[str]) -> str:
    """Return Markdown of keywords; a word that a pair says too is left out."""
    paired = {word for pair in words if " " in pair for word in pair.split()}
    return " ".join(f":primary-badge[{fmt.plain(word)}]" for word in words if word not in paired)


def how_read() -> None:
    """Show which reader was used, and how it did on reviews it had not seen."""
    told = state.read(readers.report)
    if told is None:
        st.caption("No review with words has been loaded.")
        return
    st.markdown(fmt.plain(told.sentence))
    if told.f1_head is None or told.f1_lexicon is None:
        return
    with st.grid(2, min_column_width=130):
        st.metric("Own head, macro-F1", fmt.number(told.f1_head, 3), border=True)
        st.metric("Its words alone", fmt.number(told.f1_words, 3), border=True)
        st.metric("VADER, macro-F1", fmt.number(told.f1_lexicon, 3), border=True)
        st.metric(
            "Calibration error",
            fmt.percent(told.calibration, 1),
            border=True,
            help="Mean gap between the chance of 'positive' and how often it was.",
        )
    negative, neutral, positive = told.f1_each
    st.caption(
        f"F1 negative {negative:.2f}, neutral {neutral:.2f}, positive {positive:.2f}. "
        f"Learned from {fmt.number(told.trained_on)} reviews "
        f"(at most 2 stars negative, 3 neutral, 4 and 5 positive), tested on {fmt.number(told.tested_on)} others; "
        f"the encoder's vectors weigh {fmt.percent(told.vector_share)}, the words the rest."
    )


def _list(found: tuple[Aspect, ...], nothing: str) -> None:
    if not found:
        st.caption(nothing)
    for one in found:
        counts = f":green[{fmt.number(one.praised)} praise] · :red[{fmt.number(one.blamed)} blame]"
        quotes = "  \n".join(f":gray[“{fmt.plain(text)}”]" for text in one.examples[:2])
        st.markdown(f"**{fmt.plain(one.aspect)}** &nbsp; {counts}  \n{quotes}")
