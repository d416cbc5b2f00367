"""The books of experiments: planned, started, stopped, by whom and why; one runs at a time, and none is ever removed."""

import json
from dataclasses import asdict, dataclass
from datetime import datetime
from enum import StrEnum
from typing import Any

import duckdb

from core.base.db import Store
from core.base.errors import BadInput
from core.base.log import log_event
from core.score import releases
from core.score.releases import SOMEONE


class Measure(StrEnum):
    """What an experiment is judged by: clicks per place shown, shoppers who bought, days a week on which a shopper came."""

    CTR = "ctr"
    CONVERSION = "conversion"
    STICKINESS = "stickiness"


class Stage(StrEnum):
    """How far an experiment is."""

    PLANNED = "planned"
    RUNNING = "running"
    STOPPED = "stopped"


ASSUMED = {Measure.CTR: 0.05, Measure.CONVERSION: 0.05, Measure.STICKINESS: 1.0}
"""Rates taken where a shop knows none. They scale the change looked for; an interval holds whatever they are."""


@dataclass(frozen=True)
class Experiment:
    """One experiment. control, treatment: releases, None = the model's own α; share: of shoppers in the treatment.

    measure: what decides; effect: relative change worth finding; base: rates without the treatment, as assumed when it was
    planned; times: UTC.
    """

    experiment_id: int
    name: str
    control: int | None
    treatment: int | None
    share: float
    measure: Measure
    effect: float
    base: dict[Measure, float]
    author: str
    created_at: datetime
    started_at: datetime | None
    started_by: str | None
    start_reason: str | None
    stopped_at: datetime | None
    stopped_by: str | None
    stop_reason: str | None

    @property
    def stage(self) -> Stage:
        """Return how far it is."""
        if self.started_at is None:
            return Stage.PLANNED
        return Stage.RUNNING if self.stopped_at is None else Stage.STOPPED

    def tau(self, measure: Measure) -> float:
        """Return the change worth finding in a measure's own unit: what its interval is tuned to."""
        return self.base.get(measure, ASSUMED[measure]) * abs(self.effect)

    def as_json(self) -> dict[str, Any]:
        """Return the fields as JSON values, with ``stage``."""
        told: dict[str, Any] = json.loads(json.dumps(asdict(self), default=str))
        return {**told, "stage": str(self.stage)}


def plan(
    store: Store,
    name: str,
    *,
    control: int | None,
    treatment: int | None,
    measure: Measure,
    effect: float,
    share: float = 0.5,
    base: dict[Measure, float] | None = None,
    author: str = "",
    now: datetime,
) -> Experiment:
    """Record an experiment that has not begun, and return it. now: UTC.

    Raises BadInput without a name, on the same lists on both sides, a release that is not there, a share outside 5 % to 95 %
    or an effect that is not above 0.
    """
    if not name.strip():
        raise BadInput("Give the experiment a name, so that its results can be found again.")
    if control == treatment:
        raise BadInput("Both sides would get the same lists. Choose two different releases.")
    if not 0.05 <= share <= 0.95:
        raise BadInput(f"A share of {share:.0%} leaves too few shoppers on one side: give 5 % to 95 %.")
    if not 0 < effect <= 10:
        raise BadInput("Say how large a change is worth finding, as a share of today's rate: 0.1 for 10 %.")
    for one in (control, treatment):
        if one is not None:
            releases.release(store, one)
    rates = json.dumps({str(key): value for key, value in (base or {}).items()})
    with store.transaction() as cursor:
        ((number,),) = cursor.execute("SELECT coalesce(max(experiment_id), 0) + 1 FROM experiments").fetchall()
        row = [number, name.strip(), control, treatment, share, Measure(measure), effect, rates, _name(author), now]
        cursor.execute("INSERT INTO experiments VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?" + ", NULL" * 6 + ")", row)
    log_event("experiment planned", experiment=number, by=_name(author))
    return experiment(store, number)


def start(store: Store, experiment_id: int, author: str, reason: str, now: datetime) -> Experiment:
    """Split shoppers from the next list on. now: UTC.

    Raises BadInput where it began before, or while another one runs: their effects could not be told apart.
    """
    with store.transaction() as cursor:
        if there := running(store):
            raise BadInput(
                f"Experiment {there.experiment_id} ('{there.name}') has been running since {there.started_at:%d %b %Y}: "
                "shoppers of both could not be told apart. Stop it first."
            )
        there = experiment(store, experiment_id)
        if there.stage is not Stage.PLANNED:
            raise BadInput(f"Experiment {experiment_id} is over. Plan it anew to run it again: its shoppers are drawn afresh.")
        _write(cursor, "started", "start", [now, _name(author), reason.strip(), experiment_id])
    log_event("experiment started", experiment=experiment_id, by=_name(author))
    return experiment(store, experiment_id)


def stop(store: Store, experiment_id: int, author: str, reason: str, now: datetime) -> Experiment:
    """Serve everybody alike again, from the next list on; the results stay. now: UTC.

    Raises BadInput where it does not run, or without a reason: it is what somebody asks for first, later.
    """
    if experiment(store, experiment_id).stage is not Stage.RUNNING:
        raise BadInput(f"Experiment {experiment_id} does not run, so there is nothing to stop.")
    if not reason.strip():
        raise BadInput("Say why it is stopped: decided, no difference, something broke …")
    with store.transaction() as cursor:
        _write(cursor, "stopped", "stop", [now, _name(author), reason.strip(), experiment_id])
    log_event("experiment stopped", experiment=experiment_id, by=_name(author))
    return experiment(store, experiment_id)


def experiment(store: Store, experiment_id: int) -> Experiment:
    """Return an experiment. Raises BadInput where there is none of this number."""
    rows = store.rows("SELECT * FROM experiments WHERE experiment_id = ?", [experiment_id])
    if not rows:
        raise BadInput(f"There is no experiment {experiment_id}.")
    return _experiment(rows[0])


def running(store: Store) -> Experiment | None:
    """Return the experiment that runs; None = none does."""
    return next((one for one in every(store) if one.stage is Stage.RUNNING), None)


def every(store: Store) -> tuple[Experiment, ...]:
    """Return every experiment there ever was, newest first."""
    return tuple(_experiment(row) for row in store.rows("SELECT * FROM experiments ORDER BY experiment_id DESC"))


def _write(cursor: duckdb.DuckDBPyConnection, did: str, why: str, values: list[Any]) -> None:
    cursor.execute(f"UPDATE experiments SET {did}_at = ?, {did}_by = ?, {why}_reason = ? WHERE experiment_id = ?", values)


def _name(author: str) -> str:
    return author.strip() or SOMEONE


def _experiment(row: tuple[Any, ...]) -> Experiment:
    number, name, control, treatment, share, measure, effect, base, *rest = row
    rates = {Measure(key): float(value) for key, value in json.loads(base).items()}
    return Experiment(number, name, control, treatment, share, Measure(measure), effect, rates, *rest)
