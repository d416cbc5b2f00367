"""The clustering in force: who was grouped, how well, and which groups are those of earlier fits.

Left out: shoppers with fewer than two events, who tell too little, and those whose pace no person keeps
(``core.ingest.robots``): a few crawlers would make a group of their own or stretch the scale for everyone.
"""

import json
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from statistics import fmean

import duckdb
import numpy as np
import pandas as pd

from core.base.db import Store
from core.base.derived import Progress, no_progress, rebuild
from core.base.schema import Col, Table
from core.base.settings import Settings
from core.ingest.robots import RULE, robots
from core.profiles.behaviour import FEATURES
from core.profiles.clustering import Clustering, cluster
from core.profiles.describe import name_groups
from core.profiles.identity import identify, known_groups, unscale
from core.profiles.scaling import INGREDIENTS, Scale, fit_scales, standardise, weigh
from core.profiles.stability import stability

RECIPE = 3
"""Raised when the same shoppers would be grouped otherwise, so that older fits are made anew."""
LEAST_SHOPPERS, LEAST_EVENTS = 25, 2
FITTED = "fitted"


@dataclass(frozen=True)
class FitReport:
    """How the groups came about. state: 'fitted', else why there are none, in a sentence.

    shoppers: clustered; left_out: fewer than two events; robots: left out as no persons; curve: (k, silhouette) for each k
    tried; silhouette: of the k in force, −1..1; resamples: adjusted Rand index of each bootstrap resample; explained:
    shares of variance on the axes of the scatter; scales: how each feature entered, with what was capped.
    """

    state: str
    shoppers: int
    left_out: int
    robots: int
    k: int | None
    silhouette: float | None
    curve: tuple[tuple[int, float], ...]
    resamples: tuple[float, ...]
    explained: tuple[float, ...]
    scales: tuple[Scale, ...]

    @property
    def stability(self) -> float | None:
        """The mean adjusted Rand index of the resamples: 1 = always the same groups."""
        return fmean(self.resamples) if self.resamples else None


@dataclass(frozen=True)
class Grouped:
    """The clustered shoppers, by id, as the fit saw them: rows of ``shoppers``, (n, scales) matrix, (n,) cluster ids."""

    frame: pd.DataFrame
    matrix: np.ndarray
    clusters: np.ndarray
    scales: tuple[Scale, ...]


def rebuild_fit(store: Store, settings: Settings, progress: Progress = no_progress) -> bool:
    """Cluster the shoppers anew where the data or the seed has changed; return whether it was needed."""
    wanted = {"seed": settings.seed, "recipe": RECIPE, "robots": RULE}
    return rebuild(store, Table.FITS, wanted, lambda version: _fit(store, settings.seed, version, progress))


def fit_report(store: Store) -> FitReport:
    """Return how the clustering in force came about."""
    rows = store.rows("SELECT state, shoppers, left_out, robots, k, silhouette, curve, stability, explained, scaling FROM fits")
    if not rows:
        return FitReport("Segments have not been built yet.", 0, 0, 0, None, None, (), (), (), ())
    state, shoppers, left_out, machines, k, silhouette, curve, resamples, explained, scaling = rows[0]
    pairs = tuple((int(tried), float(score)) for tried, score in json.loads(curve))
    scales = tuple(Scale(**one) for one in json.loads(scaling))
    told = tuple(json.loads(resamples)), tuple(json.loads(explained))
    return FitReport(state, shoppers, left_out, machines, k, silhouette, pairs, *told, scales)


def grouped(store: Store) -> Grouped:
    """Return the clustered shoppers with their cluster; empty where there is no clustering."""
    frame = store.df(f"SELECT {_WANTED}, cluster_id FROM shoppers JOIN clustered USING (user_id) ORDER BY user_id")
    scales = fit_report(store).scales
    return Grouped(frame, standardise(frame, scales), frame["cluster_id"].to_numpy(int), scales)


def left_out(store: Store) -> pd.DataFrame:
    """Return who is in no group because no person does what they did: user_id, events, why."""
    return store.df("SELECT user_id, events, why FROM robots ORDER BY events DESC, user_id")


_WANTED = ", ".join(
    dict.fromkeys(
        ["user_id"]
        + [one.column for one in INGREDIENTS]
        + [one.evidence for one in INGREDIENTS if one.evidence]
        + [feature.name for feature in FEATURES]
    )
)
"""Columns of ``shoppers`` that scaling, describing and the tree read."""


