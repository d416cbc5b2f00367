"""Everything known of one shopper in one piece: behaviour, segment, interests, and who they are close to."""

from dataclasses import dataclass
from typing import Any

import pandas as pd

from core.base.db import Store
from core.profiles.interests import interests
from core.profiles.shopper import Shopper, shopper
from core.profiles.social import Relations, relations

CLOSEST = 10


@dataclass(frozen=True)
class Profile:
    """One shopper. interests: facet, value, share, items; relations: the closest ten."""

    shopper: Shopper
    interests: pd.DataFrame
    relations: Relations

    def as_json(self) -> dict[str, Any]:
        """Return what ``profile --json`` prints."""
        kind = "friends" if self.relations.by_edges else "co-purchase neighbours"
        people = self.relations.people.astype(object).where(self.relations.people.notna(), None)
        close = {"kind": kind, "degree": self.relations.degree, "people": people.to_dict(orient="records")}
        told = self.interests.to_dict(orient="records")
        return {**self.shopper.as_json(), "interests": told, "relations": close}

    def in_words(self) -> str:
        """Return the profile in a few lines."""
        who = self.shopper
        segment = f"{who.segment}{' (placed by rule)' if who.by_rule else ''}" if who.segment else "in no segment"
        lines = [f"{who.user_id}: {who.events:,} events, {who.orders:,} orders; {segment}; RFM: {who.rfm or 'no purchase'}"]
        facets, values, shares = (self.interests[name].tolist() for name in ("facet", "value", "share"))
        drawn = zip(facets, values, shares, strict=True)
        lines += [f"  {facet}: {value} {share:.0%}" for facet, value, share in drawn if share >= 0.1]
        kind = "Friends" if self.relations.by_edges else "Co-purchase neighbours (no friends are known)"
        return "\n".join([*lines, f"  {kind}: {self.relations.degree:,}"])


def profile(store: Store, user_id: str, half_life_days: float) -> Profile:
    """Return the shopper's profile. Raises BadInput where nobody has this id."""
    found = shopper(store, user_id)
    return Profile(found, interests(store, user_id, half_life_days), relations(store, user_id, CLOSEST))
