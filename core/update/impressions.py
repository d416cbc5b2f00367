"""Impressions: which list was shown to whom, where, and how it was made. What clicks are counted against."""

import hashlib
import json
from datetime import datetime

import numpy as np

from core.base.db import Store
from core.score.plan import Plan
from core.score.recommend import Recommendation
from core.update.feedback import PREVIEW


def shown(
    store: Store,
    recommendation: Recommendation,
    *,
    surface: str,
    plan: Plan,
    now: datetime,
    model: str | None = None,
    features: np.ndarray | None = None,
) -> str:
    """Record that a list was shown and return its id. now: UTC; model: the run that is served; features: (k, f) or None.

    Every showing is an impression of its own, but in the preview, where the same list (shopper, items, weights) is recorded
    once however often it is looked at.
    """
    items = [pick.item_id for pick in recommendation.picks]
    rules = [rule.rule_id for rule in plan.rules]
    made = (surface, recommendation.user_id, items, recommendation.alpha, model, plan.release, rules, plan.experiment, plan.arm)
    moment = None if surface == PREVIEW else now.isoformat()
    list_id = hashlib.sha256(json.dumps([made, moment]).encode()).hexdigest()[:20]
    if not items or store.value("SELECT 1 FROM impressions WHERE list_id = ? LIMIT 1", [list_id]):
        return list_id
    told = [None] * len(items) if features is None else features.astype(float).tolist()
    with store.transaction() as cursor:
        cursor.execute(
            _INSERT,
            {
                "list": list_id,
                "user": recommendation.user_id,
                "items": items,
                "now": now,
                "surface": surface,
                "alpha": recommendation.alpha,
                "model": model,
                "release": plan.release,
                "rules": rules,
                "experiment": plan.experiment,
                "arm": plan.arm,
                "features": told,
            },
        )
    return list_id


_INSERT = """
INSERT INTO impressions
SELECT $list, $user, unnest($items), unnest(range(1, len($items) + 1))::INTEGER, $now, $surface, $alpha, $model,
       $release, $rules::INTEGER[], $experiment, $arm, unnest($features::FLOAT[][])
"""
