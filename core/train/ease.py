"""EASE: the best linear item-to-item model there is in closed form; dense, so for shops of up to 20,000 items."""

from dataclasses import dataclass, replace

import numpy as np
import scipy.sparse as sp
from scipy.linalg import lapack

from core.base.derived import Progress, no_progress
from core.base.errors import BadInput
from core.base.schema import Event
from core.represent.acts import Acts
from core.train.item_to_item import recent
from core.train.judge import tuning_ndcg
from core.train.protocol import Examples
from core.train.scorer import engaged

MOST_ITEMS = 20_000
DECAYS = (0.5, 0.6, 0.7, 0.8, 0.9, 1.0)


@dataclass(frozen=True)
class Options:
    """ridge: λ of the formula; decay: weight that a history item loses for each step back."""

    ridge: float = 60.0
    decay: float = 0.7


class Ease:
    """B = I − P · diag(1 / diag P) with P = (XᵀX + λI)⁻¹; score = recency-weighted history @ B.

    Steck 2019, doi:10.1145/3308558.3313710. Memory: two float32 (items, items).
    """

    name = "ease"

    def __init__(self, options: Options = Options()):
        self.options = options

    def fit(self, train: Acts, valid: Examples | None, progress: Progress = no_progress) -> None:
        """Solve; choose the decay by NDCG@10 on ``valid``. Raises BadInput above MOST_ITEMS items."""
        if train.items > MOST_ITEMS:
            raise BadInput(f"EASE needs a dense table of items; {train.items:,} are more than the {MOST_ITEMS:,} it can take.")
        progress(0.0, "EASE: solving")
        self._weights = solve(engaged(train.where(~train.did(Event.RETURN) & train.shown[train.item])), self.options.ridge)
        if valid is None:
            return
        tried = {}
        for place, decay in enumerate(DECAYS):
            progress(0.5 + 0.5 * place / len(DECAYS), f"EASE: decay {decay:g}")
            self.options = replace(self.options, decay=decay)
            tried[decay] = tuning_ndcg(self.score, valid)
        self.options = replace(self.options, decay=max(tried, key=lambda decay: tried[decay]))

    def score(self, history: Acts) -> np.ndarray:
        """Return float32 (shoppers, items)."""
        return np.asarray(recent(history, self.options.decay) @ self._weights)


def solve(matrix: sp.csr_matrix, ridge: float) -> np.ndarray:
    """Return float32 (items, items), the weights B of the class, diagonal 0. matrix: (shoppers, items) of 0 and 1."""
    gram = np.asfortranarray((matrix.T @ matrix).toarray(), np.float32)
    gram[np.diag_indices_from(gram)] += ridge
    upper, failed = lapack.spotrf(gram, lower=False, overwrite_a=True)
    inverse, failed_too = lapack.spotri(upper, lower=False, overwrite_c=True)
    if failed or failed_too:
        raise np.linalg.LinAlgError("XᵀX + λI should be positive definite")
    inverse = np.triu(inverse) + np.triu(inverse, 1).T
    weights = -inverse / np.diag(inverse)
    np.fill_diagonal(weights, 0)
    return weights
