"""The product's model: towers, tables, text and trend added up; weights and α are chosen on the validation part."""

from collections.abc import Iterator, Sequence
from dataclasses import asdict, dataclass, replace

import numpy as np
import scipy.sparse as sp

from core.base.derived import Progress, no_progress
from core.represent.acts import Acts
from core.represent.model import Model
from core.represent.neighbours import REVISIT, Neighbours, itself
from core.represent.towers import Towers
from core.train.ease import Ease
from core.train.finetune import Tower
from core.train.item_to_item import ItemToItem
from core.train.judge import hide, ranks_of
from core.train.metrics import ndcg
from core.train.newcomers import introduce
from core.train.protocol import Examples
from core.train.scorer import Scorer, within
from core.train.snapshot import Snapshot
from core.train.trend import Trend
from core.train.zero_shot import quality, unsigned_until

TUNING_CELLS = 40_000_000
"""Scores kept in memory, for each part, while the weights are chosen: 160 MB; more where LEAST_QUESTIONS have more items."""
LEAST_QUESTIONS = 1000
"""What the weights are chosen on at least: fewer mistake a weight for another that is worse by a fiftieth of the NDCG@10."""
GRID = (0.0, 0.25, 0.5, 1.0, 1.5, 2.0, 3.0, 4.0, 6.0, 8.0, 12.0, 16.0)
ROUNDS = 2
BLOCK_CELLS = 3_000_000
"""Scores added up at once: 12 MB, which the allocator keeps and the caches half hold."""
MAY_COST = 0.02
"""Part of the NDCG@10 that a place for newcomers in the lists may cost: what nobody is shown, nobody can come to want."""
LOOKED_DECAY = 0.95
"""What having looked at an item counts less for each item looked at since."""
ALPHAS = tuple(place / 20 for place in range(10, 21))


@dataclass(frozen=True)
class Weights:
    """Weight of each part: the towers' logits, the tables' logarithms, text and trend as they are; 0 = it is not asked."""

    towers: float = 1.0
    item_to_item: float = 0.0
    text: float = 4.0
    ease: float = 1.0
    revisit: float = 0.0
    trend: float = 0.0

    def only(self, part: str) -> "Weights":
        """Return the weights that ask this part alone."""
        return replace(self, **{name: float(name == part) for name in asdict(self)})


