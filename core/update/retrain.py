"""When to train again: a policy the user sets, what it says now and why, and the check that may start a training by itself."""

import json
from collections.abc import Callable
from dataclasses import asdict, dataclass, replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from pydantic import TypeAdapter

from core.base import jobs
from core.base.db import Store
from core.base.errors import BadInput
from core.base.jobs import Lane, State
from core.base.log import log_event
from core.base.workspace import Workspace
from core.represent import registry
from core.score.index import Index
from core.score.releases import SOMEONE
from core.train import runs, worker
from core.train.names import Preset
from core.train.runs import Request, Run
from core.train.snapshot import take_snapshot
from core.update.drift import Drift, Fresh, fresh

EVERY = timedelta(hours=1)
"""Least time between two checks."""
DUE, NOT_DUE = "due", "not due"


@dataclass(frozen=True)
class Policy:
    """When a training is due, by any of three: enough new events, a mix that shifted, a model that is old.

    events, share: new events, at least so many and at least this share of those learned from; psi: of a mix, see
    ``core.update.drift``; age_days: of the model, if anything is new at all; automatic: start it then, or only propose it;
    preset: what is trained.
    """

    events: int = 5000
    share: float = 0.1
    psi: float = 0.25
    age_days: int = 30
    automatic: bool = False
    preset: Preset = Preset.QUICK


@dataclass(frozen=True)
class Verdict:
    """What the policy says. live: the run that is served, None = zero-shot; age_days: since it was trained."""

    due: bool
    reasons: tuple[str, ...]
    live: str | None
    age_days: float | None
    fresh: Fresh
    policy: Policy

    def as_json(self) -> dict[str, Any]:
        """Return what ``policy --json`` prints."""
        return {
            "verdict": DUE if self.due else NOT_DUE,
            "reasons": list(self.reasons),
            "live": self.live,
            "age_days": self.age_days,
            "known_events": self.fresh.known,
            "new_events": self.fresh.since,
            "new_share": self.fresh.share,
            "drift": {str(one.mix): {"psi": one.psi, "chance": one.chance} for one in self.fresh.drifts},
            "policy": asdict(self.policy),
        }


@dataclass(frozen=True)
class Check:
    """A line of the log. run: the training that was started, None = none was; who: by whom, None = by the policy."""

    checked_at: datetime
    due: bool
    reasons: tuple[str, ...]
    run: str | None
    who: str | None


def policy(store: Store) -> Policy:
    """Return the policy in force."""
    rows = store.rows("SELECT policy FROM policies ORDER BY policy_id DESC LIMIT 1")
    return _POLICY.validate_json(rows[0][0]) if rows else Policy()


def decide(store: Store, chosen: Policy, author: str, now: datetime) -> None:
    """Put a policy in force. now: UTC. Raises BadInput on a threshold that is not above 0."""
    if min(chosen.events, chosen.share, chosen.psi, chosen.age_days) <= 0:
        raise BadInput("Each threshold lies above 0: at 0 a training would always be due.")
    with store.transaction() as cursor:
        ((number,),) = cursor.execute("SELECT coalesce(max(policy_id), 0) + 1 FROM policies").fetchall()
        told = json.dumps(asdict(chosen))
        cursor.execute("INSERT INTO policies VALUES (?, ?, ?, ?)", [number, told, author.strip() or SOMEONE, now])
    log_event("policy decided", policy=number, automatic=chosen.automatic)


def verdict(store: Store, home: Path, chosen: Policy, now: datetime) -> Verdict:
    """Return whether a training is due, and why. now: UTC."""
    live = _live(home)
    new = fresh(store, live.data_version if live else 0)
    age = (now - _naive(live.started_at)).total_seconds() / 86400 if live else None
    if waits := _waits(home, store.data_version(), live):
        return Verdict(False, (waits,), live.run_id if live else None, age, new, chosen)
    if live is None:
        due, reason = _first(new, chosen)
        return Verdict(due, (reason,), None, None, new, chosen)
    found = _reasons(new, age or 0.0, chosen)
    return Verdict(bool(found), found or (_nothing(new, age or 0.0, chosen),), live.run_id, age, new, chosen)


def begin(store: Store, index: Index, workspace: Workspace, said: Verdict, now: datetime, who: str | None = None) -> Run:
    """Start the training that the policy names and log it. who: None = the policy itself; now: UTC.

    It is judged and waits to be served like any other. Raises BadInput where there is nothing to learn from.
    """
    request = Request(preset=said.policy.preset, refit=True)
    run = worker.start(workspace, take_snapshot(store, index, workspace), request)
    _note(store, said, now, run.run_id, who)
    return run


