"""What the shop's own log and lists say before an experiment: today's rates, and how many shoppers come in so many days."""

import math
from dataclasses import dataclass
from datetime import timedelta

import pandas as pd

from core.base.db import Store
from core.base.schema import Event
from core.update.experiments import Measure
from core.update.feedback import NO_SHOPPERS
from core.update.sequential import LEAST_HITS, LEAST_SHOPPERS, Figure, figure
from core.update.sizing import Size, size

WINDOW_DAYS = 28
_GUESSED = (10, 2.0)
"""Places of one list; how much more clicks are spread over shoppers than coins (2.3 in the demo shop's log)."""


@dataclass(frozen=True)
class Base:
    """Today's rate of a measure. per_shopper: trials of a shopper; design: spread against as many coins (Kish 1965), ≥ 1."""

    measure: Measure
    rate: float
    shoppers: int
    per_shopper: float
    design: float
    source: str


@dataclass(frozen=True)
class Estimate:
    """How long an experiment takes. days, once_days: until ``size.any_time`` and ``size.once`` have come, None = too few do."""

    base: Base
    size: Size
    once_days: int | None
    days: int | None

    @property
    def sentence(self) -> str:
        """Return it in words."""
        both = f"{self.size.any_time:,} shoppers in both groups together"
        if self.days is None:
            return f"Needs {both}: more than came in the whole log. Look for a larger change, or wait for more shoppers."
        once = f"{self.size.once:,} shoppers and {_days(self.once_days)} if you look only once, at the end"
        return f"Needs {both}, about {_days(self.days)} at the shop's traffic, with leave to stop at any look ({once})."


def base_of(store: Store, measure: Measure) -> Base | None:
    """Return today's rate, from lists shown to shoppers where there are enough, else from the log; None = neither knows."""
    if measure is Measure.CTR:
        shown = _base(measure, store.df(_SHOWN, {"surfaces": list(NO_SHOPPERS)}), "lists shown to shoppers so far")
        return shown or _base(measure, _log(store, _VIEWED), f"clicks per view in the last {WINDOW_DAYS} days of the log")
    if measure is Measure.CONVERSION:
        if not store.value(_LOOKED):
            return None  # a log of purchases alone does not know who came and bought nothing
        frame = _log(store, _BOUGHT)
        return _base(measure, frame, f"shoppers of the last {WINDOW_DAYS} days of the log who bought in them")
    return _base(measure, _log(store, _CAME), f"days a week on which shoppers of the last {WINDOW_DAYS} days came")


def guessed(measure: Measure, rate: float) -> Base:
    """Return a rate that somebody guesses. Of clicks, each shopper is taken to see one list, whose places depend as in a shop."""
    per_shopper, design = _GUESSED if measure is Measure.CTR else (1, 1.0)
    return Base(measure, rate, 0, per_shopper, design, "a guess")


def estimate(store: Store, base: Base, effect: float, share: float) -> Estimate:
    """Return how many shoppers and days it takes to find a relative change. Raises BadInput on a rate that cannot change so."""
    needed = size(base.rate, effect, share, per_shopper=base.per_shopper, design=base.design)
    return Estimate(base, needed, days_until(store, needed.once), days_until(store, needed.any_time))


def days_until(store: Store, shoppers: int) -> int | None:
    """Return in how many days so many different shoppers come, by the last days of the log; None = there are not so many."""
    if not shoppers:
        return 0
    return store.value(
        """
        WITH last AS (SELECT user_id, max(day) AS day FROM shopper_days ANTI JOIN robots USING (user_id) GROUP BY user_id),
        since AS (SELECT (SELECT max(day) FROM last) - day + 1 AS days FROM last)
        SELECT days::INTEGER FROM since ORDER BY days LIMIT 1 OFFSET ?
        """,
        [shoppers - 1],
    )


def _log(store: Store, sql: str) -> pd.DataFrame:
    end = store.value("SELECT max(day) FROM shopper_days")
    since = None if end is None else end - timedelta(days=WINDOW_DAYS - 1)
    return store.df(sql, {"since": since})


def _base(measure: Measure, frame: pd.DataFrame, source: str) -> Base | None:
    found = figure(frame["y"].to_numpy(float), frame["x"].to_numpy(float)) if len(frame) else None
    if found is None or found.shoppers < LEAST_SHOPPERS or found.hits < LEAST_HITS:
        return None
    return Base(measure, found.rate, found.shoppers, found.of / found.shoppers, _design(found), source)


def _design(found: Figure) -> float:
    coins = found.rate * (1 - found.rate) / found.of
    return max(found.variance / coins, 1.0) if coins > 0 and math.isfinite(coins) else 1.0


def _days(many: int | None) -> str:
    return "a day" if many == 1 else f"{many:,} days"


_PEOPLE = "user_id NOT IN (SELECT user_id FROM robots)"
_SHOWN = f"""
SELECT count(DISTINCT f.list_id || f.item_id) AS y, count(DISTINCT i.list_id || i.item_id) AS x
FROM impressions i LEFT JOIN feedback f
  ON f.list_id = i.list_id AND f.item_id = i.item_id AND f.undone_at IS NULL AND f.kind IN ('click', 'add', 'buy')
WHERE NOT list_contains($surfaces, i.surface) AND i.{_PEOPLE} GROUP BY i.user_id
"""
_LOOKED = f"""
SELECT 1 FROM events WHERE event_type IN ('{Event.VIEW}', '{Event.CLICK}', '{Event.CART}', '{Event.WISHLIST}') LIMIT 1
"""
_VIEWED = f"""
SELECT least(count_if(event_type = '{Event.CLICK}'), count_if(event_type = '{Event.VIEW}')) AS y,
       count_if(event_type = '{Event.VIEW}') AS x
FROM events WHERE ts >= $since AND user_id IS NOT NULL AND {_PEOPLE} GROUP BY user_id HAVING x > 0
"""
_BOUGHT = f"""
SELECT max((purchases > 0)::INTEGER) AS y, 1 AS x FROM shopper_days WHERE day >= $since AND {_PEOPLE} GROUP BY user_id
"""
_CAME = f"""
SELECT count(*) AS y, {WINDOW_DAYS / 7} AS x FROM shopper_days WHERE day >= $since AND {_PEOPLE} GROUP BY user_id
"""
