"""Towers learn from the steps to what they are judged on, and read what was looked at before it."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.base.schema import Event
from core.represent import sequences
from core.represent.acts import EVENTS, distinct
from core.represent.sequences import steps_of, to_learn
from core.train.protocol import SUCCESS, sought, successes
from tests.train.conftest import log

VIEW, BUY, STARS, BACK = Event.VIEW, Event.PURCHASE, Event.RATING, Event.RETURN
ACTS = st.lists(
    st.tuples(st.sampled_from("AB"), st.sampled_from("abcd"), st.integers(0, 9), st.sampled_from([VIEW, BUY, STARS, BACK])),
    min_size=1,
    max_size=30,
)


@pytest.fixture(autouse=True)
def one_step_is_enough(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sequences, "ENOUGH", 1)


def test_what_was_looked_at_and_bought_is_there_as_both() -> None:
    acts = log(("A", "a", 1, VIEW), ("A", "a", 2, VIEW), ("A", "b", 3, VIEW), ("A", "a", 4, BUY), ("A", "c", 5, VIEW))
    spans = to_learn(acts, 9, SUCCESS)
    assert spans.acts.item.tolist() == [0, 1, 0, 2]
    steps = steps_of(spans.pack(np.array([0])), spans.sought)
    assert steps.before.items.tolist() == [[0, 1, 0]]
    assert steps.following[steps.counts].tolist() == [0], "the purchase of a, after a and b were looked at"


def test_a_span_without_what_is_sought_teaches_nothing() -> None:
    acts = log(("A", "a", 1, BUY), ("A", "b", 2, VIEW), ("B", "a", 1, VIEW), ("B", "b", 2, BUY))
    spans = to_learn(acts, 9, SUCCESS)
    assert spans.acts.user[spans.begin].tolist() == [1], "the first act of A is nobody's next"


def test_where_there_is_too_little_of_it_every_step_teaches(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sequences, "ENOUGH", 2)
    acts = log(("A", "a", 1, VIEW), ("A", "b", 2, VIEW), ("A", "b", 3, BUY))
    spans = to_learn(acts, 9, SUCCESS)
    assert spans.acts.item.tolist() == [0, 1]
    assert steps_of(spans.pack(np.array([0])), spans.sought).counts.all()


def test_a_log_of_nothing_but_looking_seeks_looks() -> None:
    looks = log(("A", "a", 1, VIEW), ("A", "b", 2, Event.CART), ("A", "c", 3, BACK))
    assert successes(looks).tolist() == [True, True, False]
    assert BACK not in sought(looks)
    assert sought(log(("A", "a", 1, VIEW), ("A", "b", 2, BUY))) == SUCCESS


@given(rows=ACTS, longest=st.integers(1, 5))
def test_every_step_to_a_success_is_learned_from_exactly_once(rows: list[tuple[str, str, int, Event]], longest: int) -> None:
    acts = log(*rows, items="abcd")
    spans = to_learn(acts, longest, SUCCESS)
    kept = distinct(acts, SUCCESS)
    follows = kept.did(*SUCCESS) & (np.arange(len(kept)) > kept.starts[:-1][kept.user])
    if not follows.any():
        assert spans.sought == EVENTS
        return
    found = [steps_of(spans.pack(np.array([number])), spans.sought) for number in range(len(spans))]
    assert all(steps.counts.any() for steps in found)
    taught = sorted(item for steps in found for item in steps.following[steps.counts].tolist())
    assert taught == sorted(kept.item[follows].tolist())


@given(rows=ACTS)
def test_where_everything_is_sought_items_stand_once_as_ever(rows: list[tuple[str, str, int, Event]]) -> None:
    acts = log(*rows, items="abcd")
    np.testing.assert_array_equal(distinct(acts, EVENTS).item, distinct(acts).item)
    pairs = {(event, shopper, item) for shopper, item, event in zip(acts.user, acts.item, acts.event, strict=True)}
    own = distinct(acts, SUCCESS)
    assert sum(own.did(*SUCCESS)) == len({(shopper, item) for event, shopper, item in pairs if EVENTS[event] in SUCCESS})
