"""What the command line and the screen tell of actions: a segment, a shopper, every term of the sum."""

from dataclasses import asdict, dataclass
from typing import Any

import pandas as pd

from core.base.db import Store
from core.base.schema import Col
from core.score.action_reasons import nothing, reason, segment_reason, unfit
from core.score.actions import ACTION, VALUE, Valued, per_segment
from core.score.goods import Good, goods
from core.score.index import Index
from core.score.lifts import Action, Lift


@dataclass(frozen=True)
class Choice:
    """One action for one shopper, every term told. breaks_even: effect from which it pays, None = never."""

    action: Action
    chance: float
    effect: float
    gain: float
    given_away: float
    cost: float
    value: float
    lift: Lift
    reason: str
    breaks_even: float | None
    goods: tuple[Good, ...]

    @property
    def sum(self) -> str:
        """Return the value with its terms: '0.35 = 62% × 5.0% × 14.52 − 0.10'."""
        less = f" − {self.given_away:,.2f}" if self.given_away else ""
        sign = "−" if self.value < 0 else ""
        cost = f"{self.cost:,.2f}" if self.cost >= 0.01 else f"{self.cost:.2g}"
        return f"{sign}{abs(self.value):,.3f} = {self.chance:.0%} × {self.effect:.1%} × {self.gain:,.2f}{less} − {cost}"

    def as_json(self) -> dict[str, Any]:
        """Return the fields, the lift as ``effect_is`` ('measured' or 'assumed') and ``effect_from``."""
        told = {name: value for name, value in asdict(self).items() if name not in {"lift", "goods"}}
        interval = [self.lift.low, self.lift.high] if self.lift.measured else None
        told |= {"effect_is": "measured" if self.lift.measured else "assumed", "effect_interval": interval}
        return {**told, "effect_from": self.lift.sentence, "products": [asdict(good) for good in self.goods]}


def choices(store: Store, index: Index, valued: Valued, user_id: str, k: int = 3) -> tuple[Choice, ...]:
    """Return the actions that fit a shopper, the highest value first, each with up to ``k`` products; none of them may pay.

    Raises BadInput where there is no such shopper.
    """
    rows = valued.of_shopper(user_id).itertuples(index=False)
    return tuple(_choice(store, index, valued, user_id, row, k) for row in rows)


def _choice(store: Store, index: Index, valued: Valued, user_id: str, row: Any, k: int) -> Choice:
    action, reach = Action(row.action), row.chance * row.gain
    return Choice(
        action=action,
        chance=row.chance,
        effect=row.effect,
        gain=row.gain,
        given_away=row.given_away,
        cost=row.cost,
        value=row.value,
        lift=valued.lifts[action],
        reason=reason(valued.situation, action, row) + ".",
        breaks_even=min((row.given_away + row.cost) / reach, 1.0) if reach > row.given_away + row.cost else None,
        goods=goods(store, index, valued.situation, action, user_id, valued.assumptions.basket_days, k),
    )


def shopper_json(store: Store, index: Index, valued: Valued, user_id: str) -> dict[str, Any]:
    """Return what ``actions --user`` prints. Raises BadInput where there is no such shopper."""
    ranked = choices(store, index, valued, user_id)
    pays = bool(ranked) and ranked[0].value > 0
    return {
        "user": user_id,
        "best": str(ranked[0].action if pays else Action.NOTHING),
        "reason": ranked[0].reason if pays else nothing(valued, user_id),
        "unit": unit(valued),
        "may_be_contacted": bool(valued.standing(user_id)["agreed"]),
        "actions": [one.as_json() for one in ranked],
        "unfit": {str(action): why for action, why in unfit(valued, user_id).items()},
    }


def shop_json(valued: Valued, segment: int | None = None) -> dict[str, Any]:
    """Return what ``actions`` prints of the shop, or of one segment."""
    told = per_segment(valued)
    told = told if segment is None else told[told[Col.SEGMENT] == segment]
    best = valued.audience(None, segment)
    return {
        "unit": unit(valued),
        "now": valued.situation.now.isoformat(),
        "horizon_days": valued.situation.horizon,
        "shoppers": valued.shoppers,
        "no_consent": valued.no_consent,
        "consent_fields": [*valued.situation.consent.given, *valued.situation.consent.refused],
        "with_an_action": len(best),
        "expected_value": float(best[VALUE].sum()),
        "assumptions": asdict(valued.assumptions),
        "effects": {str(action): asdict(lift) for action, lift in valued.lifts.items()},
        "segments": [_segment_json(valued, rows) for _, rows in told.groupby(Col.SEGMENT, sort=False)],
    }


def _segment_json(valued: Valued, rows: pd.DataFrame) -> dict[str, Any]:
    first = rows.iloc[0]
    listed = rows[rows[ACTION] != str(Action.NOTHING)]
    return {
        "segment_id": int(first[Col.SEGMENT]),
        "segment": first["segment"],
        "shoppers": int(first["shoppers"]),
        "agreed": int(first["agreed"]),
        "best": first[ACTION],
        "reason": segment_reason(valued.situation, first) + ".",
        "actions": [{name: row[name] for name in (ACTION, "reached", "mine", "each", "total")} for _, row in listed.iterrows()],
    }


def unit(valued: Valued) -> str:
    """Return what values are counted in."""
    return "money" if valued.situation.has_prices else "orders"


def best_of_segments(valued: Valued, segment: int | None = None) -> pd.DataFrame:
    """Return one row a segment, or that of one: segment_id, segment, shoppers, agreed, action, reached, each, total, all_best and
    reason.

    action: the one with the largest total; all_best: total where each shopper gets their best action.
    """
    told = per_segment(valued).drop_duplicates(Col.SEGMENT)
    told = told if segment is None else told[told[Col.SEGMENT] == segment]
    totals = valued.best.groupby(Col.SEGMENT)[VALUE].sum()
    why = [segment_reason(valued.situation, row) for row in told.itertuples(index=False)]
    told = told.assign(all_best=told[Col.SEGMENT].map(totals).fillna(0.0), reason=why)
    columns = [Col.SEGMENT, "segment", "shoppers", "agreed", ACTION, "reached", "each", "total", "all_best", "reason"]
    return told[columns].reset_index(drop=True)
