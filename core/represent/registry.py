"""Which run is served: a pointer that is switched whole or not at all, and a log of every switch.

``models/live.json`` holds what is served now and what was before it, the latest last; ``models/log.jsonl`` gets a line for
every promote and rollback. Neither needs the store, so a switch works while the app has it open; the app sees it by
``key`` at its next request.
"""

import getpass
import json
import os
from collections.abc import Callable
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from enum import StrEnum
from pathlib import Path
from uuid import uuid4

from pydantic import TypeAdapter, ValidationError

from core.base.errors import BadInput
from core.base.log import log_event
from core.base.settings import Settings

MODELS = "models"
LIVE, LOG = "live.json", "log.jsonl"
ZERO_SHOT = "zero-shot"
"""What is served where no run is."""


class Action(StrEnum):
    """What was done to the pointer."""

    PROMOTE = "promote"
    ROLLBACK = "rollback"


@dataclass(frozen=True)
class Live:
    """A run that is, or was, served.

    folder: of its model, relative to the home folder; promoted_at: UTC; by: who; why: in their words; override: whether it
    was promoted although it had not passed the gate.
    """

    run: str
    folder: str
    promoted_at: datetime
    by: str
    why: str = ""
    override: bool = False


Ready = Callable[[Live], None]
"""Told what will be served, before the switch, to make what it needs; what it raises keeps the switch from happening."""


@dataclass(frozen=True)
class Switch:
    """A line of the log. was, now: run ids, None = zero-shot."""

    at: datetime
    action: Action
    was: str | None
    now: str | None
    by: str
    why: str
    override: bool


@dataclass(frozen=True)
class Pointer:
    """What live.json holds. live: None = zero-shot; before: what was served before, the latest last, None = zero-shot."""

    live: Live | None = None
    before: tuple[Live | None, ...] = ()


def live(home: Path) -> Live | None:
    """Return the run that is served; None = none is, zero-shot is. A pointer that cannot be read counts as none."""
    return pointer(home).live


def pointer(home: Path) -> Pointer:
    """Return what is served and what was before; empty where nothing was ever promoted or the file cannot be read."""
    path = home / MODELS / LIVE
    if not path.exists():
        return Pointer()
    try:
        return _POINTER.validate_json(path.read_bytes())
    except ValidationError:
        return Pointer()


