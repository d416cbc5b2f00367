"""Stickiness in one go: who is active, who comes back, how long they stay, who buys again, who is about to leave."""

from dataclasses import asdict, dataclass
from datetime import date
from typing import Any

from core.base.db import Store
from core.profiles import cohorts as retention
from core.profiles import splits
from core.profiles.churn import ChurnFigures, ChurnReport, churn_figures, churn_report
from core.profiles.cohorts import Basis
from core.profiles.repeat import RepeatFigures, repeat_figures
from core.profiles.sessions import SessionFigures, session_figures
from core.profiles.splits import Group, Split

RECENT_DAYS = 30
"""Days that the daily figures of the cards are a mean of."""
QUOTED_WEEKS = (1, 4, 12)
"""Weeks after the first at which retention is quoted."""


@dataclass(frozen=True)
class Kept:
    """Retention in one week after the first, over all cohorts old enough: share of shoppers back, 0..1."""

    week: int
    shoppers: int
    share: float


@dataclass(frozen=True)
class Figures:
    """A group in numbers. dau: mean of the last 30 days; wau, mau: of the last day; stickiness: Σ dau ÷ Σ mau of those 30.

    retention, purchase_retention: at weeks 1, 4 and 12, those the log is long enough for; churn: None where no model is.
    """

    group: Group
    dau: float
    wau: int
    mau: int
    stickiness: float | None
    retention: tuple[Kept, ...]
    purchase_retention: tuple[Kept, ...]
    sessions: SessionFigures
    repeat: RepeatFigures
    churn: ChurnFigures | None


@dataclass(frozen=True)
class StickinessReport:
    """The shop and its groups in numbers. last_day: of the log; exposure: why there is no split by recommendations seen."""

    last_day: date | None
    everyone: Figures | None
    segments: tuple[Figures, ...]
    platforms: tuple[Figures, ...]
    churn: ChurnReport
    exposure: str

    def as_json(self) -> dict[str, Any]:
        """Return what ``stickiness --json`` prints."""
        churn = asdict(self.churn)
        return {
            "last_day": self.last_day.isoformat() if self.last_day else None,
            "everyone": _json(self.everyone) if self.everyone else None,
            "segments": [_json(one) for one in self.segments],
            "platforms": [_json(one) for one in self.platforms],
            "exposure": None,
            "exposure_note": self.exposure,
            "churn": churn,
        }

    def lines(self) -> list[str]:
        """Return what ``stickiness`` prints: a heading and a line a group."""
        groups = [one for one in (self.everyone, *self.segments, *self.platforms) if one is not None]
        heading = f"{'shoppers':>9} {'MAU':>8} {'DAU÷MAU':>8} {'week 4':>7} {'again 60 d':>10} {'at risk':>8}  group"
        return [heading, *(_line(one) for one in groups), f"churn: {self.churn.state}", self.exposure]


def last_day(store: Store) -> date | None:
    """Return the last day of the log; None where stickiness has not been built."""
    day: date | None = store.value("SELECT max(day) FROM shopper_days")
    return day


def figures(store: Store, split: Split = Split.ALL, key: str = "") -> Figures:
    """Return a group's figures. Raises BadInput where the split has no such group."""
    group = splits.group(store, split, key)
    ((dau, wau, mau, stickiness),) = store.rows(
        """
        SELECT avg(dau), arg_max(wau, day), arg_max(mau, day), sum(dau) / nullif(sum(mau), 0) FROM group_activity
        WHERE split = $split AND grp = $key AND day > (SELECT max(day) FROM activity) - CAST($days AS INTEGER)
        """,
        {"split": split, "key": key, "days": RECENT_DAYS},
    )
    risks = {one.group: one for one in churn_figures(store, split)}
    return Figures(
        group=group,
        dau=dau,
        wau=wau,
        mau=mau,
        stickiness=stickiness,
        retention=_kept(store, Basis.ACTIVITY, split, key),
        purchase_retention=_kept(store, Basis.PURCHASE, split, key),
        sessions=session_figures(store, split, key),
        repeat=repeat_figures(store, split, key),
        churn=risks.get(key),
    )


def _kept(store: Store, basis: Basis, split: Split, key: str) -> tuple[Kept, ...]:
    frame = retention.retention_by_group(store, basis, split)
    mine = frame[(frame["grp"] == key) & frame["week"].isin(QUOTED_WEEKS)]
    columns = (mine[name].tolist() for name in ("week", "shoppers", "share"))
    return tuple(Kept(*values) for values in zip(*columns, strict=True))


def report(store: Store) -> StickinessReport:
    """Return the figures of everyone, of each segment and of each platform."""
    by_split = {split: tuple(figures(store, split, one.key) for one in splits.groups(store, split)) for split in Split}
    return StickinessReport(
        last_day=last_day(store),
        everyone=next(iter(by_split[Split.ALL]), None),
        segments=by_split[Split.SEGMENT],
        platforms=by_split[Split.PLATFORM],
        churn=churn_report(store),
        exposure=splits.EXPOSURE_NOTE,
    )


def _json(one: Figures) -> dict[str, Any]:
    values = asdict(one)
    group = values.pop("group")
    return {"key": group["key"], "name": group["name"], "shoppers": group["shoppers"], **values, "repeat_rate": one.repeat.rate}


def _line(one: Figures) -> str:
    """Return one group as a line of a table."""
    back = next((kept.share for kept in one.retention if kept.week == 4), None)
    risk = one.churn.at_risk_share if one.churn else None
    shares = (f"{'–' if share is None else f'{share:.1%}':>{wide}}" for share, wide in (
        (one.stickiness, 8), (back, 7), (one.repeat.marks[1].share, 10), (risk, 8)
    ))  # fmt: skip
    return f"{one.group.shoppers:>9,} {one.mau:>8,} {' '.join(shares)}  {one.group.name}"
