"""A decision tree that states the segments as rules in the units people know, and places whoever was not clustered.

The tree is grown on the features as they are (no logarithms, no weights), at most four questions deep. Every threshold is
then moved to the roundest number that still divides the same shoppers, so what is shown is exactly what is applied. A
feature that is not known of a shopper counts as the median of the clustered ones.
"""

import json
import math
from collections.abc import Iterator
from dataclasses import asdict, dataclass

import numpy as np
import pandas as pd
from sklearn.model_selection import StratifiedKFold
from sklearn.tree import DecisionTreeClassifier

from core.profiles.behaviour import FEATURES
from core.profiles.conditions import Condition, in_words

DEPTH, LEAST_IN_LEAF, FOLDS = 4, 0.005, 5
"""Questions at most, share of the shoppers a leaf needs at least, and folds of the check on unseen shoppers."""
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
    """Return the tree for the (n,) segment ids of the (n) rows of ``shoppers``.

    Where a small segment would get no leaf, it is given more weight, at the price of some fidelity.
    """
    values, unknown = _filled(frame)
    trees = (_best(frame, values, unknown, segments, power, seed) for power in (0.0, 0.5, 1.0))
    wanted = len(np.unique(segments))
    tried: list[tuple[int, float, Node, float]] = []
    for root, power in trees:
        fidelity = float((place(root, frame) == segments).mean())
        tried.append((len(stated(root)), fidelity, root, power))
        if len(stated(root)) == wanted:
            break
    _, fidelity, root, power = max(tried, key=lambda one: (one[0], one[1]))
    return Tree(root, fidelity, _unseen(frame, segments, power, seed))


def place(root: Node, frame: pd.DataFrame) -> np.ndarray:
    """Return the (n,) segment ids into which the tree puts the rows of ``shoppers``."""
    placed = np.empty(len(frame), dtype=int)

    def descend(node: Node, rows: np.ndarray) -> None:
        if node.feature is None or node.yes is None or node.no is None:
            placed[rows] = node.segment_id
            return
        values = frame[node.feature].to_numpy(dtype=float, na_value=np.nan)[rows]
        low = np.where(np.isnan(values), node.unknown, values) <= node.threshold
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


def _best(
    frame: pd.DataFrame, values: np.ndarray, unknown: dict[str, float], segments: np.ndarray, power: float, seed: int
) -> tuple[Node, float]:
    """Grow one tree in which a segment weighs (its share)^-power a shopper; return its root and the power."""
    ids, counts = np.unique(segments, return_counts=True)
    weights = {int(one): float((len(segments) / many) ** power) for one, many in zip(ids, counts, strict=True)}
    least = max(5, int(LEAST_IN_LEAF * len(segments)))
    model = DecisionTreeClassifier(max_depth=DEPTH, min_samples_leaf=least, class_weight=weights, random_state=seed)
    model.fit(values, segments)
    return _node(model.tree_, 0, values, segments, np.arange(len(segments)), model.classes_, unknown), power


def _node(
    grown: object, at: int, values: np.ndarray, segments: np.ndarray, rows: np.ndarray, ids: np.ndarray, unknown: dict[str, float]
) -> Node:
    """Return the node with all below it, its thresholds rounded; two answers that say the same become one leaf."""
    chosen = int(ids[int(np.argmax(grown.value[at][0]))])  # type: ignore[attr-defined]
    share = float((segments[rows] == chosen).mean()) if len(rows) else 0.0
    left, right = int(grown.children_left[at]), int(grown.children_right[at])  # type: ignore[attr-defined]
    if left < 0:
        return Node(chosen, len(rows), share)
    column = int(grown.feature[at])  # type: ignore[attr-defined]
    low = values[rows, column].astype(np.float32) <= grown.threshold[at]  # type: ignore[attr-defined] # as it was grown
    yes = _node(grown, left, values, segments, rows[low], ids, unknown)
    no = _node(grown, right, values, segments, rows[~low], ids, unknown)
    if yes.feature is None and no.feature is None and yes.segment_id == no.segment_id:
        return Node(yes.segment_id, len(rows), float((segments[rows] == yes.segment_id).mean()))
    threshold = rounded(float(values[rows[low], column].max()), float(values[rows[~low], column].min()))
    return Node(chosen, len(rows), share, QUESTIONS[column], threshold, unknown[QUESTIONS[column]], yes, no)


def _unseen(frame: pd.DataFrame, segments: np.ndarray, power: float, seed: int) -> float:
    """Return the share of shoppers put into their segment by a tree grown without them."""
    right = 0
    folds = StratifiedKFold(FOLDS, shuffle=True, random_state=seed)
    smallest = int(np.unique(segments, return_counts=True)[1].min())
    if smallest < FOLDS:
        return float("nan")
    for train, test in folds.split(frame, segments):
        seen = frame.iloc[train]
        values, unknown = _filled(seen)
        root, _ = _best(seen, values, unknown, segments[train], power, seed)
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
