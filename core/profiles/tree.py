"""A decision tree that states the segments as rules in the units people know, and places whoever was not clustered.

The tree is grown on the features as they are (no logarithms, no weights), at most four questions deep. Splitting greedily
is not the best way to four questions, so several trees are grown, all but one on a random half of the features at each
split, and the one that agrees most is taken. Every threshold is then moved to the roundest number that sends at most one
in a hundred of those asked the other way: what is shown is exactly what is applied. A feature that is not known of a
shopper counts as the median of the clustered ones.
"""

import json
import math
from collections.abc import Iterator
from dataclasses import asdict, dataclass
from typing import Any

import numpy as np
import pandas as pd
from sklearn.model_selection import StratifiedKFold
from sklearn.tree import DecisionTreeClassifier

from core.profiles.behaviour import FEATURES
from core.profiles.conditions import Condition, in_words

DEPTH, LEAST_IN_LEAF, FOLDS = 4, 0.005, 5
"""Questions at most, share of the shoppers a leaf needs at least, and folds of the check on unseen shoppers."""
CANDIDATES, GROW_ROWS, BENT = 16, 20_000, 0.01
"""Trees grown, rows of the seeded sample they grow on, and share of those asked that rounding may send the other way."""
QUESTIONS = tuple(one.name for one in FEATURES if one.name not in {"main_hour", "tenure_days"})
"""What the tree may ask: an hour is no number line, and tenure says little else than the first visit."""


@dataclass(frozen=True)
class Node:
    """A question with its two answers, or a leaf. size: shoppers who come here; share: of them in ``segment_id``, the commonest.

    feature, threshold, unknown: None in a leaf; ``yes`` is feature ≤ threshold, ``unknown`` the value of those not known.
    """

    segment_id: int
    size: int
    share: float
    feature: str | None = None
    threshold: float | None = None
    unknown: float | None = None
    yes: "Node | None" = None
    no: "Node | None" = None


@dataclass(frozen=True)
class Rule:
    """One leaf as a rule for its segment. size: shoppers who meet it; coverage: share of the segment who do;

    precision: share of those who meet it that are in the segment.
    """

    conditions: tuple[Condition, ...]
    size: int
    coverage: float
    precision: float

    def __str__(self) -> str:
        return in_words(self.conditions)


@dataclass(frozen=True)
class Tree:
    """The tree in force. fidelity: share of the clustered shoppers put into their segment; unseen: the same in five folds."""

    root: Node
    fidelity: float
    unseen: float

    def as_json(self) -> str:
        return json.dumps(asdict(self.root))


def grow(frame: pd.DataFrame, segments: np.ndarray, seed: int) -> Tree:
    """Return the tree for the (n,) segment ids of the (n) rows of ``shoppers``."""
    rng = np.random.default_rng(seed)
    rows = np.sort(rng.choice(len(frame), GROW_ROWS, replace=False)) if len(frame) > GROW_ROWS else np.arange(len(frame))
    sample, known = frame.iloc[rows], segments[rows]
    root = _best(sample, known, seed)
    return Tree(root, float((place(root, frame) == segments).mean()), _unseen(sample, known, seed))


def place(root: Node, frame: pd.DataFrame) -> np.ndarray:
    """Return the (n,) segment ids into which the tree puts the rows of ``shoppers``."""
    placed = np.empty(len(frame), dtype=int)

    def descend(node: Node, rows: np.ndarray) -> None:
        if node.feature is None or node.threshold is None or node.yes is None or node.no is None:
            placed[rows] = node.segment_id
            return
        values = frame[node.feature].to_numpy(dtype=float, na_value=np.nan)[rows]
        low = np.asarray(np.where(np.isnan(values), node.unknown, values)) <= node.threshold
        descend(node.yes, rows[low])
        descend(node.no, rows[~low])

    descend(root, np.arange(len(frame)))
    return placed


