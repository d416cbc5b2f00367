"""The chance that a shopper clicks an ad shown to them.

    chance(u, a) = σ(w₀ + w · facts(u, a))

facts: the cosine of the shopper's taste for *products* and the ad's text; the ad's click rate so far and the shopper's own on all
ads so far, each as log against the mean and shrunk to it (``AD_PRIOR``, ``SHOPPER_PRIOR`` showings at the mean); how often the
shopper saw the ad already; their habits so far; place, platform and hour, where the log has them. A logistic regression whose
log-odds are then stretched and shifted to later showings (Platt 1999): clicks are few, and isotonic regression would need many
times as many. Segments are no fact: they are found in the whole log, so they would tell the past of the future. The habits that
make them, counted up to the moment, stand in for them; results are shown by segment.

How the w are fitted, and how well the chances hold on later showings: ``core.train.ctr_fit``.
"""

import json
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Any

import numpy as np
import pandas as pd

from core.base.db import Store
from core.base.schema import Col
from core.profiles.churn import Bin, Judged
from core.score.index import Index
from core.score.past_taste import tastes_before

AD_PRIOR, SHOPPER_PRIOR, HABIT_PRIOR = 200.0, 20.0, 10.0
LATEST = 200_000
"""Only this many showings are read, the latest."""
PLATFORMS = 3
"""The most frequent platforms that are told apart."""
PERSONAL = (
    "fit of the ad to the shopper's taste",
    "click rate of the ad so far",
    "the shopper's own click rate on ads",
    "how often they saw the ad already",
    "their click rate on everything",
    "how much they do",
    "share of it in the evening",
    "share of it at the weekend",
    "share of it on the main platform",
)
PLACE = "place on the page"
HOUR = ("hour of the day, sine", "hour of the day, cosine")


class Basis(StrEnum):
    """What the chances in force come from."""

    PERSONAL = "personal"
    CAMPAIGN = "click rate of the ad"
    NOTHING = "nothing"


@dataclass(frozen=True)
class CtrReport:
    """The chances in force. shows, clicks: in the log; mean: clicks ÷ shows.

    facts: names; weights: (1 + facts,) w₀ and w, () unless personal; usual: (facts,) what a fact is taken to be where it is not
    known yet when an ad is chosen (place, platform, hour). judged: the personal model and the ad's click rate alone on the
    latest fifth of the showings, not seen; auc: 95 % interval of the personal model's, gain: of its AUC less the other's.
    """

    basis: Basis
    sentence: str
    shows: int = 0
    clicks: int = 0
    mean: float = 0.0
    facts: tuple[str, ...] = ()
    weights: tuple[float, ...] = ()
    usual: tuple[float, ...] = ()
    platforms: tuple[str, ...] = ()
    judged: tuple[Judged, ...] = ()
    auc: tuple[float, float] | None = None
    gain: tuple[float, float] | None = None


@dataclass(frozen=True)
class Shows:
    """s showings, oldest first. users: (u,) ids; user: (s,) places in them; row: (s,) index rows; clicked: (s,) bool.

    when: (s,) datetime64; place: (s,) from the log, NaN = unknown; platform: (s,) str or None.
    """

    users: np.ndarray
    user: np.ndarray
    row: np.ndarray
    when: np.ndarray
    place: np.ndarray
    platform: np.ndarray
    clicked: np.ndarray

    def __len__(self) -> int:
        return len(self.user)


@dataclass(frozen=True)
class SoFar:
    """What the showings before a moment tell: click rates, log against the mean. level: (n,) of ads by index row; own: (u,)."""

    level: np.ndarray
    own: np.ndarray
    pairs: np.ndarray  # ascending user · n + row
    seen: np.ndarray  # showings of each pair

    def times(self, user: np.ndarray, row: np.ndarray) -> np.ndarray:
        """Return (s,) how often each shopper has seen each ad."""
        if not len(self.pairs):
            return np.zeros(len(user))
        wanted = user * len(self.level) + row
        at = np.minimum(np.searchsorted(self.pairs, wanted), len(self.pairs) - 1)
        return np.where(self.pairs[at] == wanted, self.seen[at], 0)


def read_shows(store: Store, index: Index) -> Shows:
    """Return the latest showings of ads of the catalogue."""
    frame = store.df(_SHOWS, {"latest": LATEST})
    codes, users = pd.factorize(frame[Col.USER], sort=True)
    return Shows(
        users.to_numpy(object),
        codes,
        frame[Col.ITEM].map(index.rows).to_numpy(int),
        frame[Col.TIMESTAMP].to_numpy("datetime64[us]"),
        frame[Col.POSITION].to_numpy(float),
        frame[Col.PLATFORM].to_numpy(object),
        frame["clicked"].to_numpy(bool),
    )


def so_far(shows: Shows, items: int, until: np.datetime64 | None, users: int | None = None) -> SoFar:
    """Return what the showings before a moment tell; None = all of them. items: rows of the index; users: places of shoppers."""
    before = np.ones(len(shows), bool) if until is None else shows.when < until
    user, row, clicked = shows.user[before], shows.row[before], shows.clicked[before]
    mean = float(clicked.mean()) if clicked.any() else 1.0
    pairs, seen = np.unique(user * items + row, return_counts=True)
    own = _log_rate(user, clicked, users or len(shows.users), SHOPPER_PRIOR, mean)
    return SoFar(_log_rate(row, clicked, items, AD_PRIOR, mean), own, pairs, seen)


