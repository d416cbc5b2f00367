"""Learned beside the next item: will the next act be a purchase, and how many stars does the next rating give?

Both are read by a linear head off the shopper's vector and the kind of their latest act, at moments of the log: the state is
the history before an act, as serving would read it, and the answer is that act, or the next rated one. (The steps that the
next item is learned from would not do: each item stands in them once, at its last time, so that what was looked at before it
was bought is not there.) A task is learned only where the log has an answer that is not always the same; ``left_out`` says
which is not, and why.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import numpy as np
import torch
from sklearn.metrics import roc_auc_score
from torch.nn import functional

from core.base.schema import Event
from core.represent.acts import Acts
from core.represent.towers import Towers
from core.train import names
from core.train.names import Task
from core.train.protocol import Part, Split
from core.train.runs import TaskScore

if TYPE_CHECKING:
    from core.train.finetune import Options

JUDGED = 8000
"""Moments of the validation part that the tasks are judged on, at most; always the same ones."""


@dataclass(frozen=True)
class Moments:
    """States of shoppers, each before the act in its row. rows: (m,); answers: float32 (m,) of each task, NaN = there is none."""

    acts: Acts
    rows: np.ndarray
    answers: dict[Task, np.ndarray]

    def take(self, chosen: np.ndarray) -> "Moments":
        """Return these moments (positions)."""
        return replace(self, rows=self.rows[chosen], answers={task: one[chosen] for task, one in self.answers.items()})

    def histories(self) -> Acts:
        """Return what was done before each moment, row = moment."""
        begin = self.acts.starts[self.acts.user[self.rows]]
        lengths = self.rows - begin
        number = np.repeat(np.arange(len(self.rows), dtype=np.int32), lengths)
        at = np.arange(len(number)) + np.repeat(begin - (np.cumsum(lengths) - lengths), lengths)
        return self.acts.where(at).given_to(number, self.acts.user[self.rows])


def moments(acts: Acts, among: np.ndarray | None = None) -> Moments:
    """Return the moment before every act but each shopper's first; ``among`` (a,) bool: only before these acts."""
    there = np.arange(len(acts)) > acts.starts[:-1][acts.user]
    rows = np.flatnonzero(there if among is None else there & among)
    return Moments(
        acts,
        rows,
        {Task.PURCHASE: acts.did(Event.PURCHASE)[rows].astype(np.float32), Task.RATING: _next_rating(acts)[rows]},
    )


def _next_rating(acts: Acts) -> np.ndarray:
    """Return float32 (a,) stars of the shopper's first rating from this act on; NaN where none follows."""
    rated = np.flatnonzero(~np.isnan(acts.rating))
    place = np.searchsorted(rated, np.arange(len(acts)))
    at = np.append(rated, -1)[place]
    found = np.full(len(acts), np.nan, np.float32)
    mine = (at >= 0) & (acts.user[at] == acts.user)
    found[mine] = acts.rating[at[mine]]
    return found


@dataclass(frozen=True)
class Lesson:
    """A task as it is learned. mean: its answer on average; usual: loss of always answering so, by which its loss is divided."""

    task: Task
    weight: float
    mean: float
    usual: float

    @property
    def start(self) -> float:
        """What a head answers that has learned nothing: the mean, or its log odds."""
        return float(np.log(self.mean / (1 - self.mean))) if self.task is Task.PURCHASE else self.mean


@dataclass(frozen=True)
class Lessons:
    """What the towers learn besides the next item, and from which moments."""

    moments: Moments
    lessons: tuple[Lesson, ...]

    def begin(self, towers: Towers) -> None:
        """Let the heads answer the mean, whatever the shopper."""
        with torch.no_grad():
            for lesson in self.lessons:
                weight, bias = towers.answers[lesson.task].parameters()
                weight.zero_()
                bias.fill_(lesson.start)

    def loss(self, towers: Towers, size: int, rng: np.random.Generator) -> torch.Tensor:
        """Return the weighted sum of the tasks' mean losses on ``size`` moments drawn at random, each 1 where no better
        than the mean; a task that none of them has an answer to adds nothing.
        """
        drawn = self.moments.take(rng.integers(0, len(self.moments.rows), size))
        batch = towers.spans(drawn.histories()).pack(np.arange(size))
        tastes = towers.users(towers.items(batch.items), batch, last=True)[:, 0]
        total = torch.zeros(())
        for lesson in self.lessons:
            right = torch.from_numpy(drawn.answers[lesson.task])
            there = ~right.isnan()
            if there.any():
                lost = _LOSSES[lesson.task](towers.answer(lesson.task, tastes, batch.events[:, -1])[there], right[there])
                total = total + lesson.weight / lesson.usual * lost
        return total


