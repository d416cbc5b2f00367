"""What a pick owes to one history item: its place in the list had the shopper never met that item."""

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np

from core.base.schema import Col
from core.score.arrange import Arranged
from core.score.candidates import REASONS, Candidates, Excluded
from core.score.plan import Plan
from core.score.recommend import Scored

TRIED = 3
"""History items tried for each pick: those without which its taste falls most. The one that moves it most is told."""
_BY_HISTORY = tuple(REASONS.index(reason) for reason in (Excluded.DISLIKED, Excluded.NOT_INTERESTED, Excluded.OWNED))


@dataclass(frozen=True)
class Without:
    """Where a pick would be without one item of the history. rank: its place; where it leaves the list, at least k + 1."""

    item_id: str
    title: str
    rank: int
    leaves: bool

    @property
    def sentence(self) -> str:
        """Return it in words."""
        return f"Without {self.title} " + (
            f"it leaves the list (rank {self.rank:,})" if self.leaves else f"this is rank {self.rank}"
        )


def counterfactuals(scored: Scored, plan: Plan, k: int, rows: Sequence[int], most: int = 1) -> list[tuple[Without, ...]]:
    """Return, for each pick (index row), the history items without which it falls, the deepest fall first, at most ``most``.

    Exact: all candidates are scored and arranged again; an item that was never met may be shown itself. Nothing is told where
    the history is one item, without which there is no taste to ask.
    """
    taste = scored.taste
    if taste is None or not len(rows):
        return [()] * len(rows)
    lost = np.nan_to_num(taste.losses(scored.index, np.asarray(rows)), nan=0.0)
    tried = [[at for at in np.argsort(-column, kind="stable")[:TRIED].tolist() if column[at] > 0] for column in lost.T]
    gone = np.unique([at for few in tried for at in few]).astype(int)
    appeals = zip(gone.tolist(), taste.appeal_without(scored.index, gone), strict=True)
    own = taste.rows.tolist()
    worlds = {at: (own[at], _world(scored, plan, k, own[at], appeal)) for at, appeal in appeals if np.isfinite(appeal).all()}
    now = scored.arrange(plan, k)
    return [_falls([worlds[at] for at in few if at in worlds], now, k, row)[:most] for few, row in zip(tried, rows, strict=True)]


def _world(scored: Scored, plan: Plan, k: int, gone: int, appeal: np.ndarray) -> Arranged:
    """Return the list had the shopper never met an item (index row). appeal: (n,) s of every item then."""
    index = scored.index
    allowed = _allowed(scored.candidates, gone, bool(index.comparable[gone]))
    history = scored.history[scored.history[Col.ITEM] != index.ids[gone]]
    other = replace(scored, history=history, candidates=allowed, appeal=appeal[allowed.rows], quality=index.quality[allowed.rows])
    return other.arrange(plan, k)


def _allowed(now: Candidates, gone: int, comparable: bool) -> Candidates:
    """Return the candidates without a history item (index row): what only the history kept out may be shown."""
    if now.code[gone] not in _BY_HISTORY or not comparable:
        return now
    code = now.code.copy()
    code[gone] = -1
    return Candidates(np.flatnonzero(code < 0), code)


def _place(best: Arranged, k: int, row: int) -> tuple[int, bool]:
    """Return the place of an item (index row), from 1, and whether it is out of the list."""
    at = int(np.searchsorted(best.rows, row))
    shown = np.flatnonzero(best.places == at)
    return (int(shown[0]) + 1, False) if len(shown) else (max(int(best.rank(np.array([at]))[0]), k + 1), True)


def _falls(worlds: Sequence[tuple[int, Arranged]], now: Arranged, k: int, row: int) -> tuple[Without, ...]:
    """Return where an item falls, deepest first. worlds: (index row of a history item, the list without it)."""
    index, (before, _) = now.index, _place(now, k, row)
    places = [(gone, *_place(world, k, row)) for gone, world in worlds]
    found = [Without(index.ids[gone], index.titles[gone], rank, out) for gone, rank, out in places if rank > before]
    return tuple(sorted(found, key=lambda one: -one.rank))
