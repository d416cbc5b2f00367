"""Which items may be shown."""

import numpy as np
import pytest

from core.score.candidates import Excluded, candidates
from core.score.index import Index


def test_the_first_reason_counts_where_several_apply(index: Index) -> None:
    everything = np.arange(len(index))
    found = candidates(index, everything, need_vector=True)
    reasons = {item: found.why(row) for item, row in index.rows.items()}
    assert reasons["guide"] is Excluded.NOT_A_PRODUCT
    assert reasons["post"] is Excluded.HIDDEN
    assert reasons["box"] is Excluded.OUT_OF_STOCK
    assert reasons["blank"] is Excluded.OWNED
    assert len(found.rows) == 0


@pytest.mark.parametrize("need_vector", [True, False])
def test_candidates_and_excluded_add_up_to_the_catalogue(index: Index, need_vector: bool) -> None:
    found = candidates(index, np.array([index.rows["cup"]]), need_vector)
    assert len(found.rows) + sum(found.excluded().values()) == len(index)
    assert (index.rows["blank"] in found.rows) is not need_vector
    assert found.why(index.rows["pot"]) is None
