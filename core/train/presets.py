"""What a preset trains: *quick* one pair of towers, *best* three of different seeds; EASE too where the shop is small enough."""

from dataclasses import replace

from core.train.ease import MOST_ITEMS
from core.train.finetune import Options, Tower
from core.train.mixture import Mixture
from core.train.names import Preset
from core.train.snapshot import Snapshot

TOWERS = {Preset.QUICK: 1, Preset.BEST: 3}


def make_preset(preset: Preset, snapshot: Snapshot, seed: int, options: Options = Options()) -> Mixture:  # noqa: B008 (frozen)
    """Return the preset's model, not fitted yet; tower number t starts from ``seed + t``."""
    towers = [Tower(snapshot.vectors, replace(options, seed=seed + number)) for number in range(TOWERS[preset])]
    return Mixture(str(preset), towers, snapshot.vectors, ease=snapshot.meta.items <= MOST_ITEMS)
