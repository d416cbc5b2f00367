"""How well a column fits a field, judged by its header and by its values."""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from difflib import SequenceMatcher
from functools import cache
from itertools import pairwise

import pandas as pd

from core.base.schema import FileKind
from core.ingest.fields import Field, Holds
from core.ingest.numbers import is_number
from core.ingest.synonyms import NULL_WORDS, event_names, field_phrases, field_words, key, kind_names, squeezed, tokens
from core.ingest.times import TimeFormat, detect

_VALUES = 600
_FUZZY = 0.86
_SHORT = ("sku", "ean", "upc", "qty", "url", "img")
_CLOCK = re.compile(r"\d{1,2}:\d{2}(:\d{2}(\.\d+)?)?\s*([AaPp][Mm])?")


@dataclass(frozen=True)
class Profile:
    """What the first values of a column look like. Shares are of the filled values, in [0, 1]."""

    column: str
    filled: int
    distinct: int
    numeric: float
    whole: float
    time: TimeFormat | None
    events: float
    kinds: float
    mean_length: float
    spaces: float
    running: bool
    clock: float

    @property
    def unique(self) -> float:
        return self.distinct / self.filled if self.filled else 0.0


@dataclass(frozen=True)
class Fit:
    """confidence: in [0, 1], 0 = not a candidate; why: in plain words."""

    confidence: float
    why: str


