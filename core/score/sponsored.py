"""Sponsored places: the running campaigns' ads for one shopper, by what showing them is worth.

    expected value of a showing = chance of a click · bid        (money)

Always labelled. A campaign is left out where it is not running, its budget is spent, the shopper has seen it as often today as it
may be shown, it is ahead of its budget and this day's draw goes against it (``Campaign.participation``), or its ad may not be
shown to this shopper. Where the log holds no click on an ad, no chance is known: ads go by their bid, and no value is told.
"""

from dataclasses import dataclass
from datetime import datetime
from hashlib import blake2b
from typing import Any

import numpy as np

from core.base.db import Store
from core.base.schema import Col
from core.score.campaigns import Campaign, State, campaigns
from core.score.ctr import Basis, CtrReport, chances, ctr_report, personal_facts, read_shows, so_far
from core.score.index import Index
from core.score.surface import Offer, Surface, allowed
from core.score.taste import history, refused

LABEL = "Sponsored"
NEAR = 0.1
"""Cosine between a taste and an ad from which they are called alike."""


@dataclass(frozen=True, kw_only=True)
class Place(Offer):
    """One sponsored place. chance: of a click, None where not known; bid: money a click; value: chance · bid, money a showing."""

    campaign_id: str
    campaign: str
    chance: float | None
    bid: float
    value: float | None
    label: str = LABEL


@dataclass(frozen=True)
class LeftOut:
    """A campaign that is not shown, and why not, in words."""

    campaign_id: str
    campaign: str
    why: str


@dataclass(frozen=True)
class Sponsored(Surface[Place]):
    """The places, best first, and the campaigns that are not shown."""

    left_out: tuple[LeftOut, ...] = ()

    def as_json(self) -> dict[str, Any]:
        """Return the fields of a surface and ``left_out``."""
        return {**super().as_json(), "left_out": [vars(one) for one in self.left_out]}


@dataclass(frozen=True)
class _Ad:
    """An ad that may be shown: a campaign and the index row of one of its items."""

    campaign: Campaign
    row: int

    @property
    def bid(self) -> float:
        """Return money a click; a campaign without a bid pays nothing."""
        return self.campaign.bid or 0.0


def sponsored(store: Store, index: Index, user_id: str, k: int = 3, now: datetime | None = None) -> Sponsored:
    """Return the k ads worth most, one a campaign; ties by campaign id. now: of the log, None = its latest event."""
    now = now or index.now
    report = ctr_report(store)
    if report is None:
        return Sponsored("sponsored", "Nothing has been counted yet: build first.", ())
    every = campaigns(store, now)
    if not every:
        return Sponsored("sponsored", "There are no campaigns: import a file of them.", ())
    why = {one.campaign_id: _out(one, user_id, now) or _capped(store, one, user_id, now) for one in every}
    may = _may(store, index, user_id)
    ads = [_Ad(one, index.rows[item]) for one in every if not why[one.campaign_id] for item in one.items if item in index.rows]
    ads = [ad for ad in ads if may[ad.row]]
    best = _best(store, index, report, user_id, ads)
    shown = {place.campaign_id for place in best[:k]}
    rest = (LeftOut(one.campaign_id, one.name, _why(one, why, best)) for one in every if one.campaign_id not in shown)
    return Sponsored("sponsored", _told(report, best[:k]), tuple(best[:k]), tuple(rest))


def _out(one: Campaign, user_id: str, now: datetime | None) -> str | None:
    """Return why a campaign does not bid for this shopper today; None where it does."""
    if one.state is not State.RUNNING:
        return str(one.state)
    if draw(one.campaign_id, user_id, now) >= one.participation:
        return f"ahead of its budget: shown in {one.participation:.0%} of its chances, and this is not one"
    return None


def draw(campaign_id: str, user_id: str, now: datetime | None) -> float:
    """Return a number in [0, 1), the same for a campaign and shopper all day: below its participation the campaign takes part."""
    text = f"{campaign_id}\n{user_id}\n{now.date() if now else ''}"
    return int.from_bytes(blake2b(text.encode(), digest_size=8).digest()) / 2**64


