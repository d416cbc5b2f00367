"""Splits: nothing from later is learned from, and the questions are those worked out by hand."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.base.errors import BadInput
from core.base.schema import Event
from core.represent.acts import Acts
from core.train.names import Protocol
from core.train.protocol import Examples, Part, split
from tests.train.conftest import log

BUY, LOOK = Event.PURCHASE, Event.VIEW
LETTERS = "abcdefgh"


def told(examples: Examples) -> dict[str, tuple[str, str, str]]:
    """Return shopper -> (history, seen, targets), as letters."""
    return {
        chr(ord("A") + user): (
            "".join(LETTERS[code] for code in examples.history.item[examples.history.user == row]),
            "".join(LETTERS[code] for code in examples.seen_item[examples.seen_row == row]),
            "".join(LETTERS[code] for code in examples.target_item[examples.target_row == row]),
        )
        for row, user in enumerate(examples.users)
    }


def test_leave_last_one_by_hand() -> None:
    # A looks at c before buying it: looking does not mask. B buys a again at the end: that is nothing new. C has too little.
    acts = log(
        ("A", "a", 1, BUY), ("A", "c", 2, LOOK), ("A", "b", 3, BUY), ("A", "c", 4, BUY),
        ("B", "a", 1, BUY), ("B", "d", 2, BUY), ("B", "e", 3, BUY), ("B", "a", 4, BUY),
        ("C", "a", 1, BUY), ("C", "b", 2, BUY),
    )  # fmt: skip
    cut = split(acts, Protocol.LEAVE_LAST_ONE)
    assert told(cut.examples(Part.VALID)) == {"A": ("ac", "a", "b"), "B": ("a", "a", "d")}
    assert told(cut.examples(Part.TEST)) == {"A": ("acb", "ab", "c"), "B": ("ad", "ad", "e")}
    train = cut.train()
    assert [(chr(65 + user), LETTERS[item]) for user, item in zip(train.user, train.item, strict=True)] == [
        ("A", "a"), ("A", "c"), ("B", "a"), ("C", "a"), ("C", "b"),
    ]  # fmt: skip
    assert len(cut.train(refit=True)) == 7


def test_temporal_by_hand() -> None:
    # ten purchases, one a day: the last is the test part, the one before validates. A's test purchase is a repeat, B's is new.
    acts = log(
        *(("A", "abcdabcd"[day], day, BUY) for day in range(8)), ("B", "a", 0, LOOK), ("B", "b", 8, BUY), ("B", "c", 9, BUY)
    )
    cut = split(acts, Protocol.TEMPORAL)
    assert told(cut.examples(Part.VALID)) == {"B": ("a", "", "b")}
    assert told(cut.examples(Part.TEST)) == {"B": ("ab", "b", "c")}
    assert cut.train().when.max() < acts.when[cut.part == Part.VALID].min() < acts.when[cut.part == Part.TEST].min()


def test_a_moment_is_never_cut_in_two() -> None:
    acts = log(*(("A", letter, day, BUY) for letter, day in zip("abcdefgh", (0, 1, 2, 3, 4, 5, 6, 6), strict=True)))
    cut = split(acts, Protocol.TEMPORAL, share=0.15)
    assert cut.part.tolist() == [0, 0, 0, 0, 0, 1, 2, 2]


def test_a_log_that_cannot_be_split_is_said_to_be_too_small() -> None:
    with pytest.raises(BadInput, match="too small"):
        split(log(("A", "a", 1, BUY)), Protocol.LEAVE_LAST_ONE)


def test_items_taken_out_of_training_are_still_asked_for() -> None:
    acts = log(*((who, what, day, BUY) for who in "AB" for day, what in enumerate("abc")))
    cut = split(acts, Protocol.LEAVE_LAST_ONE).without_items(np.array([0]))
    assert 0 not in cut.train().item
    assert told(cut.examples(Part.TEST)) == {"A": ("b", "b", "c"), "B": ("b", "b", "c")}


@st.composite
def logs(draw: st.DrawFn) -> Acts:
    rows = draw(
        st.lists(
            st.tuples(st.sampled_from("ABCD"), st.sampled_from(LETTERS), st.integers(0, 20), st.sampled_from([BUY, LOOK])),
            min_size=1,
            max_size=60,
        )
    )
    return log(*rows)


@pytest.mark.parametrize("protocol", list(Protocol))
@given(acts=logs())
def test_no_question_can_be_answered_from_what_was_learned(protocol: Protocol, acts: Acts) -> None:
    try:
        cut = split(acts, protocol)
    except BadInput:
        return
    for part in (Part.VALID, Part.TEST):
        asked = cut.examples(part)
        target = set(zip(asked.target_row.tolist(), asked.target_item.tolist(), strict=True))
        assert not target & set(zip(asked.seen_row.tolist(), asked.seen_item.tolist(), strict=True))
        assert set(asked.target_row.tolist()) == set(range(len(asked)))
        assert set(asked.history.user.tolist()) == set(range(len(asked)))
        for row, user in enumerate(asked.users):
            mine = (cut.acts.user == user) & (cut.part >= part)
            assert asked.history.when[asked.history.user == row].max() <= cut.acts.when[mine].min()
    assert len(cut.train()) <= len(cut.train(refit=True)) < len(acts)
