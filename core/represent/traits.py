"""What the shop's own records say of its shoppers, as codes: the country, an age band, a tier; nothing of what they did.

A trait is a column of the users table, or a key of its attributes, that has few values: by one that has many, a name or a
number, single shoppers could be told apart. What says whether a shopper may be written to is for that alone, and no trait. The
names of traits and values are kept with whatever was learned from them, so that another shop's codes are never mistaken for
them: of a shopper who has a value that was not there to be learned from, the trait is not known.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np

from core.base.db import Store
from core.profiles.consent import consent

MOST_VALUES = 50
LEAST_SHARE = 0.01
"""Part of the shoppers that a trait must be known of."""
LEAST_SHOPPERS = 5
"""Shoppers with the same value that make it one: a rarer one teaches nothing, and would name them."""


@dataclass(frozen=True)
class Trait:
    """A fact about shoppers. values: ascending; their codes are 1, 2, …; the code 0 = not known."""

    name: str
    values: tuple[str, ...]

    @cached_property
    def codes(self) -> dict[str, int]:
        """The code of each value."""
        return {value: code for code, value in enumerate(self.values, 1)}


@dataclass(frozen=True)
class Traits:
    """Of each shopper the code of each of some traits. codes: int16 (shoppers, len(which)), 0 = not known."""

    which: tuple[Trait, ...]
    codes: np.ndarray

    def of(self, users: np.ndarray) -> "Traits":
        """Return those of the shoppers with these numbers, in this order."""
        return Traits(self.which, self.codes[users])

    def by(self, which: tuple[Trait, ...]) -> "Traits":
        """Return the same by the codes of other traits: what these do not have is not known.

        >>> known = Traits((Trait("tier", ("gold", "silver")),), np.array([[1], [2], [0]]))
        >>> known.by((Trait("age", ("18-24",)), Trait("tier", ("bronze", "gold")))).codes.tolist()
        [[0, 2], [0, 0], [0, 0]]
        """
        if which == self.which:
            return self
        own = {trait.name: place for place, trait in enumerate(self.which)}
        codes = np.zeros((len(self.codes), len(which)), np.int16)
        for place, trait in enumerate(which):
            if trait.name in own:
                at = own[trait.name]
                mine = np.array([0, *(trait.codes.get(value, 0) for value in self.which[at].values)])
                codes[:, place] = mine[self.codes[:, at]]
        return Traits(which, codes)


def nothing_known(shoppers: int) -> Traits:
    """Return the traits of as many shoppers where there are none."""
    return Traits((), np.zeros((shoppers, 0), np.int16))


def as_traits(told: Iterable[dict[str, Any]]) -> tuple[Trait, ...]:
    """Return the traits that were written as JSON."""
    return tuple(Trait(one["name"], tuple(one["values"])) for one in told)


def find_traits(store: Store, users: Sequence[str]) -> Traits:
    """Return what is known of these shoppers, traits by name.

    A trait has 2 to MOST_VALUES values and is known of LEAST_SHARE of them; a value is that of LEAST_SHOPPERS.
    """
    agreed = consent(store)
    given = {"users": list(users), "most": MOST_VALUES, "consent": [*agreed.given, *agreed.refused]}
    counts = store.df(_COUNTS, given)
    which = []
    for name, values in counts.groupby("name", sort=True):
        known = sorted(values.loc[values["shoppers"] >= LEAST_SHOPPERS, "value"])
        if len(known) > 1 and values["shoppers"].sum() >= LEAST_SHARE * len(users):
            which.append(Trait(str(name), tuple(known)))
    return traits_of(store, tuple(which), users)


def traits_of(store: Store, which: tuple[Trait, ...], users: Sequence[str]) -> Traits:
    """Return the codes of these traits for these shoppers, who need not be known."""
    codes = np.zeros((len(users), len(which)), np.int16)
    if which and len(users):
        row = {user: number for number, user in enumerate(users)}
        values = ", ".join(f"trim(facts[$name{place}])" for place in range(len(which)))
        named = {f"name{place}": trait.name for place, trait in enumerate(which)}
        told = store.rows(f"SELECT priority, user_id, {values} FROM ({_STATED})", {"users": list(users), **named})
        for _, user, *facts in sorted(told):
            for place, value in enumerate(facts):
                if value:
                    codes[row[user], place] = which[place].codes.get(value, 0)
    return Traits(which, codes)


_STATED = """
SELECT user_id, (import_id::BIGINT << 40) + rowid AS priority,
       coalesce(map_concat(from_json(attributes, '"MAP(VARCHAR, VARCHAR)"'),
                           if(country IS NULL, NULL, MAP {'country': country})), MAP {}) AS facts
FROM users WHERE user_id IN (SELECT unnest($users))
"""
"""SQL: the facts that each import states about some shoppers; what a later one says counts, as long as it says anything."""

_COUNTS = f"""
WITH told AS (
    SELECT user_id, fact.key AS name, arg_max(trim(fact.value), priority) AS value
    FROM (SELECT user_id, priority, unnest(map_entries(facts)) AS fact FROM ({_STATED}))
    WHERE trim(fact.value) <> '' GROUP BY user_id, name
)
SELECT name, value, count(*) AS shoppers FROM told WHERE name NOT IN (SELECT unnest($consent::VARCHAR[]))
GROUP BY name, value QUALIFY count(*) OVER (PARTITION BY name) <= $most
"""
