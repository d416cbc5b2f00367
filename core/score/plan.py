"""What a list is made by: the weights, the rules, the diversity, what was learned; and which of it is in force now."""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from typing import Any, Protocol

import numpy as np
import pandas as pd

from core.base.db import Store
from core.score import releases
from core.score.assignment import assigned, running
from core.score.index import Index
from core.score.learning import learned
from core.score.releases import Release
from core.score.rules import Rule, rules


class Learning(Protocol):
    """What was learned from clicks, added to r of every candidate."""

    @property
    def segment_alpha(self) -> Mapping[int, float]:
        """Learned α of a segment; where a segment has none, the plan's own counts."""

    def adjustment(
        self, index: Index, rows: np.ndarray, history: pd.DataFrame, appeal: np.ndarray, quality: np.ndarray
    ) -> np.ndarray:
        """Return (m,) what is added to r of each candidate; rows: (m,) index rows, appeal, quality: (m,) their s and q."""

    def parts(self, index: Index, rows: np.ndarray, history: pd.DataFrame, appeal: np.ndarray, quality: np.ndarray) -> np.ndarray:
        """Return (m, F): what each of the learned features adds; they sum to the adjustment."""


@dataclass(frozen=True)
class Plan:
    """How a list is made. A plan without rules, diversity and learning is α alone.

    segment_alpha: segment id -> α, over ``alpha``; diversity: in [0, 1], how much likeness to what is already in the list
    counts against an item, 0 = off; category_cap: most items of one category, None = any; release, experiment, arm: where
    the plan comes from, None = not from one.
    """

    alpha: float
    segment_alpha: Mapping[int, float] = field(default_factory=dict)
    diversity: float = 0.0
    category_cap: int | None = None
    rules: tuple[Rule, ...] = ()
    learning: Learning | None = None
    release: int | None = None
    experiment: str | None = None
    arm: str | None = None

    def alpha_for(self, segment: int | None) -> float:
        """Return α for a shopper of this segment; None = in none."""
        return self.segment_alpha.get(segment, self.alpha) if segment is not None else self.alpha

    @property
    def is_plain(self) -> bool:
        """Whether α, the same for every shopper, is all there is."""
        return not (self.segment_alpha or self.diversity or self.category_cap or self.rules or self.learning)

    def as_json(self) -> dict[str, Any]:
        """Return the fields for a manifest: rules by their ids, learning by whether there is any."""
        return {
            "alpha": self.alpha,
            "segment_alpha": {str(segment): alpha for segment, alpha in sorted(self.segment_alpha.items())},
            "diversity": self.diversity,
            "category_cap": self.category_cap,
            "rules": [rule.rule_id for rule in self.rules],
            "learning": self.learning is not None,
            "release": self.release,
            "experiment": self.experiment,
            "arm": self.arm,
        }

    def at(self, alpha: float) -> "Plan":
        """Return the same plan with this α for every shopper."""
        return replace(self, alpha=alpha, segment_alpha={})


def plain(alpha: float) -> Plan:
    """Return the plan that is α alone."""
    return Plan(alpha)


def of_release(release: Release) -> Plan:
    """Return the plan that a release says, without rules and learning."""
    return Plan(release.alpha, release.segment_alpha, release.diversity, release.category_cap, release=release.release_id)


def live_plan(store: Store, index: Index, user_id: str | None = None, *, now: datetime | None = None) -> Plan:
    """Return what is served now: the published release, the rules of today, what was learned, the shopper's arm.

    user_id: None = what is served to whoever is in no experiment; now: wall clock, UTC, None = this moment.
    """
    today = (now or datetime.now(UTC)).date()
    plan = published(store, index)
    plan = replace(_assigned(store, index, plan, user_id), rules=rules(store, today))
    found = learned(store, index, user_id, plan.alpha_for)
    if found is None:
        return plan
    return replace(plan, learning=found, segment_alpha={**plan.segment_alpha, **found.segment_alpha})


def differs(store: Store) -> bool:
    """Return whether a shopper may be served by a plan that ``live_plan`` without a shopper does not tell: an experiment runs."""
    return running(store) is not None


def published(store: Store, index: Index) -> Plan:
    """Return the plan of the published release; before the first one, the index's α alone."""
    release = releases.live(store)
    return plain(index.alpha) if release is None else of_release(release)


def _assigned(store: Store, index: Index, plan: Plan, user_id: str | None) -> Plan:
    """The plan of the experiment's arm that the shopper is in; without an experiment, ``plan``."""
    found = assigned(store, user_id)
    if found is None:
        return plan
    own = plain(index.alpha) if found.release is None else of_release(found.release)
    return replace(own, experiment=str(found.experiment_id), arm=found.arm)
