"""Write what is known of an item as one text: what the encoder and the keywords read."""

import hashlib
import json
import re

import pandas as pd
import pyarrow as pa

from core.base.db import Store
from core.base.derived import rebuild
from core.base.schema import Col, Table

DESCRIPTION_CHARS = 600
"""About 130 tokens: what a shop's description says after that is care and shipping."""
ATTRIBUTES = 12
ATTRIBUTE_CHARS = 60

_PATH = re.compile(r"\s*[>/|.]\s*|_+")
_SPACE = re.compile(r"\s+")
_CODE = re.compile(r"^[\d\s.,:/+\-]*$|^https?://|^[0-9a-f-]{16,}$", re.IGNORECASE)


def rebuild_item_texts(store: Store, force: bool = False) -> bool:
    """Rebuild table ``item_texts`` from the catalogue where it is not current; return whether it was built."""
    return rebuild(store, Table.ITEM_TEXTS, {"composition": 1}, lambda version: _build(store, version), force)


def item_texts(store: Store) -> pd.DataFrame:
    """Return item_id, text, content_hash of every item as last built, by item id; text '' = nothing describes it."""
    return store.df("SELECT item_id, text, content_hash FROM item_texts ORDER BY item_id")


def compose(
    title: str | None, brand: str | None, category: str | None, description: str | None, attributes: str | None = None
) -> str:
    """Return the item's text: title, brand, category path, description (cut at a word), worded attributes.

    attributes: a JSON object; numbers, codes, links and empty values are left out, as they say nothing in words.

    >>> compose("Red mug", "Acme", "kitchen.cups_mugs", None, '{"colour": "red", "sku": "0042"}')
    'Red mug. Acme. kitchen, cups, mugs. colour: red'
    """
    parts = [title, brand, _path_words(category), _cut(_clean(description), DESCRIPTION_CHARS), *_attribute_words(attributes)]
    return ". ".join(part.rstrip(". ") for part in map(_clean, parts) if part)


def content_hash(text: str) -> str:
    """Return the key under which a text's vector is cached: 128 bits of BLAKE2b, hex."""
    return hashlib.blake2b(text.encode(), digest_size=16).hexdigest()


def _build(store: Store, version: int) -> None:
    rows = store.rows("SELECT item_id, title, brand, category, description, attributes FROM catalogue ORDER BY item_id")
    texts = [compose(*row[1:]) for row in rows]
    table = pa.table(
        {
            Col.ITEM: pa.array([row[0] for row in rows], pa.string()),
            Col.TEXT: pa.array(texts, pa.string()),
            Col.HASH: pa.array(map(content_hash, texts), pa.string()),
        }
    )
    with store.transaction() as cursor:
        cursor.register("fresh_texts", table)
        cursor.execute("DELETE FROM item_texts")
        cursor.execute("INSERT INTO item_texts SELECT item_id, text, content_hash, ? FROM fresh_texts", [version])
        cursor.unregister("fresh_texts")


def _clean(text: str | None) -> str:
    return _SPACE.sub(" ", text).strip() if text else ""


def _cut(text: str, limit: int) -> str:
    return text if len(text) <= limit else text[:limit].rpartition(" ")[0] or text[:limit]


def _path_words(category: str | None) -> str:
    return ", ".join(part for part in _PATH.split(category) if part) if category else ""


def _attribute_words(attributes: str | None) -> list[str]:
    if not attributes:
        return []
    pairs = ((name, str(value).strip()) for name, value in json.loads(attributes).items() if value is not None)
    worded = [f"{name}: {value}" for name, value in pairs if len(value) <= ATTRIBUTE_CHARS and not _CODE.match(value)]
    return worded[:ATTRIBUTES]
