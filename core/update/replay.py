"""The replay simulation on the demo shop: cumulative click-through of learning against not learning, with intervals.

Every seed draws other visits. Intervals at 95 %: of the curves and of ``over_seeds`` by Student's t over the seeds, of
``over_shoppers`` by drawing shoppers again (1,000 times), each with all their visits.
"""

import time
from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass
from typing import Any

import numpy as np
from scipy import stats

from core.base.db import Store
from core.base.derived import Progress, no_progress
from core.base.errors import BadInput
from core.base.workspace import Workspace
from core.demo.truth import load_truth
from core.score.index import Index
from core.score.learning import FEATURES
from core.score.plan import published
from core.update.arms import BLOCK, PLACES, Arm, Ran, Visits, draw, run_arm
from core.update.simulated import is_demo
from core.update.world import World, world

LISTS, SEEDS = 20_000, (1, 2, 3, 4, 5)
POINTS = 40
"""Of a curve."""
RESAMPLES = 1_000
Interval = tuple[float, float] | None


@dataclass(frozen=True)
class Curve:
    """Clicks per place shown, up to so many lists: the mean over the seeds and its interval, None with one seed."""

    mean: tuple[float, ...]
    low: tuple[float, ...] | None
    high: tuple[float, ...] | None


@dataclass(frozen=True)
class Lift:
    """What an arm has over the frozen ranker; 0.1 = 10 % more clicks.

    early: in the first ``Replay.early`` lists; seeds: of each; a lift is of all clicks of all seeds.
    """

    lift: float
    early: float
    seeds: tuple[float, ...]
    over_seeds: Interval
    over_shoppers: Interval
    early_over_seeds: Interval = None
    early_over_shoppers: Interval = None


@dataclass(frozen=True)
class Replay:
    """The outcome. lists: shown a seed and arm, of ``places`` each; at: lists at the points of the curves.

    ctr: clicks per place shown of each arm; lifts: of each arm but the frozen one; deltas: by feature, as ``ONLINE`` learned
    them, mean over seeds; shifts: by segment, of its α, the same; alpha: as published; model: whether a trained one is served;
    early: the lists that have ``lists`` places; seconds: of computing.
    """

    lists: int
    places: int
    early: int
    seeds: tuple[int, ...]
    shoppers: int
    alpha: float
    model: bool
    at: tuple[int, ...]
    ctr: dict[str, float]
    curves: dict[str, Curve]
    lifts: dict[str, Lift]
    deltas: dict[str, float]
    shifts: dict[str, float]
    seconds: float

    def as_json(self) -> dict[str, Any]:
        """Return the fields as JSON values."""
        return asdict(self)

    def lines(self) -> list[str]:
        """Return the outcome in lines for a terminal."""
        head = (
            f"{self.lists:,} lists = {self.lists * self.places:,} places shown a seed, {len(self.seeds)} seeds, "
            f"{self.shoppers:,} shoppers; first: the first {self.early:,} lists = {self.early * self.places:,} places"
        )
        told = [f"{arm:<24} {ctr:7.2%} clicked{_against(self.lifts.get(arm))}" for arm, ctr in self.ctr.items()]
        return [head, *told]


def _against(lift: Lift | None) -> str:
    if lift is None:
        return ""
    whole, first = _spanned(lift.lift, lift.over_shoppers), _spanned(lift.early, lift.early_over_shoppers)
    return f"  {whole} on frozen, first {first}"


def _spanned(lift: float, span: Interval) -> str:
    low, high = span or (lift, lift)
    return f"{lift:+.1%} (95 %: {low:+.1%} to {high:+.1%} over shoppers)"


def read_replay(told: dict[str, Any]) -> Replay:
    """Return the replay that ``as_json`` told."""
    curves = {arm: Curve(**curve) for arm, curve in told["curves"].items()}
    lifts = {arm: Lift(**lift) for arm, lift in told["lifts"].items()}
    return Replay(**{**told, "curves": curves, "lifts": lifts})


def replay_shop(
    store: Store,
    index: Index,
    workspace: Workspace,
    *,
    lists: int = LISTS,
    seeds: Sequence[int] = SEEDS,
    progress: Progress = no_progress,
) -> Replay:
    """Run every arm in the demo shop, beginning at what is published. Nothing is written to the store.

    Raises BadInput where the shop is not the demo shop.
    """
    if not is_demo(store, workspace):
        raise BadInput("The replay needs the demo shop: of another shop nobody knows what its shoppers would have clicked.")
    progress(0.0, "Scoring every shopper")
    there = world(store, index, load_truth(workspace.demo))
    return replay(there, published(store, index).alpha, lists=lists, seeds=tuple(seeds), progress=progress)


