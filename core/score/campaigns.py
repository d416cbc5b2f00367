"""Campaigns as an operator follows them: state, what they spent, whether that is on pace, click rates and revenue.

Figures are totals; nothing here names a shopper, and a segment with fewer than ``LEAST_SHOPPERS`` shoppers is left blank, so that
the tables can be given to an advertiser.
"""

from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum
from typing import Any

import numpy as np

from core.base.db import Store
from core.represent.pairs import wilson_low
from core.score.reactions import LATEST_ACT

LEAST_SHOPPERS = 10
"""Fewer shoppers than this are not told of, lest one could be recognised."""


LEAST_MONEY = 0.01


class State(StrEnum):
    """Where a campaign stands."""

    PLANNED = "planned"
    RUNNING = "running"
    SPENT = "budget spent"
    ENDED = "ended"


@dataclass(frozen=True)
class Campaign:
    """One campaign at a moment. starts, ends: first and last day, None = open; bid: money a click; budget: money in all.

    frequency_cap: showings a shopper a day, None = any number; items: what it shows; shows, clicks: in the log while it ran;
    shoppers: distinct, who saw it; spent: money, simulated (``core.represent.ad_shows``); elapsed: share of its days that are
    over, None where it has no end.
    """

    campaign_id: str
    name: str
    items: tuple[str, ...]
    starts: date | None
    ends: date | None
    bid: float | None
    budget: float | None
    frequency_cap: int | None
    state: State
    shows: int
    clicks: int
    shoppers: int
    spent: float
    elapsed: float | None

    @property
    def ctr(self) -> float | None:
        """Return clicks ÷ showings."""
        return self.clicks / self.shows if self.shows else None

    @property
    def ctr_interval(self) -> tuple[float, float] | None:
        """Return Wilson's 95 % interval of the click rate."""
        return share_interval(self.clicks, self.shows) if self.shows else None

    @property
    def spent_share(self) -> float | None:
        """Return the part of the budget that is spent."""
        return self.spent / self.budget if self.budget else None

    @property
    def ahead(self) -> float | None:
        """Return money spent beyond what an even spend would have reached by now; negative = behind."""
        return None if self.budget is None or self.elapsed is None else self.spent - self.budget * self.elapsed

    @property
    def participation(self) -> float:
        """Return the share of its chances that the campaign takes: remaining budget share ÷ remaining time share, at most 1.

        Ahead of an even spend it is shown less, so that the budget lasts to the last day; behind it, always. Probabilistic
        throttling as in Agarwal, Ghosh, Wei & You 2014, "Budget pacing for targeted online advertisements at LinkedIn"
        (KDD), who follow a forecast of the traffic where this takes each day as equal. 0 unless it is running.
        """
        if self.state is not State.RUNNING:
            return 0.0
        if self.spent_share is None or self.elapsed is None:
            return 1.0
        left = 1 - self.elapsed
        return min(1.0, (1 - self.spent_share) / left) if left > 0 else 1.0


def share_interval(hits: int, trials: int) -> tuple[float, float]:
    """Return Wilson's 95 % interval of a share.

    >>> [round(end, 3) for end in share_interval(5, 100)]
    [0.022, 0.112]
    """
    low, missed = wilson_low(np.array([hits, trials - hits]), np.array([trials, trials])).tolist()
    return max(0.0, low), min(1.0, 1 - missed)


def latest(store: Store) -> datetime | None:
    """Return the time of the log's latest event or rating, which counts as now; None where nothing is dated."""
    moment: datetime | None = store.value(LATEST_ACT)
    return moment


def campaigns(store: Store, now: datetime | None = None) -> tuple[Campaign, ...]:
    """Return every campaign that has something to show, the running first, then by start and id. now: None = ``latest``."""
    moment = now or latest(store)
    today = moment.date() if moment else None
    found = [_campaign(row, today) for row in store.rows(_CAMPAIGNS)]
    order = (State.RUNNING, State.PLANNED, State.SPENT, State.ENDED)
    return tuple(sorted(found, key=lambda one: (order.index(one.state), one.starts or date.min, one.campaign_id)))


