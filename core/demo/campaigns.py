"""The paid placements: one campaign an ad."""

import numpy as np
import pandas as pd

from core.base.schema import ItemKind
from core.demo.catalogue import Catalogue
from core.demo.files import day
from core.demo.rhythm import Calendar
from core.demo.vocabulary import Vocabulary


def build_campaigns(words: Vocabulary, catalogue: Catalogue, calendar: Calendar, rng: np.random.Generator) -> pd.DataFrame:
    """Columns as a shop exports them: campaign_id, campaign, ad_sku, bid (money a click), budget (money), start_date,
    end_date, frequency_cap (impressions a shopper a day). Two in three still run when the log ends."""
    sku = catalogue.frame.loc[catalogue.kind == ItemKind.AD.value, "sku"].to_numpy(dtype=object)
    count = len(sku)
    start = rng.integers(0, max(1, calendar.days - 30), count)
    runs_on = rng.random(count) < 0.66
    end = np.where(runs_on, calendar.days + rng.integers(5, 60, count), start + rng.integers(14, 30, count))
    return pd.DataFrame(
        {
            "campaign_id": np.array([f"CMP-{300 + n}" for n in range(count)], dtype=object),
            "campaign": words.ads["campaign"].to_numpy(dtype=object),
            "ad_sku": sku,
            "bid": rng.lognormal(-0.9, 0.4, count).round(2),
            "budget": (rng.integers(4, 60, count) * 50).astype(float),
            "start_date": day(calendar, start),
            "end_date": day(calendar, end),
            "frequency_cap": rng.integers(2, 7, count),
        }
    )
