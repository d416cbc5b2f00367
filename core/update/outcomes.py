"""What an experiment has shown so far: the figures of both arms, their difference, and whether it is decided.

Counted are shoppers to whom a list of the experiment was shown, from that first list on, robots left out. A place counts as
clicked where a click, an add or a buy answers it. A purchase or a day of a shopper counts wherever it was: as feedback, or as an
event of a log that was imported later (an import of feedback is left out, it would count twice).
"""

from dataclasses import asdict, dataclass
from datetime import datetime
from enum import StrEnum
from typing import Any

import numpy as np
import pandas as pd

from core.base.db import Store
from core.score.assignment import Arm
from core.score.reactions import SIMULATED
from core.update.experiments import Experiment, Measure, Stage
from core.update.feedback import FILE_NAME, PREVIEW
from core.update.sequential import LEAST_HITS, LEAST_SHOPPERS, Contrast, Figure, contrast, figure, mismatch
from core.update.sizing import Size

SUSPICIOUS = 0.001
"""A mismatch of the arms' sizes that is less likely than this is no chance."""
FULL_WEEK = 1.0
"""Weeks since their first list from which a shopper's days a week are known."""


class Verdict(StrEnum):
    """What the interval of the measure that decides says."""

    UNTRUSTED = "untrusted"
    EARLY = "early"
    BETTER = "better"
    WORSE = "worse"
    SAME = "same"
    OPEN = "open"


@dataclass(frozen=True)
class Outcome:
    """One measure. arms: None where it is not known for an arm yet; difference: None until it is for both."""

    measure: Measure
    arms: dict[Arm, Figure | None]
    difference: Contrast | None


@dataclass(frozen=True)
class Results:
    """What an experiment has shown. shoppers: by arm; simulated: of them, made up; chance: of arms as uneven as these.

    until: the latest that was counted, UTC, None = nothing was.
    """

    experiment: Experiment
    shoppers: dict[Arm, int]
    simulated: int
    until: datetime | None
    chance: float
    outcomes: tuple[Outcome, ...]

    @property
    def main(self) -> Outcome:
        """Return the measure that decides."""
        return next(one for one in self.outcomes if one.measure is self.experiment.measure)

    @property
    def verdict(self) -> Verdict:
        """Return what the experiment says so far; it may be asked at every look."""
        difference = self.main.difference
        if self.chance < SUSPICIOUS:
            return Verdict.UNTRUSTED
        if difference is None or difference.low is None or difference.high is None:
            return Verdict.EARLY
        if difference.decided:
            return Verdict.BETTER if difference.value > 0 else Verdict.WORSE
        worth = self.experiment.tau(self.experiment.measure)
        return Verdict.SAME if max(-difference.low, difference.high) < worth else Verdict.OPEN

    def sentence(self, size: Size | None = None) -> str:
        """Return the verdict in words. size: what was planned for."""
        return _SENTENCES[self.verdict].format(
            least=LEAST_SHOPPERS, hits=LEAST_HITS, effect=f"{self.experiment.effect:.0%}", control=self.shoppers[Arm.CONTROL],
            treatment=self.shoppers[Arm.TREATMENT], share=f"{self.experiment.share:.0%}",
            planned=f" It was planned for {size.any_time:,} shoppers." if size else "",
        )  # fmt: skip

    def as_json(self) -> dict[str, Any]:
        """Return what ``experiment --json`` prints."""
        return {
            "experiment": self.experiment.as_json(),
            "verdict": str(self.verdict),
            "sentence": self.sentence(),
            "shoppers": {str(arm): many for arm, many in self.shoppers.items()},
            "simulated": self.simulated,
            "until": self.until.isoformat() if self.until else None,
            "mismatch_p": self.chance,
            "outcomes": {str(one.measure): _json(one) for one in self.outcomes},
        }


def results(store: Store, experiment: Experiment) -> Results:
    """Return what the experiment has shown so far; once stopped, what it had shown by then."""
    frame = _shoppers(store, experiment)
    arms = {arm: frame[frame["arm"] == arm] for arm in Arm}
    shoppers = {arm: len(rows) for arm, rows in arms.items()}
    outcomes = tuple(_outcome(measure, arms, experiment.tau(measure)) for measure in Measure)
    until = frame["until"].max() if len(frame) else None
    chance = mismatch(shoppers[Arm.CONTROL], shoppers[Arm.TREATMENT], experiment.share)
    return Results(experiment, shoppers, int(frame["simulated"].sum()), until, chance, outcomes)


def trail(store: Store, experiment: Experiment) -> pd.DataFrame:
    """Return how the difference of clicks per place went: day, value, low, high (missing where it was too early), a row a day.

    Every row is what a look at the end of that day would have shown.
    """
    daily = store.df(_DAILY, _given(experiment))
    shopper, users = pd.factorize(daily["user_id"])
    treated = np.zeros(len(users), bool)
    treated[shopper] = daily["arm"].to_numpy() == Arm.TREATMENT
    clicks, places = np.zeros(len(users)), np.zeros(len(users))
    rows = []
    for day, today in daily.assign(shopper=shopper).groupby("day"):
        clicks[today["shopper"]] += today["clicks"]
        places[today["shopper"]] += today["places"]
        sides = [(places > 0) & side for side in (~treated, treated)]
        control, treatment = (figure(clicks[side], places[side]) for side in sides)
        if control is not None and treatment is not None:
            found = contrast(control, treatment, experiment.tau(Measure.CTR))
            rows.append((day, found.value, found.low, found.high))
    return pd.DataFrame(rows, columns=["day", "value", "low", "high"]).astype({"low": float, "high": float})


