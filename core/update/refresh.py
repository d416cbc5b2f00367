"""Bring everything derived from the data up to date, in the order the data flows."""

import time
from collections.abc import Callable
from dataclasses import dataclass

from core.base.db import Store
from core.base.derived import Progress, is_current, no_progress
from core.base.errors import BadInput
from core.base.log import log_event
from core.base.settings import Settings
from core.profiles.behaviour import rebuild_shoppers
from core.profiles.rollups import rebuild_rollups
from core.profiles.segments import rebuild_segments
from core.profiles.stickiness_build import rebuild_stickiness
from core.represent import registry
from core.represent.duplicates import rebuild_duplicates
from core.represent.encoder import Encoder, encoder_name
from core.represent.item_vectors import VECTORS, embed, embed_served
from core.represent.keywords import rebuild_keywords
from core.represent.ratings import rebuild_quality
from core.represent.reviews import rebuild_reviews
from core.represent.stars import rebuild_stars
from core.train.ctr_fit import rebuild_ads
from core.train.redemption import rebuild_coupons
from core.update.surfaces import rebuild_surfaces

LoadEncoder = Callable[[], Encoder]


@dataclass(frozen=True)
class Stage:
    """One step of a refresh: share is its rough part of the whole time, in (0, 1]."""

    label: str
    share: float
    run: Callable[[Progress], object]


def refresh(store: Store, settings: Settings, load_encoder: LoadEncoder, progress: Progress = no_progress) -> float:
    """Rebuild what is out of date (each stage skips itself where it is current) and return the seconds it took.

    load_encoder: called only where texts of items or reviews have to be encoded, since loading weights takes seconds.
    """
    start = time.perf_counter()
    done = 0.0
    for stage in _stages(store, settings, load_encoder):
        stage.run(_within(progress, done, stage))
        done += stage.share
    progress(1.0, "Everything is up to date")
    return time.perf_counter() - start


def _stages(store: Store, settings: Settings, load_encoder: LoadEncoder) -> list[Stage]:
    return [
        Stage("Rolling up the log", 0.15, lambda step: rebuild_rollups(store, step)),
        Stage("Measuring shoppers", 0.10, lambda step: rebuild_shoppers(store, step)),
        Stage("Finding segments", 0.10, lambda step: rebuild_segments(store, settings, step)),
        Stage("Counting who comes back", 0.05, lambda step: rebuild_stickiness(store, settings, step)),
        Stage("Rating items", 0.03, lambda step: rebuild_quality(store)),
        Stage("Counting stars", 0.02, lambda step: rebuild_stars(store)),
        Stage("Finding keywords", 0.05, lambda step: rebuild_keywords(store)),
        Stage("Encoding item texts", 0.17, lambda step: _encode(store, settings, load_encoder, step)),
        Stage("Encoding them for the served model", 0.05, lambda step: _encode_served(store, settings, step)),
        Stage("Looking for doubles", 0.02, lambda step: rebuild_duplicates(store, encoder_name(settings), step)),
        Stage("Reading reviews", 0.20, lambda step: rebuild_reviews(store, settings, load_encoder, step)),
        Stage("Filling the shop window", 0.03, lambda step: rebuild_surfaces(store, settings, step)),
        Stage("Weighing ads", 0.01, lambda step: rebuild_ads(store, settings)),
        Stage("Learning who redeems coupons", 0.01, lambda step: rebuild_coupons(store, settings, step)),
    ]


def _encode(store: Store, settings: Settings, load_encoder: LoadEncoder, progress: Progress) -> None:
    """Encode new item texts; the weights are loaded only where there is something to encode."""
    if not is_current(store, VECTORS, {"encoder": encoder_name(settings)}):
        embed(store, load_encoder(), progress)


def _encode_served(store: Store, settings: Settings, progress: Progress) -> None:
    """Encode new item texts once more where an encoder was tuned for the served model."""
    try:
        embed_served(store, settings, registry.live_encoder(settings.home), progress)
    except BadInput as error:  # all else can be brought up to date; the index says what the model lacks
        log_event("served encoder", error=str(error))


def _within(progress: Progress, offset: float, stage: Stage) -> Progress:
    """Return a progress that maps a stage's 0..1 into its part of the whole."""
    progress(offset, stage.label)
    return lambda done, message: progress(offset + done * stage.share, f"{stage.label}: {message}" if message else stage.label)