def replay(
    shop: World,
    alpha: float,
    *,
    lists: int = LISTS,
    seeds: Sequence[int] = SEEDS,
    arms: Sequence[Arm] = tuple(Arm),
    progress: Progress = no_progress,
) -> Replay:
    """Run every arm on every seed's visits. alpha: as published. Raises BadInput on too few lists or no seed."""
    if lists < BLOCK or not seeds:
        raise BadInput(f"A replay needs at least {BLOCK} lists and one seed.")
    asked = [arm for arm in Arm if arm in arms or arm is Arm.FROZEN]  # which all are compared with
    began, steps, done = time.process_time(), len(seeds) * len(asked) * -(-lists // BLOCK), 0

    def ticking(arm: Arm) -> Callable[[], None]:
        def tick() -> None:
            nonlocal done
            done += 1
            if done % 20 == 0:
                progress(done / steps, str(arm).capitalize())

        return tick

    visits = {seed: draw(shop, lists, seed) for seed in seeds}
    ran = {arm: [run_arm(shop, visits[seed], arm, seed, alpha, ticking(arm)) for seed in seeds] for arm in asked}
    return _told(shop, alpha, list(visits.values()), tuple(seeds), ran, time.process_time() - began)


def _told(
    shop: World, alpha: float, visits: list[Visits], seeds: tuple[int, ...], ran: dict[Arm, list[Ran]], seconds: float
) -> Replay:
    clicks = {arm: np.array([one.clicks for one in runs]) for arm, runs in ran.items()}
    lists = clicks[Arm.FROZEN].shape[1]
    at = np.unique(np.linspace(lists / POINTS, lists, POINTS).astype(int))
    early = min(lists, -(-lists // PLACES))
    who = np.concatenate([one.who for one in visits])
    rankers = [one.ranker for one in ran.get(Arm.ONLINE, []) if one.ranker is not None]
    deltas = np.mean([ranker.deltas for ranker in rankers], axis=0).tolist() if rankers else []
    shifts = np.mean([ranker.shifts for ranker in rankers], axis=0).tolist() if rankers else []
    return Replay(
        lists=lists,
        places=PLACES,
        early=early,
        seeds=seeds,
        shoppers=len(shop.users),
        alpha=alpha,
        model=shop.index.model is not None,
        at=tuple(at.tolist()),
        ctr={str(arm): float(one.mean() / PLACES) for arm, one in clicks.items()},
        curves={str(arm): _curve(one, at) for arm, one in clicks.items()},
        lifts={
            str(arm): _lift(one, clicks[Arm.FROZEN], who, len(shop.users), early)
            for arm, one in clicks.items()
            if arm is not Arm.FROZEN
        },
        deltas={one.name: delta for one, delta in zip(FEATURES, deltas, strict=False)},
        shifts={str(segment): shift for segment, shift in zip(rankers[0].segments if rankers else (), shifts, strict=True)},
        seconds=seconds,
    )


def _curve(clicks: np.ndarray, at: np.ndarray) -> Curve:
    """clicks: (seeds, lists); at: (points,) lists shown."""
    share = clicks.cumsum(axis=1)[:, at - 1] / (at * PLACES)
    ends = [student(one) for one in share.T]
    low, high = ([end[side] for end in ends if end is not None] for side in (0, 1))
    return Curve(tuple(share.mean(axis=0).tolist()), tuple(low) or None, tuple(high) or None)


def _lift(clicks: np.ndarray, frozen: np.ndarray, who: np.ndarray, users: int, early: int) -> Lift:
    """clicks, frozen: (seeds, lists); who: (seeds · lists,) the shopper of each list."""
    first, held, visitors = clicks[:, :early], frozen[:, :early], who.reshape(clicks.shape)[:, :early]
    each = clicks.sum(axis=1) / frozen.sum(axis=1) - 1
    return Lift(
        lift=float(clicks.sum() / frozen.sum() - 1),
        early=float(first.sum() / held.sum() - 1),
        seeds=tuple(each.tolist()),
        over_seeds=student(each),
        over_shoppers=_over_shoppers(clicks.ravel(), frozen.ravel(), who, users),
        early_over_seeds=student(first.sum(axis=1) / held.sum(axis=1) - 1),
        early_over_shoppers=_over_shoppers(first.ravel(), held.ravel(), visitors.ravel(), users),
    )


def student(values: np.ndarray) -> Interval:
    """Return the 95 % interval of the mean by Student's t; None for a single value.

    >>> student(np.array([1.0]))
    >>> [round(end, 3) for end in student(np.array([1.0, 2.0, 3.0]))]
    [-0.484, 4.484]
    """
    if len(values) < 2:
        return None
    half = float(stats.t.ppf(0.975, len(values) - 1) * values.std(ddof=1) / np.sqrt(len(values)))
    return float(values.mean()) - half, float(values.mean()) + half


def _over_shoppers(clicks: np.ndarray, frozen: np.ndarray, who: np.ndarray, users: int) -> Interval:
    mine, theirs = np.bincount(who, clicks, users), np.bincount(who, frozen, users)
    drawn = np.random.default_rng(0).multinomial(users, np.full(users, 1 / users), RESAMPLES)
    low, high = np.percentile(drawn @ mine / (drawn @ theirs) - 1, [2.5, 97.5]).tolist()
    return low, high
