"""Find items by a part of their title or id."""

from dataclasses import dataclass

from core.score.index import Index


@dataclass(frozen=True)
class Found:
    """An item that matches a typed text."""

    item_id: str
    title: str


def find_items(index: Index, text: str, limit: int = 10) -> tuple[Found, ...]:
    """Return items whose id is ``text`` or whose title or id contains it in any case.

    The exact id comes first, then titles beginning with the text, then shorter titles; ties by item id.
    """
    wanted = text.strip().lower()
    if not wanted:
        return ()
    pairs = zip(index.ids.tolist(), index.titles.tolist(), strict=True)
    matches = [(item, title) for item, title in pairs if wanted in title.lower() or wanted in item.lower()]
    matches.sort(key=lambda pair: (pair[0].lower() != wanted, not pair[1].lower().startswith(wanted), len(pair[1]), pair[0]))
    return tuple(Found(item, title) for item, title in matches[:limit])