def _campaign(row: tuple[Any, ...], today: date | None) -> Campaign:
    campaign_id, name, items, starts, ends, bid, budget, cap, shows, clicks, shoppers, spent = row
    return Campaign(
        campaign_id=campaign_id,
        name=name,
        items=tuple(items),
        starts=starts,
        ends=ends,
        bid=bid,
        budget=budget,
        frequency_cap=cap,
        state=_state(today, starts, ends, None if budget is None else budget - spent, bid),
        shows=shows,
        clicks=clicks,
        shoppers=shoppers,
        spent=spent,
        elapsed=elapsed(today, starts, ends),
    )


def _state(today: date | None, starts: date | None, ends: date | None, left: float | None, bid: float | None) -> State:
    """left: of the budget, money. A campaign that cannot pay for one more click has spent its budget."""
    if today and starts and today < starts:
        return State.PLANNED
    if today and ends and today > ends:
        return State.ENDED
    return State.SPENT if left is not None and left < max(bid or 0, LEAST_MONEY) else State.RUNNING


def elapsed(today: date | None, starts: date | None, ends: date | None) -> float | None:
    """Return the share of the days that are over, today half over; None where a date is missing.

    >>> elapsed(date(2024, 3, 1), date(2024, 3, 1), date(2024, 3, 2))
    0.25
    """
    if today is None or starts is None or ends is None:
        return None
    days = (ends - starts).days + 1
    return min(1.0, max(0.0, ((today - starts).days + 0.5) / days))


@dataclass(frozen=True)
class Segment:
    """What came of ads in a segment. revenue: money from advertisers, simulated. Blank (None) where too few saw an ad."""

    name: str
    shoppers: int | None
    shows: int | None
    clicks: int | None
    revenue: float | None


def by_segment(store: Store, campaign_id: str | None = None) -> tuple[Segment, ...]:
    """Return every segment that saw an ad, by its number, those in none last. campaign_id: of this campaign alone."""
    rows = store.rows(_SEGMENTS, {"campaign": campaign_id})
    return tuple(Segment(*row) if row[1] >= LEAST_SHOPPERS else Segment(row[0], None, None, None, None) for row in rows)


_CAMPAIGNS = """
WITH told AS (
    SELECT campaign_id, coalesce(arg_max(name, import_id), campaign_id) AS name,
           list(DISTINCT item_id ORDER BY item_id) AS items,
           CAST(min(starts_at) AS DATE) AS starts, CAST(max(ends_at) AS DATE) AS ends, max(bid) AS bid, max(budget) AS budget,
           max(frequency_cap) AS cap
    FROM campaigns WHERE item_id IS NOT NULL GROUP BY campaign_id
), counted AS (
    SELECT campaign_id, count(*) AS shows, count_if(clicked) AS clicks, count(DISTINCT user_id) AS shoppers, sum(charged) AS spent
    FROM ad_shows GROUP BY campaign_id
)
SELECT told.*, coalesce(shows, 0), coalesce(clicks, 0), coalesce(shoppers, 0), coalesce(spent, 0)
FROM told LEFT JOIN counted USING (campaign_id)
"""
_SEGMENTS = """
WITH belongs AS (SELECT user_id, min(segment_id) AS segment_id FROM members GROUP BY user_id)
SELECT coalesce(any_value(s.name), 'in no segment') AS name, count(DISTINCT user_id) AS shoppers, count(*) AS shows,
       count_if(clicked) AS clicks, sum(charged) AS revenue
FROM ad_shows LEFT JOIN belongs USING (user_id) LEFT JOIN segments s USING (segment_id)
WHERE $campaign IS NULL OR campaign_id = $campaign
GROUP BY segment_id ORDER BY segment_id NULLS LAST
"""
