"""What is served now, in a form that may be asked the validation questions: it has seen nothing of their answers."""

from collections.abc import Callable
from dataclasses import dataclass

from core.base.settings import Settings
from core.represent import registry
from core.train import runs
from core.train.learned import scorer_of
from core.train.names import Preset, Protocol
from core.train.protocol import Split, split
from core.train.scorer import Blender
from core.train.snapshot import SNAPSHOTS, Snapshot
from core.train.zero_shot import ZeroShot


@dataclass(frozen=True)
class Served:
    """A fitted model, the data and the split to ask it on. sentence: what it is."""

    scorer: Blender
    snapshot: Snapshot
    cut: Split
    sentence: str


def served(settings: Settings, take: Callable[[], Snapshot]) -> Served:
    """Return the live run's model as it was before any refit, on its own data; without a live run, zero-shot.

    take: makes a snapshot of the shop as it is now, for zero-shot. Raises BadInput where the log is too small to be split.
    """
    live = registry.live(settings.home)
    run = runs.read(settings.home, live.run) if live else None
    folder = settings.home / SNAPSHOTS / run.snapshot if run else None
    if run and folder and folder.exists() and (run.scores is not None or run.request.preset is Preset.ZERO_SHOT):
        snapshot, protocol = Snapshot(folder), run.request.protocol
        scorer, told = scorer_of(settings, run, snapshot), f"Run {run.run_id}, as trained on the training part alone"
    else:
        snapshot, protocol = take(), Protocol.TEMPORAL
        scorer, told = ZeroShot(snapshot, settings.alpha), "Zero-shot: no trained run is served whose data are still there"
    cut = split(snapshot.acts, protocol)
    scorer.fit(cut.train(), None)
    return Served(scorer, snapshot, cut, told)
