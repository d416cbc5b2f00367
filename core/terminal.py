"""What every command shares: an open workspace, steps told on stderr, one answer on stdout."""

import json
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from core.base.db import Store, open_store
from core.base.log import setup_log
from core.base.settings import Settings, load_settings
from core.base.workspace import Workspace, open_workspace

if TYPE_CHECKING:
    from core.score.index import Index

Home = Annotated[Path | None, typer.Option("--home", help="Workspace folder (default: KINDRED_HOME, else data/).")]
AsJson = Annotated[bool, typer.Option("--json", help="Print one JSON object on stdout.")]


@dataclass(frozen=True)
class Session:
    """An open workspace."""

    settings: Settings
    workspace: Workspace
    store: Store

    def bring_up_to_date(self) -> None:
        """Rebuild what is out of date, telling the steps on stderr."""
        from core.update.refresh import refresh

        refresh(self.store, self.settings, self.load_encoder, tell)

    def index(self) -> "Index":
        """Return what lists are made from, everything derived brought up to date first."""
        from core.score.index import load_index

        self.bring_up_to_date()
        return load_index(self.store, self.settings)

    def find_segments(self) -> None:
        """Rebuild what segments are made from, and the segments, where they are out of date."""
        from core.profiles.behaviour import rebuild_shoppers
        from core.profiles.rollups import rebuild_rollups
        from core.profiles.segments import rebuild_segments

        rebuild_rollups(self.store, tell)
        rebuild_shoppers(self.store, tell)
        rebuild_segments(self.store, self.settings, tell)

    def load_encoder(self) -> Any:
        """Return the encoder the settings name."""
        from core.represent.encoder import load_encoder

        return load_encoder(self.settings)


def open_home(home: Path | None) -> tuple[Settings, Workspace]:
    """Return the settings and the workspace, for commands that leave the store alone."""
    settings = load_settings(home=home)
    workspace = open_workspace(settings.home)
    setup_log(workspace, settings.log_level)
    return settings, workspace


@contextmanager
def open_session(home: Path | None, also_read: Path | None = None) -> Iterator[Session]:
    """Yield the workspace with its store, closed afterwards. Raises BadInput where another process holds the store."""
    settings, workspace = open_home(home)
    store = open_store(workspace, settings, [also_read.resolve()] if also_read else [])
    try:
        yield Session(settings, workspace, store)
    finally:
        store.close()


def tell(done: float, message: str) -> None:
    """Show a step of long work on stderr."""
    typer.echo(f"{done:>5.0%} {message}", err=True)


def answer(result: dict[str, Any], as_json: bool, sentence: str) -> None:
    """Print the result as one JSON object, or as a sentence with its fields filled in."""
    typer.echo(json.dumps(result, ensure_ascii=False) if as_json else sentence.format(**result))
