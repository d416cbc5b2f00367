"""Groups of shoppers who behave alike: found, named, described, and read back."""

import json
from dataclasses import asdict, dataclass
from typing import Any

import numpy as np
import pandas as pd

from core.base.db import Store
from core.base.derived import Progress, no_progress, rebuild
from core.base.errors import BadInput
from core.base.schema import Col, Table
from core.base.settings import Settings
from core.profiles.behaviour import FEATURES
from core.profiles.clustering import Clustering, cluster
from core.profiles.describe import Described, describe
from core.profiles.portrait import Standout
from core.profiles.scaling import INGREDIENTS, Scale, fit_scales, standardise, weigh

RECIPE = 2
"""Raised when the same shoppers would be grouped, named or described otherwise, so that older segments are rebuilt."""
LEAST_SHOPPERS, LEAST_EVENTS = 25, 2
FITTED = "fitted"


@dataclass(frozen=True)
class Segment:
    """One group. share: of all clustered shoppers, 0..1; standouts: what is different about them, strongest first."""

    segment_id: int
    name: str
    size: int
    share: float
    portrait: str
    standouts: tuple[Standout, ...]


@dataclass(frozen=True)
class FitReport:
    """How the groups came about. state: 'fitted', else why there are none, in a sentence.

    shoppers: clustered; left_out: fewer than two events; curve: (k, silhouette) for each k tried; silhouette: of the k in
    force, −1..1; explained: shares of variance on the axes of the scatter; scales: how each feature entered.
    """

    state: str
    shoppers: int
    left_out: int
    k: int | None
    silhouette: float | None
    curve: tuple[tuple[int, float], ...]
    explained: tuple[float, ...]
    scales: tuple[Scale, ...]


@dataclass(frozen=True)
class Report:
    """All segments, largest first, and how they came about."""

    segments: tuple[Segment, ...]
    fit: FitReport

    def as_json(self) -> dict[str, Any]:
        """Return what ``segments --json`` prints."""
        keys = ("name", "size", "share", "portrait")
        listed = [{"id": one.segment_id, **{key: getattr(one, key) for key in keys}} for one in self.segments]
        return {"segments": listed, "k": self.fit.k, "silhouette": self.fit.silhouette, "state": self.fit.state}


def rebuild_segments(store: Store, settings: Settings, progress: Progress = no_progress) -> bool:
    """Group the shoppers anew where the data or the seed changed; return whether it was needed. Shoppers come first."""
    basis = {"recipe": RECIPE, "seed": settings.seed}
    return rebuild(store, Table.SEGMENTS, basis, lambda version: _rebuild(store, settings.seed, version, progress))


def segments(store: Store) -> list[Segment]:
    """Return the segments, largest first; none where there are too few shoppers (``fit_report`` says why)."""
    rows = store.rows("SELECT segment_id, name, size, share, portrait, standout FROM segments ORDER BY segment_id")
    return [
        Segment(number, name, size, share, portrait, _standouts(standout))
        for number, name, size, share, portrait, standout in rows
    ]


def fit_report(store: Store) -> FitReport:
    """Return how the segments in force came about."""
    rows = store.rows("SELECT state, shoppers, left_out, k, silhouette, curve, explained, scaling FROM fits")
    if not rows:
        return FitReport("Segments have not been built yet.", 0, 0, None, None, (), (), ())
    state, shoppers, left_out, k, silhouette, curve, explained, scaling = rows[0]
    pairs = tuple((int(tried), float(score)) for tried, score in json.loads(curve))
    scales = tuple(Scale(**one) for one in json.loads(scaling))
    return FitReport(state, shoppers, left_out, k, silhouette, pairs, tuple(json.loads(explained)), scales)


def report(store: Store) -> Report:
    """Return segments and fit together."""
    return Report(tuple(segments(store)), fit_report(store))


def members(store: Store, segment_id: int, limit: int | None = 100) -> pd.DataFrame:
    """Return a segment's shoppers, the most typical (nearest to its centre) first, ties by id; limit None = all.

    Columns: user_id, events, orders, monetary, last_ts, distance. Raises BadInput where there is no such segment.
    """
    if not store.value("SELECT count(*) FROM segments WHERE segment_id = ?", [segment_id]):
        raise BadInput(f"There is no segment {segment_id}. Segments may have been rebuilt since; choose one from the list.")
    return store.df(
        """
        SELECT user_id, s.events, s.orders, s.monetary, s.last_ts, m.distance FROM members m JOIN shoppers s USING (user_id)
        WHERE m.segment_id = $segment ORDER BY m.distance, user_id LIMIT coalesce($limit, 9223372036854775807)
        """,
        {"segment": segment_id, "limit": limit},
    )


