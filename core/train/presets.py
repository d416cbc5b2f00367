"""What a preset trains: *quick* one pair of towers, *best* three of different seeds."""

from dataclasses import replace

from core.train.finetune import Options, Tower
from core.train.mixture import Mixture
from core.train.names import Preset
from core.train.snapshot import Snapshot

TOWERS = {Preset.QUICK: 1, Preset.BEST: 3}
QUICK_EPOCHS = 4
"""At most: the other parts make up for most of what the tower has not learned by then."""


def make_preset(preset: Preset, snapshot: Snapshot, seed: int, options: Options = Options()) -> Mixture:  # noqa: B008 (frozen)
    """Return the preset's model, not fitted yet; tower number t starts from ``seed + t``."""
    if preset is Preset.QUICK:
        options = replace(options, most_epochs=min(options.most_epochs, QUICK_EPOCHS))
    towers = [Tower(snapshot.vectors, replace(options, seed=seed + number)) for number in range(TOWERS[preset])]
    return Mixture(str(preset), towers, snapshot)
