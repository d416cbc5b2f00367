"""Keep a group's identity over refits: a new group that lies where a known one lay is that one, with its name and history.

Centres are compared on the scale of the new fit. Pairs are chosen together for the least sum of distances (Hungarian
method); a pair counts only where the new centre lies nearer to the known one than half-way to its nearest sibling.
"""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd
from scipy.optimize import linear_sum_assignment

from core.base.db import Store
from core.profiles.scaling import Scale

Centre = Mapping[str, float]


@dataclass(frozen=True)
class Known:
    """A group of an earlier fit, as it was last seen. centre: column → value in its unit (after its logarithm)."""

    cluster_id: int
    name: str
    centre: Centre


def known_groups(store: Store) -> list[Known]:
    """Return every group of any fit so far, by id."""
    rows = store.rows(
        """
        SELECT cluster_id, arg_max(name, (fitted_at, data_version)), arg_max(centre, (fitted_at, data_version))
        FROM segment_history GROUP BY cluster_id ORDER BY cluster_id
        """
    )
    return [Known(number, name, json.loads(centre)) for number, name, centre in rows]


def history(store: Store) -> pd.DataFrame:
    """Return every group of every fit, oldest first: until (latest event fitted on), fitted_at, cluster_id, name, size, share."""
    return store.df(
        "SELECT until, fitted_at, cluster_id, name, size, share FROM segment_history ORDER BY fitted_at, data_version, size DESC"
    )


def unscale(centres: np.ndarray, scales: Sequence[Scale]) -> list[dict[str, float]]:
    """Return (k, d) centres of the space of clustering as column → value in the column's unit (after its logarithm)."""
    used = [scale for scale in scales if scale.weight > 0]
    return [
        {
            scale.column: float(place / scale.weight * scale.deviation + scale.mean)
            for scale, place in zip(used, centre, strict=True)
        }
        for centre in centres
    ]


def rescale(centre: Centre, scales: Sequence[Scale]) -> np.ndarray:
    """Return the centre in the space of clustering, (d,); NaN where it does not know a column."""
    used = [scale for scale in scales if scale.weight > 0]
    return np.array([(centre.get(one.column, np.nan) - one.mean) / one.deviation * one.weight for one in used])


def identify(centres: np.ndarray, known: Sequence[Known], scales: Sequence[Scale]) -> list[int]:
    """Return an id for each of the (k, d) new centres: that of the known group it is, else one never used before."""
    unused = max((one.cluster_id for one in known), default=0) + 1
    ids: dict[int, int] = {}
    if known:
        places = np.array([rescale(one.centre, scales) for one in known])
        ids = {new: known[old].cluster_id for new, old in match(centres, places)}
    fresh = iter(range(unused, unused + len(centres)))
    return [ids[place] if place in ids else next(fresh) for place in range(len(centres))]


def match(centres: np.ndarray, places: np.ndarray) -> list[tuple[int, int]]:
    """Return pairs (row of ``centres``, row of ``places``) that are the same group. NaN in a place counts as no difference.

    >>> match(np.array([[0.0], [10.0], [20.0]]), np.array([[11.0], [30.0]]))
    [(1, 0)]
    """
    apart = np.sqrt(np.nansum((centres[:, None, :] - places[None, :, :]) ** 2, axis=2))
    limits = _half_way(centres)
    allowed = np.where(apart < limits[:, None], apart, apart.max() * len(apart) + 1e6)
    pairs = zip(*linear_sum_assignment(allowed), strict=True)
    return [(int(new), int(old)) for new, old in pairs if apart[new, old] < limits[new]]


def _half_way(centres: np.ndarray) -> np.ndarray:
    """Return half the distance from each centre to its nearest sibling, (k,)."""
    between = np.sqrt(((centres[:, None, :] - centres[None, :, :]) ** 2).sum(axis=2))
    np.fill_diagonal(between, np.inf)
    return np.asarray(between.min(axis=1) / 2)
