"""Which arm of the running experiment a shopper is in: by a hash, so the same at every visit and on every machine.

The hash is salted with the experiment's id. Without the salt the same shoppers would be the treated ones of every
experiment, and what one had done to them would be measured again in the next.
"""

import hashlib
from dataclasses import dataclass
from enum import StrEnum

from core.base.db import Store
from core.score import releases
from core.score.releases import Release

_BITS = 53
"""Of the hash that are used: as many as a float holds exactly."""


class Arm(StrEnum):
    """The two sides of an experiment."""

    CONTROL = "control"
    TREATMENT = "treatment"


@dataclass(frozen=True)
class Split:
    """The experiment that runs. share: of shoppers who get the treatment; control, treatment: releases, None = no release."""

    experiment_id: int
    share: float
    control: int | None
    treatment: int | None


@dataclass(frozen=True)
class Assigned:
    """Where a shopper is. release: what makes their lists, None = the model's own α."""

    experiment_id: int
    arm: Arm
    release: Release | None


def draw(experiment_id: int, user_id: str) -> float:
    """Return a shopper's number in [0, 1): the first 53 bits of SHA-256 over ``id:shopper``, uniform over shoppers.

    >>> draw(1, "ann") == draw(1, "ann"), draw(1, "ann") == draw(2, "ann")
    (True, False)
    """
    digest = hashlib.sha256(f"{experiment_id}:{user_id}".encode()).digest()
    return float((int.from_bytes(digest[:8], "big") >> (64 - _BITS)) / 2.0**_BITS)


def arm_of(experiment_id: int, user_id: str, share: float) -> Arm:
    """Return the arm of a shopper. share: of shoppers who get the treatment, in [0, 1]; a larger one keeps all who had it."""
    return Arm.TREATMENT if draw(experiment_id, user_id) < share else Arm.CONTROL


def assigned(store: Store, user_id: str | None) -> Assigned | None:
    """Return where a shopper is in the running experiment; None = none runs, or nobody in particular is asked about."""
    split = running(store) if user_id is not None else None
    if split is None or user_id is None:
        return None
    arm = arm_of(split.experiment_id, user_id, split.share)
    release = split.treatment if arm is Arm.TREATMENT else split.control
    return Assigned(split.experiment_id, arm, None if release is None else releases.release(store, release))


def running(store: Store) -> Split | None:
    """Return how shoppers are split now; None = no experiment runs."""
    rows = store.rows(
        "SELECT experiment_id, share, control, treatment FROM experiments WHERE started_at IS NOT NULL AND stopped_at IS NULL"
    )
    return Split(*rows[0]) if rows else None
