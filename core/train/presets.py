"""What a preset trains: *quick* one pair of towers, *best* three of different seeds."""

from collections.abc import Callable
from dataclasses import replace
from functools import partial
from pathlib import Path

from core.train.finetune import Options, Tower
from core.train.mixture import Mixture
from core.train.names import Preset
from core.train.snapshot import Snapshot

TOWERS = {Preset.QUICK: 1, Preset.BEST: 3}
QUICK_EPOCHS = 4
"""At most: the other parts make up for most of what the tower has not learned by then."""


def preset_options(preset: Preset, options: Options) -> Options:
    """Return the options as this preset trains by them."""
    quick = preset is Preset.QUICK
    return replace(options, most_epochs=min(options.most_epochs, QUICK_EPOCHS)) if quick else options


def make_preset(
    preset: Preset,
    snapshot: Snapshot,
    seed: int,
    options: Options = Options(),  # noqa: B008 (frozen)
    *,
    checkpoints: Path | None = None,
    watch: Callable[[int, int, float, float], None] | None = None,
) -> Mixture:
    """Return the preset's model, not fitted yet; tower number t starts from ``seed + t``.

    checkpoints: folder that each tower keeps its epochs in (``checkpoint-t.pt``) and goes on from; watch: told of each
    epoch of each tower as soon as it is over: (tower, epoch, loss, validation NDCG@10), both numbers from 1.
    """
    options = preset_options(preset, options)
    towers = [
        Tower(
            snapshot.vectors,
            replace(options, seed=seed + number),
            checkpoints / f"checkpoint-{number}.pt" if checkpoints else None,
            partial(watch, number + 1) if watch else None,
        )
        for number in range(TOWERS[preset])
    ]
    return Mixture(str(preset), towers, snapshot)
