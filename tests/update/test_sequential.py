"""The interval holds at every look, and not by being useless; sample sizes are the textbook's; uneven groups are noticed."""

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy import stats

from core.base.errors import BadInput
from core.update.sequential import Figure, Z, contrast, figure, half_width, mismatch
from core.update.sizing import price_of_looking, size, two_proportions

TRIALS, DAYS, ARRIVALS, PLACES = 400, 28, 25, 10
BASE = 0.08


def looks(effect: float, rng: np.random.Generator) -> tuple[np.ndarray, np.ndarray]:
    """Return what a look at the end of each day would have said, (trials, days) bool: by our interval, by an ordinary one.

    Shoppers differ in how they click (beta) and come back on later days, as in a shop: their places are not independent.
    """
    ours, ordinary = np.zeros((TRIALS, DAYS), bool), np.zeros((TRIALS, DAYS), bool)
    for trial in range(TRIALS):
        arms = [_shoppers(BASE * factor, rng) for factor in (1.0, 1 + effect)]
        for day in range(DAYS):
            control, treatment = (_figure(clicks, places, day) for clicks, places in arms)
            found = contrast(control, treatment, BASE * 0.1)
            spread = Z * math.sqrt(control.variance + treatment.variance)
            ours[trial, day] = found.decided
            ordinary[trial, day] = abs(found.value) > spread
    return ours, ordinary


def _shoppers(rate: float, rng: np.random.Generator) -> tuple[np.ndarray, np.ndarray]:
    """Return clicks and places of each shopper up to each day, (shoppers, days) both."""
    many = ARRIVALS * DAYS
    first = np.repeat(np.arange(DAYS), ARRIVALS)
    came = (rng.random((many, DAYS)) < 0.15) & (np.arange(DAYS) > first[:, None])
    came[np.arange(many), first] = True
    chance = rng.beta(2, 2 / rate - 2, many)
    clicks = rng.binomial(PLACES * came, chance[:, None])
    return clicks.cumsum(axis=1), (PLACES * came).cumsum(axis=1)


def _figure(clicks: np.ndarray, places: np.ndarray, day: int) -> Figure:
    there = places[:, day] > 0
    found = figure(clicks[there, day], places[there, day])
    assert found is not None
    return found


def test_looking_every_day_at_two_equal_arms_sees_a_difference_in_at_most_one_trial_of_twenty() -> None:
    ours, ordinary = looks(0.0, np.random.default_rng(7))
    assert ours.any(axis=1).mean() <= 0.05
    assert ordinary.any(axis=1).mean() > 0.15  # what the interval is for
    assert ordinary[:, -1].mean() < 0.09  # the ordinary one is sound for one look


def test_a_true_difference_is_found_and_its_sign_is_right() -> None:
    ours, _ = looks(0.5, np.random.default_rng(7))
    assert ours.any(axis=1).mean() > 0.9


def test_a_ratio_and_its_variance_by_hand() -> None:
    """Two shoppers with 1 of 2 and 1 of 4: rate 2/6; residuals 1 − 2/3 and 1 − 4/3, each a third; 2 · 2 · (1/9) ÷ 36."""
    found = figure(np.array([1, 1]), np.array([2, 4]))
    assert found is not None
    assert (found.shoppers, found.hits, found.of, found.rate) == (2, 2.0, 6.0, pytest.approx(1 / 3))
    assert found.variance == pytest.approx(2 * (2 / 9) / 36)


def test_of_ones_and_zeros_it_is_the_binomial_variance() -> None:
    found = figure(np.repeat([1, 0], [30, 70]), np.ones(100))
    assert found is not None
    assert found.variance == pytest.approx(0.3 * 0.7 / 99)


def test_nothing_shown_is_no_figure_and_too_few_give_no_interval() -> None:
    assert figure(np.zeros(0), np.zeros(0)) is None
    few = Figure(99, 50, 99, 50 / 99, 0.001)
    assert contrast(few, Figure(200, 90, 200, 0.45, 0.001), 0.05).low is None


@given(st.floats(1e-8, 1e-2), st.floats(1e-4, 0.5))
def test_the_interval_is_always_wider_than_an_ordinary_one(variance: float, tau: float) -> None:
    assert half_width(variance, tau) > Z * math.sqrt(variance)


@given(st.floats(1e-8, 1e-2), st.floats(1e-4, 0.5), st.floats(1.01, 10))
def test_more_shoppers_never_widen_it(variance: float, tau: float, more: float) -> None:
    assert half_width(variance / more, tau) < half_width(variance, tau)


def test_the_mixture_is_one_over_alpha_at_the_edge() -> None:
    """The likelihood ratio under a normal mixture, worked by integrating over the mixture, is 1/α where the interval ends."""
    variance, tau = 0.0004, 0.03
    edge = half_width(variance, tau)
    grid = np.linspace(-10 * tau, 10 * tau, 200_001)
    ratio = np.exp((edge * grid - grid**2 / 2) / variance) * stats.norm.pdf(grid, 0, tau)
    assert ratio.sum() * (grid[1] - grid[0]) == pytest.approx(1 / 0.05, rel=1e-4)


def test_sample_sizes_are_those_of_the_textbook() -> None:
    """R: power.prop.test(p1 = 0.10, p2 = 0.12, power = 0.8) gives n = 3840.847 a group; p1 = 0.5, p2 = 0.75: 57.67344."""
    assert two_proportions(0.10, 0.2) / 2 == pytest.approx(3840.847, abs=0.01)
    assert two_proportions(0.50, 0.5) / 2 == pytest.approx(57.67344, abs=0.01)
    assert size(0.10, 0.2, per_shopper=10, design=2).once == math.ceil(2 * 3840.847 / 5)


def test_half_the_effect_takes_about_four_times_the_shoppers_and_an_uneven_split_more() -> None:
    assert two_proportions(0.05, 0.05) / two_proportions(0.05, 0.1) == pytest.approx(4, rel=0.05)
    assert two_proportions(0.05, 0.1, 0.1) > 2.5 * two_proportions(0.05, 0.1, 0.5)


def test_leave_to_look_at_any_time_costs_shoppers_and_keeps_the_power() -> None:
    """At the size for any time, an estimate around the true change clears the interval with chance 0.8."""
    assert 1.5 < price_of_looking() < 2.5
    variance = 1 / (price_of_looking() * (Z + stats.norm.ppf(0.8)) ** 2)
    assert stats.norm.sf((half_width(variance, 1.0) - 1) / math.sqrt(variance)) == pytest.approx(0.8, abs=1e-6)


@pytest.mark.parametrize(("base", "effect"), [(0.0, 0.1), (1.0, 0.1), (0.9, 0.2), (0.5, 0.0)])
def test_a_change_that_cannot_be_is_refused(base: float, effect: float) -> None:
    with pytest.raises(BadInput, match="no change that can be found"):
        two_proportions(base, effect)


@given(st.integers(0, 5000), st.integers(0, 5000), st.floats(0.05, 0.95))
def test_the_mismatch_is_the_chi_square_test(control: int, treatment: int, share: float) -> None:
    total = control + treatment
    if total:
        expected = stats.chisquare([control, treatment], [total * (1 - share), total * share]).pvalue
        assert mismatch(control, treatment, share) == pytest.approx(expected, abs=1e-9)
