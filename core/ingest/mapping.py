"""Which column is read as what: proposed from names and values, corrected by the user, remembered for the next file."""

import hashlib
import json
from collections.abc import Mapping as Dict
from dataclasses import asdict, dataclass, replace
from datetime import UTC, datetime

from core.base.db import Store
from core.base.errors import BadInput
from core.base.schema import Event, FileKind
from core.ingest.assign import Choice, assign
from core.ingest.columns import ColumnFormat, column_formats
from core.ingest.fields import FIELDS, Field, field
from core.ingest.kinds import detect_kind
from core.ingest.matching import profile
from core.ingest.source import Source

__all__ = ["FIELDS", "Choice", "Field", "Mapping", "parse_map", "propose", "remap", "remember"]


@dataclass(frozen=True)
class Mapping:
    """What is read as what.

    choices: one for each column in use (a field made of several columns has several, in path order); constants: {field:
    value} for what no column holds, and {'event_type:RAW': event} for a log's own event names; formats: how the columns
    write times, numbers and ratings; remembered: taken over from an earlier file with the same header; unused: columns
    read as nothing; notes: decisions worth a look, in plain words.
    """

    kind: FileKind
    kind_confidence: float
    choices: tuple[Choice, ...]
    constants: dict[str, str]
    formats: tuple[ColumnFormat, ...]
    remembered: bool
    unused: tuple[str, ...]
    notes: tuple[str, ...] = ()

    def columns(self, name: str) -> tuple[str, ...]:
        """Return the columns read as ``name``, in path order; empty where there is none."""
        return tuple(choice.column for choice in self.choices if choice.field == name)

    def format(self, column: str) -> ColumnFormat | None:
        """Return how a column writes its values, where that needed finding out."""
        return next((one for one in self.formats if one.column == column), None)

    def missing(self) -> tuple[Field, ...]:
        """Return the required fields that have neither a column nor a constant."""
        return tuple(f for f in FIELDS[self.kind] if f.required and not self.columns(f.name) and f.name not in self.constants)

    def as_json(self) -> str:
        """Return what the import depends on, as JSON with sorted keys."""
        read_as = [[choice.field, choice.column] for choice in self.choices]
        return json.dumps(
            {"kind": self.kind, "columns": read_as, "constants": self.constants}, ensure_ascii=False, sort_keys=True
        )


def propose(source: Source, store: Store, kind: FileKind | None = None) -> Mapping:
    """Return the mapping remembered for this header, else the best guess; ``kind`` fixes what the file holds."""
    if (earlier := _recall(source, store)) and kind in (None, earlier.kind):
        return earlier
    profiles = {column: profile(source.probe[column]) for column in source.columns}
    if kind is None:
        kind, confidence = detect_kind(profiles, source)
    else:
        confidence = 1.0
    choices = assign(kind, profiles, source.headerless)
    return _complete(Mapping(kind, confidence, choices, {}, (), False, ()), source)


def remap(
    mapping: Mapping,
    source: Source,
    kind: FileKind | None = None,
    columns: Dict[str, str | None] | None = None,
    constants: Dict[str, str] | None = None,
) -> Mapping:
    """Return the mapping with the user's corrections. Raises BadInput for an unknown field or column.

    columns: {field: column}, or None for no column; several columns of one field are joined by '+'. A column given to
    one field is taken from any other. With a new ``kind`` the rest is proposed afresh.
    """
    kind = FileKind(kind) if kind else mapping.kind
    if kind is not mapping.kind:
        profiles = {column: profile(source.probe[column]) for column in source.columns}
        mapping = Mapping(kind, 1.0, assign(kind, profiles, source.headerless), {}, (), False, ())
    choices = list(mapping.choices)
    given = {_known(kind, name).name: _columns(source, name, wanted) for name, wanted in (columns or {}).items()}
    taken = {column for wanted in given.values() for column in wanted}
    choices = [choice for choice in choices if choice.field not in given and choice.column not in taken]
    choices += [Choice(name, column, 1.0, "set by you") for name, wanted in given.items() for column in wanted]
    fixed = {name: value for name, value in mapping.constants.items() if name not in given} | _constants(kind, constants or {})
    choices = [choice for choice in choices if choice.field not in fixed or choice.field in given]
    return _complete(replace(mapping, choices=tuple(choices), constants=fixed, remembered=False, notes=()), source)


def parse_map(text: str) -> tuple[dict[str, str | None], dict[str, str]]:
    """Return (columns, constants) from the command line's form; raises BadInput on anything else.

    >>> parse_map("user_id=CustomerID,item_id=SKU,event_type==purchase")
    ({'user_id': 'CustomerID', 'item_id': 'SKU'}, {'event_type': 'purchase'})
    """
    columns: dict[str, str | None] = {}
    constants: dict[str, str] = {}
    for part in filter(None, (piece.strip() for piece in text.split(","))):
        name, mark, value = part.partition("=")
        if not mark or not name.strip():
            raise BadInput(f"'{part}' is not a mapping. Write field=column, field==value for a constant, and commas between.")
        if value.startswith("="):
            constants[name.strip()] = value[1:].strip()
        else:
            columns[name.strip()] = value.strip() or None
    return columns, constants


