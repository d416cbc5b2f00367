"""How far what shoppers do has moved from what the served model learned from: the population stability index of three mixes.

PSI = Σ (q − p) · ln(q ÷ p) over the parts of a mix, p their shares in the data learned from, q in what came since (Siddiqi 2006,
"Credit Risk Scorecards", where 0.1 is a small shift and 0.25 a large one). Without any shift PSI · n·m ÷ (n + m) has a chi-square
distribution with parts − 1 degrees of freedom (Yurdakul & Naranjo 2020), so the value that only one sample in twenty would reach
by chance is known and told beside it: a few new events always look different.
"""

from dataclasses import dataclass
from enum import StrEnum

import numpy as np
import pandas as pd
from scipy.special import chdtri

from core.base.db import Store
from core.base.schema import ImportStatus

LARGEST_ITEMS = 50
"""Items that are parts of their own; the others known to the model are one part, and those it has never seen another."""
_SMOOTHING = 0.5
"""Added to each count, so that a part that one side lacks has a logarithm."""
_TOLD = 5


class Mix(StrEnum):
    """What may shift."""

    ITEMS = "items"
    CATEGORIES = "categories"
    KINDS = "kinds of event"


@dataclass(frozen=True)
class Share:
    """A part of a mix: its share of the events learned from, and of those since, 0..1."""

    name: str
    before: float
    since: float


@dataclass(frozen=True)
class Drift:
    """How far a mix moved. psi ≥ 0; chance: what one sample in twenty would reach without a shift; moved: what moved most."""

    mix: Mix
    psi: float
    chance: float
    moved: tuple[Share, ...]


@dataclass(frozen=True)
class Fresh:
    """Events that came after a data version, beside those up to it. drifts: empty where there are none on one side."""

    known: int
    since: int
    drifts: tuple[Drift, ...]

    @property
    def share(self) -> float:
        """Return the new events as a share of those learned from."""
        return self.since / self.known if self.known else float(self.since > 0)


def fresh(store: Store, version: int) -> Fresh:
    """Return what came in by imports after a data version: events, and ratings of known shoppers."""
    frames = {mix: store.df(sql, {"version": version}) for mix, sql in _SQL.items()}
    known, since = (int(frames[Mix.KINDS][side].sum()) for side in ("before", "since"))
    drifts = tuple(drift(mix, frame) for mix, frame in frames.items()) if known and since else ()
    return Fresh(known, since, drifts)


def drift(mix: Mix, counts: pd.DataFrame) -> Drift:
    """Return how far a mix moved. counts: name, before, since; a row a part."""
    before, since = counts["before"].to_numpy(float), counts["since"].to_numpy(float)
    p, q = ((side + _SMOOTHING) / (side + _SMOOTHING).sum() for side in (before, since))
    parts = (q - p) * np.log(q / p)
    chance = float(chdtri(len(counts) - 1, 0.05)) * float(1 / before.sum() + 1 / since.sum()) if len(counts) > 1 else 0.0
    most = np.argsort(-parts, kind="stable")[:_TOLD]
    shares = zip(counts["name"].to_numpy()[most], before[most] / before.sum(), since[most] / since.sum(), strict=True)
    return Drift(mix, float(parts.sum()), chance, tuple(Share(str(name), float(was), float(now)) for name, was, now in shares))


_DONE = f"""
done AS (
    SELECT item_id, event_type, import_id FROM events
    UNION ALL SELECT item_id, 'rating', import_id FROM reviews WHERE user_id IS NOT NULL
), told AS (
    SELECT item_id, event_type, data_version > $version AS new
    FROM done JOIN imports USING (import_id) WHERE status = '{ImportStatus.LOADED}'
)"""
_COUNTS = "count_if(NOT new) AS before, count_if(new) AS since"
_SQL = {
    Mix.KINDS: f"WITH {_DONE} SELECT event_type AS name, {_COUNTS} FROM told GROUP BY name ORDER BY name",
    Mix.CATEGORIES: f"""
        WITH {_DONE} SELECT coalesce(top_category, 'no category') AS name, {_COUNTS}
        FROM told LEFT JOIN catalogue USING (item_id) GROUP BY name ORDER BY name
    """,
    Mix.ITEMS: f"""
        WITH {_DONE}, items AS (SELECT item_id, {_COUNTS} FROM told GROUP BY item_id),
        ranked AS (SELECT *, row_number() OVER (ORDER BY before DESC, item_id) <= {LARGEST_ITEMS} AS large FROM items)
        SELECT CASE WHEN unseen THEN 'items new to the model' WHEN part = '' THEN 'all other items'
                    ELSE coalesce(any_value(title), part) END AS name,
               sum(before) AS before, sum(since) AS since
        FROM (SELECT r.*, title, if(large AND before > 0, item_id, '') AS part, before = 0 AS unseen
              FROM ranked r LEFT JOIN catalogue USING (item_id))
        GROUP BY part, unseen ORDER BY before DESC, name
    """,
}
