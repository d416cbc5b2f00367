"""When a model is asked: right after it learned, and when it has been in service for a while.

What passes with time – fashions, seasons, how fast an act loses its meaning – looks better the sooner after learning one asks,
and one stretch of the log is one observation of it, however many questions are in it. So what forgets or follows fashions is
chosen on several: on the validation part, on the last tenth of what is learned from, and on the validation part again by a
model that has not seen that tenth, and so is older when it is asked.
"""

from dataclasses import dataclass

import numpy as np

from core.base.errors import BadInput
from core.represent.acts import Acts
from core.train.names import Protocol
from core.train.protocol import Examples, Part, split

SURE = 1.96
"""Standard errors from which a gain is no chance."""


@dataclass(frozen=True)
class Moment:
    """What a model has learned from by then, and the questions that it is asked."""

    train: Acts
    asked: tuple[Examples, ...]


def moments(train: Acts, valid: Examples) -> list[Moment]:
    """Return the moments; the first alone where the log is too small or too short to be cut."""
    now = Moment(train, (valid,))
    try:
        cut = split(train, Protocol.TEMPORAL)
    except BadInput:
        return [now]
    return [now, Moment(cut.train(refit=True), (cut.examples(Part.TEST), valid))]


def surest(gained: np.ndarray) -> int:
    """Return which of c choices to make: the best of those that gain, beyond chance, on the first; else the first.

    gained: (c, q), what each is worth on each of the same q questions.

    >>> surest(np.array([[0.0, 0.0, 0.0], [1.0, -1.0, 0.5], [0.3, 0.2, 0.3]]))
    2
    """
    above = gained - gained[0]
    error = above.std(axis=1) / np.sqrt(above.shape[1])
    mean = np.where(above.mean(axis=1) > SURE * error, above.mean(axis=1), 0.0)
    return int(np.argmax(mean))