def profile(values: "pd.Series[str]") -> Profile:
    """Return what a column of strings (None = empty) looks like."""
    filled = [text for value in values.tolist() if value is not None and (text := value.strip()) not in NULL_WORDS]
    some = filled[:: max(1, len(filled) // _VALUES)]
    count = max(1, len(some))
    numbers = [value for value in some if is_number(value)]
    return Profile(
        column=str(values.name),
        filled=len(some),
        distinct=len(set(some)),
        numeric=len(numbers) / count,
        whole=sum(bool(re.fullmatch(r"-?\d+(\.0+)?", value)) for value in numbers) / count,
        time=detect(some) if some else None,
        events=sum(key(value) in event_names() for value in some) / count,
        kinds=sum(key(value) in kind_names() for value in some) / count,
        mean_length=sum(map(len, some)) / count,
        spaces=sum(" " in value for value in some) / count,
        running=_running(filled[:200]),
        clock=sum(bool(_CLOCK.fullmatch(value)) for value in some) / count,
    )


def fit(field: Field, kind: FileKind, column: Profile) -> Fit:
    """Return how well the column fits the field in a file of that kind."""
    name, how = _name_score(field, kind, column.column)
    values, seen = _value_score(field, column, name)
    if name == 0:
        nameless = field.holds is Holds.TIME or (field.holds is Holds.EVENT and "status" not in tokens(column.column))
        return Fit(values if values >= 0.5 and nameless else 0.0, seen)
    if column.filled == 0:
        return Fit(name * 0.5, f"{how}; no values in the first rows")
    return Fit(round(name * values, 3), f"{how}; {seen}" if seen else how)


def _running(values: Sequence[str]) -> bool:
    """Whether the values are a row number: whole numbers going up by one."""
    if len(values) < 3 or not all(value.isdigit() for value in values):
        return False
    return all(int(b) - int(a) == 1 for a, b in pairwise(values))


def _words_for(field: Field, kind: FileKind) -> tuple[tuple[str, float], ...]:
    """The word lists a field goes by in files of that kind, with the weight of each."""
    match kind, field.name:
        case FileKind.REVIEWS, "title":
            return (("review_title", 1.0),)
        case FileKind.EVENTS, "title":
            return (("title", 1.0), ("description", 0.9))
        case FileKind.EVENTS, "description":
            return (("description", 0.6),)
        case FileKind.ITEMS, "description":
            return (("description", 1.0), ("text", 0.8))
        case FileKind.ITEMS, "kind":
            return (("kind", 1.0), ("category_weak", 0.95))
        case FileKind.SOCIAL, "user_id":
            return (("friend_source", 1.0), ("user_id", 1.0))
        case FileKind.ORDERS, "total":
            return (("total", 1.0), ("amount", 0.8))
        case FileKind.CAMPAIGNS, "name":
            return (("name", 0.9), ("title", 0.8), ("campaign_name", 0.9))
        case FileKind.EVENTS, "amount":
            return (("amount", 1.0), ("total", 0.9))
        case _, "category":
            return (("category", 1.0), ("category_weak", 0.6))
        case _, "event_type":
            return (("event_type", 1.0), ("category_weak", 0.5))
    return ((field.name, 1.0),)


def _name_score(field: Field, kind: FileKind, header: str) -> tuple[float, str]:
    """Score the header alone: the same word 0.95, within a longer header 0.75, nearly the same 0.65."""
    best, how = 0.0, ""
    own = squeezed(header) == squeezed(field.name)
    for words, weight in _words_for(field, kind):
        score, reason = _word_score(words, header)
        score = weight * (score + 0.02 * (own and score > 0.9))
        if score > best:
            best, how = score, reason
    if (bare := _bare_id(field, kind, header)) > best:
        best, how = bare, f"an id in a file of {kind}"
    return best, how


@cache
def _word_score(words: str, header: str) -> tuple[float, str]:
    name = squeezed(header)
    if not name:
        return 0.0, ""
    if name in field_words(words):
        return 0.95, "the name matches"
    parts = tokens(header)
    inside = [p for p in field_phrases(words) if p and _contains(parts, p) and (len(p) > 1 or len(p[0]) > 3 or p[0] in _SHORT)]
    if inside:
        longest = max(inside, key=len)
        last = parts[-len(longest) :] == longest or "id" in parts
        return (0.78 if last else 0.7) - 0.02 * max(0, len(parts) - len(longest) - 1), f"the name contains '{' '.join(longest)}'"
    if not name.isascii() and (cjk := [w for w in field_words(words) if len(w) > 1 and not w.isascii() and w in name]):
        return 0.72, f"the name contains '{max(cjk, key=len)}'"
    if len(name) > 6:
        like = [word for word in field_words(words) if word[:1] == name[:1] and abs(len(word) - len(name)) <= 2]
        near = max(like, key=lambda word: (SequenceMatcher(None, name, word).ratio(), word), default="")
        if near and SequenceMatcher(None, name, near).ratio() >= _FUZZY:
            return 0.65, f"the name is nearly '{near}'"
    return 0.0, ""


def _contains(parts: tuple[str, ...], phrase: tuple[str, ...]) -> bool:
    return any(parts[i : i + len(phrase)] == phrase for i in range(len(parts) - len(phrase) + 1))


def _bare_id(field: Field, kind: FileKind, header: str) -> float:
    """A column called just 'id' (or 'number', 'code') is the id of what the file lists."""
    own = {FileKind.ITEMS: "item_id", FileKind.USERS: "user_id", FileKind.ORDERS: "order_id", FileKind.CAMPAIGNS: "campaign_id"}
    return (
        0.7 if own.get(kind) == field.name and squeezed(header) in ("id", "code", "nr", "no", "编号", "numero", "nummer") else 0.0
    )


def _value_score(field: Field, column: Profile, name: float) -> tuple[float, str]:
    """Score the values alone, and say what they are."""
    match field.holds:
        case Holds.TIME:
            return _time_score(column, name)
        case Holds.NUMBER | Holds.RATING:
            share = column.numeric
            return (share if share >= 0.5 else 0.0), f"{share:.0%} of the values are numbers"
        case Holds.EVENT:
            few = column.distinct <= 40
            known = f"{column.events:.0%} of the values are known events"
            return (max(column.events, 0.55 * (name > 0.9)) if few and column.mean_length < 40 else 0.0), known
        case Holds.KIND:
            return (column.kinds if column.kinds > 0.5 else 0.0), f"{column.kinds:.0%} of the values are kinds of item"
        case Holds.ID:
            return _id_score(column)
        case Holds.TEXT:
            return (0.6 if column.numeric > 0.9 else 1.0), f"{column.mean_length:.0f} characters on average"
    odd = column.numeric > 0.95 and field.name in ("title", "brand", "name", "country")
    return (0.5 if odd else 1.0), "the values are numbers" if odd else ""


def _time_score(column: Profile, name: float) -> tuple[float, str]:
    found = column.time
    if found is None:
        return 0.0, "no value reads as a time"
    bare_number = found.notation.value in ("Excel day number",) or (column.numeric > 0.9 and "since" in found.notation.value)
    if bare_number and name == 0:
        return (0.5 if "since" in found.notation.value else 0.0), found.why
    return found.share * (1.0 if name else 0.75) * (1.0 if found.has_clock else 0.97), found.why


def _id_score(column: Profile) -> tuple[float, str]:
    if column.time is not None and column.numeric < 0.5:
        return 0.0, "the values are times"
    decimals = column.numeric - column.whole
    if decimals > 0.3:
        return 0.6, "the values are decimal numbers"
    if column.mean_length > 80:
        return 0.3, "the values are long texts"
    return 1.0, f"{column.distinct:,} different values in {column.filled:,} rows"
