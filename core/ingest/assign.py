"""Give each field its column: the best fits first, a column used once."""

from dataclasses import dataclass

from core.base.schema import FileKind
from core.ingest.fields import FIELDS, Field, Holds
from core.ingest.matching import Fit, Profile, fit
from core.ingest.synonyms import tokens

_LEAST = 0.3
_LEVELS = """
    category categories subcategory department division class type group section family level genre mastercategory articletype
    kategorie warengruppe abteilung hauptkategorie unterkategorie categorie rayon famille categoria subcategoria reparto
    departamento index cat l1 l2 l3 sub main master product article garment name 1 2 3 4
"""
_MOST_LEVELS = 3
_ABOUT_PRODUCTS = {"product", "category", "subcategory", "article", "kategorie", "categorie", "categoria"}
_LEVEL_WORDS = frozenset(_LEVELS.split())


@dataclass(frozen=True)
class Choice:
    """A column read as a field. confidence: in [0, 1]; why: in plain words."""

    field: str
    column: str
    confidence: float
    why: str


def assign(kind: FileKind, profiles: dict[str, Profile], headerless: bool = False) -> tuple[Choice, ...]:
    """Return the best choices for a file of that kind, best fits first; ties go by field, then by column order."""
    fields = FIELDS[kind]
    fits = [
        (found.confidence, -f_place, -c_place, f, column, found)
        for f_place, f in enumerate(fields)
        for c_place, column in enumerate(profiles)
        if (found := _fit(f, kind, profiles[column])).confidence >= _LEAST
    ]
    choices: dict[str, Choice] = {}
    used: set[str] = set()
    for confidence, _, _, f, column, found in sorted(fits, key=lambda item: item[:3], reverse=True):
        if f.name not in choices and column not in used:
            choices[f.name] = Choice(f.name, column, confidence, found.why)
            used.add(column)
    if headerless:
        _by_values(kind, profiles, choices, used)
    levels = [*_levels(kind, profiles, choices, used), *_clock(profiles, choices, used)]
    return (*_settled(kind, profiles, choices), *levels)


def _clock(profiles: dict[str, Profile], choices: dict[str, Choice], used: set[str]) -> list[Choice]:
    """A column of clock times beside a column of dates belongs to the time."""
    found = choices.get("timestamp")
    clocks = [column for column, one in profiles.items() if column not in used and one.clock > 0.9]
    if found is None or not clocks or profiles[found.column].clock > 0:
        return []
    used.add(clocks[0])
    return [Choice("timestamp", clocks[0], 0.9, "clock times beside the dates")]


def _fit(f: Field, kind: FileKind, column: Profile) -> Fit:
    """An unnamed running number is a row number, not an id."""
    if column.running and column.column.startswith("column ") and f.holds is Holds.ID:
        return Fit(0.0, "a row number")
    return fit(f, kind, column)


def _settled(kind: FileKind, profiles: dict[str, Profile], choices: dict[str, Choice]) -> list[Choice]:
    """A short description in a catalogue without titles is the title."""
    described = choices.get("description")
    if kind is FileKind.ITEMS and described and "title" not in choices and profiles[described.column].mean_length < 80:
        del choices["description"]
        choices["title"] = Choice(
            "title", described.column, described.confidence * 0.9, f"{described.why}; short, and there is no title"
        )
    return list(choices.values())


def _levels(kind: FileKind, profiles: dict[str, Profile], choices: dict[str, Choice], used: set[str]) -> list[Choice]:
    """Take the category out of ``choices`` and return it with its further levels, coarse to fine (fewest values first)."""
    first = choices.pop("category", None)
    if first is None:
        return []
    category = next(f for f in FIELDS[kind] if f.name == "category")
    more = {
        column: found
        for column, one in profiles.items()
        if column not in used and (found := fit(category, kind, one)).confidence >= 0.65 and _is_level(one)
    }
    if not more or not _is_level(profiles[first.column]):
        return [first]
    if len(more) >= _MOST_LEVELS:
        more = dict(sorted(more.items(), key=lambda item: not _ABOUT_PRODUCTS & set(tokens(item[0])))[: _MOST_LEVELS - 1])
    used.update(more)
    levels = [first, *(Choice("category", column, found.confidence, found.why) for column, found in more.items())]
    levels.sort(key=lambda choice: profiles[choice.column].distinct)
    return [Choice("category", level.column, level.confidence, f"{level.why}; a level of the category") for level in levels]


def _is_level(column: Profile) -> bool:
    return column.numeric < 0.5 and column.mean_length < 60 and set(tokens(column.column)) <= _LEVEL_WORDS


def _by_values(kind: FileKind, profiles: dict[str, Profile], choices: dict[str, Choice], used: set[str]) -> None:
    """Without names: the time and the event tell themselves; shopper and product are the first id columns, in that order."""
    wanted = [f.name for f in FIELDS[kind] if f.required and f.holds is Holds.ID and f.name not in choices]
    if kind is FileKind.REVIEWS and "user_id" not in choices:
        wanted.insert(0, "user_id")
    free = [
        column
        for column, one in profiles.items()
        if column not in used and not one.running and one.mean_length < 60 and one.filled
    ]
    stars = [column for column in free[2:] if _is_stars(profiles[column])] if kind is FileKind.REVIEWS else []
    for name, column in zip(wanted, [column for column in free if column not in stars], strict=False):
        choices[name] = Choice(name, column, 0.6, "by its place: the file has no header")
        used.add(column)
    if stars:
        choices["rating"] = Choice("rating", stars[0], 0.6, "few different small numbers")
        used.add(stars[0])


def _is_stars(column: Profile) -> bool:
    return column.numeric > 0.95 and column.distinct <= 11 and column.mean_length < 4 and column.filled > 20
