"""What a shopper is drawn to: decayed shares over category, product type, brand, price tier and keyword."""

import pandas as pd

from core.base.db import Store
from core.base.engagement import NEUTRAL_STARS, WEIGHT
from core.base.schema import Event

# Engagement as everywhere: event weights times log2(1 + count), turned by the rating; what they disliked or sent back
# draws them to nothing, so it counts 0. Age is counted back from the shopper's own last event.
_STRENGTH = f"""
    greatest(0, (
        {WEIGHT[Event.VIEW]} * log2(1 + views) + {WEIGHT[Event.CLICK]} * log2(1 + clicks) + {WEIGHT[Event.CART]} * log2(1 + carts)
        + {WEIGHT[Event.WISHLIST]} * log2(1 + wishes) + {WEIGHT[Event.PURCHASE]} * log2(1 + purchases)
        + {WEIGHT[Event.RETURN]} * log2(1 + returns) + if(rating IS NULL, 0, {WEIGHT[Event.RATING]})
    ) * if(rating IS NULL, 1, (rating - {NEUTRAL_STARS}) / {NEUTRAL_STARS}))
    * 0.5 ** (coalesce(date_diff('second', coalesce(liked_ts, last_ts), max(last_ts) OVER ()) / 86400, 0) / $half_life)
"""

_FACETS = {
    "category": "top_category",
    "product type": "nullif(trim(regexp_extract(category, '[^>]+$')), top_category)",
    "brand": "brand",
    "price tier": """CASE WHEN price_tier < 1 / 3 THEN 'lower third' WHEN price_tier < 2 / 3 THEN 'middle third'
                     WHEN price_tier IS NOT NULL THEN 'upper third' END""",
}
"""Facet -> SQL over catalogue. The tiers are thirds of the prices within the item's category."""


_KEYWORDS = f"""
    SELECT {len(_FACETS)} AS place, 'keyword' AS facet, keyword AS value,
           strength * weight / sum(weight) OVER (PARTITION BY item_id) AS strength
    FROM liked JOIN keywords USING (item_id)
"""
"""An item's strength goes to its keywords in parts, by their TF-IDF weights."""


def interests(store: Store, user_id: str, half_life_days: float) -> pd.DataFrame:
    """Return what the shopper is drawn to: facet, value, share, items; by facet, the largest share first, ties by value.

    share: part of the shopper's decayed engagement among items whose facet is known, 0..1, adding up to 1 in each facet;
    items: distinct. half_life_days: age at which an interaction counts half. A facet that no item has is absent.
    """
    facets = [
        f"SELECT {place} AS place, '{facet}' AS facet, {sql} AS value, strength FROM liked"
        for place, (facet, sql) in enumerate(_FACETS.items())
    ]
    values = " UNION ALL ".join([*facets, _KEYWORDS])
    return store.df(
        f"""
        WITH liked AS (
            SELECT c.*, {_STRENGTH} AS strength
            FROM (SELECT * FROM interactions WHERE user_id = $user) JOIN catalogue c USING (item_id) WHERE c.hidden IS NULL
        )
        SELECT facet, value, sum(strength) / sum(sum(strength)) OVER (PARTITION BY facet) AS share, count(*) AS items
        FROM ({values}) WHERE value IS NOT NULL AND strength > 0
        GROUP BY place, facet, value ORDER BY place, share DESC, value
        """,
        {"user": user_id, "half_life": half_life_days},
    )
