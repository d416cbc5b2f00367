"""The sorts of reasons for which rows are quarantined, each with its rule and advice."""

from dataclasses import dataclass


@dataclass(frozen=True)
class ReasonCheck:
    """A sort of quarantine reasons, told by how they start."""

    check: str
    starts: tuple[str, ...]
    rule: str
    advice: str


REASON_CHECKS = (
    ReasonCheck(
        "Duplicates",
        ("duplicate", "same "),
        "every field of the row equals an earlier one, or the id is listed twice",
        "Nothing to do: the first row was kept. Many duplicates point to exports that overlap.",
    ),
    ReasonCheck(
        "Missing values",
        ("no ", "neither"),
        "a required value is empty",
        "Rows without a shopper cannot be profiled. Export guest orders with a stable id.",
    ),
    ReasonCheck(
        "Zero or future times",
        ("time is zero", "time is in the future"),
        "before 1990, or more than a day ahead",
        "Check the clock and the time zone of the system that wrote the log.",
    ),
    ReasonCheck(
        "Unreadable values",
        ("time cannot", "quantity is not", "price is not", "rating is not", "line total"),
        "the text is no time or number",
        "Look at the quarantined rows: another date order or decimal sign may be meant.",
    ),
    ReasonCheck(
        "Ratings out of range",
        ("rating is out",),
        "outside the scale found for the whole column",
        "Check the scale: a 0 often means 'not rated'.",
    ),
    ReasonCheck(
        "Impossible values",
        ("quantity is zero", "price is negative", "dwell time is negative"),
        "zero units, a negative price or time",
        "These are usually corrections in the books; leave them out, or export returns as returns.",
    ),
    ReasonCheck(
        "Unknown events",
        ("unknown event",),
        "the event's name is in no list",
        "Map the name to one of the known events and retry the quarantine.",
    ),
    ReasonCheck(
        "Broken rows",
        ("too few", "too many", "a quote", "bytes", "not a JSON", "line longer"),
        "the row cannot be split into the header's fields",
        "Open the quarantined rows: an unquoted delimiter or a missing quote is the usual cause.",
    ),
)