_SENTENCES = {
    Verdict.UNTRUSTED: "The groups are {control:,} and {treatment:,} shoppers where {share} should be in the new one: too uneven "
    "for chance. Something decides who is counted. Find it before reading the figures.",
    Verdict.EARLY: "Too early to say: each group needs {least} shoppers who were shown a list, and {hits} of what is counted.",
    Verdict.BETTER: "The new lists are better: the whole interval, which holds at every look, lies above 0. You may stop.",
    Verdict.WORSE: "The new lists are worse: the whole interval, which holds at every look, lies below 0. Stop.",
    Verdict.SAME: "No difference worth finding: the whole interval lies within {effect} of the rate either way. You may stop.",
    Verdict.OPEN: "Not decided yet: the interval holds better, worse and no difference. Go on.{planned}",
}
_COLUMNS = {
    Measure.CTR: ("clicks", "places"),
    Measure.CONVERSION: ("bought", "one"),
    Measure.STICKINESS: ("days", "weeks"),
}


def _outcome(measure: Measure, arms: dict[Arm, pd.DataFrame], tau: float) -> Outcome:
    figures = {arm: _figure(rows, measure) for arm, rows in arms.items()}
    control, treatment = figures[Arm.CONTROL], figures[Arm.TREATMENT]
    both = None if control is None or treatment is None else contrast(control, treatment, tau)
    return Outcome(measure, figures, both)


def _figure(rows: pd.DataFrame, measure: Measure) -> Figure | None:
    above, below = _COLUMNS[measure]
    y, x = rows[above].to_numpy(float), rows[below].to_numpy(float)
    known = x >= FULL_WEEK if measure is Measure.STICKINESS else np.ones(len(x), bool)
    return figure(y[known], x[known])


def _json(one: Outcome) -> dict[str, Any]:
    arms = {
        str(arm): None if found is None else {**asdict(found), "interval": list(found.interval)}
        for arm, found in one.arms.items()
    }
    return {**arms, "difference": None if one.difference is None else asdict(one.difference)}


def _shoppers(store: Store, experiment: Experiment) -> pd.DataFrame:
    """Return a row a shopper: user_id, arm, places, clicks, bought, one, days, weeks, simulated, until."""
    return store.df(_SHOPPERS, _given(experiment))


def _given(experiment: Experiment) -> dict[str, Any]:
    stopped = experiment.stopped_at if experiment.stage is Stage.STOPPED else None
    return {"experiment": str(experiment.experiment_id), "stopped": stopped}


_LISTS = f"""
mine AS (
    SELECT list_id, user_id, item_id, ts, arm, surface FROM impressions
    WHERE experiment = $experiment AND surface <> '{PREVIEW}' AND user_id NOT IN (SELECT user_id FROM robots)
      AND (surface = '{SIMULATED}' OR $stopped::TIMESTAMP IS NULL OR ts <= $stopped)
), said AS (
    SELECT user_id, item_id, list_id, kind, ts, surface FROM feedback
    WHERE undone_at IS NULL AND surface <> '{PREVIEW}' AND kind IN ('click', 'add', 'buy')
      AND (surface = '{SIMULATED}' OR $stopped::TIMESTAMP IS NULL OR ts <= $stopped)
), clicked AS (
    SELECT m.user_id, m.ts::DATE AS day, count(DISTINCT (m.list_id, m.item_id)) AS clicks
    FROM mine m SEMI JOIN said s ON s.list_id = m.list_id AND s.item_id = m.item_id GROUP BY ALL
)"""
"""SQL: lists of the experiment that shoppers saw, what shoppers said, and places clicked by the day of the list."""
_DAILY = f"""
WITH {_LISTS}
SELECT user_id, arm, day, places, coalesce(clicks, 0) AS clicks
FROM (SELECT user_id, min(arm) AS arm, ts::DATE AS day, count(*) AS places FROM mine GROUP BY user_id, ts::DATE)
LEFT JOIN clicked USING (user_id, day)
"""
_SHOPPERS = f"""
WITH {_LISTS}, shopper AS (
    SELECT user_id, min(arm) AS arm, min(ts) AS first_ts, count(*) AS places, max((surface = '{SIMULATED}')::INTEGER) AS simulated
    FROM mine GROUP BY user_id
), bought_or_came AS (
    SELECT user_id, ts, false AS bought FROM mine
    UNION ALL SELECT user_id, ts, kind = 'buy' FROM said
    UNION ALL SELECT user_id, e.ts, event_type = 'purchase' FROM events e
    WHERE import_id NOT IN (SELECT import_id FROM imports WHERE file_name = '{FILE_NAME}')
      AND ($stopped::TIMESTAMP IS NULL OR e.ts <= $stopped)
), after AS (
    SELECT s.user_id, count(DISTINCT d.ts::DATE) AS days, max(d.bought::INTEGER) AS bought, max(d.ts) AS last_ts
    FROM shopper s JOIN bought_or_came d ON d.user_id = s.user_id AND d.ts >= s.first_ts GROUP BY s.user_id
), clicks AS (SELECT user_id, sum(clicks) AS clicks FROM clicked GROUP BY user_id)
SELECT user_id, arm, places, coalesce(clicks, 0)::BIGINT AS clicks, bought, 1 AS one, days, simulated,
       (SELECT max(last_ts) FROM after) AS until,
       ((SELECT max(last_ts) FROM after)::DATE - first_ts::DATE + 1) / 7 AS weeks
FROM shopper JOIN after USING (user_id) LEFT JOIN clicks USING (user_id) ORDER BY user_id
"""
