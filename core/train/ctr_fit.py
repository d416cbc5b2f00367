"""Fit the chances of a click on an ad to past showings, calibrate them on later ones, judge them on later ones still.

The showings are cut into ``BLOCKS`` of the same number, in order of time; what describes a showing is counted before its block
begins. Of the showings in order of time, those from 30 % (so that something was counted) to 60 % are fitted to, those up to 80 %
calibrate, the rest judge. To serve, the same 20 % later.
"""

import json
from dataclasses import asdict, dataclass

import numpy as np
import pandas as pd
from sklearn.linear_model import LogisticRegression
from sklearn.preprocessing import StandardScaler
from threadpoolctl import threadpool_limits

from core.base.db import Store
from core.base.derived import rebuild
from core.base.schema import Table
from core.base.settings import Settings
from core.profiles.churn_model import judge
from core.represent.ad_shows import rebuild_ad_shows
from core.score.ctr import (
    AD_PRIOR,
    LATEST,
    PERSONAL,
    SHOPPER_PRIOR,
    Basis,
    CtrReport,
    Shows,
    circumstances,
    most_frequent,
    personal_facts,
    read_shows,
    so_far,
)
from core.score.index import Index, load_index
from core.train.auc import ends, resampled

RECIPE = 1
BLOCKS, FIRST, FITTED, CALIBRATED = 20, 6, 12, 16
LEAST_SHOWS, LEAST_CLICKS = 1_000, 100
"""Below these nothing is learned of single shoppers."""
RIDGE = 0.1
"""scikit-learn's C: with few clicks, weights are kept near 0."""
MODEL, ALONE = "personal", "click rate of the ad alone"
LEVEL = 1


@dataclass(frozen=True)
class Described:
    """Facts (s, f) of the showings from block ``FIRST`` on, their outcomes (s,) and blocks (s,)."""

    names: tuple[str, ...]
    facts: np.ndarray
    clicked: np.ndarray
    block: np.ndarray

    def part(self, start: int, stop: int, columns: slice = slice(None)) -> tuple[np.ndarray, np.ndarray]:
        """Return facts and outcomes of the blocks from start up to, not with, stop."""
        within = (self.block >= start) & (self.block < stop)
        return self.facts[within][:, columns], self.clicked[within]


def rebuild_ads(store: Store, settings: Settings, force: bool = False) -> bool:
    """Rebuild tables ``ad_shows`` and ``ad_fits`` where they are not current; return whether one was built."""
    depends = {
        "recipe": RECIPE,
        "priors": [AD_PRIOR, SHOPPER_PRIOR],
        "latest": LATEST,
        "encoder": settings.encoder,
        "half_life_days": settings.half_life_days,
        "seed": settings.seed,
    }
    shown = rebuild_ad_shows(store, force)
    return rebuild(store, Table.AD_FITS, depends, lambda version: _build(store, settings, version), force or shown)


def describe(store: Store, index: Index, shows: Shows, platforms: tuple[str, ...]) -> Described:
    """Return the showings from block ``FIRST`` on, each described by what was known when its block began."""
    block = np.arange(len(shows)) * BLOCKS // max(len(shows), 1)
    around, beside = circumstances(shows, platforms)
    parts = []
    for number in range(FIRST, BLOCKS):
        at = np.flatnonzero(block == number)
        until = shows.when[at[0]]
        then = so_far(shows, len(index), until)
        moment = pd.Timestamp(until).to_pydatetime()
        parts.append(personal_facts(store, index, then, shows.users, shows.user[at], shows.row[at], moment))
    later = block >= FIRST
    facts = np.column_stack([np.concatenate(parts), beside[later]])
    return Described((*PERSONAL, *around), facts, shows.clicked[later], block[later])


def fit(seen: Described, first: int, middle: int, last: int, columns: slice = slice(None)) -> np.ndarray:
    """Return (1 + f,) weights: fitted on blocks [first, middle), their log-odds calibrated on [middle, last)."""
    facts, clicked = seen.part(first, middle, columns)
    scale = StandardScaler().fit(facts)
    model = LogisticRegression(C=RIDGE, max_iter=1000).fit(scale.transform(facts), clicked)
    slopes = model.coef_[0] / scale.scale_
    weights = np.array([model.intercept_[0] - slopes @ scale.mean_, *slopes])
    later, then = seen.part(middle, last, columns)
    bend = LogisticRegression(C=1.0, max_iter=1000).fit(log_odds(weights, later)[:, None], then)
    weights = bend.coef_[0, 0] * weights
    weights[0] += bend.intercept_[0]
    return weights


