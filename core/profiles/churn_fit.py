"""Fit, calibrate and judge the churn model on different weeks of the log, and tell every shopper's risk."""

import json
from collections.abc import Sequence
from dataclasses import asdict, dataclass, replace
from datetime import date, timedelta
from typing import Any

import numpy as np
import pandas as pd
from threadpoolctl import threadpool_limits

from core.base.db import Store
from core.base.derived import Progress, no_progress, rebuild
from core.base.schema import Col, Table
from core.base.settings import Settings
from core.profiles import churn_model as model
from core.profiles.churn import FITTED, RECENCY_ONLY, ChurnReport, Judged, Unscored
from core.profiles.churn_data import LEAST_DAYS, WEEK, WINDOWS, Cut, Horizon, cut, horizon
from core.profiles.churn_model import Scorer
from core.profiles.spreads import Measure, spread_sql

RECIPE = 1
"""Raised when the same log would give other risks, so that those told by an older recipe are replaced."""
LEAST_SHOPPERS, LEAST_OF_EACH = 200, 20
"""Shoppers that each cut must hold, and of those who left and of those who stayed."""
MOST_ROWS = 20_000
"""Shoppers of each cut that a model is fitted, calibrated and judged on; everyone is scored."""
TRAIN_CUTS = 4
"""Cuts a model is trained on, one horizon apart, where the log is long enough."""


def rebuild_churn(store: Store, settings: Settings, basis: dict[str, Any], progress: Progress = no_progress) -> bool:
    """Fit, judge and tell every shopper's risk anew where the data or ``basis`` changed; shopper_days and splits come first."""
    depends = {**basis, "churn": RECIPE, "seed": settings.seed}
    return rebuild(store, Table.CHURN, depends, lambda version: _rebuild(store, settings.seed, version, progress))


def _rebuild(store: Store, seed: int, version: int, progress: Progress) -> None:
    with threadpool_limits(1):  # on a busy machine scikit-learn's threads wait for each other: 100 times slower, measured
        progress(0.0, "Fitting the churn model")
        last = store.value("SELECT max(day) FROM shopper_days")
        span = horizon(store)
        report, told = _too_short(store), None
        if span is not None:
            report, told = _fit(store, span, last, seed)
    progress(0.9, "Telling the risks")
    _write(store, report, told, version)


def _too_short(store: Store) -> ChurnReport:
    days = store.value("SELECT coalesce(max(day) - min(day) + 1, 0) FROM shopper_days")
    return ChurnReport(
        f"Not enough history: the log covers {days} days. A churn model needs at least {WINDOWS * WEEK} days "
        "and shoppers who come back, so that it can be trained, calibrated and tested on different weeks."
    )


def _fit(store: Store, span: Horizon, last: date, seed: int) -> tuple[ChurnReport, pd.DataFrame | None]:
    """Return the report and everyone's risk: train, calibrate and test one horizon apart; refit one horizon later; score."""
    cuts = _cuts(store, span, last)
    *train, middle, test = cuts
    latest = (train[-1], middle, test)
    facts = ChurnReport(
        FITTED,
        span.days,
        span.sentence,
        cuts=tuple(one.day.isoformat() for one in latest),
        shoppers=(sum(len(one) for one in train), len(middle), len(test)),
        train_cuts=len(train),
    )
    if thin := next((reason for one in latest if (reason := _thin(one))), None):
        return replace(facts, state=thin), None
    chosen = _choose(train, middle, test, seed)
    rate = float(test.gone.mean())
    told = cut(store, last, span.days, last)
    report = replace(
        facts,
        base_rate=rate,
        at_risk_from=min(2 * rate, 0.5),
        chosen=chosen.name,
        judged=chosen.judged,
        importance=model.importance(chosen.scorer, test.features, test.gone, seed),
    )
    now = model.calibrate(_fitted(chosen.name, [*train[1:], middle], seed), test.features, test.gone)
    return report, pd.DataFrame({Col.USER: told.users, "risk": now(told.features) if len(told) else np.empty(0)})