def _fit(store: Store, seed: int, version: int, progress: Progress) -> None:
    progress(0.0, "Reading shoppers")
    _note_robots(store, version)
    frame = store.df(
        f"SELECT {_WANTED} FROM shoppers ANTI JOIN robots USING (user_id) WHERE events >= ? ORDER BY user_id", [LEAST_EVENTS]
    )
    machines = int(store.value("SELECT count(*) FROM robots"))
    others = int(store.value("SELECT count(*) FROM shoppers")) - len(frame) - machines
    scales = fit_scales(frame) if len(frame) >= LEAST_SHOPPERS else ()
    matrix = standardise(frame, scales)
    weighed = weigh(matrix, scales)
    if state := _why_not(weighed):
        return _write(store, version, FitReport(state, 0, others, machines, None, None, (), (), (), ()))
    progress(0.1, "Trying 2 to 10 groups")
    found = cluster(weighed, seed)
    progress(0.6, "Grouping resamples of the shoppers")
    steady = stability(weighed, found.labels, seed)
    fit = FitReport(FITTED, len(frame), others, machines, found.k, found.silhouette, found.curve, steady, found.explained, scales)
    known = known_groups(store)
    ids = identify(found.centres, known, scales)
    names = {one.cluster_id: one.name for one in known}
    kept = {place: names[one] for place, one in enumerate(ids) if one in names}
    named = name_groups(frame, matrix, scales, found.labels, kept)
    return _write(store, version, fit, frame, found, ids, named)


def _note_robots(store: Store, version: int) -> None:
    found = robots(store)
    with store.transaction() as cursor:
        cursor.register("found", found)
        cursor.execute("TRUNCATE robots")
        cursor.execute("INSERT INTO robots SELECT user_id, events, why, ? FROM found", [version])
        cursor.unregister("found")


def _why_not(matrix: np.ndarray) -> str | None:
    """Return why these shoppers cannot be grouped, in a sentence; None where they can."""
    if len(matrix) < LEAST_SHOPPERS:
        return f"Segments need at least {LEAST_SHOPPERS} shoppers with {LEAST_EVENTS} events each; there are {len(matrix)}."
    if matrix.shape[1] == 0 or len(np.unique(matrix, axis=0)) < 3:
        return "All shoppers behave alike in everything the data tells, so there is nothing to group them by."
    return None


def _write(
    store: Store,
    version: int,
    fit: FitReport,
    frame: pd.DataFrame | None = None,
    found: Clustering | None = None,
    ids: list[int] | None = None,
    names: list[str] | None = None,
) -> None:
    """Replace the fit and its clusters in one transaction, and add them to the history."""
    with store.transaction() as cursor:
        for table in (Table.FITS, Table.CLUSTERS, Table.CLUSTERED):
            cursor.execute(f"DELETE FROM {table}")
        head = [fit.state, fit.shoppers, fit.left_out, fit.robots, fit.k, fit.silhouette]
        lists = [json.dumps(one) for one in (fit.curve, fit.resamples, [asdict(one) for one in fit.scales], fit.explained)]
        cursor.execute("INSERT INTO fits VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)", [*head, *lists, version])
        if found is None or frame is None or ids is None or names is None:
            return
        centres = [json.dumps(centre) for centre in unscale(found.centres, fit.scales)]
        cursor.executemany("INSERT INTO clusters VALUES (?, ?, ?)", [[*row, version] for row in zip(ids, centres, strict=True)])
        _write_members(cursor, version, frame, found, ids)
        _write_history(cursor, version, found, ids, names, centres)


def _write_members(
    cursor: duckdb.DuckDBPyConnection, version: int, frame: pd.DataFrame, found: Clustering, ids: list[int]
) -> None:
    rows = pd.DataFrame({Col.USER: frame[Col.USER], "cluster_id": np.array(ids)[found.labels], "distance": found.distances})
    cursor.register("rows", rows.assign(x=found.points[:, 0], y=found.points[:, 1]))
    cursor.execute("INSERT INTO clustered BY NAME SELECT *, ? AS data_version FROM rows", [version])
    cursor.unregister("rows")


def _write_history(
    cursor: duckdb.DuckDBPyConnection, version: int, found: Clustering, ids: list[int], names: list[str], centres: list[str]
) -> None:
    """Add the groups to the history; a fit made again on the same data replaces its earlier lines."""
    cursor.execute("DELETE FROM segment_history WHERE data_version = ?", [version])
    (until,) = cursor.execute("SELECT max(last_ts) FROM shoppers").fetchone() or (None,)
    now = datetime.now(UTC).replace(tzinfo=None)
    sizes = np.bincount(found.labels).tolist()
    total = sum(sizes)
    cursor.executemany(
        "INSERT INTO segment_history VALUES (?, ?, ?, ?, ?, ?, ?, ?)",
        [
            [number, name, size, size / total, centre, until, now, version]
            for number, name, size, centre in zip(ids, names, sizes, centres, strict=True)
        ],
    )