def log_odds(weights: np.ndarray, facts: np.ndarray) -> np.ndarray:
    """Return (s,)."""
    return np.asarray(weights[0] + facts @ weights[1:])


def _build(store: Store, settings: Settings, version: int) -> None:
    report = CtrReport(Basis.NOTHING, NO_SHOWS)
    if store.value("SELECT count(*) FROM ad_shows"):
        index = load_index(store, settings)
        with threadpool_limits(1):  # on a busy machine scikit-learn's threads wait for each other
            report = _report(store, index, read_shows(store, index), settings.seed)
    with store.transaction() as cursor:
        cursor.execute("DELETE FROM ad_fits")
        cursor.execute("INSERT INTO ad_fits VALUES (?, ?)", [json.dumps(asdict(report)), version])


def _report(store: Store, index: Index, shows: Shows, seed: int) -> CtrReport:
    clicks = int(shows.clicked.sum())
    mean = clicks / len(shows)
    if clicks == 0:
        return CtrReport(Basis.NOTHING, _NO_CLICKS.format(shows=len(shows)), len(shows))
    if len(shows) < LEAST_SHOWS or clicks < LEAST_CLICKS:
        told = _FEW.format(shows=len(shows), clicks=clicks, least_shows=LEAST_SHOWS, least=LEAST_CLICKS, prior=AD_PRIOR)
        return CtrReport(Basis.CAMPAIGN, told, len(shows), clicks, mean)
    platforms = most_frequent(shows.platform)
    seen = describe(store, index, shows, platforms)
    return _judged(seen, CtrReport(Basis.PERSONAL, "", len(shows), clicks, mean, platforms=platforms), seed)


def _judged(seen: Described, facts: CtrReport, seed: int) -> CtrReport:
    """Return the report with the model that has the lower Brier score on the latest blocks in force."""
    columns = {MODEL: slice(None), ALONE: slice(LEVEL, LEVEL + 1)}
    told, clicked = {}, seen.part(CALIBRATED, BLOCKS)[1]
    for name, which in columns.items():
        weights = fit(seen, FIRST, FITTED, CALIBRATED, which)
        told[name] = 1 / (1 + np.exp(-log_odds(weights, seen.part(CALIBRATED, BLOCKS, which)[0])))
    judged = tuple(judge(name, chance, clicked) for name, chance in told.items())
    drawn = resampled(told, clicked, seed)
    auc, gain = ends(drawn[MODEL]), ends(drawn[MODEL] - drawn[ALONE])
    personal = judged[0].brier <= judged[1].brier
    weights = fit(seen, FIRST + BLOCKS - CALIBRATED, CALIBRATED, BLOCKS)
    return CtrReport(
        basis=Basis.PERSONAL if personal else Basis.CAMPAIGN,
        sentence=_in_words(personal, len(clicked), int(clicked.sum()), auc, gain),
        shows=facts.shows,
        clicks=facts.clicks,
        mean=facts.mean,
        facts=seen.names,
        weights=tuple(weights.tolist()),
        usual=tuple(seen.facts.mean(axis=0).tolist()),
        platforms=facts.platforms,
        judged=judged,
        auc=auc,
        gain=gain,
    )


NO_SHOWS = "The log holds no showing of an ad, so no click rate is known: what a showing is worth cannot be told."
_NO_CLICKS = "The log holds {shows:,} showings of ads but no click on one, so what a showing is worth cannot be told."
_FEW = (
    "The log holds {shows:,} showings of ads and {clicks:,} clicks; from {least_shows:,} and {least:,} on, chances are learned "
    "for each shopper. Until then an ad's chance is its own click rate, drawn to the mean of all as if {prior:.0f} more had been "
    "shown at it."
)


def _in_words(personal: bool, shows: int, clicks: int, auc: tuple[float, float], gain: tuple[float, float]) -> str:
    sure = "surely better" if gain[0] > 0 else "not surely better" if gain[1] > 0 else "worse"
    force = "The personal chances are in force" if personal else "The ad's click rate alone, which was closer, is in force"
    return (
        f"Judged on the latest {shows:,} showings with {clicks:,} clicks, which it had not seen: the personal model orders "
        f"clicked before not clicked with an AUC of {auc[0]:.2f} to {auc[1]:.2f} (95 %), {sure} than the ad's click rate alone. "
        f"{force}."
    )