def place_sql(node: Node) -> str:
    """Return the tree as a SQL expression over ``shoppers``."""
    if node.feature is None or node.yes is None or node.no is None:
        return str(node.segment_id)
    asked = f"coalesce({node.feature}, {node.unknown!r}) <= {node.threshold!r}"
    return f"if({asked}, {place_sql(node.yes)}, {place_sql(node.no)})"


def stated(node: Node) -> set[int]:
    """Return the segments that have a leaf."""
    return {leaf.segment_id for _, leaf in leaves(node)}


def rules(root: Node, sizes: dict[int, int]) -> dict[int, tuple[Rule, ...]]:
    """Return each segment's rules, the one that covers most first. sizes: shoppers of each segment."""
    found: dict[int, list[Rule]] = {segment: [] for segment in sizes}
    for path, leaf in leaves(root):
        covered = leaf.share * leaf.size / max(sizes[leaf.segment_id], 1)
        found[leaf.segment_id].append(Rule(_simplified(path), leaf.size, covered, leaf.share))
    return {segment: tuple(sorted(some, key=lambda rule: -rule.coverage)) for segment, some in found.items()}


def leaves(node: Node, path: tuple[Condition, ...] = ()) -> Iterator[tuple[tuple[Condition, ...], Node]]:
    """Yield every leaf with the conditions that lead to it."""
    if node.feature is None or node.threshold is None or node.yes is None or node.no is None:
        yield path, node
        return
    yield from leaves(node.yes, (*path, Condition(node.feature, "≤", node.threshold)))
    yield from leaves(node.no, (*path, Condition(node.feature, ">", node.threshold)))


def read_node(record: dict[str, object]) -> Node:
    """Return a node from the JSON of ``Tree.as_json``."""
    children = {side: read_node(child) for side in ("yes", "no") if isinstance(child := record[side], dict)}
    return Node(**{**record, **children})  # type: ignore[arg-type]


def rounded(below: float, above: float) -> float:
    """Return the roundest t with below ≤ t < above, so that ``x ≤ t`` divides the two.

    >>> rounded(3, 4), rounded(1234.5, 1302), rounded(0.2311, 0.2389)
    (3.0, 1300.0, 0.235)
    """
    for digits in range(-9, 13):
        step = 10.0**-digits
        for unit in (step, step / 2):
            candidate = round(math.ceil(below / unit - 1e-9) * unit, digits + 1)
            if below <= candidate < above:
                return candidate
    return below


def _filled(frame: pd.DataFrame) -> tuple[np.ndarray, dict[str, float]]:
    """Return the (n, questions) values with medians for the unknown, and those medians; a feature nobody has counts 0."""
    raw = frame[list(QUESTIONS)].astype(float)
    medians = raw.median().fillna(0.0)
    return raw.fillna(medians).to_numpy(), {str(name): float(value) for name, value in medians.items()}


def _best(frame: pd.DataFrame, segments: np.ndarray, seed: int) -> Node:
    """Return the root of the tree that states most segments and, of those, agrees most.

    Where every tree leaves a small segment without a leaf, small ones are given more weight, at the price of agreement.
    """
    values, unknown = _filled(frame)
    wanted, best, key = len(np.unique(segments)), None, (0, 0.0)
    for power in (0.0, 0.5, 1.0):
        for number in range(CANDIDATES):
            root = _one(values, unknown, segments, power, None if number == 0 else 0.5, seed + number)
            agrees = len(stated(root)), float((place(root, frame) == segments).mean())
            if best is None or agrees > key:
                best, key = root, agrees
        if key[0] == wanted:
            break
    assert best is not None
    return best


