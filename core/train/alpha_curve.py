"""What each α is worth on the validation part: accuracy, breadth, novelty and price of the lists, for everyone and by segment.

s and q are worked out once for each question; α only mixes them, by the code that judges models. Bands are 95 % bootstrap
intervals over the questions. The result is kept until the data, the segments or the served model change.
"""

import math
from dataclasses import dataclass, replace

import numpy as np
import pandas as pd
import scipy.sparse as sp
from pydantic import TypeAdapter

from core.base.db import Store
from core.base.derived import Progress, is_current, no_progress, rebuild
from core.base.schema import Col, Table
from core.base.settings import Settings
from core.base.workspace import Workspace
from core.represent import registry
from core.represent.neighbours import engaged
from core.score.index import Index
from core.train.judge import BATCH, TUNING_QUESTIONS, best, hide, ranks_of
from core.train.metrics import ndcg
from core.train.protocol import Examples, Part
from core.train.scorer import Blender, blended
from core.train.served import Served, served
from core.train.snapshot import take_snapshot

ALPHAS = tuple(place / 20 for place in range(21))
RESAMPLES = 1000
FEWER = 200
"""Resamples of the coverage, which takes longest to count."""
RECIPE = 1
"""Raised when the same lists would be measured otherwise."""


@dataclass(frozen=True)
class Line:
    """A figure at each of ALPHAS, with its 95 % interval."""

    value: tuple[float, ...]
    low: tuple[float, ...]
    high: tuple[float, ...]


@dataclass(frozen=True)
class Curve:
    """The lists of some shoppers. segment_id: None = everyone who was asked; questions: shoppers asked.

    coverage: share of the shop's items in any of the lists; novelty: bits, see ``metrics.novelty``; price: mean of a list,
    None = not known. margin[i][j]: NDCG at ALPHAS[i] less that at ALPHAS[j] has this much on both sides as its 95 % interval,
    wide enough to hold for every i at once, so also for the best (max-t, Westfall & Young 1993).
    """

    name: str
    segment_id: int | None
    questions: int
    ndcg: Line
    coverage: Line
    novelty: Line
    price: Line | None
    margin: tuple[tuple[float, ...], ...]


@dataclass(frozen=True)
class AlphaCurve:
    """model: which one, in words; run: its id, None = zero-shot; alpha: its own; asked: shoppers, ``of`` so many there are.

    segments: those that at least one of the shoppers asked is in, the largest first.
    """

    model: str
    run: str | None
    alpha: float
    data_version: int
    k: int
    asked: int
    of: int
    everyone: Curve
    segments: tuple[Curve, ...]


def place(alpha: float) -> int:
    """Return the place in ALPHAS of the nearest one.

    >>> ALPHAS[place(0.72)]
    0.7
    """
    return round(alpha * (len(ALPHAS) - 1))


def kept(store: Store, settings: Settings) -> AlphaCurve | None:
    """Return the curve that was measured for the present data, segments and served model; None = not measured yet."""
    if not is_current(store, Table.ALPHA_CURVES, _depends(store, settings)):
        return None
    return _CURVE.validate_json(str(store.value("SELECT curve FROM alpha_curves")))


def alpha_curve(
    store: Store, index: Index, settings: Settings, workspace: Workspace, progress: Progress = no_progress
) -> AlphaCurve:
    """Return the curve, measured where it is not kept. Raises BadInput where the log is too small to be split."""

    def build(version: int) -> None:
        progress(0.0, "Reading what was learned, and splitting the log")
        asked = served(settings, lambda: take_snapshot(store, index, workspace))
        prices = dict(zip(index.ids.tolist(), index.prices.tolist(), strict=True))
        told = measure(asked, prices, store.df(_MEMBERS), progress=progress)
        live = registry.live(settings.home)
        told = replace(told, run=live.run if live and asked.sentence.startswith("Run") else None)
        with store.transaction() as cursor:
            cursor.execute("DELETE FROM alpha_curves")
            cursor.execute("INSERT INTO alpha_curves VALUES (?, ?)", [_CURVE.dump_json(told).decode(), version])

    rebuild(store, Table.ALPHA_CURVES, _depends(store, settings), build)
    found = kept(store, settings)
    assert found is not None
    return found