def remember(cursor, source: Source, mapping: Mapping) -> None:  # type: ignore[no-untyped-def]
    """Keep the mapping for the next file with the same header; a file without a header has nothing to go by."""
    if source.headerless:
        return
    content = {"kind": mapping.kind, "choices": [asdict(choice) for choice in mapping.choices], "constants": mapping.constants}
    cursor.execute(
        "INSERT OR REPLACE INTO mappings VALUES (?, ?, ?)",
        [_signature(source), json.dumps(content, ensure_ascii=False), datetime.now(UTC).replace(tzinfo=None)],
    )


def _recall(source: Source, store: Store) -> Mapping | None:
    if source.headerless:
        return None
    rows = store.rows("SELECT mapping FROM mappings WHERE signature = ?", [_signature(source)])
    if not rows:
        return None
    kept = json.loads(rows[0][0])
    choices = tuple(Choice(**{**choice, "why": "as for the last file of this shape"}) for choice in kept["choices"])
    return _complete(Mapping(FileKind(kept["kind"]), 1.0, choices, kept["constants"], (), True, ()), source)


def _signature(source: Source) -> str:
    return hashlib.sha256("\x1f".join(source.columns).encode()).hexdigest()


def _complete(mapping: Mapping, source: Source) -> Mapping:
    """Add what follows from the choices: formats, unused columns, notes."""
    order = {f.name: place for place, f in enumerate(FIELDS[mapping.kind])}
    choices = tuple(sorted(mapping.choices, key=lambda choice: order[choice.field]))
    used = {choice.column for choice in choices}
    formats = column_formats(mapping.kind, choices, source.probe)
    mapping = replace(
        mapping, choices=choices, formats=formats, unused=tuple(column for column in source.columns if column not in used)
    )
    return replace(mapping, notes=tuple(_notes(mapping)))


def _notes(mapping: Mapping) -> list[str]:
    notes = [f"{one.column}: {one.why}." for one in mapping.formats if one.confidence < 1 or one.worth_saying]
    if mapping.kind is FileKind.EVENTS and not mapping.columns("event_type") and "event_type" not in mapping.constants:
        shape = [name for name in ("order_id", "quantity", "price", "amount") if mapping.columns(name)]
        why = f"it has {', '.join(shape)}" if shape else "it says only who, what and when; set event_type to change that"
        back = ", taken-back quantities and cancelled orders as returns" if "quantity" in shape else ""
        notes.append(f"No column tells the event, so rows count as purchases{back}: {why}.")
    if mapping.kind is FileKind.EVENTS and mapping.columns("amount") and not mapping.columns("price"):
        notes.append("The unit price is the line total, with any discount added back, divided by the quantity.")
    levels = mapping.columns("category")
    if len(levels) > 1:
        notes.append(f"The category is the path {' > '.join(levels)}.")
    if mapping.kind is FileKind.ITEMS and not mapping.columns("title"):
        notes.append("No column holds a title, so it is put together from the product's attributes.")
    if mapping.kind is FileKind.REVIEWS and not mapping.columns("user_id"):
        notes.append("No column tells the shopper, so the reviews count as anonymous.")
    return notes


def _known(kind: FileKind, name: str) -> Field:
    found = field(kind, name)
    if found is None:
        names = ", ".join(f.name for f in FIELDS[kind])
        raise BadInput(f"A file of {kind} has no field '{name}'. Its fields are: {names}.")
    return found


def _columns(source: Source, name: str, wanted: str | None) -> tuple[str, ...]:
    if not wanted:
        return ()
    by_name = {column.casefold(): column for column in source.columns}
    parts = [wanted] if wanted.casefold() in by_name else [part.strip() for part in wanted.split("+")]
    if unknown := [part for part in parts if part.casefold() not in by_name]:
        raise BadInput(
            f"{source.path.name} has no column '{unknown[0]}' for {name}. Its columns are: {', '.join(source.columns)}."
        )
    return tuple(by_name[part.casefold()] for part in parts)


def _constants(kind: FileKind, given: Dict[str, str]) -> dict[str, str]:
    for name, value in given.items():
        base = _known(kind, name.partition(":")[0]).name
        if base == "event_type" and value not in set(Event) - {Event.RATING}:
            raise BadInput(f"'{value}' is not an event. Choose one of: {', '.join(e for e in Event if e is not Event.RATING)}.")
    return dict(given)
