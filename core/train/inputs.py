"""What the towers read besides what was done and when: how long it took, and the shopper's profile, where the shop has them."""

from typing import TYPE_CHECKING

from core.base.db import Store
from core.represent.traits import Trait, find_traits

if TYPE_CHECKING:
    from core.represent.towers import Shape


def to_be_read(store: Store) -> str | None:
    """Return in words what a training will read besides; None where the shop has nothing of it."""
    timed = store.value("SELECT bool_or(dwell_s > 0) FROM events")
    users = [user for (user,) in store.rows("SELECT DISTINCT user_id FROM interactions ORDER BY user_id")]
    return _in_words(bool(timed), find_traits(store, users).which)


def was_read(shape: "Shape") -> tuple[str, ...]:
    """Return the sentence that says what towers of this shape read besides; none where it is nothing."""
    told = _in_words(shape.dwell, shape.traits)
    return (f"Besides what was done and when, the model reads {told}.",) if told else ()


def _in_words(dwell: bool, traits: tuple[Trait, ...]) -> str | None:
    """Return what they are.

    >>> _in_words(True, (Trait("age_band", ()), Trait("country", ())))
    'how long items were looked at, and what is known of the shoppers: age band, country'
    """
    who = ", ".join(trait.name.replace("_", " ") for trait in traits)
    parts = (*(["how long items were looked at"] if dwell else []), *([f"what is known of the shoppers: {who}"] if who else []))
    return ", and ".join(parts) or None
