"""A derived table is rebuilt when the data or its settings change, and only then."""

from core.base.db import Store, bump_version
from core.base.derived import is_current, rebuild


def test_rebuilt_once_per_version_and_settings(store: Store) -> None:
    built: list[int] = []
    assert rebuild(store, "thing", {"k": 1}, built.append)
    assert not rebuild(store, "thing", {"k": 1}, built.append)
    assert rebuild(store, "thing", {"k": 2}, built.append)
    with store.transaction() as cursor:
        bump_version(cursor)
    assert not is_current(store, "thing", {"k": 2})
    assert rebuild(store, "thing", {"k": 2}, built.append)
    assert built == [0, 0, 1]
