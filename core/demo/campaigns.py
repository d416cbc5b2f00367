"""The paid placements: one campaign an ad."""

import numpy as np
import pandas as pd

from core.base.schema import ItemKind
from core.demo.catalogue import Catalogue
from core.demo.files import day
from core.demo.rhythm import Calendar
from core.demo.vocabulary import Vocabulary


def build_campaigns(words: Vocabulary, catalogue: Catalogue, calendar: Calendar, rng: np.random.Generator) -> pd.DataFrame:
    """Columns as a shop exports them: campaign_id, campaign, sku (of the ad), bid (money a click), budget (money), start_date,
    end_date, frequency_cap (impressions a shopper a day)."""
    ads = np.flatnonzero(catalogue.kind == ItemKind.AD.value)
    count = len(ads)
    return pd.DataFrame(
        {
            "campaign_id": np.array([f"CMP-{300 + n}" for n in range(count)], dtype=object),
            "campaign": words.ads["campaign"].to_numpy(dtype=object),
            "sku": catalogue.frame["sku"].to_numpy(dtype=object)[ads],
            "bid": rng.lognormal(-0.9, 0.4, count).round(2),
            "budget": (rng.integers(4, 60, count) * 50).astype(float),
            "start_date": day(calendar, catalogue.released[ads]),
            "end_date": day(calendar, catalogue.withdrawn[ads] - 1),
            "frequency_cap": rng.integers(2, 7, count),
        }
    )
