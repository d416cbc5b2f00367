"""How numbers, dates and sizes are written on every screen."""

import re
from datetime import date, datetime, timedelta

NOTHING = "–"
_MARKS = re.compile(r"([\\`*_{}\[\]()#+!|~<>$:])")


def number(value: float | None, digits: int = 0) -> str:
    """Return a number with thousands separators.

    >>> number(541909), number(0.1234, 2), number(None)
    ('541,909', '0.12', '–')
    """
    return NOTHING if value is None or value != value else f"{value:,.{digits}f}"


def compact(value: float | None) -> str:
    """Return a number in at most five characters' worth of detail.

    >>> compact(950), compact(12_345), compact(8_911_407.9)
    ('950', '12.3K', '8.91M')
    """
    if value is None or value != value:
        return NOTHING
    for size, letter in ((1e9, "B"), (1e6, "M"), (1e4, "K")):
        if abs(value) >= size:
            scaled = value / (size if letter != "K" else 1e3)
            return f"{scaled:.3g}{letter}"
    return number(value)


def money(value: float | None) -> str:
    """Return an amount in the shop's own currency, which files rarely name.

    >>> money(12.5), money(8911407.904)
    ('12.50', '8,911,408')
    """
    return number(value, 0 if value is not None and abs(value) >= 1000 else 2)


def percent(share: float | None, digits: int = 0) -> str:
    """Return a share of 1 as a percentage.

    >>> percent(0.256), percent(0.0123, 1)
    ('26%', '1.2%')
    """
    return NOTHING if share is None or share != share else f"{share:.{digits}%}"


def day(value: date | None) -> str:
    """Return a day as ``9 Dec 2011``; a missing one as a dash.

    >>> day(date(2011, 12, 9)), day(None)
    ('9 Dec 2011', '–')
    """
    return NOTHING if value is None or value != value else f"{value.day} {value:%b %Y}"


def moment(value: datetime | None) -> str:
    """Return a time as ``9 Dec 2011, 12:50``.

    >>> moment(datetime(2011, 12, 9, 12, 50))
    '9 Dec 2011, 12:50'
    """
    return NOTHING if value is None or value != value else f"{day(value)}, {value:%H:%M}"


def span(seconds: float) -> str:
    """Return a duration in its two largest units.

    >>> span(8.4), span(75), span(7260)
    ('8 s', '1 min 15 s', '2 h 1 min')
    """
    whole = int(seconds)
    if whole < 60:
        return f"{whole} s"
    minutes, rest = divmod(whole, 60)
    return f"{minutes} min {rest} s" if minutes < 60 else f"{minutes // 60} h {minutes % 60} min"


def ago(value: datetime, now: datetime) -> str:
    """Return how long before ``now`` something was.

    >>> ago(datetime(2026, 1, 1, 12), datetime(2026, 1, 1, 12, 0, 20)), ago(datetime(2026, 1, 1), datetime(2026, 1, 3))
    ('just now', '2 days ago')
    """
    gap = now - value
    for unit, name in ((timedelta(days=1), "day"), (timedelta(hours=1), "hour"), (timedelta(minutes=1), "minute")):
        if gap >= unit:
            return count(gap // unit, name) + " ago"
    return "just now"


def count(many: int, noun: str, plural: str | None = None) -> str:
    """Return a count with its noun.

    >>> count(1, "row"), count(4372, "shopper"), count(2, "category", "categories")
    ('1 row', '4,372 shoppers', '2 categories')
    """
    return f"{many:,} {noun if many == 1 else plural or noun + 's'}"


def size(file_bytes: int) -> str:
    """Return a file size.

    >>> size(800), size(45_580_000)
    ('800 B', '45.6 MB')
    """
    for unit, letter in ((1e9, "GB"), (1e6, "MB"), (1e3, "kB")):
        if file_bytes >= unit:
            return f"{file_bytes / unit:.3g} {letter}"
    return f"{file_bytes} B"


def shortened(text: str, longest: int) -> str:
    """Return a text cut at a word, with dots where something is left out.

    >>> shortened("Low-spending frequent returners", 22)
    'Low-spending frequent…'
    """
    return text if len(text) <= longest else text[:longest].rpartition(" ")[0] + "…"


def plain(text: str) -> str:
    """Return text from the shop's files so that Markdown shows it as it is.

    >>> plain("50% *off* :red[now] $5")
    '50% \\\\*off\\\\* \\\\:red\\\\[now\\\\] \\\\$5'
    """
    return _MARKS.sub(r"\\\1", text)