class Mixture:
    """r = α · s + (1 − α) · q with the s of ``core.represent.model`` and the q of the product, counted on the training part.

    ``model``: what was learned, as it is kept and served; ``newcomers``: whether items that nobody has met are in its tables.
    """

    def __init__(self, name: str, towers: Sequence[Tower], snapshot: Snapshot):
        self.name = name
        self.weights = Weights()
        self.alpha = 1.0
        self.newcomers = True
        self._towers = tuple(towers)
        self._snapshot = snapshot
        self._item_to_item, self._ease = ItemToItem(), Ease()
        self._trend = Trend(self._ease)

    def fit(self, train: Acts, valid: Examples | None, progress: Progress = no_progress) -> None:
        """Train every part, then choose the weights and α by NDCG@10 on ``valid``, one at a time, the weights twice around.

        Without ``valid`` only the parts are trained again that were given a weight.
        """
        models = self._models(asked_only=valid is None)
        share = 1 / (len(models) + 1)
        for place, model in enumerate(models):
            model.fit(train, valid, within(progress, place * share, (place + 1) * share))
        self._tables = self._learned_tables()
        worth, _ = quality(train, unsigned_until(self._snapshot.anonymous, train))
        self._quality = worth.astype(np.float32)
        introduced = self._introduced(np.bincount(train.item, minlength=train.items) > 0)
        if valid is not None:
            progress(1 - share, "Weighing the parts")
            self._weigh(valid, introduced)
        if self.newcomers:
            self._tables = introduced
        self.model = self._assemble()

    def score(self, history: Acts) -> np.ndarray:
        """Return float32 (shoppers, n), r."""
        return self.model.blended(history, self._quality)

    def weights_by_name(self) -> dict[str, float]:
        """Return the weight of each part against the towers' logits."""
        return asdict(self.weights)

    @property
    def towers(self) -> list[Towers]:
        """The towers that were trained, whether or not they are asked."""
        return [tower.towers for tower in self._towers]

    def remarks(self) -> list[str]:
        """Return what to know of how it was trained, in sentences."""
        parts = {(tower.learned_from, tower.spans) for tower in self._towers if tower.learned_from < tower.spans}
        return [
            f"An epoch of the towers learned from {some:,} of {of:,} parts of histories, drawn at random each time: "
            "this shop is large. Raise epoch_batches to learn from more."
            for some, of in sorted(parts)
        ]

    def _models(self, asked_only: bool) -> list[Scorer]:
        """Return the parts to train, all or those with a weight."""
        towers = [("towers", tower) for tower in self._towers]
        parts: list[tuple[str, Scorer]] = [
            *towers,
            ("item_to_item", self._item_to_item),
            ("ease", self._ease),
            ("trend", self._trend),
        ]
        told = asdict(self.weights)
        return [model for name, model in parts if told[name] or not asked_only]

    def _learned_tables(self) -> dict[str, tuple[sp.csr_matrix, float]]:
        """Return table and decay of each part that reads behaviour alone."""
        return {
            "item_to_item": (self._item_to_item.table, self._item_to_item.options.decay),
            "ease": (self._ease.sparse(), self._ease.options.decay),
            REVISIT: (itself(len(self._snapshot.items)), LOOKED_DECAY),
        }

    def _introduced(self, engaged: np.ndarray) -> dict[str, tuple[sp.csr_matrix, float]]:
        """Return the tables with a place in EASE's for items that nobody engaged with. engaged: (n,) bool."""
        table, decay = self._tables["ease"]
        return {**self._tables, "ease": (introduce(table, self._snapshot.vectors, engaged), decay)}

    def _assemble(self) -> Model:
        """Return the model by the weights; where the towers are not asked, it has none."""
        snapshot, weights = self._snapshot, self.weights
        unit = weights.towers or 1.0
        told = {name: value / unit for name, value in asdict(weights).items()}
        return Model(
            ids=snapshot.items["item_id"].to_numpy(object),
            text=snapshot.vectors,
            whitening=snapshot.whitening,
            encoder=snapshot.meta.encoder,
            towers=tuple(tower.towers for tower in self._towers) if weights.towers else (),
            tables=tuple(Neighbours(name, *kept, told[name]) for name, kept in self._tables.items() if told[name]),
            text_weight=told["text"],
            trend=self._trend.table,
            trend_weight=told["trend"],
            alpha=self.alpha,
            encoder_folder=snapshot.meta.encoder_folder,
        )

    def _weigh(self, valid: Examples, introduced: dict[str, tuple[sp.csr_matrix, float]]) -> None:
        """Choose the weights on a sample that fits into memory, each part's scores worked out once; then newcomers; then α."""
        sample = valid.sample(max(LEAST_QUESTIONS, TUNING_CELLS // valid.history.items), np.random.default_rng(0))
        judged = _Judged(sample, self._parts(sample.history))
        gained, weights = self._ascend(judged)
        self.weights = replace(weights, trend=weights.ease * self._trend.options.weight)
        judged.parts.clear()
        met, self._tables = self._tables, introduced
        found = judged.ndcg(hide(self._assemble().score(sample.history), sample))
        self.newcomers = bool(found.mean() >= (1 - MAY_COST) * gained.mean())
        self._tables = introduced if self.newcomers else met
        self.alpha = self._best_alpha(judged, sample)

    def _ascend(self, judged: "_Judged") -> tuple[np.ndarray, Weights]:
        """Return weights and their NDCG@10, (m,): from the best of a few starts, one part at a time, twice around."""
        starts = [self.weights, *(self.weights.only(part) for part in judged.parts)]
        best, weights = max(((judged.weighted(start), start) for start in starts), key=lambda pair: float(pair[0].mean()))
        asked: dict[str, Weights] = {}
        for part in [*judged.parts] * ROUNDS:
            if asked.get(part) == (others := replace(weights, **{part: 0.0})):
                continue  # nothing has changed since
            asked[part] = others
            along = judged.along(others, part)
            place = int(np.argmax([found.mean() for found in along]))
            if along[place].mean() > best.mean():
                best, weights = along[place], replace(weights, **{part: GRID[place]})
        return best, weights

    def _parts(self, history: Acts) -> dict[str, np.ndarray]:
        """Return float32 (shoppers, n) of each part, as the weights multiply it; the trend is in EASE's, as chosen."""
        towers = replace(self._assemble(), towers=tuple(one.towers for one in self._towers), tables=())
        towers = replace(towers, text_weight=0.0, trend_weight=0.0)
        parts = {"towers": 2 * np.float32(towers.cosine_weight) * towers.score(history)}
        if self._snapshot.vectors.any():
            parts["text"] = 2 * replace(towers, towers=(), text_weight=1.0).score(history)
        for name, kept in self._tables.items():
            parts[name] = Neighbours(name, *kept, 1.0).log_score(history).toarray()
        parts["ease"] += np.float32(self._trend.options.weight) * self._trend.table
        return parts

    def _best_alpha(self, judged: "_Judged", sample: Examples) -> float:
        """Return the α of ALPHAS with the highest NDCG@10; of equals the lowest, which heeds quality more."""
        taste = hide(self._assemble().score(sample.history), sample)
        gained = [judged.ndcg(np.float32(alpha) * taste + np.float32(1 - alpha) * self._quality).mean() for alpha in ALPHAS]
        return ALPHAS[int(np.argmax(gained))]


class _Judged:
    """Parts of scores on one sample of questions, and the NDCG@10 of what they add up to.

    ``parts``: those that say something of an item that may be recommended.
    """

    def __init__(self, sample: Examples, parts: dict[str, np.ndarray]):
        self._sample = sample
        self._hidden = hide(np.zeros((len(sample), sample.history.items), np.float32), sample)
        open_to = self._hidden == 0
        self.parts = {name: part for name, part in parts.items() if ((part != 0) & open_to).any()}

    def along(self, weights: Weights, part: str) -> list[np.ndarray]:
        """Return the NDCG@10, (m,) each, of the weighted sum with the part, which weighs 0 in it, at every weight of GRID."""
        ranks: list[list[np.ndarray]] = [[] for _ in GRID]
        for rows, row, item in self._blocks():
            others, mine = self._total(weights, rows), self.parts[part][rows]
            for found, value in zip(ranks, GRID, strict=True):
                found.append(ranks_of(others + np.float32(value) * mine, row, item, within=10))
        return [self._ndcg(np.concatenate(found)) for found in ranks]

    def weighted(self, weights: Weights) -> np.ndarray:
        """Return the NDCG@10, (m,), of the weighted sum."""
        ranks = [ranks_of(self._total(weights, rows), row, item, within=10) for rows, row, item in self._blocks()]
        return self._ndcg(np.concatenate(ranks))

    def ndcg(self, scores: np.ndarray) -> np.ndarray:
        """Return the NDCG@10, (m,), of scores (m, n)."""
        return self._ndcg(ranks_of(scores, self._sample.target_row, self._sample.target_item, within=10))

    def _total(self, weights: Weights, rows: slice) -> np.ndarray:
        """Return float32 (rows, n): the weighted sum, −∞ where nothing may be recommended."""
        total = self._hidden[rows].copy()
        for name, part in self.parts.items():
            if weight := getattr(weights, name):
                total += np.float32(weight) * part[rows]
        return total

    def _blocks(self) -> Iterator[tuple[slice, np.ndarray, np.ndarray]]:
        """Yield the questions a block at a time: their rows, and the row within the block and the item of each target."""
        target, size = self._sample.target_row, max(1, BLOCK_CELLS // max(self._sample.history.items, 1))
        for start in range(0, len(self._sample), size):
            begin, end = np.searchsorted(target, (start, start + size))
            yield slice(start, start + size), target[begin:end] - start, self._sample.target_item[begin:end]

    def _ndcg(self, rank: np.ndarray) -> np.ndarray:
        return ndcg(self._sample.target_row, rank, len(self._sample), 10)