def check(store: Store, workspace: Workspace, load_index: Callable[[], Index], now: datetime) -> Check | None:
    """Ask the policy, and start a training where one is due and the policy may; None where it was asked within the hour.

    load_index: called only where a training is started; now: UTC.
    """
    last = store.value("SELECT max(checked_at) FROM policy_checks")
    if (last is not None and now - last < EVERY) or not store.value("SELECT 1 FROM imports LIMIT 1"):
        return None
    chosen = policy(store)
    said = verdict(store, workspace.home, chosen, now)
    if said.due and chosen.automatic:
        try:
            begin(store, load_index(), workspace, said, now)
        except BadInput as error:  # nobody is there to mend it: the log tells it
            _note(store, replace(said, reasons=(*said.reasons, f"It could not be started: {error}")), now, None, None)
    else:
        _note(store, said, now, None, None)
    return checks(store, 1)[0]


def checks(store: Store, limit: int = 50) -> tuple[Check, ...]:
    """Return the latest checks, newest first."""
    rows = store.rows("SELECT * FROM policy_checks ORDER BY checked_at DESC LIMIT ?", [limit])
    return tuple(Check(at, told == DUE, tuple(json.loads(why)), run, who) for at, told, why, run, who in rows)


_POLICY = TypeAdapter(Policy)


def _reasons(new: Fresh, age: float, chosen: Policy) -> tuple[str, ...]:
    """Return the thresholds that are reached, in sentences."""
    found = []
    if new.since >= chosen.events and new.share >= chosen.share:
        found.append(f"{new.since:,} events are new, {new.share:.0%} of the {new.known:,} that the model learned from.")
    found += [_shifted(one) for one in new.drifts if one.psi >= chosen.psi and one.psi > one.chance]
    if age >= chosen.age_days and new.since:
        found.append(f"The model is {age:.0f} days old, and {new.since:,} events have come since.")
    return tuple(found)


def _shifted(one: Drift) -> str:
    most = one.moved[0]
    return f"The mix of {one.mix} has shifted (PSI {one.psi:.2f}): {most.name} went from {most.before:.1%} to {most.since:.1%}."


def _nothing(new: Fresh, age: float, chosen: Policy) -> str:
    if not new.since:
        return f"Nothing has come in since the model was trained, {age:.0f} days ago: it would learn the same again."
    worst = max((one.psi for one in new.drifts), default=0.0)
    return (
        f"{new.since:,} new events ({new.share:.1%}), a shift of at most PSI {worst:.2f} and an age of {age:.0f} days reach "
        f"no threshold ({chosen.events:,} and {chosen.share:.0%}, {chosen.psi:.2f}, {chosen.age_days} days)."
    )


def _first(new: Fresh, chosen: Policy) -> tuple[bool, str]:
    if new.since >= chosen.events:
        return True, f"No trained model is served yet, and there are {new.since:,} events to learn from."
    return False, f"No trained model is served yet, and {new.since:,} events are fewer than the {chosen.events:,} asked for."


def _waits(home: Path, version: int, live: Run | None) -> str | None:
    """Return what stands in the way of a training: one that goes on, or one on this very data that nobody has decided on."""
    if jobs.active(home / "jobs", Lane.TRAINING) or jobs.waiting(home / "jobs"):
        return "A training is under way: wait for what it brings."
    for run in runs.runs(home):
        tried = run.data_version == version and run.state in (State.DONE, State.FAILED)
        if tried and (live is None or run.run_id != live.run_id) and run.request.preset is not Preset.ZERO_SHOT:
            return f"Run {run.run_id} has learned from this very data already and is {run.state}. Decide on it under Runs."
    return None


def _live(home: Path) -> Run | None:
    served = registry.live(home)
    return runs.read(home, served.run) if served and (runs.folder(home, served.run) / runs.RUN).exists() else None


def _note(store: Store, said: Verdict, now: datetime, run: str | None, who: str | None) -> None:
    with store.transaction() as cursor:
        row = [now, DUE if said.due else NOT_DUE, json.dumps(said.reasons, ensure_ascii=False), run, who]
        cursor.execute("INSERT INTO policy_checks VALUES (?, ?, ?, ?, ?)", row)
    log_event("policy checked", due=said.due, run=run)


def _naive(moment: datetime) -> datetime:
    return moment.astimezone(UTC).replace(tzinfo=None)
