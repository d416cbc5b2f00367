"""What an import would do to the first rows of a file, without doing it."""

from dataclasses import dataclass
from datetime import UTC, datetime

import pandas as pd

from core.base.db import Store
from core.base.derived import no_progress
from core.base.workspace import Workspace
from core.ingest.load import require
from core.ingest.mapping import Mapping
from core.ingest.plan import plan
from core.ingest.records import Record
from core.ingest.source import Source
from core.ingest.staging import staged

_HIDDEN = ("event_key", "review_key", "explicit")
REASON = "reason"


@dataclass(frozen=True)
class Preview:
    """frame: the first rows as they would be stored, with ``reason`` (None = loads); the counts are of the first 2,000 rows."""

    frame: pd.DataFrame
    read: int
    loaded: int
    quarantined: int


def preview(
    source: Source, mapping: Mapping, workspace: Workspace, store: Store, rows: int = 20, now: datetime | None = None
) -> Preview:
    """Return how the first rows would be read; duplicates are not looked for. Raises BadInput where a field is missing."""
    require(mapping, source)
    what = plan(source, mapping, now or datetime.now(UTC).replace(tzinfo=None))
    records = [Record(["" if cell is None else cell for cell in row]) for row in source.probe.itertuples(index=False)]
    shown = ", ".join(f"{sql} AS {name}" for name, sql in what.output.items() if name not in _HIDDEN)
    carried = [name for name in ("t_title", "t_brand", "t_category") if _gathered(what.typed, name, mapping)]
    extra = "".join(f", {name} AS item_{name[2:]}" for name in carried)
    with staged(records, len(source.columns), workspace, no_progress) as copy, store.cursor() as cursor:
        judged = what.judged(copy.numbered)
        frame = cursor.execute(f"SELECT {shown}{extra}, {REASON} FROM {judged} ORDER BY row_number LIMIT {int(rows)}").df()
        counted = cursor.execute(f"SELECT count(*), count(*) FILTER ({REASON} IS NULL) FROM {judged}").fetchone()
    assert counted is not None
    read, loaded = counted
    return Preview(frame, read, loaded, read - loaded)


def _gathered(typed: dict[str, str], name: str, mapping: Mapping) -> bool:
    """Whether an event or review file carries this fact about its products."""
    field = "item_title" if name == "t_title" and mapping.columns("item_title") else name[2:]
    return name in typed and "t_attributes" not in typed and bool(mapping.columns(field))
