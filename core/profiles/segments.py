"""Groups of shoppers who behave alike, as they are shown: clusters with the user's edits, in words, and stated by a tree."""

import json
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from typing import Any

import duckdb
import numpy as np
import pandas as pd

from core.base.db import Store
from core.base.derived import Progress, no_progress, rebuild
from core.base.errors import BadInput
from core.base.schema import Table
from core.base.settings import Settings
from core.profiles import edits, identity, tree
from core.profiles.conditions import BY_NAME, Condition
from core.profiles.describe import Described, describe
from core.profiles.fits import FitReport, Grouped, fit_report, grouped, rebuild_fit
from core.profiles.portrait import Standout
from core.profiles.rfm import rebuild_rfm
from core.profiles.tree import Rule, Tree

RECIPE = 4
"""Raised when the same clusters would be described or stated otherwise, so that older segments are told anew."""


@dataclass(frozen=True)
class Segment:
    """One group. share: of all clustered shoppers, 0..1; standouts: what is different about them, strongest first.

    rules: the leaves of the tree that state it, widest first; merged: segments a user merged into it; pinned: listed first.
    """

    segment_id: int
    name: str
    size: int
    share: float
    portrait: str
    standouts: tuple[Standout, ...]
    rules: tuple[Rule, ...] = ()
    merged: tuple[int, ...] = ()
    pinned: bool = False


@dataclass(frozen=True)
class Report:
    """All segments, pinned ones first, then the largest, and how they came about; tree: None where there are none.

    placed: shoppers outside the clustering whom the tree put into a segment.
    """

    segments: tuple[Segment, ...]
    fit: FitReport
    tree: Tree | None = None
    placed: int = 0

    def as_json(self) -> dict[str, Any]:
        """Return what ``segments --json`` prints."""
        return {
            "segments": [_as_json(one) for one in self.segments],
            "k": self.fit.k,
            "silhouette": self.fit.silhouette,
            "stability": self.fit.stability,
            "fidelity": self.tree.fidelity if self.tree else None,
            "fidelity_unseen": self.tree.unseen if self.tree else None,
            "shoppers": self.fit.shoppers,
            "left_out": self.fit.left_out,
            "robots": self.fit.robots,
            "placed_by_rule": self.placed,
            "state": self.fit.state,
        }


def _as_json(one: Segment) -> dict[str, Any]:
    told = [{"rule": str(rule), "size": rule.size, "coverage": rule.coverage, "precision": rule.precision} for rule in one.rules]
    apart = [{"feature": out.feature.name, "value": out.value, "shop": out.shop, "effect": out.effect} for out in one.standouts]
    return {
        "id": one.segment_id,
        "name": one.name,
        "size": one.size,
        "share": one.share,
        "rules": told,
        "portrait": one.portrait,
        "standouts": apart,
        "pinned": one.pinned,
    }


def rebuild_segments(store: Store, settings: Settings, progress: Progress = no_progress) -> bool:
    """Group and describe the shoppers anew where the data, the seed or an edit has changed; return whether it was needed.

    An edit alone changes no cluster: the groups are only told anew.
    """
    fitted = rebuild_fit(store, settings, progress)
    progress(0.7, "Stating the groups as rules")
    merges = sorted(edits.decided(store).merged.items())
    grown = {"seed": settings.seed, "recipe": RECIPE, "merges": [list(pair) for pair in merges]}
    stated = rebuild(store, Table.TREES, grown, lambda version: _state(store, settings.seed, version), force=fitted)
    progress(0.9, "Describing the groups")
    wanted = {"seed": settings.seed, "recipe": RECIPE, "edits": edits.revision(store)}
    told = rebuild(store, Table.SEGMENTS, wanted, lambda version: _tell(store, version), force=stated)
    rebuild_rfm(store)
    progress(1.0, "Segments are up to date")
    return told


def segments(store: Store) -> list[Segment]:
    """Return all segments, the pinned ones first, then the largest, ties by id; empty where there are none."""
    now = edits.decided(store)
    rows = store.rows(
        "SELECT segment_id, name, size, share, portrait, standout, rules FROM segments ORDER BY size DESC, segment_id"
    )
    found = []
    for number, name, size, share, text, standout, rules in rows:
        merged = tuple(sorted(one for one, end in now.merged.items() if end == number))
        told = _standouts(standout), _rules(rules)
        found.append(Segment(number, name, size, share, text, *told, merged, number in now.pinned))
    return sorted(found, key=lambda one: not one.pinned)


def report(store: Store) -> Report:
    """Return segments, tree and fit together."""
    placed = int(store.value("SELECT count(*) FROM placed"))
    return Report(tuple(segments(store)), fit_report(store), the_tree(store), placed)


def the_tree(store: Store) -> Tree | None:
    """Return the decision tree in force; None where there are no segments."""
    rows = store.rows("SELECT tree, fidelity, unseen FROM trees")
    return Tree(tree.read_node(json.loads(rows[0][0])), *rows[0][1:]) if rows else None


def missing_pins(store: Store) -> list[str]:
    """Return the names of pinned segments that the latest fit did not find again."""
    names = {one.cluster_id: one.name for one in identity.known_groups(store)}
    now = edits.decided(store)
    shown = {number for (number,) in store.rows("SELECT segment_id FROM segments")}
    return [now.names.get(one, names.get(one, "")) for one in sorted(now.pinned - shown)]


