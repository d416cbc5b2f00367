"""What metrics, presets, splits and states are called on the screens, and how their values are written."""

from collections.abc import Callable
from dataclasses import dataclass
from functools import partial

from core.base.jobs import State
from core.train.names import Augment, Preset, Protocol
from core.train.runs import Run
from pages.shared import format as fmt


@dataclass(frozen=True)
class Metric:
    """How a metric is shown. at_k: it depends on the length of the lists; axis: Plotly's format of its values."""

    label: str
    help: str
    at_k: bool
    write: Callable[[float | None], str]
    axis: str

    def named(self, k: int) -> str:
        """Return its label with the length of the lists it was taken at."""
        return f"{self.label}@{k}" if self.at_k else self.label


_SHARE = partial(fmt.percent, digits=1)
_TWO, _THREE, _FOUR = (partial(fmt.number, digits=digits) for digits in (2, 3, 4))
METRICS = {
    "ndcg": Metric("NDCG", "Right items near the top of the list: 1 = all of them first, in order.", True, _FOUR, ".4f"),
    "hit_rate": Metric("Hit rate", "Shoppers whose list holds at least one right item.", True, _SHARE, ".1%"),
    "recall": Metric("Recall", "Share of the right items that the list holds.", True, _SHARE, ".1%"),
    "mrr": Metric("MRR", "One over the place of the first right item; 0 where none is in the list.", True, _FOUR, ".4f"),
    "coverage": Metric("Coverage", "Share of the catalogue that anyone is shown.", False, _SHARE, ".0%"),
    "gini": Metric("Gini", "How unevenly places go to items: 0 = as often each, 1 = all to one.", False, _THREE, ".2f"),
    "novelty": Metric("Novelty", "Surprise of a place, in bits: higher = less widely known.", False, _TWO, ".1f"),
    "diversity": Metric("Diversity", "How unlike the items of a list are: mean of 1 − cosine.", False, _THREE, ".2f"),
}  # fmt: skip
"""By the names of ``core.train.metrics``, in the order they are shown."""
ACCURACY = ("ndcg", "hit_rate", "recall", "mrr")
PRESETS = {
    Preset.ZERO_SHOT: "No training: text vectors and quality as they are. What a trained model has to beat.",
    Preset.QUICK: "Learns what goes together, and for a few rounds what comes next; weighs both against the texts.",
    Preset.BEST: "The same, but what comes next is learned three times over, each until it gets no better. The slowest.",
}
PROTOCOLS = {
    Protocol.TEMPORAL: "Learn from the past, be asked for what came latest: what a shop lives through.",
    Protocol.LEAVE_LAST_ONE: "Be asked for the last new item of each shopper: what papers report.",
}
AUGMENT = {
    Augment.CROP: "learns from a random part of the history.",
    Augment.MASK: "hides some of its items; they are still looked for.",
    Augment.REORDER: "shuffles a short stretch of it; what comes next inside the stretch is not learned from.",
}
PARTS = {
    "towers": ("What comes next", "Two towers: a transformer that reads the history, and a vector for every item."),
    "item_to_item": ("Chosen together", "Item-to-item: pairs that the same shoppers chose, counted."),
    "ease": ("Chosen together, net", "EASE: pairs that the same shoppers chose, less what other items of the history explain."),
    "revisit": ("Looked at before", "What the shopper looked at, did not choose, and may still be shown; the latest first."),
    "text": ("Texts alike", "Cosine of the item's text with the texts of the latest items."),
    "trend": ("Rising or falling", "What is more in demand of late than it was, or less, whoever asks."),
}
"""Label and explanation of the parts of a model, by the names of ``core.train.mixture``."""
STATES = {
    State.QUEUED: ("Waiting", "hourglass_empty", "gray"),
    State.RUNNING: ("Running", "autorenew", "blue"),
    State.DONE: ("Done", "check_circle", "green"),
    State.FAILED: ("Failed", "error", "red"),
    State.CANCELLED: ("Cancelled", "cancel", "gray"),
    State.INTERRUPTED: ("Interrupted", "power_off", "orange"),
}
"""Label, icon and colour."""


def part(name: str) -> str:
    """Return what to call a part of a model."""
    return PARTS[name][0] if name in PARTS else name.replace("_", " ").capitalize()


def title(run: Run) -> str:
    """Return what to call a run in a list: when, what, how accurate, and the end of its id, which makes it unique."""
    accurate = f" · NDCG {run.scores.metrics['ndcg']:.4f}" if run.scores and run.scores.metrics["ndcg"] is not None else ""
    ended = "" if run.state is State.DONE else f" · {STATES[run.state][0].lower()}"
    return f"{fmt.moment(run.started_at)} · {run.request.preset} · {run.request.protocol}{accurate}{ended} · {run.run_id[-4:]}"


def interval(bounds: tuple[float, float] | None, write: Callable[[float | None], str]) -> str:
    """Return an interval as 'low to high'."""
    return fmt.NOTHING if bounds is None else f"{write(bounds[0])} to {write(bounds[1])}"


def memory(mb: float) -> str:
    """Return an amount of memory given in MiB."""
    return f"{mb / 1024:.1f} GiB" if mb >= 1024 else f"{mb:,.0f} MiB"
