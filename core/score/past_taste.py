"""What shoppers' tastes for products were at a moment of the past, for models that must not see what came later."""

from datetime import datetime

import numpy as np
import pandas as pd

from core.base.db import Store
from core.base.schema import Col
from core.profiles.rollups import INTERACTIONS
from core.score.index import Index
from core.score.taste import taste_vectors


def tastes_before(store: Store, index: Index, users: np.ndarray, until: datetime | None) -> np.ndarray:
    """Return float32 (u, d): the tastes of ``users`` (u,) by what they did with products before a moment; 0 = not known.

    until: None = by now.
    """
    with store.cursor() as cursor:
        cursor.register("askers", pd.DataFrame({Col.USER: users, "place": np.arange(len(users))}))
        frame = cursor.execute(_TASTES, {"until": until, "version": 0}).df()
        cursor.unregister("askers")
    at = dict(zip(users.tolist(), range(len(users)), strict=True))
    frame = frame.assign(place=frame[Col.USER].map(at)).sort_values("place", kind="stable", ignore_index=True)
    user, row = frame["place"].to_numpy(int), frame[Col.ITEM].map(index.rows).to_numpy(int)
    return taste_vectors(frame, user, row, len(users), index.vectors, index.half_life_days)


_TASTES = f"""
WITH acts AS (
    SELECT a.* FROM main.acts a JOIN askers USING (user_id) JOIN catalogue c USING (item_id)
    WHERE c.kind = 'product' AND ($until IS NULL OR ts < $until)
)
{INTERACTIONS}
"""