def _capped(store: Store, one: Campaign, user_id: str, now: datetime | None) -> str | None:
    if one.frequency_cap is None:
        return None
    seen = store.value(
        "SELECT count(*) FROM ad_shows WHERE campaign_id = ? AND user_id = ? AND CAST(ts AS DATE) = CAST(? AS DATE)",
        [one.campaign_id, user_id, now],
    )
    return f"seen {seen} times today, the most it may be shown a day" if seen >= one.frequency_cap else None


def _may(store: Store, index: Index, user_id: str) -> np.ndarray:
    """Return (n,) bool: items of any kind that may be shown to the shopper: not hidden, in stock, not refused, by no rule out."""
    said = history(store, index, user_id)
    may = ~index.is_hidden & ~index.out_of_stock
    may[[index.rows[item] for item in said.loc[refused(said), Col.ITEM] if item in index.rows]] = False
    segment = store.value("SELECT min(segment_id) FROM members WHERE user_id = ?", [user_id])
    return may & allowed(store, index, segment)


def _best(store: Store, index: Index, report: CtrReport, user_id: str, ads: list[_Ad]) -> list[Place]:
    """Return the best ad of each campaign, worth most first."""
    if not ads:
        return []
    rows = np.array([ad.row for ad in ads])
    shows = read_shows(store, index)
    known = np.flatnonzero(shows.users == user_id)
    users = shows.users if len(known) else np.append(shows.users, user_id)
    user = np.full(len(rows), known[0] if len(known) else len(users) - 1)
    then = so_far(shows, len(index), None, len(users))
    facts = personal_facts(store, index, then, users, user, rows, None)
    chance = None if report.basis is Basis.NOTHING else chances(report, facts)
    value = np.array([ad.bid for ad in ads]) * (1.0 if chance is None else chance)
    order = sorted(range(len(ads)), key=lambda at: (-value[at], ads[at].campaign.campaign_id, index.ids[ads[at].row]))
    first: dict[str, int] = {}
    for at in order:
        first.setdefault(ads[at].campaign.campaign_id, at)
    return [
        Place(
            item_id=index.ids[ads[at].row],
            title=index.titles[ads[at].row],
            rank=rank,
            reason=_reason(ads[at].campaign, facts[at, 0], None if chance is None else float(chance[at]), report),
            campaign_id=ads[at].campaign.campaign_id,
            campaign=ads[at].campaign.name,
            chance=None if chance is None else float(chance[at]),
            bid=ads[at].bid,
            value=None if chance is None else float(value[at]),
        )
        for rank, at in enumerate(first.values(), 1)
    ]


def _reason(campaign: Campaign, fit: float, chance: float | None, report: CtrReport) -> str:
    """Return one sentence: what the value is made of, and what is known of the ad and the shopper."""
    bid = campaign.bid or 0.0
    told = f"bid {bid:.2f} a click; no click rate is known"
    if chance is not None:
        told = f"{chance * bid:.4f} a showing = {chance:.2%} chance of a click × {bid:.2f} bid"
    clicked = f"{campaign.clicks:,} clicks in {campaign.shows:,} showings" if campaign.shows else "never shown so far"
    near = "; close to what they buy and look at" if fit >= NEAR and report.basis is Basis.PERSONAL else ""
    return f"{told}; {clicked}{near}"


def _why(one: Campaign, why: dict[str, str | None], best: list[Place]) -> str:
    if told := why[one.campaign_id]:
        return told
    place = next((place for place in best if place.campaign_id == one.campaign_id), None)
    if place is None:
        return "its ad is hidden, out of stock, refused by the shopper, or not in the catalogue"
    worth = f"{place.bid:.2f} a click" if place.value is None else f"{place.value:.4f} a showing"
    return f"worth less: {worth}, place {place.rank}"


def _told(report: CtrReport, best: list[Place]) -> str:
    if not best:
        return "No campaign may be shown to this shopper now."
    if report.basis is Basis.NOTHING:
        return f"By bid alone. {report.sentence}"
    how = {
        Basis.PERSONAL: "the shopper's own chance of a click × bid",
        Basis.CAMPAIGN: "the ad's click rate × bid, the same for every shopper",
    }
    return f"By what a showing is worth: {how[report.basis]}. {report.sentence}"