def lessons(train: Acts, options: "Options") -> Lessons | None:
    """Return what the options ask for and the log has answers to; None where there is none of it."""
    asked = _asked(options)
    if not asked:
        return None
    found = moments(train)
    there = [lesson for task, weight in asked.items() if (lesson := _lesson(task, weight, found.answers[task]))]
    return Lessons(found, tuple(there)) if there else None


def left_out(train: Acts, options: "Options") -> tuple[str, ...]:
    """Say, a sentence each, which tasks are asked for but have nothing to learn from."""
    asked = _asked(options)
    answers = moments(train).answers if asked else {}
    return tuple(names.left_out(task, bool(np.nansum(answers[task]))) for task in asked if not _lesson(task, 1.0, answers[task]))


def judge(towers: Sequence[Towers], cut: Split) -> tuple[TaskScore, ...]:
    """Return how well the towers, their answers averaged, foresee the validation part, beside the mean of what they learned from.

    Of the purchase the area under the ROC curve, 0.5 for any constant; of the rating the root of the mean squared error, in
    stars. A task without an answer there is left out.
    """
    if not towers or not towers[0].shape.tasks:
        return ()
    known = cut.acts.where(cut.part < Part.TEST)
    asked = moments(known, cut.part[cut.part < Part.TEST] == Part.VALID)
    if len(asked.rows) > JUDGED:
        asked = asked.take(np.sort(np.random.default_rng(0).choice(len(asked.rows), JUDGED, replace=False)))
    if not len(asked.rows):
        return ()
    history = asked.histories()
    told = [one.foresee(history) for one in towers]
    learned = moments(cut.train()).answers
    scores = [
        _score(Task(task), asked.answers[Task(task)], np.mean([one[task] for one in told], axis=0), learned[Task(task)])
        for task in towers[0].shape.tasks
    ]
    return tuple(score for score in scores if score is not None)


def _asked(options: "Options") -> dict[Task, float]:
    return {task: weight for task, weight in ((task, getattr(options, task)) for task in Task) if weight}


def _lesson(task: Task, weight: float, answers: np.ndarray) -> Lesson | None:
    """Return the task with its mean and the loss of answering it; None where all answers are the same, or there is none."""
    known = answers[~np.isnan(answers)].astype(float)
    if not len(known) or known.min() == known.max():
        return None
    mean = float(known.mean())
    entropy = -(mean * np.log(mean) + (1 - mean) * np.log(1 - mean)) if task is Task.PURCHASE else known.var()
    return Lesson(task, weight, mean, float(entropy))


def _score(task: Task, right: np.ndarray, told: np.ndarray, learned: np.ndarray) -> TaskScore | None:
    """Return the task's score; None where there is nothing to tell apart."""
    there = ~np.isnan(right)
    right, told = right[there], told[there]
    if not len(right):
        return None
    if task is Task.RATING:
        wrong, usual = (float(np.sqrt(np.mean((one - right) ** 2))) for one in (told, np.nanmean(learned)))
        return TaskScore(task, len(right), wrong, usual)
    return TaskScore(task, len(right), float(roc_auc_score(right, told)), 0.5) if 0 < right.mean() < 1 else None


_LOSSES: dict[Task, Callable[[torch.Tensor, torch.Tensor], torch.Tensor]] = {
    Task.PURCHASE: functional.binary_cross_entropy_with_logits,
    Task.RATING: functional.mse_loss,
}
