"""Where a workspace stands: empty, loaded, built, changed since."""

from core.base.db import Store, bump_version
from core.base.derived import rebuild, stamps
from core.base.schema import ImportStatus, Table
from core.represent.item_vectors import VECTORS
from core.update.standing import standing

_FIRST = (Table.ACTIVITY, Table.SHOPPERS, Table.SEGMENTS, Table.CHURN, Table.QUALITY, Table.KEYWORDS)
STAGES = (*_FIRST, Table.DUPLICATES, Table.TONES, Table.DWELL_FITS, VECTORS)


def record_import(store: Store, status: ImportStatus) -> None:
    """Write one import into the books."""
    with store.transaction() as cursor:
        version = bump_version(cursor)
        cursor.execute(
            "INSERT OR REPLACE INTO imports VALUES (1, 'a.csv', 'h', 1, 'events', '{}', 1, 1, 0, '{}', now(), now(), ?, ?)",
            [status, version],
        )


def build(store: Store, *names: str) -> None:
    """Stamp derived tables as built from the present data."""
    for name in names:
        rebuild(store, name, {}, lambda version: None)


def test_nothing_is_loaded_or_built_at_first(store: Store) -> None:
    assert standing(store).loaded is False
    assert standing(store).built is False
    assert standing(store).built_at is None
    assert stamps(store) == ()


def test_built_means_every_stage_is_current(store: Store) -> None:
    record_import(store, ImportStatus.LOADED)
    build(store, *STAGES[:-1])
    assert standing(store).loaded
    assert not standing(store).built, "vectors are missing"
    build(store, VECTORS)
    assert standing(store).built
    assert {stamp.name for stamp in stamps(store) if stamp.current} == set(STAGES)


def test_a_change_of_the_data_makes_it_stale(store: Store) -> None:
    record_import(store, ImportStatus.LOADED)
    build(store, *STAGES)
    record_import(store, ImportStatus.UNDONE)
    assert not standing(store).built
    assert not standing(store).loaded, "the only import was undone"
