"""A list shown in the shop: made as it is served, and recorded with what the ranker saw, so that its clicks can teach."""

from datetime import datetime
from pathlib import Path

from core.base.db import Store
from core.represent import registry
from core.score.index import Index
from core.score.plan import live_plan
from core.score.recommend import Recommendation, score_shopper
from core.update.impressions import shown
from core.update.online import seen_features


def show(
    store: Store, index: Index, home: Path, user_id: str, k: int, *, surface: str, now: datetime
) -> tuple[str, Recommendation]:
    """Return the id of the impression and the list. home: of the workspace; surface: see ``core.update.feedback``; now: UTC."""
    plan = live_plan(store, index, user_id)
    scored = score_shopper(store, index, user_id)
    arranged = scored.arrange(plan, k)
    best = scored.explain([arranged])[0]
    served = registry.live(home)
    told = seen_features(store, scored, arranged.places, plan)
    list_id = shown(store, best, surface=surface, plan=plan, now=now, model=served.run if served else None, features=told)
    return list_id, best
