"""The names by which the command line, the screens and the files call models and splits. Imports nothing slow."""

from collections.abc import Iterable
from enum import StrEnum

from core.base.errors import BadInput


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


class Augment(StrEnum):
    """How a history may be changed while it is learned from; see ``core.train.augment``."""

    CROP = "crop"
    MASK = "mask"
    REORDER = "reorder"


class Task(StrEnum):
    """What the towers may learn besides the next item; see ``core.train.multitask``."""

    PURCHASE = "purchase"
    RATING = "rating"


AUGMENT_CHANCE = 0.5
"""Of each history to be changed in each way that is chosen."""
TASK_WEIGHT = 0.3
"""Of each task's loss against that of the next item; a task's loss is 1 where it is no better than the mean."""


def left_out(task: Task, some: bool) -> str:
    """Say why a task is left out. some: there are answers to it, but always the same one."""
    if task is Task.RATING:
        why = "All ratings of this shop are the same" if some else "This shop has no ratings"
    else:
        why = "Every act in this shop is a purchase" if some else "This shop has no purchases"
    return f"{why}: that task is left out."


def also(augment: Iterable[str] = (), multi_task: bool = False) -> dict[str, int | float]:
    """Return the options of a run that augments in these ways, and that learns every task.

    >>> also(["mask"], multi_task=True)
    {'mask': 0.5, 'purchase': 0.3, 'rating': 0.3}

    Raises BadInput where there is no such way.
    """
    if unknown := [way for way in augment if way not in tuple(Augment)]:
        raise BadInput(f"There is no augmentation {', '.join(unknown)}. There are: {', '.join(Augment)}.")
    tasks = {str(task): TASK_WEIGHT for task in Task} if multi_task else {}
    return {**{str(way): AUGMENT_CHANCE for way in augment}, **tasks}
