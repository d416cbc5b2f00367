"""Who may be written to: what the users table says of newsletters, marketing consent or opting out."""

import re
from dataclasses import dataclass

from core.base.db import Store

_GIVEN = re.compile(r"newsletter|consent|opt.?in\b|mailing|marketing|subscri")
_REFUSED = re.compile(r"opt.?out|unsubscri|do.?not.?(contact|mail|disturb)|no.?marketing")
_NO = ("", "0", "false", "n", "never", "no", "none", "null", "off", "unsubscribed", "withdrawn", "nein", "non")


@dataclass(frozen=True)
class Consent:
    """What the users table can tell. given: its fields that say who agreed; refused: those that say who does not want it."""

    given: tuple[str, ...]
    refused: tuple[str, ...]

    @property
    def known(self) -> bool:
        """Whether it tells anything at all."""
        return bool(self.given or self.refused)

    @property
    def fields(self) -> str:
        """Return the names of the fields, with commas between them."""
        return ", ".join((*self.given, *self.refused))


def consent(store: Store) -> Consent:
    """Return which fields of the users table speak of consent."""
    names = [name for (name,) in store.rows("SELECT DISTINCT unnest(json_keys(attributes)) AS name FROM users ORDER BY name")]
    refused = tuple(name for name in names if _REFUSED.search(name.lower()))
    given = tuple(name for name in names if _GIVEN.search(name.lower()) and name not in refused)
    return Consent(given, refused)


def no_consent(store: Store) -> frozenset[str]:
    """Return the shoppers who must not be written to; nobody where the users table is silent.

    Where it has a field of consent, so is everyone of whom it is not known: silence is no consent.
    """
    found = consent(store)
    if not found.known:
        return frozenset()
    yes = [f"coalesce(lower(trim(told[{place}])), '') NOT IN (SELECT unnest($no))" for place in range(1, len(found.given) + 1)]
    first = len(found.given) + 1
    places = range(first, first + len(found.refused))
    yes += [f"coalesce(lower(trim(told[{place}])), '') IN (SELECT unnest($no))" for place in places]
    rows = store.rows(
        f"""
        SELECT user_id FROM shoppers LEFT JOIN (
            SELECT user_id, arg_max(json_extract_string(attributes, $paths), import_id) AS told FROM users GROUP BY user_id
        ) USING (user_id) WHERE NOT ({" AND ".join(yes)})
        """,
        {"no": list(_NO), "paths": [f'$."{name}"' for name in (*found.given, *found.refused)]},
    )
    return frozenset(user for (user,) in rows)
