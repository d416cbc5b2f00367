"""The one folder everything is written to."""

from dataclasses import dataclass
from pathlib import Path

from core.base.errors import BadInput


@dataclass(frozen=True)
class Workspace:
    """Paths inside the home folder; every folder exists after ``open_workspace``."""

    home: Path

    @property
    def store(self) -> Path:
        return self.home / "store" / "kindred.duckdb"

    @property
    def temp(self) -> Path:
        return self.home / "store" / "temp"

    @property
    def inbox(self) -> Path:
        return self.home / "inbox"

    @property
    def uploads(self) -> Path:
        return self.home / "uploads"

    @property
    def jobs(self) -> Path:
        return self.home / "jobs"

    @property
    def demo(self) -> Path:
        return self.home / "demo-shop"

    @property
    def log_file(self) -> Path:
        return self.home / "logs" / "kindred.log"


def open_workspace(home: Path) -> Workspace:
    """Create the workspace's folders under ``home`` and return its paths. Raises BadInput where it cannot be written."""
    workspace = Workspace(Path(home).expanduser().resolve())
    folders = [
        workspace.store.parent,
        workspace.temp,
        workspace.inbox,
        workspace.uploads,
        workspace.jobs,
        workspace.log_file.parent,
    ]
    try:
        for folder in folders:
            folder.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise BadInput(
            f"The workspace {workspace.home} cannot be written ({error.strerror}). Set KINDRED_HOME to a folder you can write to."
        ) from None
    return workspace
