"""Learning from clicks as they come: what was shown and what came of it, taken in once.

A list is taken in WAIT after it was shown, so that its clicks are there. A list shown in a try-out, or to a simulated shopper, is
no visit; one whose features were not recorded teaches nothing. Regret is told by progressive validation: before the ranker
learns from places it says how likely each is clicked, and so does one that keeps the frozen order and learned from the same
places what its scores are worth (a scale, the priors of places and segments); the log-losses of both are summed.
"""

from dataclasses import asdict, dataclass, replace
from datetime import datetime, timedelta
from typing import Any

import numpy as np
import pandas as pd

from core.base.db import Store
from core.base.errors import BadInput
from core.base.log import log_event
from core.base.schema import Col, Feedback
from core.score.index import Index
from core.score.learning import FEATURES, Kind, Learned, State, counted_now, expected, facts_of, features
from core.score.plan import Plan, published
from core.score.ranker import Places, log_loss
from core.score.reactions import SIMULATED
from core.score.recommend import Scored
from core.update.feedback import PREVIEW
from core.update.learning_log import PROGRAM, Step, Version, begun, now_in_force, write

WAIT = timedelta(minutes=30)
"""How long clicks on a list are waited for."""
BATCH = 5
"""Lists to a step of learning."""
CLICKS = (Feedback.CLICK, Feedback.ADD, Feedback.BUY, Feedback.LIKE)
"""Feedback that counts as a click."""


@dataclass(frozen=True)
class Lesson:
    """What one call of ``learn`` took in. waiting: lists younger than WAIT, left for later."""

    lists: int
    places: int
    clicks: int
    waiting: int
    version: int | None

    def as_json(self) -> dict[str, Any]:
        """Return the fields as JSON values."""
        return asdict(self)


@dataclass(frozen=True)
class Waiting:
    """Lists shown and not learned from yet. ready, young: see WAIT; unread: their features were not recorded."""

    ready: int
    young: int
    unread: int


def waiting(store: Store, now: datetime) -> Waiting:
    """Return how many lists wait to be learned from. now: UTC."""
    ready, young, unread = store.rows(
        f"""
        SELECT count(*) FILTER (told AND ts <= $until), count(*) FILTER (told AND ts > $until), count(*) FILTER (NOT told)
        FROM (SELECT list_id, min(ts) AS ts, bool_and(features IS NOT NULL) AS told FROM ({_UNREAD}) GROUP BY list_id)
        """,
        {"until": now - WAIT},
    )[0]
    return Waiting(int(ready), int(young), int(unread))


def seen_features(store: Store, scored: Scored, places: np.ndarray, plan: Plan) -> np.ndarray:
    """Return (k, F), what the ranker sees of the candidates at these places: to be recorded with the list as it is shown."""
    learned = plan.learning
    counted = learned.counted if isinstance(learned, Learned) else counted_now(store, scored.index, scored.user_id)
    rows, known = scored.candidates.rows[places], facts_of(scored.index, scored.history)
    return np.asarray(features(scored.index, rows, known, scored.appeal[places][None], scored.quality[places], counted)[0])


def learn(store: Store, index: Index, now: datetime, *, author: str = PROGRAM) -> Lesson:
    """Take in every list that waits, the oldest first, and return what it was. now: UTC, by the wall clock.

    A list counts once, however often this is called; the first time, learning begins from the log. Raises BadInput while it is
    frozen.
    """
    held = now_in_force(store)
    if held is not None and held.frozen:
        raise BadInput("Learning is frozen, so nothing is learned from what is shown. Unfreeze it first.")
    held = begun(store, author, now)
    shown = store.df(_SHOWN, {"until": now - WAIT, "clicks": [str(kind) for kind in CLICKS], "many": len(FEATURES)})
    young = waiting(store, now).young
    if shown.empty:
        return Lesson(0, 0, 0, young, None)
    state, books = _taken_in(held.state, shown, published(store, index), index)
    epoch, version = held.epoch, held.version + 1
    with store.transaction() as cursor:
        write(cursor, Version(version, now, Step.LEARNED, author, False, epoch, state))
        cursor.register("books", books)
        cursor.execute(_COUNT, {"epoch": epoch})
        cursor.unregister("books")
        cursor.execute("INSERT INTO learned_from SELECT unnest(?::VARCHAR[]), ?", [shown[Col.LIST].unique().tolist(), version])
    lesson = Lesson(int(shown[Col.LIST].nunique()), len(shown), int(shown["clicked"].sum()), young, version)
    log_event("learned from clicks", author=author, **lesson.as_json())
    return lesson


