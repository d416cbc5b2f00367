"""The ways of splitting the shoppers that stickiness is shown by: everyone, by segment, by the platform they use most."""

from dataclasses import dataclass
from enum import StrEnum

from core.base.db import Store
from core.base.errors import BadInput


class Split(StrEnum):
    """A way of splitting the shoppers into groups; each shopper is in at most one group of a split."""

    ALL = "all"
    SEGMENT = "segment"
    PLATFORM = "platform"


EXPOSURE_NOTE = (
    "A split by exposure to recommendations needs impressions, and none are logged yet: "
    "it appears once lists are served and what was shown is recorded."
)


@dataclass(frozen=True)
class Group:
    """One group of a split. key: '' for everyone, a segment's number, or a platform; shoppers: in it."""

    split: Split
    key: str
    name: str
    shoppers: int


SPLITS_SQL = """
SELECT user_id, 'all' AS split, '' AS grp, $version AS data_version FROM shoppers
UNION ALL SELECT user_id, 'segment', CAST(segment_id AS VARCHAR), $version FROM members
UNION ALL (
    SELECT user_id, 'platform', used.key, $version
    FROM (SELECT user_id, unnest(map_entries(platforms)) AS used FROM shoppers)
    QUALIFY row_number() OVER (PARTITION BY user_id ORDER BY used.value DESC, used.key) = 1
)
"""
"""A shopper of two platforms used equally often counts on the first by name; who has no segment or platform is in no group."""


def groups(store: Store, split: Split) -> tuple[Group, ...]:
    """Return the groups of a split, segments by their number, platforms by size; one group of the name 'Everyone' for all."""
    rows = store.rows(
        """
        SELECT grp, coalesce(g.name, if(grp = '', 'Everyone', grp)), count(*) AS n
        FROM splits s LEFT JOIN segments g ON s.split = 'segment' AND s.grp = CAST(g.segment_id AS VARCHAR)
        WHERE split = ? GROUP BY ALL ORDER BY min(g.segment_id) NULLS LAST, n DESC, grp
        """,
        [split],
    )
    return tuple(Group(split, key, name, shoppers) for key, name, shoppers in rows)


def group(store: Store, split: Split, key: str) -> Group:
    """Return one group. Raises BadInput where the split has no such group."""
    found = [one for one in groups(store, split) if one.key == key]
    if not found:
        raise BadInput(f"There is no group '{key}' by {split}. It may have changed since; choose one from the list.")
    return found[0]
