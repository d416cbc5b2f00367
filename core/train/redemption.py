"""Predict which shopper redeems which campaign's coupons: fitted on early campaigns, calibrated on later, judged on the latest.

A campaign that runs across a split is left out, so nothing that a model learned from was unknown when the next part began. To
serve, the same one part later: fitted on the first two, calibrated on the last, told for the campaigns not over yet.
"""

import json
from collections.abc import Callable
from dataclasses import asdict, dataclass
from datetime import date
from typing import Any

import numpy as np
import pandas as pd
from sklearn.ensemble import HistGradientBoostingClassifier
from sklearn.impute import SimpleImputer
from sklearn.linear_model import LogisticRegressionCV
from sklearn.metrics import brier_score_loss
from sklearn.model_selection import GroupKFold
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler
from threadpoolctl import threadpool_limits

from core.base.db import Store
from core.base.derived import Progress, no_progress, rebuild
from core.base.schema import Col, Table
from core.base.settings import Settings
from core.profiles.churn_model import Scorer, calibrate, judge, reliability
from core.profiles.coupons import FITTED, CouponReport, Rated
from core.score.index import load_index
from core.train.auc import auc, ends, resampled
from core.train.redemption_data import HISTORY_DAYS, PAST, RFM, Sent, read_sent

RECIPE = 1
LOGISTIC, BOOSTED = "logistic regression", "boosted trees"
POPULARITY, RFM_ONLY = "popularity", "logistic regression on RFM"
"""Rivals. Popularity: the shopper's redemption rate so far and the kind of campaign, nothing else."""
LEAST_PAIRS, LEAST_REDEEMED = 200, 20
"""Pairs of campaign and shopper that each part must hold, and redeemers among them."""
SMALLEST, LARGEST = 0.2, 0.45
"""Shares of the pairs that a later part may hold."""
RIDGES = (0.003, 0.01, 0.03, 0.1)
"""scikit-learn's C of the logistic regressions: the one with the least log loss in cross-validation within what is fitted to."""
RESAMPLES = 300
TOLD = 10
"""Features whose importance is told."""


@dataclass(frozen=True)
class Split:
    """Campaigns by part, bool by place, and the first days of calibrating and of judging."""

    train: np.ndarray
    middle: np.ndarray
    test: np.ndarray
    days: tuple[date, date]


def rebuild_coupons(store: Store, settings: Settings, progress: Progress = no_progress, force: bool = False) -> bool:
    """Rebuild tables ``coupon_fits`` and ``coupon_chances`` where they are not current; return whether they were built."""
    depends = {"recipe": RECIPE, "encoder": settings.encoder, "half_life_days": settings.half_life_days, "seed": settings.seed}
    return rebuild(store, Table.COUPON_FITS, depends, lambda version: _build(store, settings, version, progress), force)


def split(starts: np.ndarray, ends_on: np.ndarray, pairs: np.ndarray, now: date) -> Split | None:
    """Return the parts in time; None where the campaigns that are over allow none. All (c,), by campaign; pairs: sent."""
    over = ends_on < now
    judged_from = _cut(starts, ends_on, pairs, over)
    if judged_from is None:
        return None
    before = ends_on < judged_from
    calibrated_from = _cut(starts, ends_on, pairs, before)
    if calibrated_from is None:
        return None
    train, middle = ends_on < calibrated_from, before & (starts >= calibrated_from)
    return Split(train, middle, over & (starts >= judged_from), (calibrated_from, judged_from))


def _cut(starts: np.ndarray, ends_on: np.ndarray, pairs: np.ndarray, among: np.ndarray) -> date | None:
    """Return the day that fewest pairs are lost to, as of campaigns that run across it, with a later part of a usual size."""
    total = pairs[among].sum()
    found = []
    for day in sorted(set(starts[among])):
        later = pairs[among & (starts >= day)].sum()
        if total and SMALLEST <= later / total <= LARGEST:
            found.append((later + pairs[among & (ends_on < day)].sum(), day))
    return max(found)[1] if found else None


