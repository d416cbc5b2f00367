"""What came after each release and each promoted model: who was shown a list of it, beside who was not.

This is no experiment. Who is shown a list is decided by who comes, so those who come more often are shown more. Against the
coarsest of it, both groups are shoppers who were known before and came at least once since, and the same difference before the
change stands beside the one after it. What remains is still no proof; ``core.update.experiments`` gives that.
"""

from dataclasses import asdict, dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from core.base.db import Store
from core.profiles.fits import fit_report
from core.profiles.movement import LABELS, placed_at
from core.represent import registry
from core.score import releases
from core.update.experiments import every as experiments
from core.update.feedback import NO_SHOPPERS

SPAN_DAYS, LEAST_DAYS = 28, 7
"""Days before and after that are compared, where the log has them; fewest that say anything."""
LEAST_SHOPPERS = 30
"""In each group."""
RESAMPLES = 2000


class What(StrEnum):
    """What changed the lists."""

    RELEASE = "release"
    MODEL = "model"


@dataclass(frozen=True)
class Change:
    """A change of what is served. key: the release's number or the run's id; at: UTC."""

    what: What
    key: str
    at: datetime
    by: str
    why: str


@dataclass(frozen=True)
class Gap:
    """Exposed less not exposed, of a mean. low, high: 95 %, bootstrap over shoppers."""

    exposed: float
    others: float
    value: float
    low: float
    high: float


@dataclass(frozen=True)
class Effect:
    """What came after a change. days: compared on each side of it; exposed, others: shoppers.

    before, after, change: days a week on which they came, and after less before of each shopper; moved: share of those in a
    segment at the change who were in another one ``days`` later, None = there are no segments, or too few in one; flows:
    from_name, to_name, exposed, others, a row a move, most first. experiments: numbers of those that ran in this time.
    """

    change: Change
    days: int
    exposed: int
    others: int
    before: Gap
    after: Gap
    difference: Gap
    moved: Gap | None
    flows: pd.DataFrame
    experiments: tuple[int, ...]

    def as_json(self) -> dict[str, Any]:
        """Return the fields as JSON values."""
        told = {name: getattr(self, name) for name in ("days", "exposed", "others")}
        gaps = {name: getattr(self, name) for name in ("before", "after", "difference", "moved")}
        change = {**asdict(self.change), "at": self.change.at.isoformat()}
        return {"change": change, **told, **{name: gap and asdict(gap) for name, gap in gaps.items()}}


def changes(store: Store, home: Path) -> tuple[Change, ...]:
    """Return every published release and every model that was promoted or rolled back to, newest first."""
    published = [
        Change(What.RELEASE, str(one.release_id), one.published_at, one.published_by or "", one.note)
        for one in releases.history(store)
        if one.published_at is not None
    ]
    switched = [
        Change(What.MODEL, one.now or registry.ZERO_SHOT, one.at.replace(tzinfo=None), one.by, one.why)
        for one in registry.history(home)
    ]
    return tuple(sorted([*published, *switched], key=lambda one: one.at, reverse=True))


def effect(store: Store, change: Change, seed: int) -> Effect | str:
    """Return what came after a change, or a sentence that says why that is not known yet."""
    last = store.value("SELECT max(day) FROM shopper_days")
    days = 0 if last is None else min(SPAN_DAYS, (last - change.at.date()).days)
    if days < LEAST_DAYS:
        ends = "There is no log yet" if last is None else f"The log ends on {last:%d %b %Y}"
        return f"{ends}: it takes {LEAST_DAYS} days of log after a change to see what came of it. Import the log since then."
    shoppers = store.df(_SHOPPERS, _given(change, days))
    seen = shoppers["exposed"].to_numpy(bool)
    exposed, others = int(seen.sum()), int((~seen).sum())
    if min(exposed, others) < LEAST_SHOPPERS:
        return (
            f"{exposed:,} shoppers who came in these {days} days were shown a list and {others:,} were not: it takes "
            f"{LEAST_SHOPPERS} of each. Only lists that are recorded as shown count, those of the preview do not."
        )
    before, after = (shoppers[side].to_numpy(float) * 7 / days for side in ("before", "after"))
    rng = np.random.default_rng(seed)
    was, now, difference = (gap(values, seen, rng) for values in (before, after, after - before))
    moved, flows = _moves(store, change, days, shoppers, rng)
    return Effect(change, days, exposed, others, was, now, difference, moved, flows, _alongside(store, change, days))