def _cuts(store: Store, span: Horizon, last: date) -> list[Cut]:
    """Return the cuts whose outcomes are known, oldest first: one to four to train, one to calibrate, one to test.

    Before the first one lie at least two horizons of log.
    """
    first, step = store.value("SELECT min(day) FROM shopper_days"), timedelta(days=span.days)
    days = [last - back * step for back in range(2 + TRAIN_CUTS, 0, -1)]
    return [cut(store, day, span.days, last, MOST_ROWS) for day in days if day >= first + 2 * step - timedelta(days=1)]


def _thin(one: Cut) -> str | None:
    """Return why a cut is too small to learn or judge from, in a sentence; None where it is not."""
    left = int(one.gone.sum())
    if len(one) >= LEAST_SHOPPERS and min(left, len(one) - left) >= LEAST_OF_EACH:
        return None
    return (
        f"Not enough history: on {one.day:%-d %b %Y} there were {len(one)} shoppers seen on {LEAST_DAYS} days or more, of whom "
        f"{left} left; a model needs {LEAST_SHOPPERS}, and {LEAST_OF_EACH} each of those who left and of those who stayed."
    )


def _fitted(name: str, train: Sequence[Cut], seed: int) -> Scorer:
    features = np.concatenate([one.features for one in train])
    return model.fit(name, features, np.concatenate([one.gone for one in train]), seed)


@dataclass(frozen=True)
class Choice:
    """The model in force as tested, calibrated, and how the model of all features and the baseline did on the test cut."""

    name: str
    scorer: Scorer
    judged: tuple[Judged, Judged]


def _choose(train: Sequence[Cut], middle: Cut, test: Cut, seed: int) -> Choice:
    """Return the model to put in force.

    Of the two kinds that see every feature, the one that orders the calibration cut better goes to the test; it is in
    force only where its Brier score there beats the baseline's.
    """
    raw = {name: _fitted(name, train, seed) for name in (model.LOGISTIC, model.BOOSTED, RECENCY_ONLY)}
    ranked = {name: model.auc(raw[name](middle.features), middle.gone) for name in (model.LOGISTIC, model.BOOSTED)}
    names = (max(ranked, key=lambda name: ranked[name]), RECENCY_ONLY)
    scorers = {name: model.calibrate(raw[name], middle.features, middle.gone) for name in names}
    full, baseline = (model.judge(name, scorers[name](test.features), test.gone) for name in names)
    best = min((full, baseline), key=lambda one: one.brier).name
    return Choice(best, scorers[best], (full, baseline))


_WRITE = f"""
INSERT INTO churn BY NAME
SELECT user_id, risk,
       if(risk IS NULL, if(max(day) > $last - $horizon, '{Unscored.TOO_NEW}', '{Unscored.LAPSED}'), NULL) AS why,
       $version AS data_version
FROM shopper_days LEFT JOIN told USING (user_id) GROUP BY user_id, risk ORDER BY user_id
"""

_GROUPS = f"""
INSERT INTO churn_groups BY NAME
SELECT split, grp, count(risk) AS scored, avg(risk) AS mean_risk, count_if(risk >= $from) AS at_risk,
       count_if(why = '{Unscored.LAPSED}') AS lapsed, count_if(why = '{Unscored.TOO_NEW}') AS too_new, $version AS data_version
FROM churn JOIN splits USING (user_id) GROUP BY ALL ORDER BY ALL
"""


def _write(store: Store, report: ChurnReport, told: pd.DataFrame | None, version: int) -> None:
    """Replace report, risks and their figures by group in one transaction."""
    with store.transaction() as cursor:
        for table in (Table.CHURN_FITS, Table.CHURN, Table.CHURN_GROUPS):
            cursor.execute(f"DELETE FROM {table}")
        cursor.execute(f"DELETE FROM spreads WHERE measure = '{Measure.RISK}'")
        cursor.execute("INSERT INTO churn_fits VALUES (?, ?)", [json.dumps(asdict(report)), version])
        if told is None:
            return
        cursor.register("told", told)
        last = "(SELECT max(day) FROM shopper_days)"
        cursor.execute(_WRITE.replace("$last", last), {"horizon": report.horizon, "version": version})
        cursor.unregister("told")
        cursor.execute(_GROUPS, {"from": report.at_risk_from, "version": version})
        cursor.execute(f"INSERT INTO spreads BY NAME {spread_sql(Measure.RISK, 'churn', 'risk')}", {"version": version})