def _one(
    values: np.ndarray, unknown: dict[str, float], segments: np.ndarray, power: float, asked: float | None, seed: int
) -> Node:
    """Grow one tree in which a segment weighs (its share)^-power a shopper; asked: share of the features tried at a split."""
    ids, counts = np.unique(segments, return_counts=True)
    weights = {int(one): float((len(segments) / many) ** power) for one, many in zip(ids, counts, strict=True)}
    least = max(5, int(LEAST_IN_LEAF * len(segments)))
    model = DecisionTreeClassifier(
        criterion="entropy",
        max_depth=DEPTH,
        min_samples_leaf=least,
        max_features=asked,
        class_weight=weights,
        random_state=seed,
    )
    grown = model.fit(values, segments).tree_
    return _Reader(grown, values, segments, weights, unknown).node(0, np.arange(len(segments)))


@dataclass(frozen=True)
class _Reader:
    """Turns a tree of scikit-learn into nodes. grown: its ``tree_``; weights: segment → weight of one shopper."""

    grown: Any
    values: np.ndarray
    segments: np.ndarray
    weights: dict[int, float]
    unknown: dict[str, float]

    def node(self, at: int, rows: np.ndarray) -> Node:
        """Return the node with all below it; two answers that say the same become one leaf."""
        chosen, share = self._commonest(rows)
        column = int(self.grown.feature[at])
        if column < 0 or len(rows) < 2:
            return Node(chosen, len(rows), share)
        asked = self.values[rows, column]
        threshold = bent(asked, float(self.grown.threshold[at]))
        low = asked <= threshold
        if low.all() or not low.any():
            return Node(chosen, len(rows), share)
        yes = self.node(int(self.grown.children_left[at]), rows[low])
        no = self.node(int(self.grown.children_right[at]), rows[~low])
        if yes.feature is None and no.feature is None and yes.segment_id == no.segment_id:
            return Node(yes.segment_id, len(rows), float((self.segments[rows] == yes.segment_id).mean()))
        name = QUESTIONS[column]
        return Node(chosen, len(rows), share, name, threshold, self.unknown[name], yes, no)

    def _commonest(self, rows: np.ndarray) -> tuple[int, float]:
        """Return the segment that weighs most among the rows, and its share of them."""
        ids, counts = np.unique(self.segments[rows], return_counts=True)
        heaviest = int(np.argmax([self.weights[int(one)] * many for one, many in zip(ids, counts, strict=True)]))
        return int(ids[heaviest]), float(counts[heaviest] / len(rows))


def bent(asked: np.ndarray, threshold: float) -> float:
    """Return the roundest threshold that sends at most BENT of the values asked to the other side, and leaves both some."""
    ordered = np.sort(asked)
    here, slack = int(np.searchsorted(ordered, threshold, side="right")), int(BENT * len(ordered))
    here = min(max(here, 1), len(ordered) - 1)
    below, above = ordered[max(here - 1 - slack, 0)], ordered[min(here + slack, len(ordered) - 1)]
    return rounded(float(below), float(above)) if below < above else float(threshold)


def _unseen(frame: pd.DataFrame, segments: np.ndarray, seed: int) -> float:
    """Return the share of shoppers put into their segment by a tree grown without them; NaN where a segment is too small."""
    if int(np.unique(segments, return_counts=True)[1].min()) < FOLDS:
        return float("nan")
    right = 0
    for train, test in StratifiedKFold(FOLDS, shuffle=True, random_state=seed).split(frame, segments):
        root = _best(frame.iloc[train], segments[train], seed)
        right += int((place(root, frame.iloc[test]) == segments[test]).sum())
    return right / len(segments)


def _simplified(path: tuple[Condition, ...]) -> tuple[Condition, ...]:
    """Return the conditions with the tightest limit of each feature and side, in the order in which they are first asked."""
    tightest: dict[tuple[str, str], Condition] = {}
    for one in path:
        key = (one.feature, one.operator)
        held = tightest.get(key)
        tighter = held is None or (one.value < held.value if one.operator == "≤" else one.value > held.value)
        tightest[key] = one if tighter else tightest[key]
    return tuple(tightest.values())