def measure(
    asked: Served, prices: dict[str, float], members: pd.DataFrame, *, k: int = 10, progress: Progress = no_progress
) -> AlphaCurve:
    """Measure every α on the validation part, over at most TUNING_QUESTIONS shoppers, always the same ones.

    prices: item id -> price, NaN = not known; members: user_id, segment_id, name.
    """
    everyone, train = asked.cut.examples(Part.VALID), asked.cut.train()
    sample = everyone.sample(TUNING_QUESTIONS, np.random.default_rng(0))
    k = min(k, int(train.shown.sum()))
    gained, lists = _ask(asked.scorer, sample, k, progress)
    known = np.asarray(engaged(train).sum(axis=0)).ravel()
    figures = _Figures(
        gained,
        lists,
        -np.log2((1 + known) / (1 + train.shoppers)),
        np.array([prices.get(item, math.nan) for item in asked.snapshot.items[Col.ITEM]], float),
        int(train.shown.sum()),
    )
    users = asked.snapshot.shoppers[Col.USER].iloc[sample.users]
    segment = members.set_index(Col.USER)[Col.SEGMENT].reindex(users).to_numpy()
    names = members[[Col.SEGMENT, Col.NAME]].drop_duplicates().itertuples(index=False)
    rows = {(int(number), str(name)): np.flatnonzero(segment == number) for number, name in names}
    progress(0.9, "Drawing the bands")
    found = [figures.curve(name, number, mine) for (number, name), mine in rows.items() if len(mine)]
    return AlphaCurve(
        model=asked.sentence,
        run=None,
        alpha=asked.scorer.alpha,
        data_version=asked.snapshot.meta.data_version,
        k=k,
        asked=len(sample),
        of=len(everyone),
        everyone=figures.curve("Everyone", None, np.arange(len(sample))),
        segments=tuple(sorted(found, key=lambda one: (-one.questions, one.name))),
    )


def _ask(model: Blender, sample: Examples, k: int, progress: Progress) -> tuple[np.ndarray, np.ndarray]:
    """Return (m, alphas) NDCG of each question, and int32 (m, alphas, k) the lists, −1 where there is nothing to show."""
    gained, lists = np.zeros((len(sample), len(ALPHAS))), np.full((len(sample), len(ALPHAS), k), -1, np.int32)
    for number, batch in enumerate(sample.batches(BATCH)):
        appeal = model.appeal(batch.history)
        rows = slice(number * BATCH, number * BATCH + len(batch))
        for at, alpha in enumerate(ALPHAS):
            progress(0.1 + 0.8 * (rows.start + len(batch) * at / len(ALPHAS)) / len(sample), "Making the lists at each α")
            scores = hide(blended(appeal, model.worth, alpha), batch)
            rank = ranks_of(scores, batch.target_row, batch.target_item)
            gained[rows, at] = ndcg(batch.target_row, rank, len(batch), k)
            shown = best(scores, k)
            lists[rows, at] = np.where(np.isfinite(np.take_along_axis(scores, shown, axis=1)), shown, -1)
    return gained, lists


@dataclass(frozen=True)
class _Figures:
    """Everything the curves are drawn from. gained, lists: see ``_ask``; bits, prices: (n,) of the items; items: shown ones."""

    gained: np.ndarray
    lists: np.ndarray
    bits: np.ndarray
    prices: np.ndarray
    items: int

    def curve(self, name: str, segment_id: int | None, rows: np.ndarray) -> Curve:
        """Return the curve of the questions in these rows."""
        lists, gained = self.lists[rows], self.gained[rows]
        draws = np.random.default_rng(7).multinomial(len(rows), np.full(len(rows), 1 / len(rows)), RESAMPLES).astype(np.float32)
        return Curve(
            name=name,
            segment_id=segment_id,
            questions=len(rows),
            ndcg=_line(gained, draws),
            coverage=_coverage(lists, len(self.bits), self.items, draws[:FEWER]),
            novelty=_line(_means(self.bits, lists), draws),
            price=_priced(_means(self.prices, lists), draws),
            margin=_margin(gained, draws),
        )