def encoder_folder(home: Path, served: Live) -> Path | None:
    """Return the folder of the encoder that was tuned for this model, there or not; None where it reads as the shop does."""
    try:
        told = json.loads((home / served.folder / "model.json").read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return None
    folder = told.get("encoder_folder")
    return home / folder if folder else None


def live_encoder(home: Path) -> Path | None:
    """Return ``encoder_folder`` of the served model; None also where none is served."""
    served = live(home)
    return encoder_folder(home, served) if served else None


def reading(settings: Settings) -> Settings:
    """Return the settings by which the served model reads texts: with the encoder tuned for it, where it has one.

    The one place that decides it. Everything else (what zero-shot and a snapshot are made of, doubles, reviews) goes by the
    settings as they are.
    """
    folder = live_encoder(settings.home)
    return settings.model_copy(update={"encoder": str(folder)}) if folder and folder.is_dir() else settings


def key(home: Path) -> str:
    """Return a text that changes when another run is served: keep a loaded model while this stays equal."""
    served = live(home)
    return f"{served.run}:{served.folder}:{served.promoted_at.isoformat()}" if served else ZERO_SHOT


def trouble(home: Path) -> str | None:
    """Return why the served run's model cannot be used, and what to do, in a sentence; None where all is well."""
    path = home / MODELS / LIVE
    served = live(home)
    if served is None:
        unread = path.exists() and not _readable(path)
        return (
            f"The note of which model is served ({path}) cannot be read, so lists come from zero-shot. {_MEND}"
            if unread
            else None
        )
    if not (home / served.folder / "model.json").exists():
        return f"The model of run {served.run} is not in {home / served.folder}, so lists come from zero-shot. {_MEND}"
    if (folder := encoder_folder(home, served)) and not folder.is_dir():
        return f"The text encoder of run {served.run} is not in {folder}, so lists come from zero-shot. {_MEND}"
    return None


def promote(
    home: Path,
    run: str,
    folder: str,
    *,
    by: str | None = None,
    why: str = "",
    override: bool = False,
    ready: Ready = lambda _: None,
) -> Live:
    """Serve this run from now on, and log who did it and why.

    folder: of its model, relative to ``home``. by: None = the user of the operating system. Raises BadInput where no model
    is there, or where the run is served already. Whether it deserves to be served is asked in ``core.train.promotion``.
    """
    was = pointer(home)
    chosen = Live(run, folder, _now(), by or os_user(), why, override)
    if not _there(home, chosen):
        raise BadInput(f"Run {run} has no model in {home / folder}, or the encoder it reads by is gone. Train it again.")
    if was.live and (was.live.run, was.live.folder) == (run, folder):
        raise BadInput(f"Run {run} is served already.")
    ready(chosen)
    _switch(home, Pointer(chosen, (*was.before, was.live)), Action.PROMOTE, was.live, chosen.by, why, override)
    return chosen


def rollback(home: Path, *, by: str | None = None, why: str = "", ready: Ready = lambda _: None) -> Live | None:
    """Serve what was served before, and log who did it and why; return it, None = zero-shot.

    What has lost its folder since is passed over. Raises BadInput where nothing was served before.
    """
    was = pointer(home)
    before = list(was.before)
    while before and (last := before[-1]) is not None and not _there(home, last):
        before.pop()
    if not before:
        raise BadInput("There is nothing to roll back to: no other model was served before this one.")
    back = before.pop()
    if back is not None:
        ready(back)
    _switch(home, Pointer(back, tuple(before)), Action.ROLLBACK, was.live, by or os_user(), why, override=False)
    return back


def history(home: Path) -> list[Switch]:
    """Return every promote and rollback, newest first."""
    path = home / MODELS / LOG
    lines = path.read_text(encoding="utf-8").splitlines() if path.exists() else []
    return [_SWITCH.validate_json(line) for line in reversed(lines)]


def os_user() -> str:
    """Return who runs this program, as the operating system calls them."""
    try:
        return getpass.getuser()
    except (KeyError, OSError):
        return str(os.getuid())


_MEND = "Promote a run (python -m core promote RUN), or roll back (python -m core rollback)."
_POINTER, _SWITCH = TypeAdapter(Pointer), TypeAdapter(Switch)


def _there(home: Path, model: Live) -> bool:
    """Return whether a model's folder is there, and that of its encoder where it has one."""
    encoder = encoder_folder(home, model)
    return (home / model.folder / "model.json").exists() and (encoder is None or encoder.is_dir())


def _readable(path: Path) -> bool:
    try:
        _POINTER.validate_json(path.read_bytes())
    except ValidationError:
        return False
    return True


def _switch(home: Path, to: Pointer, action: Action, was: Live | None, by: str, why: str, override: bool) -> None:
    """Write the log first, then the pointer: a switch that is in force is always in the log."""
    folder = home / MODELS
    folder.mkdir(parents=True, exist_ok=True)
    line = Switch(_now(), action, was.run if was else None, to.live.run if to.live else None, by, why, override)
    with (folder / LOG).open("a", encoding="utf-8") as log:
        log.write(json.dumps(asdict(line), ensure_ascii=False, default=str) + "\n")
    draft = folder / f".{LIVE}.{uuid4().hex[:8]}"
    draft.write_bytes(_POINTER.dump_json(to, indent=1))
    draft.replace(folder / LIVE)
    log_event("model switched", action=action, was=line.was or ZERO_SHOT, now=line.now or ZERO_SHOT, by=by, why=why)


def _now() -> datetime:
    return datetime.now(UTC)