def members(store: Store, segment_id: int, limit: int | None = 100, feature: str | None = None) -> pd.DataFrame:
    """Return a segment's shoppers, the most typical (nearest to its centre) first, ties by id; limit None = all.

    feature: with this one as a column, and those with most of it first. Columns: user_id, events, orders, monetary, last_ts,
    distance. Raises BadInput where there is no such segment or feature.
    """
    if not store.value("SELECT count(*) FROM segments WHERE segment_id = ?", [segment_id]):
        raise BadInput(f"There is no segment {segment_id}. Segments may have been rebuilt since; choose one from the list.")
    if feature is not None and feature not in BY_NAME:
        raise BadInput(f"There is no feature '{feature}'.")
    shown = list(dict.fromkeys(["events", "orders", "monetary", *([feature] if feature else []), "last_ts"]))
    first = f"s.{feature} DESC NULLS LAST, " if feature else ""
    return store.df(
        f"""
        SELECT user_id, {", ".join(f"s.{one}" for one in shown)}, m.distance FROM members m JOIN shoppers s USING (user_id)
        WHERE m.segment_id = $segment ORDER BY {first}m.distance, user_id LIMIT coalesce($limit, 9223372036854775807)
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


def _state(store: Store, seed: int, version: int) -> None:
    """Grow the tree that states the clusters, merged as the user wants them; none where there are no clusters."""
    shoppers, ids = _merged(store)
    grown = tree.grow(shoppers.frame, ids, seed) if len(ids) else None
    with store.transaction() as cursor:
        cursor.execute("DELETE FROM trees")
        if grown:
            cursor.execute("INSERT INTO trees VALUES (?, ?, ?, ?)", [grown.as_json(), grown.fidelity, grown.unseen, version])


def _tell(store: Store, version: int) -> None:
    """Write segments, members and placed shoppers from the fit and the tree in force and the edits."""
    grown = the_tree(store)
    if grown is None:
        with store.transaction() as cursor:
            _clear(cursor)
        return
    shoppers, ids = _merged(store)
    order = _by_size(ids)
    known = {one.cluster_id: one.name for one in identity.known_groups(store)}
    given = edits.decided(store).names
    names = [given.get(one) or known.get(one) or f"Segment {one}" for one in order]
    described = describe(shoppers.frame, shoppers.matrix, shoppers.scales, _labels(ids, order), names)
    _write(store, version, shoppers, ids, order, described, grown)


def _merged(store: Store) -> tuple[Grouped, np.ndarray]:
    """Return the clustered shoppers and the segment of each, (n,)."""
    shoppers, now = grouped(store), edits.decided(store)
    return shoppers, np.array([now.final(int(one)) for one in shoppers.clusters], dtype=int)


def _by_size(ids: np.ndarray) -> list[int]:
    found, sizes = np.unique(ids, return_counts=True)
    return [int(one) for one in found[np.argsort(-sizes, kind="stable")]]


def _labels(ids: np.ndarray, order: Sequence[int]) -> np.ndarray:
    """Return the place of each id in ``order``, (n,)."""
    places = {one: place for place, one in enumerate(order)}
    return np.array([places[int(one)] for one in ids])


def _clear(cursor: duckdb.DuckDBPyConnection) -> None:
    for table in (Table.SEGMENTS, Table.MEMBERS, Table.PLACED):
        cursor.execute(f"DELETE FROM {table}")


def _write(
    store: Store,
    version: int,
    shoppers: Grouped,
    ids: np.ndarray,
    order: Sequence[int],
    described: Sequence[Described],
    grown: Tree,
) -> None:
    rules = tree.rules(grown.root, {one: group.size for one, group in zip(order, described, strict=True)})
    ends = pd.DataFrame({"cluster_id": shoppers.clusters, "segment_id": ids}).drop_duplicates()
    with store.transaction() as cursor:
        _clear(cursor)
        for number, group in zip(order, described, strict=True):
            standouts = json.dumps([{**asdict(one), "feature": one.feature.name} for one in group.standouts])
            told = json.dumps([asdict(rule) for rule in rules[number]])
            row = [number, group.name, group.size, group.share, group.portrait, standouts, told, version]
            cursor.execute("INSERT INTO segments VALUES (?, ?, ?, ?, ?, ?, ?, ?)", row)
        cursor.register("ends", ends)
        cursor.execute(
            "INSERT INTO members BY NAME SELECT user_id, segment_id, distance, x, y, ? AS data_version "
            "FROM clustered JOIN ends USING (cluster_id) ORDER BY segment_id, distance, user_id",
            [version],
        )
        cursor.unregister("ends")
        cursor.execute(
            f"INSERT INTO placed SELECT user_id, {tree.place_sql(grown.root)}, ? FROM shoppers "
            "ANTI JOIN members USING (user_id) ANTI JOIN robots USING (user_id) ORDER BY user_id",
            [version],
        )


def _standouts(text: str) -> tuple[Standout, ...]:
    return tuple(Standout(BY_NAME[one.pop("feature")], **one) for one in json.loads(text))


def _rules(text: str) -> tuple[Rule, ...]:
    told = json.loads(text)
    return tuple(Rule(**{**one, "conditions": tuple(Condition(**each) for each in one["conditions"])}) for one in told)