def _means(values: np.ndarray, lists: np.ndarray) -> np.ndarray:
    """Return (m, alphas) the mean over a list of what is known of its items; NaN = of none.

    >>> _means(np.array([1.0, 3.0, np.nan]), np.array([[[0, 1], [1, 2], [2, -1]]]))
    array([[ 2.,  3., nan]])
    """
    looked = np.append(values, math.nan)[lists]
    there = np.isfinite(looked)
    many = there.sum(axis=2)
    return np.where(many > 0, np.where(there, looked, 0).sum(axis=2) / np.maximum(many, 1), math.nan)


def _drawn(values: np.ndarray, draws: np.ndarray) -> np.ndarray:
    """Return (resamples, alphas) the means of each resample. draws: (resamples, m) how often each question is drawn."""
    return np.asarray(draws @ values / np.maximum(draws.sum(axis=1, keepdims=True), 1))


def _line(values: np.ndarray, draws: np.ndarray) -> Line:
    """Return the means over the questions with their percentile intervals."""
    low, high = np.quantile(_drawn(values, draws), [0.025, 0.975], axis=0)
    return Line(tuple(values.mean(axis=0).tolist()), tuple(low.tolist()), tuple(high.tolist()))


def _priced(prices: np.ndarray, draws: np.ndarray) -> Line | None:
    """Return the mean price over the questions whose lists all have one; None where there is no such question."""
    known = np.isfinite(prices).all(axis=1)
    return _line(prices[known], draws[:, known]) if known.any() else None


def _coverage(lists: np.ndarray, items: int, shown: int, draws: np.ndarray) -> Line:
    """Return the share of the items shown in any list, ± 1.96 standard deviations over the resamples.

    Their own quantiles would be too low: a resample repeats some lists, so it shows fewer items.
    """
    value, spread = np.zeros(len(ALPHAS)), np.zeros(len(ALPHAS))
    for at in range(len(ALPHAS)):
        row, column = np.nonzero(lists[:, at] >= 0)
        places = (lists[row, at, column], row)
        there = sp.csr_matrix((np.ones(len(row), np.float32), places), shape=(items, len(lists)))
        value[at] = len(np.unique(places[0])) / shown
        spread[at] = 1.96 * ((there @ draws.T) > 0).sum(axis=0).std() / shown
    low, high = np.maximum(value - spread, 0), np.minimum(value + spread, 1)
    return Line(tuple(value.tolist()), tuple(low.tolist()), tuple(high.tolist()))


def _margin(gained: np.ndarray, draws: np.ndarray) -> tuple[tuple[float, ...], ...]:
    """Return ``Curve.margin``: for each j, the 95 % quantile of the largest of |t| over i, times the spread of each pair."""
    means = _drawn(gained, draws)
    apart = means[:, :, None] - means[:, None, :]
    apart -= (gained.mean(axis=0)[:, None] - gained.mean(axis=0)[None, :])[None]
    spread = apart.std(axis=0)
    largest = (np.abs(apart) / np.where(spread > 0, spread, np.inf)).max(axis=1)
    width = spread * np.quantile(largest, 0.95, axis=0)[None, :]
    return tuple(tuple(row) for row in width.tolist())


def _depends(store: Store, settings: Settings) -> dict[str, object]:
    """Return what a curve depends on besides the data."""
    found = store.value("SELECT built_at FROM derived WHERE name = ?", [Table.SEGMENTS])
    reading = {"encoder": settings.encoder, "half_life_days": settings.half_life_days, "alpha": settings.alpha}
    return {"model": registry.key(settings.home), "segments": str(found), **reading, "recipe": RECIPE}


_CURVE = TypeAdapter(AlphaCurve)
_MEMBERS = """
SELECT m.user_id, min(m.segment_id) AS segment_id, any_value(s.name) AS name
FROM members m JOIN segments s USING (segment_id) GROUP BY m.user_id
"""
