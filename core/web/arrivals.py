"""Files that reached the workspace: uploaded through a page, or laid into the inbox by hand."""

import re
import shutil
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from uuid import uuid4

from core.base.errors import BadInput
from core.base.workspace import Workspace

_NOT_SAFE = re.compile(r"[^\w.\- ()+@]+")
_LONGEST = 120


@dataclass(frozen=True)
class InboxFile:
    """A file lying in the inbox; modified_at is UTC."""

    path: Path
    file_bytes: int
    modified_at: datetime

    @property
    def name(self) -> str:
        return self.path.name


def inbox(workspace: Workspace) -> tuple[InboxFile, ...]:
    """Return the files in the inbox folder, by name; folders and hidden files are left out."""
    paths = sorted(path for path in workspace.inbox.iterdir() if path.is_file() and not path.name.startswith("."))
    return tuple(_inbox_file(path) for path in paths)


def clean_name(name: str) -> str:
    """Return a file name safe to write: no folders, no leading dots, at most 120 characters.

    >>> clean_name("../../etc/orders 2026.csv")
    'orders 2026.csv'
    >>> clean_name("..")
    'upload'
    """
    last = name.replace("\\", "/").rsplit("/", 1)[-1]
    safe = _NOT_SAFE.sub("_", last).strip(". ")
    return safe[-_LONGEST:] or "upload"


def new_place(workspace: Workspace, name: str) -> Path:
    """Return a path for a new upload in a fresh folder of its own, so that two files of one name never meet."""
    folder = workspace.uploads / f"{datetime.now(UTC):%Y%m%d-%H%M%S}-{uuid4().hex[:6]}"
    folder.mkdir(parents=True)
    return folder / clean_name(name)


def keep(workspace: Workspace, name: str, chunks: Iterable[bytes]) -> Path:
    """Write an upload held in memory into the workspace and return its path. Raises BadInput where it is empty."""
    path = new_place(workspace, name)
    with path.open("wb") as file:
        written = sum(file.write(chunk) for chunk in chunks)
    if not written:
        shutil.rmtree(path.parent)
        raise BadInput(f"The file {path.name} is empty. Choose a file with at least a header and one row.")
    return path


def sweep(workspace: Workspace, now: datetime, keep_hours: float = 24) -> int:
    """Remove uploads older than ``keep_hours`` (copies of the user's own files) and return how many; imported rows stay.

    now: naive UTC.
    """
    oldest = now.replace(tzinfo=UTC).timestamp() - keep_hours * 3600
    stale = [folder for folder in workspace.uploads.iterdir() if folder.stat().st_mtime < oldest]
    for path in stale:
        shutil.rmtree(path) if path.is_dir() else path.unlink()
    return len(stale)


def token(workspace: Workspace, path: Path) -> str:
    """Return the name by which a page refers to an upload: its path inside the uploads folder."""
    return path.relative_to(workspace.uploads).as_posix()


def arrived(workspace: Workspace, upload_token: str) -> Path:
    """Return the path of the upload a page refers to. Raises BadInput where there is none inside the uploads folder."""
    path = (workspace.uploads / upload_token).resolve()
    if not path.is_relative_to(workspace.uploads) or not path.is_file():
        raise BadInput("That upload is no longer here. Choose the file again.")
    return path


def _inbox_file(path: Path) -> InboxFile:
    status = path.stat()
    return InboxFile(path, status.st_size, datetime.fromtimestamp(status.st_mtime, UTC).replace(tzinfo=None))
