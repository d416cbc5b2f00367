"""A small log, and a way to import text as a file."""

from collections.abc import Callable
from datetime import datetime
from pathlib import Path

import pytest

from core.base.db import Store
from core.base.workspace import Workspace
from core.ingest.load import ImportResult, import_file

NOW = datetime(2025, 1, 1)
HEADER = "user_id,item_id,timestamp,event_type,price,quantity"


def log_rows(count: int) -> list[str]:
    """Return distinct event rows: 7 shoppers, 5 items, minute after minute."""
    kinds = ("view", "purchase", "cart")
    return [
        f"u{i % 7},i{i % 5},2024-03-{1 + i // 60:02d} 10:{i % 60:02d}:00,{kinds[i % 3]},{i % 9}.5,{1 + i % 3}"
        for i in range(count)
    ]


@pytest.fixture
def load(store: Store, workspace: Workspace, tmp_path: Path) -> Callable[..., ImportResult]:
    """Return ``load(content, name=..., **options)``: write the content to a file, import it, check the books."""

    def run(content: str | bytes, name: str = "file.csv", **options: object) -> ImportResult:
        path = tmp_path / name
        path.write_bytes(content.encode() if isinstance(content, str) else content)
        result = import_file(store, workspace, path, now=NOW, **options)  # type: ignore[arg-type]
        assert result.read == result.loaded + result.quarantined
        assert sum(result.reasons.values()) == result.quarantined
        assert list(workspace.uploads.iterdir()) == [], "a copy was left behind"
        return result

    return run


@pytest.fixture
def log() -> str:
    """Forty good rows under a plain header."""
    return "\n".join([HEADER, *log_rows(40)]) + "\n"
