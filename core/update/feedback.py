"""Feedback of shoppers: given, taken back, listed. It counts in the next list; see ``core.score.reactions`` for how."""

from datetime import datetime

import pandas as pd

from core.base.db import Store
from core.base.engagement import COUNTS_AS
from core.base.errors import BadInput
from core.base.log import log_event
from core.base.schema import Feedback, ImportStatus
from core.score.reactions import SAID, SIMULATED, VERDICTS

PREVIEW, SHOP = "preview", "shop"
"""Surfaces: a try-out by staff, which is no visit of the shopper; the shop's own pages. Others have names of their own."""

NO_SHOPPERS = (PREVIEW, SIMULATED)
"""Surfaces on which no shopper was."""

FILE_NAME = "feedback"
"""What an import of feedback is called in the books."""


def give(
    store: Store,
    user_id: str,
    item_id: str,
    kind: Feedback,
    *,
    list_id: str | None = None,
    surface: str | None = None,
    now: datetime,
) -> int:
    """Record what a shopper says to an item and return the feedback's id; the next list counts it.

    A verdict that stands already is not given twice: its id is returned. list_id: the impression it answers; surface: by
    default that of the impression, else SHOP; now: UTC. Raises BadInput on an empty id, or an item the catalogue lacks.
    """
    kind = Feedback(kind)
    if not user_id.strip():
        raise BadInput("Feedback needs a shopper: give their id, or any new id for somebody new.")
    with store.transaction() as cursor:
        if cursor.execute("SELECT 1 FROM catalogue WHERE item_id = ?", [item_id]).fetchone() is None:
            raise BadInput(f"There is no item '{item_id}' in the catalogue. Check the id; ids are compared letter by letter.")
        standing = cursor.execute(_VERDICT, [user_id, item_id, list(VERDICTS)]).fetchone()
        if standing is not None and standing[1] == kind:
            return int(standing[0])
        if surface is None:
            shown = cursor.execute("SELECT surface FROM impressions WHERE list_id = ? LIMIT 1", [list_id]).fetchone()
            surface = shown[0] if shown else SHOP
        ((feedback_id,),) = cursor.execute("SELECT coalesce(max(feedback_id), 0) + 1 FROM feedback").fetchall()
        cursor.execute(
            "INSERT INTO feedback VALUES (?, ?, ?, ?, ?, ?, ?, NULL, NULL)",
            [feedback_id, user_id, item_id, kind, surface, list_id, now],
        )
    log_event("feedback", feedback_id=feedback_id, kind=str(kind), surface=surface)
    return int(feedback_id)


def undo(store: Store, feedback_id: int, now: datetime) -> None:
    """Take a feedback back: the next list is the one before it. now: UTC.

    Raises BadInput where there is no such feedback in force, or where it was taken into the log: then its import is undone.
    """
    with store.transaction() as cursor:
        found = cursor.execute(f"SELECT undone_at, {_IN_THE_LOG} FROM feedback f WHERE feedback_id = ?", [feedback_id]).fetchone()
        if found is None or found[0] is not None:
            raise BadInput(
                f"There is no feedback {feedback_id} to take back. The list of a shopper's feedback shows which there is."
            )
        if found[1] is not None:
            raise BadInput(f"Feedback {feedback_id} is in the log by now: undo import {found[1]} on the Import screen first.")
        cursor.execute("UPDATE feedback SET undone_at = ? WHERE feedback_id = ?", [now, feedback_id])
    log_event("feedback undone", feedback_id=feedback_id)


def given(store: Store, user_id: str) -> pd.DataFrame:
    """Return the feedback of a shopper that is in force, newest first.

    Columns: feedback_id, ts (UTC), kind, item_id, title (NULL = none), surface, list_id, in_log (it is events by now).
    """
    return store.df(
        f"""
        SELECT feedback_id, ts, f.kind, f.item_id, title, surface, list_id, {_IN_THE_LOG} IS NOT NULL AS in_log
        FROM feedback f LEFT JOIN catalogue c USING (item_id)
        WHERE user_id = ? AND {SAID} ORDER BY feedback_id DESC
        """,
        [user_id],
    )


def waiting(store: Store) -> dict[str, int]:
    """Return how much feedback could be taken into the log, by the surface it was given on."""
    return dict(store.rows(f"SELECT surface, count(*) FROM ({WAITING}) GROUP BY surface ORDER BY surface"))


_VERDICT = f"""
SELECT feedback_id, kind FROM feedback
WHERE user_id = ? AND item_id = ? AND list_contains(?, kind) AND {SAID} ORDER BY feedback_id DESC LIMIT 1
"""
_IN_THE_LOG = f"""(SELECT m.import_id FROM imports m WHERE m.import_id = f.import_id AND m.status = '{ImportStatus.LOADED}')"""
"""SQL: the import that holds the feedback f; NULL where none does."""
WAITING = f"""
    SELECT * FROM feedback f
    WHERE {SAID} AND kind IN ({", ".join(f"'{kind}'" for kind in COUNTS_AS)}) AND {_IN_THE_LOG} IS NULL
"""
"""SQL: the feedback that could be taken into the log."""
