"""Which run is served: promote one, roll back, and the log of every switch."""

from dataclasses import asdict

import pandas as pd
import streamlit as st

from core.represent import registry
from core.represent.item_vectors import embed_served
from core.represent.registry import Live
from core.train import promotion, runs
from core.train.names import Preset
from core.train.runs import Run
from pages.shared import format as fmt
from pages.shared import state
from pages.shared.operate import words


def now() -> None:
    """Show what is served now, and the way back to what was served before."""
    home = state.workspace().home
    pointer = registry.pointer(home)
    with st.container(border=True, horizontal=True, horizontal_alignment="distribute", vertical_alignment="center"):
        live = pointer.live
        st.markdown(f":green[:material/rocket_launch:] {_served(live)}", width="content")
        if pointer.before:
            before = pointer.before[-1]
            label = f"Roll back to {before.run if before else registry.ZERO_SHOT}"
            if st.button(label, icon=":material/undo:", key="rollback"):
                st.toast(promotion.told(promotion.rollback(home, ready=_encode)), icon=":material/undo:")
                st.rerun()
    if trouble := registry.trouble(home):
        st.warning(fmt.plain(trouble), icon=":material/error:")


def promote(run: Run) -> None:
    """Offer to serve this run, or say why it cannot be; a run that did not pass the gate asks for a reason."""
    home = state.workspace().home
    live = registry.live(home)
    if live is not None and live.run == run.run_id:
        st.badge("Served", icon=":material/rocket_launch:", color="green")
        return
    if run.served_folder is None:
        zero = run.request.preset is Preset.ZERO_SHOT
        st.caption(
            "It trained nothing, so there is nothing to promote." if zero else "Only a run that is done can be promoted.",
            width="content",
        )
        return
    with st.popover("Promote", icon=":material/rocket_launch:"):
        trained = "on everything" if run.refitted else "without the latest part of the log, as it was judged"
        st.markdown(f"Lists are then made by this run's model, trained {trained}. It takes effect at the next list; no restart.")
        if not run.passed:
            st.warning("It has not passed the gate: " + " ".join(_refusals(run)), icon=":material/gpp_maybe:")
        why = st.text_input(
            "Why" if run.passed else "Why serve it all the same?",
            key=f"why_{run.run_id}",
            placeholder="Optional, kept in the log" if run.passed else "Needed, kept in the log",
        )
        label = "Promote" if run.passed else "Promote all the same"
        if st.button(label, type="primary", key="promote", disabled=not run.passed and not why.strip()):
            served = promotion.promote(home, run.run_id, why=why, override=None if run.passed else why, ready=_encode)
            st.toast(promotion.told(served), icon=":material/rocket_launch:")
            st.rerun()


def _encode(live: Live) -> None:
    """Encode the shop's texts for a model that an encoder was tuned for, before it is served; a progress tells how far."""
    folder = registry.encoder_folder(state.workspace().home, live)
    if folder is not None:
        bar = st.progress(0.0, "Reading the texts through its encoder")

        def step(done: float, told: str) -> None:
            bar.progress(done, told)

        embed_served(state.store(), state.settings(), folder, step)
        bar.empty()


def gate(run: Run) -> None:
    """Show the run against each rival on the same questions."""
    if not run.gate:
        st.caption("The gate is held when the run has been judged.")
        return
    rows = [
        {
            "against": row.against.capitalize(),
            "ndcg": row.ndcg,
            "difference": row.difference,
            "interval": f"{row.low:+.4f} to {row.high:+.4f}",
            "passed": "✓ passed" if row.passed else "✗ not passed",
        }
        for row in run.gate
    ]
    column = st.column_config
    st.dataframe(
        pd.DataFrame(rows),
        hide_index=True,
        column_config={
            "against": column.TextColumn("Against", width=95),
            "ndcg": column.NumberColumn("Its NDCG", format="%.4f", width=70),
            "difference": column.NumberColumn("Difference", format="%+.4f", width=75),
            "interval": column.TextColumn("95 % interval", width=135, help="Paired bootstrap over the same questions."),
            "passed": column.TextColumn("Gate", width=90),
        },
        alt="The run against its rivals",
    )
    verdict = "It beats each of them by more than chance." if run.passed else " ".join(_refusals(run))
    st.caption(fmt.plain(verdict))
    for row in run.gate:
        if row.note:
            st.caption(f"{row.against.capitalize()}: {fmt.plain(row.note)}")


def switches() -> None:
    """Show every promote and rollback, newest first."""
    made = registry.history(state.workspace().home)
    if not made:
        st.caption("Nothing has been promoted yet: lists come from zero-shot. Every promote and rollback is kept here.")
        return
    frame = pd.DataFrame([asdict(one) for one in made]).fillna({"was": registry.ZERO_SHOT, "now": registry.ZERO_SHOT})
    column = st.column_config
    st.dataframe(
        frame,
        hide_index=True,
        column_order=["at", "action", "was", "now", "by", "override", "why"],
        column_config={
            "at": column.DatetimeColumn("When (UTC)", format="D MMM YYYY, HH:mm:ss", timezone="UTC", width=150),
            "action": column.TextColumn("What", width=75),
            "was": column.TextColumn("Before", width=160),
            "now": column.TextColumn("After", width=160),
            "by": column.TextColumn("By", width=90),
            "override": column.CheckboxColumn("Past the gate", width=95, help="Promoted although it had not passed the gate."),
            "why": column.TextColumn("Why", width=280),
        },
        alt="Every promote and rollback, newest first",
    )


def _served(live: Live | None) -> str:
    if live is None:
        return "**Zero-shot is served** :gray[· nothing that was trained is in the lists]"
    trained = (
        "trained on everything" if live.folder.endswith(runs.SERVING) else "trained without the latest part, as it was judged"
    )
    override = " · past the gate" if live.override else ""
    since = f"since {fmt.moment(live.promoted_at)} UTC, by {fmt.plain(live.by)}"
    return f"**Run {live.run} is served** :gray[· {trained} · {since}{override}]"


def _refusals(run: Run) -> list[str]:
    return [row.in_words() for row in run.gate if not row.passed] or ["It was compared with nothing."]


def state_badge(run: Run) -> None:
    """Show how the run stands."""
    label, icon, color = words.STATES[run.state]
    st.badge(label, icon=f":material/{icon}:", color=color)  # type: ignore[arg-type]
