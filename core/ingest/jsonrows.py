"""Rows from JSON: one object a line, or one array of objects, read as a stream."""

import json
from collections.abc import Iterable, Iterator
from itertools import islice
from typing import Any, TextIO

from core.base.errors import BadInput
from core.ingest.records import Record, lines_of

NOT_JSON = "not a JSON object"
_COLUMN_ROWS = 20_000
_BLOCK = 1 << 20
_MAX_OBJECT = 32_000_000


def is_json_lines(head: list[str]) -> bool:
    """Whether one of the first lines is a whole JSON object; a single one that only wraps an array of objects is not."""
    objects = [item for line in head[:20] if line.strip() and (item := _object(line)) is not None]
    return bool(objects) and not (len(objects) == 1 and len(head) == 1 and _wraps_array(objects[0]))


def _wraps_array(item: dict[str, Any]) -> bool:
    return any(isinstance(value, list) and value and isinstance(value[0], dict) for value in item.values())


def is_json_array(head: list[str]) -> bool:
    """Whether the text starts as an array of objects, or as an object one key of which is such an array."""
    start = "".join("".join(head)[:100_000].split()).lstrip("\ufeff")
    return start.startswith(("[{", "[]")) or (start.startswith("{") and "[{" in start)


def columns(text: TextIO, array: bool) -> tuple[str, ...]:
    """Return the keys of the first 20,000 objects, in order of appearance; nested objects give 'outer.inner'."""
    found: dict[str, None] = {}
    objects = _array(text) if array else (_object(line) for line in lines_of(text))
    for item in islice(objects, _COLUMN_ROWS):
        if item is not None:
            found.update(dict.fromkeys(flat(item)))
    return tuple(found)


def from_lines(lines: Iterable[str], names: tuple[str, ...]) -> Iterator[Record]:
    """Yield one record a line that is not blank."""
    for line in lines:
        if line.strip():
            item = _object(line)
            yield Record([], NOT_JSON, line.rstrip("\r\n")) if item is None else _record(item, names)


def from_array(text: TextIO, names: tuple[str, ...]) -> Iterator[Record]:
    """Yield one record an element; raises BadInput where the array is damaged, since what follows cannot be told apart."""
    for item in _array(text):
        yield _record(item, names) if item is not None else Record([], NOT_JSON, "")


def flat(item: dict[str, Any], prefix: str = "") -> dict[str, str]:
    """Return the object's values as strings; empty ones as '', lists as JSON.

    >>> flat({"user": {"id": 7}, "tags": ["a"], "ok": True})
    {'user.id': '7', 'tags': '["a"]', 'ok': 'true'}
    """
    cells: dict[str, str] = {}
    for key, value in item.items():
        if isinstance(value, dict):
            cells.update(flat(value, f"{prefix}{key}."))
        else:
            cells[prefix + key] = _cell(value)
    return cells


def _cell(value: Any) -> str:
    if value is None:
        return ""
    return value.replace("\0", "") if isinstance(value, str) else json.dumps(value, ensure_ascii=False)


def _record(item: dict[str, Any], names: tuple[str, ...]) -> Record:
    cells = flat(item)
    return Record([cells.get(name, "") for name in names])


def _object(line: str) -> dict[str, Any] | None:
    try:
        value = json.loads(line.strip().lstrip("\ufeff").rstrip(","))
    except (json.JSONDecodeError, RecursionError):
        return None
    return value if isinstance(value, dict) else None


def _array(text: TextIO) -> Iterator[dict[str, Any] | None]:
    """Decode element after element; memory holds one block and one element."""
    decoder, buffer = json.JSONDecoder(), ""
    while "[" not in buffer:
        block = text.read(_BLOCK)
        if not block:
            return
        buffer += block
    buffer = buffer[buffer.index("[") + 1 :]
    while True:
        buffer = buffer.lstrip(" \t\r\n,")
        if buffer.startswith("]"):
            return
        try:
            value, end = decoder.raw_decode(buffer)
        except json.JSONDecodeError:
            block = text.read(max(_BLOCK, len(buffer)))
            if not block or len(buffer) > _MAX_OBJECT:
                raise BadInput("The file's JSON array breaks off or is damaged. Export it again, best as JSON Lines.") from None
            buffer += block
            continue
        if end == len(buffer) and (block := text.read(_BLOCK)):
            buffer += block
            continue
        yield value if isinstance(value, dict) else None
        buffer = buffer[end:]