def advanced(state: State, seen: Places, lists: int) -> State:
    """Return the state after one step on these places: judged first, then learned from."""
    return replace(
        state,
        ranker=state.ranker.step(seen),
        base=state.base.step(seen, frozen=True),
        lists=state.lists + lists,
        places=state.places + len(seen.clicked),
        clicks=state.clicks + int(seen.clicked.sum()),
        loss=state.loss + log_loss(state.ranker.logits(seen), seen.clicked),
        base_loss=state.base_loss + log_loss(state.base.logits(seen), seen.clicked),
    )


def _taken_in(state: State, shown: pd.DataFrame, plan: Plan, index: Index) -> tuple[State, pd.DataFrame]:
    """Return the state after learning from the places, and the counts they add: kind, whose, what, clicks, expected."""
    segment = shown["segment_id"].fillna(-1).to_numpy(int)
    known = tuple(sorted(set(segment[segment >= 0].tolist())))
    state = replace(state, ranker=state.ranker.knowing(known), base=state.base.knowing(known))
    seen = Places(
        features=np.array(shown["features"].tolist(), float).reshape(len(shown), -1),
        alpha=np.array([plan.alpha_for(one) for one in segment.tolist()]),
        segment=state.ranker.place_of(segment),
        position=shown[Col.POSITION].to_numpy(int),
        clicked=shown["clicked"].to_numpy(bool),
    )
    turn = pd.factorize(shown[Col.LIST])[0] // BATCH
    chances = np.zeros(len(shown))
    for number in range(int(turn.max()) + 1):
        mine = turn == number
        part = Places(seen.features[mine], seen.alpha[mine], seen.segment[mine], seen.position[mine], seen.clicked[mine])
        chances[mine] = expected(state.ranker, part)
        state = advanced(state, part, int(shown[Col.LIST][mine].nunique()))
    return state, _books(shown, segment, chances, index)


def _books(shown: pd.DataFrame, segment: np.ndarray, chances: np.ndarray, index: Index) -> pd.DataFrame:
    items, categories = shown[Col.ITEM].to_numpy(object), index.categories
    shelf = np.array([categories[index.rows[item]] if item in index.rows else None for item in items], object)
    told = {"clicks": shown["clicked"].to_numpy(float), "expected": chances}
    parts = [
        pd.DataFrame({"kind": str(Kind.ITEM), "whose": "", "what": items, **told}),
        pd.DataFrame({"kind": str(Kind.GROUP), "whose": segment.astype(str), "what": items, **told})[segment >= 0],
        pd.DataFrame({"kind": str(Kind.OWN), "whose": shown[Col.USER], "what": shelf, **told})[pd.notna(shelf)],
    ]
    return pd.concat(parts).groupby(["kind", "whose", "what"], as_index=False).sum()


_UNREAD = f"""
SELECT * FROM impressions WHERE surface NOT IN ('{PREVIEW}', '{SIMULATED}') AND list_id NOT IN (SELECT list_id FROM learned_from)
"""
_SHOWN = f"""
WITH clicked AS (
    SELECT DISTINCT list_id, item_id FROM feedback
    WHERE undone_at IS NULL AND list_id IS NOT NULL AND list_contains($clicks, kind)
), segment AS (SELECT user_id, min(segment_id) AS segment_id FROM members GROUP BY user_id)
SELECT i.list_id, i.user_id, i.item_id, position, features, segment_id, c.list_id IS NOT NULL AS clicked
FROM ({_UNREAD}) i
LEFT JOIN clicked c ON c.list_id = i.list_id AND c.item_id = i.item_id
LEFT JOIN segment s ON s.user_id = i.user_id
WHERE ts <= $until AND len(features) = $many
ORDER BY ts, i.list_id, position
"""
_COUNT = """
INSERT INTO learned_counts SELECT $epoch, kind, whose, what, clicks, expected FROM books
ON CONFLICT DO UPDATE SET clicks = learned_counts.clicks + excluded.clicks, expected = learned_counts.expected + excluded.expected
"""
