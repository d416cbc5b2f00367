"""What to do next: the welcome of an empty workspace, and the way from a file to a recommendation."""

from pathlib import Path
from typing import Any

import streamlit as st

from core.base.derived import Progress
from core.update.standing import Standing, standing
from pages.shared import format as fmt
from pages.shared import jobs_panel, state

OVERVIEW, IMPORT = "prepare/overview.py", "prepare/import_data.py"
SEGMENTS, SHOPPER, RECOMMEND = "understand/segments.py", "understand/shopper.py", "recommend/recommend.py"
_PROMISES = (
    ("fact_check", "Nothing disappears", "Every row read is loaded or set aside with a reason. Every import can be undone."),
    ("groups", "Groups in plain words", "Shoppers who behave alike, each group named, measured and open to the last shopper."),
    ("balance", "Scores that add up", "Taste and quality, weighed by you; the two parts shown always sum to the score."),
)
_ICON = str(Path(__file__).parents[1] / "static" / "icon.png")


def welcome() -> None:
    """Show what Kindred does and the two ways to begin."""
    with st.container(border=True, horizontal_alignment="center", gap="medium"):
        st.space("small")
        st.image(_ICON, width=72, alt="")
        st.header("See your shoppers. Recommend with reasons.", text_alignment="center", anchor=False)
        st.markdown(
            "Bring a behaviour log and a catalogue. Kindred cleans them, finds groups of shoppers who behave alike, "
            "and ranks products for each one, with the reason beside every pick.",
            text_alignment="center",
            width=620,
        )
        with st.container(horizontal=True, horizontal_alignment="center"):
            demo_button("primary")
            _go("Import your data", "upload_file", IMPORT)
        st.caption(
            "The demo shop is simulated: 4,000 shoppers, 1,200 products, 180 days. Loading it takes a minute or two.",
            text_alignment="center",
        )
        st.space("small")
    for column, (icon, title, text) in zip(st.columns(3), _PROMISES, strict=True):
        with column.container(border=True, height="stretch"):
            st.markdown(f":primary[:material/{icon}:] **{title}**  \n:gray[{text}]")


def demo_button(kind: Any = "secondary") -> None:
    """Show the button that loads the demo shop in the background."""
    if st.button("Load the demo shop", type=kind, icon=":material/storefront:", disabled=jobs_panel.busy(), key="load_demo"):
        jobs_panel.start("demo", "Loading the demo shop", _load_demo)


def import_link() -> None:
    """Show the link that leads to the import screen."""
    st.page_link(IMPORT, label="Import your data", icon=":material/upload_file:")


def build_button(kind: Any = "primary") -> None:
    """Show the button that rebuilds everything derived in the background."""
    if st.button("Build now", type=kind, icon=":material/autorenew:", disabled=jobs_panel.busy(), key="build"):
        jobs_panel.start("refresh", "Bringing everything up to date", _refresh)


def needs_build(what: str) -> None:
    """Say that ``what`` has not been built yet, and offer to build it; ends the page."""
    with st.container(border=True, horizontal_alignment="center"):
        st.space("small")
        st.subheader(f"{what} not built yet", anchor=False, text_alignment="center")
        if state.read(standing).loaded:
            st.markdown("The data is in. One build makes profiles, segments, vectors and scores.", text_alignment="center")
            build_button()
        else:
            st.markdown("Nothing is loaded yet: bring a file, or look around in the demo shop.", text_alignment="center")
            with st.container(horizontal=True, horizontal_alignment="center"):
                demo_button("primary")
                import_link()
        st.space("small")
    st.stop()


def nothing_yet(sentence: str) -> None:
    """Show an empty state with the two ways to begin."""
    with st.container(border=True, horizontal_alignment="center"):
        st.space("small")
        st.markdown(f":gray[:material/inbox:] {sentence}", text_alignment="center")
        with st.container(horizontal=True, horizontal_alignment="center"):
            demo_button()
        st.space("small")


def checklist(now: Standing) -> None:
    """Show the four steps, the done ones ticked, the next one with its button."""
    _step("Bring your data in", now.loaded, "Events are enough; a catalogue makes better picks.")
    built = f"Built {fmt.moment(now.built_at)} UTC." if now.built else "Segments, vectors and scores are not up to date."
    _step("Build profiles and vectors", now.built, built)
    if not now.built:
        build_button()
        return
    _step("Look at the segments", False, "Who shops here, in plain words.")
    _step("Recommend for a shopper", False, "Every pick with its reason.")
    with st.container(horizontal=True):
        _go("See segments", "groups", SEGMENTS, "primary")
        _go("Recommend", "recommend", RECOMMEND)


def _go(label: str, icon: str, page: str, kind: Any = "secondary") -> None:
    """Show a button that opens another screen. Only for screens without a widget bound to the URL: there it would fail."""
    if st.button(label, type=kind, icon=f":material/{icon}:", key=f"go {page}"):
        st.switch_page(page)


def _step(title: str, done: bool, detail: str) -> None:
    icon = ":green[:material/check_circle:]" if done else ":gray[:material/radio_button_unchecked:]"
    st.markdown(f"{icon} **{title}**  \n:gray[{detail}]")


def _load_demo(progress: Progress) -> Any:
    from core.update.bring_in import load_demo

    return load_demo(state.store(), state.workspace(), state.settings(), state.encoder, progress).as_json()


def _refresh(progress: Progress) -> Any:
    from core.update.refresh import refresh

    return {"seconds": round(refresh(state.store(), state.settings(), state.encoder, progress), 2)}
