"""Where a workspace stands on the way from a file to a recommendation."""

from dataclasses import dataclass
from datetime import datetime

from core.base.db import Store
from core.base.derived import stamps
from core.base.schema import ImportStatus, Table
from core.represent.item_vectors import VECTORS

_LAST_OF_EACH = {
    Table.ACTIVITY,
    Table.SHOPPERS,
    Table.SEGMENTS,
    Table.CHURN,
    Table.QUALITY,
    Table.KEYWORDS,
    VECTORS,
    Table.DUPLICATES,
    Table.TONES,
    Table.DWELL_FITS,
}
"""What a refresh ends with in each of its stages."""


@dataclass(frozen=True)
class Standing:
    """loaded: an import is in force; built: everything derived is there and current; built_at: the latest rebuild (UTC)."""

    loaded: bool
    built: bool
    built_at: datetime | None


def standing(store: Store) -> Standing:
    """Return where the store stands."""
    built = stamps(store)
    return Standing(
        loaded=bool(store.value("SELECT count(*) FROM imports WHERE status = ?", [ImportStatus.LOADED])),
        built={stamp.name for stamp in built if stamp.current} >= _LAST_OF_EACH,
        built_at=max((stamp.built_at for stamp in built), default=None),
    )