def scatter(store: Store, limit: int = 3000) -> pd.DataFrame:
    """Return up to ``limit`` shoppers, evenly drawn by a hash of the id, to plot: user_id, segment_id, name, x, y."""
    return store.df(
        """
        SELECT user_id, segment_id, g.name, x, y FROM members m JOIN segments g USING (segment_id)
        ORDER BY hash(user_id), user_id LIMIT ?
        """,
        [limit],
    )


def _rebuild(store: Store, seed: int, version: int, progress: Progress) -> None:
    progress(0.0, "Reading shoppers")
    frame = _candidates(store)
    left_out = int(store.value("SELECT count(*) FROM shoppers")) - len(frame)
    scales = fit_scales(frame) if len(frame) >= LEAST_SHOPPERS else ()
    matrix = standardise(frame, scales)
    weighed = weigh(matrix, scales)
    if state := _why_not(weighed):
        return _write(store, version, None, frame, scales, FitReport(state, 0, left_out, None, None, (), (), ()), [])
    progress(0.2, "Trying 2 to 10 groups")
    found = cluster(weighed, seed)
    progress(0.8, "Naming the groups")
    fit = FitReport(FITTED, len(frame), left_out, found.k, found.silhouette, found.curve, found.explained, scales)
    return _write(store, version, found, frame, scales, fit, describe(frame, matrix, scales, found.labels))


def _candidates(store: Store) -> pd.DataFrame:
    """Return the shoppers that can be grouped, by id: every column that scaling and describing read."""
    wanted = {one.column for one in INGREDIENTS} | {one.evidence for one in INGREDIENTS if one.evidence}
    wanted |= {feature.name for feature in FEATURES}
    return store.df(
        f"SELECT user_id, {', '.join(sorted(wanted))} FROM shoppers WHERE events >= ? ORDER BY user_id", [LEAST_EVENTS]
    )


def _why_not(matrix: np.ndarray) -> str | None:
    """Return why these shoppers cannot be grouped, in a sentence; None where they can."""
    if len(matrix) < LEAST_SHOPPERS:
        return f"Segments need at least {LEAST_SHOPPERS} shoppers with {LEAST_EVENTS} events each; there are {len(matrix)}."
    if matrix.shape[1] == 0 or len(np.unique(matrix, axis=0)) < 3:
        return "All shoppers behave alike in everything the data tells, so there is nothing to group them by."
    return None


def _standouts(text: str) -> tuple[Standout, ...]:
    by_name = {feature.name: feature for feature in FEATURES}
    return tuple(Standout(by_name[one.pop("feature")], **one) for one in json.loads(text))


def _write(
    store: Store,
    version: int,
    found: Clustering | None,
    frame: pd.DataFrame,
    scales: tuple[Scale, ...],
    fit: FitReport,
    described: list[Described],
) -> None:
    """Replace fit, segments and members in one transaction."""
    with store.transaction() as cursor:
        for table in (Table.FITS, Table.SEGMENTS, Table.MEMBERS):
            cursor.execute(f"DELETE FROM {table}")
        numbers = [json.dumps(fit.curve), json.dumps([asdict(scale) for scale in fit.scales]), json.dumps(fit.explained)]
        head = [fit.state, fit.shoppers, fit.left_out, fit.k, fit.silhouette]
        cursor.execute("INSERT INTO fits VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)", [*head, *numbers, version])
        if found is None:
            return
        columns = [scale.column for scale in scales if scale.weight > 0]
        for number, (group, centre) in enumerate(zip(described, found.centres, strict=True), start=1):
            standouts = [{**asdict(one), "feature": one.feature.name} for one in group.standouts]
            row = [number, group.name, group.size, group.share, group.portrait, json.dumps(standouts)]
            place = json.dumps(dict(zip(columns, centre.tolist(), strict=True)))
            cursor.execute("INSERT INTO segments VALUES (?, ?, ?, ?, ?, ?, ?, ?)", [*row, place, version])
        rows = pd.DataFrame({Col.USER: frame[Col.USER], Col.SEGMENT: found.labels + 1, "distance": found.distances})
        rows = rows.assign(x=found.points[:, 0], y=found.points[:, 1])
        cursor.register("new_members", rows)
        cursor.execute(
            "INSERT INTO members BY NAME SELECT *, ? AS data_version FROM new_members ORDER BY segment_id, distance, user_id",
            [version],
        )
        cursor.unregister("new_members")
