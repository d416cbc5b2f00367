"""Churn risk: the chance that a shopper is not seen again within the shop's horizon, told only where it can be."""

import json
from dataclasses import dataclass
from enum import StrEnum

import pandas as pd

from core.base.db import Store
from core.profiles.churn_data import LEAST_DAYS
from core.profiles.splits import Split

FITTED = "fitted"
RECENCY_ONLY = "recency only"
"""The baseline: a model that sees nothing but the days since a shopper was last seen."""


class Unscored(StrEnum):
    """Why a shopper has no risk."""

    TOO_NEW = "too new"
    LAPSED = "lapsed"


@dataclass(frozen=True)
class Bin:
    """One tenth of the shoppers, by predicted risk. predicted: mean risk; observed: share gone; shoppers: in it.

    low, high: Wilson's 95 % interval of observed.
    """

    predicted: float
    observed: float
    shoppers: int
    low: float
    high: float


@dataclass(frozen=True)
class Judged:
    """How a calibrated model did on shoppers it had not seen, at a later time.

    auc: chance that a shopper who left was given a higher risk than one who stayed, 0.5 = blind; brier: mean squared error
    of the risk, lower is better; skill: 1 − brier ÷ that of telling everybody the base rate; gap: mean distance of the
    bins from the diagonal (expected calibration error); reliability: the bins, lowest risk first.
    """

    name: str
    auc: float
    brier: float
    skill: float
    gap: float
    reliability: tuple[Bin, ...]


@dataclass(frozen=True)
class ChurnReport:
    """How the risks came about. state: 'fitted', else why there are none, in a sentence.

    horizon: days without an event that count as churned, horizon_why: where it comes from. cuts: last days of what was
    seen to train (the latest of ``train_cuts``), to calibrate and to test; each cut's outcomes end where the next begins.
    shoppers: in each; base_rate: share gone after the test cut; at_risk_from: risk from which a shopper counts as at risk,
    twice the base rate, at most 0.5. chosen: the model in force, refitted one horizon later by the same steps; judged: the
    model of all features and the recency-only baseline on the test cut; importance: (feature, AUC lost without it).
    """

    state: str
    horizon: int | None = None
    horizon_why: str = ""
    cuts: tuple[str, ...] = ()
    shoppers: tuple[int, ...] = ()
    train_cuts: int = 0
    base_rate: float | None = None
    at_risk_from: float | None = None
    chosen: str | None = None
    judged: tuple[Judged, ...] = ()
    importance: tuple[tuple[str, float], ...] = ()

    @property
    def fitted(self) -> bool:
        return self.state == FITTED

    @property
    def best(self) -> Judged | None:
        """Return how the model in force did."""
        return next((one for one in self.judged if one.name == self.chosen), None)


def churn_report(store: Store) -> ChurnReport:
    """Return how the risks in force came about."""
    text = store.value("SELECT report FROM churn_fits")
    if text is None:
        return ChurnReport("The churn model has not been built yet.")
    values = json.loads(text)
    judged = tuple(
        Judged(**{**one, "reliability": tuple(Bin(**each) for each in one["reliability"])}) for one in values["judged"]
    )
    plain = {name: tuple(values[name]) for name in ("cuts", "shoppers")}
    pairs = tuple((label, float(lost)) for label, lost in values["importance"])
    return ChurnReport(**{**values, **plain, "judged": judged, "importance": pairs})


@dataclass(frozen=True)
class ChurnFigures:
    """The risks of a group. scored: shoppers with a risk; mean_risk: of theirs, None for nobody.

    at_risk: those of ``ChurnReport.at_risk_from`` or more; lapsed: not seen for the whole horizon already; too_new: seen
    lately, but on one day only.
    """

    group: str
    scored: int
    mean_risk: float | None
    at_risk: int
    lapsed: int
    too_new: int

    @property
    def at_risk_share(self) -> float | None:
        """Return at_risk ÷ scored."""
        return self.at_risk / self.scored if self.scored else None


def churn_figures(store: Store, split: Split = Split.ALL) -> tuple[ChurnFigures, ...]:
    """Return the figures of every group of a split, by its key; none where there is no model."""
    rows = store.rows(
        "SELECT grp, scored, mean_risk, at_risk, lapsed, too_new FROM churn_groups WHERE split = ? ORDER BY grp", [split]
    )
    return tuple(ChurnFigures(*row) for row in rows)


@dataclass(frozen=True)
class ShopperRisk:
    """One shopper's risk of not being seen within ``horizon`` days, 0..1, or the sentence why there is none."""

    risk: float | None
    sentence: str
    horizon: int | None


def shopper_risk(store: Store, user_id: str) -> ShopperRisk:
    """Return the shopper's risk, or why none can be told."""
    report = churn_report(store)
    if not report.fitted:
        return ShopperRisk(None, report.state, report.horizon)
    rows = store.rows("SELECT risk, why FROM churn WHERE user_id = ?", [user_id])
    risk, why = rows[0] if rows else (None, Unscored.TOO_NEW)
    if risk is not None:
        return ShopperRisk(risk, f"Chance of no event in the next {report.horizon} days.", report.horizon)
    if why == Unscored.LAPSED:
        return ShopperRisk(None, f"Counts as churned: no event for {report.horizon} days or more.", report.horizon)
    return ShopperRisk(None, f"Not enough history: seen on fewer than {LEAST_DAYS} days.", report.horizon)


def most_at_stake(store: Store, split: Split = Split.ALL, group: str = "", limit: int = 100) -> pd.DataFrame:
    """Return the shoppers with most to lose: user_id, risk, spent, orders, last_ts, at_stake; the largest stake first.

    at_stake: risk × spent, money; where the shop has no prices, and for ties, by risk, then id.
    """
    return store.df(
        """
        SELECT user_id, risk, s.monetary AS spent, s.orders, s.last_ts, risk * greatest(s.monetary, 0) AS at_stake
        FROM churn JOIN splits g USING (user_id) JOIN shoppers s USING (user_id)
        WHERE risk IS NOT NULL AND g.split = ? AND g.grp = ? ORDER BY at_stake DESC NULLS LAST, risk DESC, user_id LIMIT ?
        """,
        [split, group, limit],
    )
