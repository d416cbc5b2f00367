"""The head on made-up reviews whose tone is plain, and its arithmetic by hand."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.represent.tone_head import adjusted, calibration_error, classes_of, fit, macro_f1, phrases, split

PRAISE = ("lovely soft fabric", "great fit and colour", "perfect, love it")
BLAME = ("awful thin fabric", "terrible fit", "broke at once, sent it back")
PLAIN = ("it is okay", "average, nothing special", "so so")


def shop(rng: np.random.Generator, many: int = 60) -> tuple[list[str], np.ndarray]:
    """Return texts of two phrases of one tone, and their classes."""
    texts, wanted = [], []
    for value, said in enumerate((BLAME, PLAIN, PRAISE)):
        for _ in range(many):
            texts.append(". ".join(rng.choice(said, 2)))
            wanted.append(value)
    return texts, np.array(wanted)


def test_a_head_learns_plain_tones_and_reads_new_clauses(rng: np.random.Generator) -> None:
    texts, wanted = shop(rng)
    parts = split(wanted, 7)
    head = fit(texts, None, wanted, parts)
    held = [texts[row] for row in parts.test]
    assert macro_f1(wanted[parts.test], head.classes(head.probabilities(held, None))) == 1
    assert head.vector_share == 0
    praise, blame = head.polarity(["lovely fabric", "awful fabric"])
    assert praise > 0 > blame


def test_vectors_are_used_where_words_tell_nothing(rng: np.random.Generator) -> None:
    wanted = np.repeat([0, 1, 2], 60)
    vectors = np.eye(3)[wanted] + rng.normal(0, 0.05, (180, 3))
    parts = split(wanted, 7)
    head = fit(["the same words"] * 180, vectors, wanted, parts)
    assert head.vector_share > 0
    chances = head.probabilities(["the same words"] * len(parts.test), vectors[parts.test])
    assert macro_f1(wanted[parts.test], head.classes(chances)) == 1
    assert chances.sum(axis=1) == pytest.approx(np.ones(len(parts.test)))


@given(st.integers(0, 2**32 - 1), st.lists(st.sampled_from([0, 1, 2]), min_size=30, max_size=80))
def test_the_parts_hold_every_row_once(seed: int, values: list[int]) -> None:
    parts = split(np.array(values), seed)
    together = np.concatenate([parts.train, parts.choose, parts.test])
    assert sorted(together.tolist()) == list(range(len(values)))


def test_the_same_seed_gives_the_same_parts() -> None:
    wanted = np.repeat([0, 1, 2], 20)
    assert np.array_equal(split(wanted, 7).test, split(wanted, 7).test)
    assert not np.array_equal(split(wanted, 7).test, split(wanted, 8).test)


def test_the_adjustment_gives_rare_classes_their_due() -> None:
    chances = np.array([[0.3, 0.1, 0.6]])
    prior = np.array([0.1, 0.1, 0.8])
    assert adjusted(chances, prior, 0.0).tolist() == [2]
    assert adjusted(chances, prior, 1.0).tolist() == [0]  # 0.3 / 0.1 = 3 beats 0.6 / 0.8


def test_macro_f1_by_hand() -> None:
    # negative: 1 of 1 found, 1 of 2 right -> 2/3; neutral never found -> 0; positive 1 of 1 -> 1
    assert macro_f1(np.array([0, 1, 2]), np.array([0, 0, 2])) == pytest.approx((2 / 3 + 0 + 1) / 3)


def test_calibration_error_by_hand() -> None:
    chances = np.array([[0.1, 0.0, 0.9], [0.1, 0.0, 0.9], [0.8, 0.0, 0.2], [0.8, 0.0, 0.2]])
    # 0.9 was right once of twice (gap 0.4), 0.2 never (gap 0.2), each half of the reviews
    assert calibration_error(np.array([2, 0, 0, 0]), chances) == pytest.approx(0.5 * 0.4 + 0.5 * 0.2)


def test_stars_and_phrases() -> None:
    assert classes_of(np.array([1.0, 2.0, 2.5, 3.0, 4.0, 5.0])).tolist() == [0, 0, 1, 1, 2, 2]
    assert phrases("不好") == ["不", "好", "不 好"]