def gap(values: np.ndarray, exposed: np.ndarray, rng: np.random.Generator) -> Gap:
    """Return the difference of two means. values: (n,), of few distinct values; exposed: (n,) bool, some of each.

    The bootstrap draws how often each distinct value comes up, which is the same as drawing shoppers and costs as little for a
    million of them as for a hundred.
    """
    sides = values[exposed], values[~exposed]
    means = [float(side.mean()) for side in sides]
    drawn = [_means(side, rng) for side in sides]
    low, high = np.quantile(drawn[0] - drawn[1], [0.025, 0.975])
    return Gap(means[0], means[1], means[0] - means[1], float(low), float(high))


def _means(values: np.ndarray, rng: np.random.Generator) -> np.ndarray:
    """Return (RESAMPLES,) means of resamples."""
    distinct, counts = np.unique(values, return_counts=True)
    return np.asarray(rng.multinomial(len(values), counts / len(values), RESAMPLES) @ distinct / len(values))


def _moves(
    store: Store, change: Change, days: int, shoppers: pd.DataFrame, rng: np.random.Generator
) -> tuple[Gap | None, pd.DataFrame]:
    nothing = pd.DataFrame(columns=["from_name", "to_name", "exposed", "others"])
    if fit_report(store).k is None:
        return None, nothing
    then = placed_at(store, change.at).rename(columns={"source": "was"})
    later = placed_at(store, change.at + timedelta(days=days)).rename(columns={"source": "is"})
    both = shoppers.merge(then, on="user_id").merge(later, on="user_id")
    both = both[(both["was"] > 0) & (both["is"] > 0)]
    exposed = both["exposed"].to_numpy(bool)
    if min(exposed.sum(), (~exposed).sum()) < LEAST_SHOPPERS:
        return None, nothing
    moved = (both["was"] != both["is"]).to_numpy(float)
    names = {**dict(store.rows("SELECT segment_id, name FROM segments")), **LABELS}
    flows = both[moved > 0].assign(from_name=both["was"].map(names), to_name=both["is"].map(names), others=~both["exposed"])
    flows = flows.groupby(["from_name", "to_name"], as_index=False)[["exposed", "others"]].sum()
    order = (flows["exposed"] + flows["others"]).sort_values(ascending=False, kind="stable").index
    return gap(moved, exposed, rng), flows.loc[order].reset_index(drop=True)


def _alongside(store: Store, change: Change, days: int) -> tuple[int, ...]:
    end = change.at + timedelta(days=days)
    return tuple(
        one.experiment_id
        for one in experiments(store)
        if one.started_at is not None and one.started_at < end and (one.stopped_at is None or one.stopped_at > change.at)
    )


def _given(change: Change, days: int) -> dict[str, Any]:
    run = change.key if change.what is What.MODEL and change.key != registry.ZERO_SHOT else None
    return {
        "at": change.at,
        "days": days,
        "release": int(change.key) if change.what is What.RELEASE else None,
        "model": run,
        "is_model": change.what is What.MODEL,
        "nobody": list(NO_SHOPPERS),
    }


_SHOPPERS = """
WITH shown AS (
    SELECT DISTINCT user_id FROM impressions
    WHERE ts >= $at AND ts < $at::TIMESTAMP + to_days($days::INTEGER) AND NOT list_contains($nobody, surface)
      AND if($is_model, model IS NOT DISTINCT FROM $model, release = $release)
)
SELECT user_id, user_id IN (SELECT user_id FROM shown) AS exposed,
       count_if(day < $at::DATE AND day >= $at::DATE - $days::INTEGER) AS before,
       count_if(day > $at::DATE AND day <= $at::DATE + $days::INTEGER) AS after
FROM shopper_days WHERE user_id NOT IN (SELECT user_id FROM robots)
GROUP BY user_id HAVING min(day) < $at::DATE AND after > 0 ORDER BY user_id
"""
