"""Load files and bring everything up to date in one go: what the import job and the demo do."""

from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from core.base.db import Store
from core.base.derived import Progress, no_progress
from core.base.errors import BadInput
from core.base.schema import ImportStatus
from core.base.settings import Settings
from core.base.workspace import Workspace
from core.demo.files import demo_files
from core.demo.generate import generate
from core.ingest.history import undo
from core.ingest.load import ImportResult, import_file
from core.ingest.mapping import Mapping
from core.ingest.quarantine import retry
from core.update.feedback import FILE_NAME as FEEDBACK
from core.update.refresh import LoadEncoder, refresh

_IMPORT_SHARE = 0.3


@dataclass(frozen=True)
class BroughtIn:
    """What was loaded, file by file, and how long the rebuild after it took (seconds)."""

    files: tuple[ImportResult, ...]
    refresh_seconds: float

    def as_json(self) -> dict[str, Any]:
        """Return ``{"files": [{"file_name", "kind", "read", "loaded", "quarantined", "reasons", …}], "refresh_seconds"}``."""
        return {"files": [asdict(result) for result in self.files], "refresh_seconds": round(self.refresh_seconds, 2)}


def import_and_refresh(
    store: Store,
    workspace: Workspace,
    settings: Settings,
    load_encoder: LoadEncoder,
    path: Path,
    mapping: Mapping | None = None,
    progress: Progress = no_progress,
) -> BroughtIn:
    """Import one file, then rebuild what it changed. Raises BadInput where the file cannot be read as any kind."""
    result = import_file(store, workspace, path, mapping, progress=_part(progress, 0.0, _IMPORT_SHARE))
    seconds = refresh(store, settings, load_encoder, _part(progress, _IMPORT_SHARE, 1.0))
    return BroughtIn((result,), seconds)


def undo_and_refresh(
    store: Store, settings: Settings, load_encoder: LoadEncoder, import_id: int, progress: Progress = no_progress
) -> int:
    """Take one import back, then rebuild what it had changed; return the rows removed."""
    progress(0.0, "Taking the rows back")
    removed = undo(store, import_id)
    refresh(store, settings, load_encoder, _part(progress, _IMPORT_SHARE, 1.0))
    return removed


def retry_and_refresh(
    store: Store,
    workspace: Workspace,
    settings: Settings,
    load_encoder: LoadEncoder,
    import_id: int,
    mapping: Mapping,
    progress: Progress = no_progress,
) -> BroughtIn:
    """Read an import's quarantined rows again with another mapping, then rebuild what they changed."""
    result = retry(store, workspace, import_id, mapping, _part(progress, 0.0, _IMPORT_SHARE))
    seconds = refresh(store, settings, load_encoder, _part(progress, _IMPORT_SHARE, 1.0))
    return BroughtIn((result,), seconds)


def load_demo(
    store: Store, workspace: Workspace, settings: Settings, load_encoder: LoadEncoder, progress: Progress = no_progress
) -> BroughtIn:
    """Simulate the demo shop and load it through the same import as anyone's data.

    A demo shop that is loaded already stays as it is. Raises BadInput where the store holds another shop: demo
    shoppers must not mix with real ones.
    """
    paths = demo_files(workspace.demo).imports
    names = {path.name for path in paths}
    there = {name for (name,) in store.rows("SELECT file_name FROM imports WHERE status = ?", [ImportStatus.LOADED])} - {FEEDBACK}
    if foreign := sorted(there - names):
        raise BadInput(
            f"This workspace already holds a shop ({', '.join(foreign[:3])}). "
            "The demo shop would mix with it: undo those imports first, or use another workspace folder."
        )
    if not there or not all(path.exists() for path in paths):
        progress(0.0, "Simulating the demo shop")
        generate(workspace.demo, seed=settings.seed)
    loaded = []
    for number, path in enumerate(paths):
        share = _IMPORT_SHARE / len(paths)
        step = _part(progress, number * share, (number + 1) * share)
        loaded.append(import_file(store, workspace, path, progress=step))
    seconds = refresh(store, settings, load_encoder, _part(progress, _IMPORT_SHARE, 1.0))
    return BroughtIn(tuple(loaded), seconds)


def _part(progress: Progress, start: float, end: float) -> Progress:
    """Return a progress that maps 0..1 to ``start``..``end``."""
    return lambda done, message: progress(start + done * (end - start), message)
