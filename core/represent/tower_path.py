"""What each act of a history does for the cosine of the towers: gradients added up on the way from no history to this one.

Integrated gradients (Sundararajan et al. 2017, arXiv:1703.01365): the parts of the acts and what nobody's history gives add up
to the cosine. The way is a straight line between what the tower reads of nothing and of each act, after the first
normalisation: before it, the length of an item's vector says nothing. Most happens at its beginning, where the next
normalisation does not yet know what it sees, so that the nodes lie closer there.
"""

from dataclasses import dataclass

import numpy as np
import torch

from core.represent.acts import Acts
from core.represent.sequences import Batch
from core.represent.towers import Towers, UserTower

CLOSER = 6.0
"""The nodes lie e^CLOSER times as close at the beginning of the way as at its end."""
NODES, MOST_NODES = 14, 112
TOLERANCE = 1e-3
"""Of the sum, on a cosine; where it is missed, the nodes are doubled."""


@dataclass(frozen=True)
class TowerParts:
    """How the cosine of one shopper with m items comes about.

    parts: (h, m), what each of the latest h items of the history puts in; traits: (m,), what is known of the shopper besides;
    nobody: (m,) the cosine of no history at all; error: the most by which their sums missed the cosine, before it was spread
    over the parts by their size; attention: (h,), how much the tower looks at each, 1 in all.
    """

    parts: np.ndarray
    traits: np.ndarray
    nobody: np.ndarray
    error: float
    attention: np.ndarray


def tower_parts(tower: Towers, history: Acts, goals: np.ndarray) -> TowerParts:
    """Return the parts of the taste of one shopper in the direction of goals, float32 (m, width): cosines where they are unit.

    history: of one shopper, not empty. Their traits are read with every item, beside it: their part is that of what they put
    in at all of them.
    """
    batch = tower.spans(history).pack(np.array([0]))
    users, aims = tower.users, torch.from_numpy(goals)
    with torch.no_grad():
        vectors, nothing = tower.items(batch.items), users.start.bias.clone()
        there, by_traits = users.read(vectors, batch)[0], users.read_of_traits(vectors, batch)[0]
        own = torch.stack([there - nothing - by_traits, by_traits])
        cosines, nobody = (users.wanted(x[None], batch, last=True)[0, 0] @ aims.T for x in (there, nothing.expand_as(there)))
        attention = users.attention(there[None], batch)[0]
    nodes, error = NODES, np.inf
    while error > TOLERANCE and nodes <= MOST_NODES:
        gradients = _gradients(users, batch, nothing, there, aims, nodes)
        put_in = torch.einsum("klw,mlw->klm", own, gradients).numpy().astype(float)
        parts = np.concatenate([put_in[0], put_in[1].sum(axis=0, keepdims=True)])
        missed = (cosines - nobody).numpy().astype(float) - parts.sum(axis=0)
        error, nodes = float(np.abs(missed).max(initial=0)), 2 * nodes
    parts = spread(parts, missed)
    return TowerParts(parts[:-1], parts[-1], nobody.numpy().astype(float), error, attention.numpy().astype(float))


def spread(parts: np.ndarray, missed: np.ndarray) -> np.ndarray:
    """Return the parts (h, m) with what is missed (m,) added, to each by its size.

    >>> spread(np.array([[3.0], [-1.0]]), np.array([0.4]))
    array([[ 3.3],
           [-0.9]])
    """
    size = np.abs(parts)
    total = size.sum(axis=0)
    share = np.divide(size, total, out=np.full_like(size, 1 / max(len(size), 1)), where=total > 0)
    return np.asarray(parts + share * missed)


def _gradients(
    users: UserTower, batch: Batch, start: torch.Tensor, end: torch.Tensor, aims: torch.Tensor, nodes: int
) -> torch.Tensor:
    """Return (m, l, width): the mean of the gradients on the way from ``start`` (width,) to ``end`` (l, width)."""
    at, weight = _nodes(nodes)
    way = start + at[:, None, None] * (end - start)
    way = way.repeat_interleave(len(aims), dim=0).requires_grad_()
    with torch.enable_grad():
        reached = users.wanted(way, batch, last=True)[:, 0]
        total = (reached.view(nodes, len(aims), -1) * aims).sum(dim=-1).T @ weight
        (found,) = torch.autograd.grad(total.sum(), way)
    return found.view(nodes, len(aims), *end.shape).sum(dim=0)


def _nodes(count: int) -> tuple[torch.Tensor, torch.Tensor]:
    """Return (count,) places in (0, 1) and their weights: Gauss-Legendre in t, place = (e^(CLOSER·t) − 1) / (e^CLOSER − 1)."""
    t, weight = np.polynomial.legendre.leggauss(count)
    grown, whole = np.exp(CLOSER * (t + 1) / 2), np.expm1(CLOSER)
    found = (grown - 1) / whole, weight / 2 * CLOSER * grown / whole
    return torch.tensor(found[0], dtype=torch.float32), torch.tensor(found[1], dtype=torch.float32)