def _log_rate(of: np.ndarray, clicked: np.ndarray, many: int, prior: float, mean: float) -> np.ndarray:
    shown, hits = np.bincount(of, minlength=many), np.bincount(of, clicked, minlength=many)
    return np.asarray(np.log((hits + prior * mean) / (shown + prior) / mean))


def personal_facts(
    store: Store, index: Index, then: SoFar, users: np.ndarray, user: np.ndarray, row: np.ndarray, until: datetime | None
) -> np.ndarray:
    """Return (s, PERSONAL): the facts that are known when an ad is chosen. user: (s,) places in ``users``; row: index rows."""
    asked, place = np.unique(user, return_inverse=True)
    tastes = tastes_before(store, index, users[asked], until)
    fit = np.vecdot(tastes[place].astype(float), index.vectors[row].astype(float))
    habits = _habits(store, users[asked], until)[place]
    return np.column_stack([fit, then.level[row], then.own[user], np.log1p(then.times(user, row)), habits])


def _habits(store: Store, users: np.ndarray, until: datetime | None) -> np.ndarray:
    """Return (u, 5), the last five of ``PERSONAL``, of shoppers before a moment; shares are shrunk to everyone's."""
    with store.cursor() as cursor:
        cursor.register("askers", pd.DataFrame({Col.USER: users}))
        frame = cursor.execute(_HABITS, {"until": until}).df().set_index(Col.USER).reindex(users).fillna(0)
        cursor.unregister("askers")
    total = frame.sum()
    opened = _shrunk(frame["clicks"], frame["clicks"] + frame["views"], total["clicks"], total["clicks"] + total["views"])
    shares = [_shrunk(frame[name], frame["acts"], total[name], total["acts"]) for name in ("evening", "weekend", "main")]
    return np.column_stack([opened, np.log1p(frame["acts"]), *shares])


def _shrunk(part: pd.Series, whole: pd.Series, all_parts: float, everything: float) -> np.ndarray:
    usual = all_parts / max(everything, 1)
    return ((part + HABIT_PRIOR * usual) / (whole + HABIT_PRIOR)).to_numpy(float)


def circumstances(shows: Shows, platforms: tuple[str, ...]) -> tuple[tuple[str, ...], np.ndarray]:
    """Return the names and (s, c) values of what is known only when an ad is seen; what is constant or unknown is left out."""
    hour = (shows.when - shows.when.astype("datetime64[D]")) / np.timedelta64(1, "D") * 2 * np.pi
    columns: dict[str, np.ndarray] = {PLACE: 1 / np.log2(2 + np.maximum(shows.place, 0))}
    columns |= {f"on {name}": (shows.platform == name).astype(float) for name in platforms[1:]}
    columns |= dict(zip(HOUR, (np.sin(hour), np.cos(hour)), strict=True))
    told = {name: _filled(values) for name, values in columns.items()}
    kept = tuple(name for name, values in told.items() if len(values) and values.std() > 1e-9)
    return kept, np.column_stack([told[name] for name in kept]) if kept else np.zeros((len(shows), 0))


def _filled(values: np.ndarray) -> np.ndarray:
    known = ~np.isnan(values)
    return np.where(known, values, values[known].mean() if known.any() else 0.0)


def most_frequent(platform: np.ndarray) -> tuple[str, ...]:
    """Return the most frequent platforms, most first, ties by name."""
    counts = pd.Series(platform).dropna().value_counts().sort_index().sort_values(ascending=False, kind="stable")
    return tuple(counts.index[:PLATFORMS].astype(str))


def chances(report: CtrReport, facts: np.ndarray) -> np.ndarray:
    """Return (m,) chances of a click before place, platform and hour are known. facts: (m, PERSONAL)."""
    if report.basis is not Basis.PERSONAL:
        return np.asarray(report.mean * np.exp(facts[:, 1]))
    weights = np.array(report.weights)
    known = facts.shape[1]
    usual = weights[0] + np.array(report.usual[known:]) @ weights[1 + known :]
    return np.asarray(1 / (1 + np.exp(-(usual + facts @ weights[1 : 1 + known]))))


def ctr_report(store: Store) -> CtrReport | None:
    """Return the report in force; None before the first rebuild."""
    told = store.value("SELECT report FROM ad_fits")
    return None if told is None else _report(json.loads(told))


def _report(read: dict[str, Any]) -> CtrReport:
    lists = {name: tuple(read[name]) for name in ("facts", "weights", "usual", "platforms")}
    ends = {name: tuple(read[name]) if read[name] else None for name in ("auc", "gain")}
    judged = tuple(Judged(**{**one, "reliability": tuple(Bin(**each) for each in one["reliability"])}) for one in read["judged"])
    return CtrReport(**{**read, **lists, **ends, "basis": Basis(read["basis"]), "judged": judged})


_HABITS = """
WITH main AS (SELECT mode(platform) AS platform FROM events WHERE $until IS NULL OR ts < $until)
SELECT user_id, count_if(event_type = 'click') AS clicks, count_if(event_type = 'view') AS views, count(*) AS acts,
       count_if(hour(ts) >= 18) AS evening, count_if(isodow(ts) > 5) AS weekend, count_if(e.platform = main.platform) AS main
FROM events e JOIN askers USING (user_id) CROSS JOIN main WHERE $until IS NULL OR ts < $until GROUP BY user_id
"""
_SHOWS = """
SELECT * FROM (
    SELECT user_id, item_id, ts, platform, position, clicked FROM ad_shows JOIN catalogue USING (item_id)
    ORDER BY ts DESC, user_id, item_id LIMIT $latest
) ORDER BY ts, user_id, item_id
"""
