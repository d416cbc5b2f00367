"""The names by which the command line, the screens and the files call models and splits. Imports nothing slow."""

from enum import StrEnum


class Protocol(StrEnum):
    """How the log is split. Temporal is what a shop lives through; leave-last-one is what papers report."""

    TEMPORAL = "temporal"
    LEAVE_LAST_ONE = "leave-last-one"


class Preset(StrEnum):
    """How much is spent on training."""

    ZERO_SHOT = "zero-shot"
    QUICK = "quick"
    BEST = "best"


class Model(StrEnum):
    """Models that need no run: they are fitted in the evaluation itself."""

    POPULARITY = "popularity"
    ZERO_SHOT = "zero-shot"
    ITEM_TO_ITEM = "item-to-item"
    EASE = "ease"