def models(sent: Sent, seed: int) -> dict[str, Scorer]:
    """Return every model fitted to the pairs; each scores features as of ``sent.names``."""
    rfm = [sent.names.index(name) for name in RFM]
    rate, *kinds = [sent.names.index(name) for name in (PAST[0], *(name for name in sent.names if name.startswith("is ")))]

    def usual(rows: np.ndarray) -> np.ndarray:
        return np.column_stack([1 / (1 + np.exp(-rows[:, rate])), rows[:, kinds]])

    return {
        LOGISTIC: _fitted(_logistic(sent), sent, lambda rows: rows),
        BOOSTED: _fitted(_boosted(seed), sent, lambda rows: rows),
        POPULARITY: _fitted(_logistic(sent), sent, usual),
        RFM_ONLY: _fitted(_logistic(sent), sent, lambda rows: rows[:, rfm]),
    }


def _fitted(estimator: Any, sent: Sent, view: Callable[[np.ndarray], np.ndarray]) -> Scorer:
    """Return the estimator fitted to what it sees of the features."""
    estimator.fit(view(sent.features), sent.redeemed)
    return lambda rows: np.asarray(estimator.predict_proba(view(rows))[:, 1])


def _logistic(sent: Sent) -> Any:
    """Return the pipeline; the folds of its cross-validation keep each household's pairs together."""
    blank = SimpleImputer(strategy="constant", fill_value=0, keep_empty_features=True)
    folds = list(GroupKFold(5).split(sent.features, groups=sent.user.astype(str)))
    model = LogisticRegressionCV(
        Cs=RIDGES, cv=folds, scoring="neg_log_loss", l1_ratios=(0,), use_legacy_attributes=False, max_iter=2000
    )
    return make_pipeline(blank, StandardScaler(), model)


def _boosted(seed: int) -> Any:
    return HistGradientBoostingClassifier(
        max_iter=120, learning_rate=0.05, max_leaf_nodes=8, min_samples_leaf=40, l2_regularization=5.0, random_state=seed
    )


def evaluate(sent: Sent, parts: Split, seed: int) -> tuple[CouponReport, Scorer]:
    """Return how the models did on the last part, and the one in force: of the two that see everything, the one that orders the
    middle part better.
    """
    train, middle, test = sent.of(parts.train), sent.of(parts.middle), sent.of(parts.test)
    raw = models(train, seed)
    ordered = {name: auc(raw[name](middle.features), middle.redeemed) for name in (LOGISTIC, BOOSTED)}
    chosen = max(ordered, key=lambda name: ordered[name])
    scorers = {name: calibrate(scorer, middle.features, middle.redeemed) for name, scorer in raw.items()}
    told = {name: scorer(test.features) for name, scorer in scorers.items()}
    over = parts.train | parts.middle | parts.test
    across = sent.campaign[~over[sent.campaign]]
    open_now = np.array([one.ends for one in sent.campaigns]) >= max(one.ends for one in np.array(sent.campaigns)[parts.test])
    report = CouponReport(
        state=FITTED,
        campaigns=tuple(int(part.sum()) for part in (parts.train, parts.middle, parts.test)),
        sent=(len(train), len(middle), len(test)),
        split=tuple(day.isoformat() for day in parts.days),
        redeemed=float(test.redeemed.mean()),
        dropped=int((~open_now[across]).sum()),
        chosen=chosen,
        rated=rate(told, chosen, test, seed),
        importance=_importance(scorers[chosen], test, seed),
    )
    return report, scorers[chosen]


def rate(told: dict[str, np.ndarray], chosen: str, test: Sent, seed: int) -> tuple[Rated, ...]:
    """Return how each model's chances (p,) did, the one in force first; intervals over households, the same draws for all."""
    _, house = np.unique(test.user.astype(str), return_inverse=True)
    aucs, briers, gaps = (
        resampled(told, test.redeemed, seed, RESAMPLES, house, measure) for measure in (auc, _brier, expected_calibration_error)
    )
    order = sorted(told, key=lambda name: (name != chosen, -auc(told[name], test.redeemed)))
    return tuple(
        Rated(
            judged=judge(name, told[name], test.redeemed),
            auc=ends(aucs[name]),
            brier=ends(briers[name]),
            gap=ends(gaps[name]),
            gain=None if name == chosen else ends(aucs[chosen] - aucs[name]),
        )
        for name in order
    )


