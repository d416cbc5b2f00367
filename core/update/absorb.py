"""Take feedback into the log: clicks, adds, buys and likes become events, as one import that can be undone."""

import hashlib
import json
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from typing import Any

import duckdb

from core.base.db import Store, bump_version
from core.base.derived import Progress, no_progress
from core.base.engagement import COUNTS_AS
from core.base.log import log_event
from core.base.schema import Feedback, FileKind, ImportStatus, Table
from core.base.settings import Settings
from core.score.reactions import LATEST_ACT
from core.update.feedback import FILE_NAME, PREVIEW, WAITING, waiting
from core.update.refresh import LoadEncoder, refresh

GONE = "product is not in the catalogue any more"


@dataclass(frozen=True)
class Absorbed:
    """The books of one import of feedback: read = loaded + quarantined. import_id: None = there was nothing to take."""

    import_id: int | None
    read: int
    loaded: int
    quarantined: int
    reasons: dict[str, int]

    def as_json(self) -> dict[str, Any]:
        """Return the fields as JSON values."""
        return asdict(self)


def absorb(store: Store, *, preview: bool = False, now: datetime) -> Absorbed:
    """Turn the feedback that waits into events and return the books; what was taken no longer counts beside the log.

    preview: also what staff tried out, which is no visit of the shopper; now: UTC. A dislike and "not interested" stay
    feedback. An event is dated as it was given, or by the latest of the log where it was given after that.
    """
    with store.transaction() as cursor:
        import_id = int(cursor.execute(f"SELECT coalesce(max(import_id), 0) + 1 FROM {Table.IMPORTS}").fetchall()[0][0])
        surfaces = [surface for surface in waiting(store) if preview or surface != PREVIEW]
        cursor.execute(
            f"UPDATE feedback SET import_id = ? WHERE feedback_id IN (SELECT feedback_id FROM ({WAITING}) "
            "WHERE list_contains(?, surface))",
            [import_id, surfaces],
        )
        taken = _load(cursor, import_id)
        if taken.import_id is not None:
            _book(cursor, taken, now)
    if taken.read:
        log_event("feedback absorbed", **taken.as_json())
    return taken


def absorb_and_refresh(
    store: Store, settings: Settings, load_encoder: LoadEncoder, now: datetime, progress: Progress = no_progress
) -> Absorbed:
    """Take all feedback into the log, what was tried out in the preview too, then rebuild what that changed."""
    progress(0.0, "Taking the feedback into the log")
    taken = absorb(store, preview=True, now=now)
    refresh(store, settings, load_encoder, progress)
    return taken


def _load(cursor: duckdb.DuckDBPyConnection, import_id: int) -> Absorbed:
    """Insert the events of the feedback that carries the import's id, and set aside what has no item any more."""
    ((read,),) = cursor.execute("SELECT count(*) FROM feedback WHERE import_id = ?", [import_id]).fetchall()
    if not read:
        return Absorbed(None, 0, 0, 0, {})
    ((loaded,),) = cursor.execute(_EVENTS, {"import": import_id}).fetchall()
    ((aside,),) = cursor.execute(_ASIDE, {"import": import_id, "gone": GONE}).fetchall()
    return Absorbed(import_id, read, loaded, aside, {GONE: aside} if aside else {})


def _book(cursor: duckdb.DuckDBPyConnection, taken: Absorbed, now: datetime) -> None:
    ids = cursor.execute("SELECT list(feedback_id ORDER BY feedback_id) FROM feedback WHERE import_id = ?", [taken.import_id])
    digest = hashlib.sha256(f"feedback {taken.import_id} {ids.fetchall()}".encode()).hexdigest()
    books = [taken.read, taken.loaded, taken.quarantined, json.dumps(taken.reasons)]
    finished = datetime.now(UTC).replace(tzinfo=None)
    cursor.execute(
        "INSERT INTO imports VALUES (?, ?, ?, 0, ?, '{}', ?, ?, ?, ?, ?, ?, ?, ?)",
        [
            *(taken.import_id, FILE_NAME, digest, FileKind.EVENTS, *books),
            *(min(now, finished), finished, ImportStatus.LOADED, bump_version(cursor)),
        ],
    )


_EVENT = "CASE f.kind " + " ".join(f"WHEN '{kind}' THEN '{event}'" for kind, event in COUNTS_AS.items()) + " END"
_EVENTS = f"""
INSERT INTO events BY NAME
SELECT hash('feedback', feedback_id) AS event_key, user_id, item_id, least(ts, ({LATEST_ACT})) AS ts, {_EVENT} AS event_type,
       if(f.kind = '{Feedback.BUY}', 1.0, NULL) AS quantity, import_id
FROM feedback f WHERE import_id = $import AND item_id IN (SELECT item_id FROM catalogue) ORDER BY feedback_id
"""
_ASIDE = """
INSERT INTO quarantine
SELECT import_id, feedback_id, $gone,
       to_json({'user_id': user_id, 'item_id': item_id, 'timestamp': ts::VARCHAR, 'event_type': kind})
FROM feedback WHERE import_id = $import AND item_id NOT IN (SELECT item_id FROM catalogue)
"""
