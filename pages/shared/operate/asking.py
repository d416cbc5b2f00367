"""The form of a new training: how much is spent, how it is judged, and what differs from the preset."""

from dataclasses import asdict, dataclass
from typing import Any

import streamlit as st

from core.train.names import Preset, Protocol
from core.train.runs import Request
from pages.shared import state
from pages.shared.operate import extras, words


@dataclass(frozen=True)
class Field:
    """An option of the towers, by its name in ``core.train.finetune.Options``, and what it may be."""

    name: str
    label: str
    low: float
    high: float
    step: float
    help: str


OPTIONS = (
    Field("width", "Width", 8, 512, 8, "Numbers in a vector. Wider remembers more, and takes longer."),
    Field("longest", "History", 5, 500, 5, "Latest items of a shopper's history that are read."),
    Field("most_epochs", "Epochs, at most", 1, 200, 1, "Times that every history is learned from. Quick stops after four."),
    Field("patience", "Patience", 1, 20, 1, "Epochs without a better validation NDCG after which it stops."),
    Field("dropout", "Dropout", 0.0, 0.9, 0.05, "Share of the signals left out while learning: against learning by heart."),
    Field("rate", "Learning rate", 0.0001, 0.1, 0.0001, "Size of a step of AdamW."),
    Field("batch", "Batch", 8, 4096, 8, "Histories that make one step."),
    Field("epoch_batches", "Batches in an epoch, at most", 10, 100_000, 10, "In a large shop an epoch stops after this many."),
    Field("negatives", "Negatives", 16, 16384, 16, "Other items that each batch is told apart from."),
)  # fmt: skip
_PRESETS, _PROTOCOLS = tuple(Preset), tuple(Protocol)


def ask() -> Request:
    """Show the form and return what it asks for."""
    preset = st.radio(
        "Preset",
        _PRESETS,
        _PRESETS.index(Preset.QUICK),
        format_func=_capital,
        captions=[words.PRESETS[one] for one in Preset],
        key="preset",
    )
    protocol = st.radio(
        "Judged by",
        _PROTOCOLS,
        format_func=_capital,
        captions=[words.PROTOCOLS[one] for one in Protocol],
        key="protocol",
        help="The part that it is judged by is held out: nothing is learned from it.",
    )
    trains = preset is not Preset.ZERO_SHOT
    refit = st.toggle(
        "Then train on everything, for serving",
        True,
        key="refit",
        disabled=not trains,
        help="The judged model has not seen the latest part. With this, the same configuration is trained once more on all "
        "of the data, and that one is served.",
    )
    with st.expander("Options", icon=":material/tune:"):
        seed = int(
            st.number_input("Seed", 0, 2**31 - 1, state.settings().seed, key="seed", help="Same data and seed, same metrics.")
        )
        chosen = {**_options(), **extras.ask()} if trains else {}
        lora = st.toggle(
            "Tune the text encoder first",
            key="lora",
            disabled=not trains,
            help="Learns from the training part which texts go together, before anything else learns from them: minutes more. "
            "On Amazon Beauty, going by texts alone foresaw the next item 10 % better (NDCG); what a trained mixture gains by it "
            "is not measured. The encoder belongs to this run, and comes and goes with it.",
        )
        if not trains:
            st.caption("Zero-shot trains nothing, so there is nothing else to set.")
    return Request(preset, protocol, seed, refit and trains, options=chosen, lora=lora and trains)


def _capital(one: str) -> str:
    return str(one).capitalize()


def _options() -> dict[str, int | float]:
    """Show the options of the towers and return those that differ from the preset."""
    from core.train.finetune import Options

    usual: dict[str, Any] = asdict(Options())
    chosen: dict[str, int | float] = {}
    with st.grid(4, min_column_width=120) as grid:
        for option in OPTIONS:
            kind = type(usual[option.name])
            value = grid.number_input(
                option.label,
                kind(option.low),
                kind(option.high),
                usual[option.name],
                kind(option.step),
                format="%.4f" if option.name == "rate" else None,
                key=f"option_{option.name}",
                help=option.help,
            )
            if value != usual[option.name]:
                chosen[option.name] = value
    return chosen
