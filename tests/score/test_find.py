"""Items are found by a part of their title or id."""

from types import SimpleNamespace

import numpy as np

from core.score.find import find_items

SHELF = SimpleNamespace(
    ids=np.array(["a1", "b2", "c3", "tea"], object),
    titles=np.array(["Green tea", "Tea pot blue", "Spade", "Coffee"], object),
)


def found(text: str, limit: int = 10) -> list[str]:
    return [item.item_id for item in find_items(SHELF, text, limit)]  # type: ignore[arg-type]


def test_the_exact_id_then_titles_beginning_with_it_then_the_others() -> None:
    assert found("tea") == ["tea", "b2", "a1"]
    assert found("TEA", limit=2) == ["tea", "b2"]


def test_nothing_typed_or_nothing_alike_finds_nothing() -> None:
    assert found("  ") == []
    assert found("submarine") == []