def _brier(chances: np.ndarray, happened: np.ndarray) -> float:
    return float(brier_score_loss(happened, chances))


def expected_calibration_error(chances: np.ndarray, happened: np.ndarray) -> float:
    """Return the mean distance of the tenths from the diagonal, by how many are in each."""
    bins = reliability(chances, happened)
    return sum(one.shoppers * abs(one.predicted - one.observed) for one in bins) / len(happened)


def _importance(scorer: Scorer, test: Sent, seed: int) -> tuple[tuple[str, float], ...]:
    rng, full = np.random.default_rng(seed), auc(scorer(test.features), test.redeemed)
    lost = []
    for place, name in enumerate(test.names):
        shuffled = test.features.copy()
        shuffled[:, place] = rng.permutation(shuffled[:, place])
        lost.append((name, full - auc(scorer(shuffled), test.redeemed)))
    return tuple(sorted(lost, key=lambda pair: -pair[1])[:TOLD])


def _build(store: Store, settings: Settings, version: int, progress: Progress) -> None:
    progress(0.0, "")
    report, told = CouponReport(NO_COUPONS), None
    if store.value("SELECT count(*) FROM coupons WHERE redeemed_at IS NOT NULL"):
        with threadpool_limits(1):  # on a busy machine scikit-learn's threads wait for each other
            report, told = _fit(store, settings)
    with store.transaction() as cursor:
        for table in (Table.COUPON_FITS, Table.COUPON_CHANCES):
            cursor.execute(f"DELETE FROM {table}")
        cursor.execute("INSERT INTO coupon_fits VALUES (?, ?)", [json.dumps(asdict(report)), version])
        if told is not None:
            cursor.register("told", told)
            cursor.execute("INSERT INTO coupon_chances BY NAME SELECT *, ? AS data_version FROM told", [version])
            cursor.unregister("told")


def _fit(store: Store, settings: Settings) -> tuple[CouponReport, pd.DataFrame | None]:
    """Return the report and the chances of everyone whom a campaign that is not over was sent to."""
    index = load_index(store, settings)
    sent = read_sent(store, index)
    now = index.now.date() if index.now else date.min
    ends_on = np.array([one.ends for one in sent.campaigns])
    pairs = np.bincount(sent.campaign, minlength=len(sent.campaigns))
    parts = split(np.array([one.starts for one in sent.campaigns]), ends_on, pairs, now)
    if parts is None or _thin(sent, parts):
        return CouponReport(_FEW), None
    report, _ = evaluate(sent, parts, settings.seed)
    earlier, latest = sent.of(ends_on < parts.days[1]), sent.of(parts.test)
    assert report.chosen is not None
    served = calibrate(models(earlier, settings.seed)[report.chosen], latest.features, latest.redeemed)
    running = sent.of(ends_on >= now)
    names = np.array([one.campaign_id for one in sent.campaigns], object)[running.campaign]
    chance = served(running.features) if len(running) else np.empty(0)
    return report, pd.DataFrame({"campaign_id": names, Col.USER: running.user, "chance": chance})


def _thin(sent: Sent, parts: Split) -> bool:
    """Return whether a part is too small to learn or judge from."""
    each = [sent.of(part) for part in (parts.train, parts.middle, parts.test)]
    return any(len(part) < LEAST_PAIRS or part.redeemed.sum() < LEAST_REDEEMED for part in each)


NO_COUPONS = "No redemption of a coupon was imported, so nothing can be learned of who redeems."
_FEW = (
    f"Too few campaigns to learn from: fitting, calibrating and judging each need {LEAST_PAIRS} pairs of a campaign that is over "
    f"and a shopper it was sent to, {LEAST_REDEEMED} of them redeemed, and {HISTORY_DAYS} days of log before it starts."
)
