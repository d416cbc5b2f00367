"""The α curve: the evaluation's own figures at every α, bands that hold them, and advice that does not trust luck."""

import math

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.base.db import Store
from core.base.schema import Col
from core.base.settings import Settings
from core.base.workspace import Workspace
from core.score.index import Index
from core.train import alpha_curve as curves
from core.train.alpha_curve import ALPHAS, AlphaCurve, Curve, Line, alpha_curve, kept, measure, place
from core.train.evaluate import measure as judge
from core.train.names import Protocol
from core.train.protocol import Part, split
from core.train.scorer import blended
from core.train.served import Served
from core.train.snapshot import Snapshot
from core.train.trade_off import LEAST, advice, advise, as_json, lines, trade
from core.train.zero_shot import ZeroShot

NOBODY = pd.DataFrame({Col.USER: [], Col.SEGMENT: [], Col.NAME: []})


@pytest.fixture
def asked(snapshot: Snapshot) -> Served:
    cut = split(snapshot.acts, Protocol.LEAVE_LAST_ONE)
    model = ZeroShot(snapshot, 0.7)
    model.fit(cut.train(), None)
    return Served(model, snapshot, cut, "Zero-shot")


@pytest.mark.parametrize("alpha", [0.0, 0.35, 0.7, 1.0])
def test_at_every_alpha_the_curve_is_the_evaluation(asked: Served, alpha: float) -> None:
    found = measure(asked, {}, NOBODY, k=3)
    model = ZeroShot(asked.snapshot, alpha)
    model.fit(asked.cut.train(), None)
    judged = judge(model, asked.snapshot, asked.cut, k=3, part=Part.VALID)
    at = place(alpha)
    assert (found.asked, found.of, found.k) == (judged.users, judged.of, 3)
    for name, line in (("ndcg", found.everyone.ndcg), ("coverage", found.everyone.coverage), ("novelty", found.everyone.novelty)):
        assert line.value[at] == pytest.approx(judged.metrics[name])
        assert line.low[at] <= line.value[at] <= line.high[at]


def test_quality_alone_shows_everyone_the_same_and_taste_shows_more(asked: Served) -> None:
    coverage = measure(asked, {}, NOBODY, k=2).everyone.coverage.value
    assert coverage[0] < coverage[-1]


def test_segments_split_the_questions_and_prices_are_means_of_what_is_known(asked: Served) -> None:
    users = asked.snapshot.shoppers[Col.USER].tolist()
    odd = [int(user[1:]) % 2 for user in users]
    names = [("Tea people", "Garden people")[one] for one in odd]
    members = pd.DataFrame({Col.USER: users, Col.SEGMENT: [one + 4 for one in odd], Col.NAME: names})
    prices = {f"tea-{number}": 2.0 for number in range(8)} | {f"garden-{number}": 6.0 for number in range(7)}
    found = measure(asked, prices, members, k=3)
    by_name = {curve.name: curve for curve in found.segments}
    assert {curve.segment_id for curve in found.segments} == {4, 5}
    assert sum(curve.questions for curve in found.segments) == found.everyone.questions
    assert by_name["Tea people"].price is not None
    assert by_name["Garden people"].price is not None
    assert by_name["Tea people"].price.value[-1] == pytest.approx(2.0)  # by taste alone, tea people see tea
    assert by_name["Garden people"].price.value[-1] == pytest.approx(6.0)
    assert found.everyone.price is not None
    assert measure(asked, {}, NOBODY, k=3).everyone.price is None


def test_the_curve_is_kept_until_something_changes(
    shop: Store, index: Index, settings: Settings, workspace: Workspace, asked: Served, monkeypatch: pytest.MonkeyPatch
) -> None:
    """All of the tiny log lies within days, so it cannot be split in time: it is asked by leaving out the last."""
    monkeypatch.setattr(curves, "served", lambda settings, take: asked)
    assert kept(shop, settings) is None
    first = alpha_curve(shop, index, settings, workspace)
    assert kept(shop, settings) == first
    assert alpha_curve(shop, index, settings, workspace) == first
    assert kept(shop, settings.model_copy(update={"half_life_days": 3.0})) is None
    assert first.run is None


def test_blend_by_hand() -> None:
    r = blended(np.array([[0.5, -1.0]], np.float32), np.array([1.0, 1.0], np.float32), 0.75)
    assert r.tolist() == [[0.625, -0.75]]


@given(st.lists(st.floats(0, 1), min_size=2, max_size=30), st.floats(0, 1))
def test_a_margin_is_none_with_itself_and_the_same_both_ways_round_but_for_the_bound(gains: list[float], slope: float) -> None:
    gained = np.array(gains)[:, None] * np.linspace(0, slope, len(ALPHAS))[None, :]
    draws = np.random.default_rng(1).multinomial(len(gains), np.full(len(gains), 1 / len(gains)), 50).astype(np.float32)
    margin = np.array(curves._margin(gained, draws))
    assert (np.diag(margin) == 0).all()
    assert (margin >= 0).all()


def line(*at: tuple[float, float], rest: float) -> Line:
    value = [rest] * len(ALPHAS)
    for alpha, other in at:
        value[place(alpha)] = other
    return Line(tuple(value), tuple(value), tuple(value))


def curve(margin: float, *, questions: int = 100, segment: int | None = 1, price: Line | None = None) -> Curve:
    """NDCG 0.40 everywhere but 0.50 at α 0.3; coverage 0.25 everywhere but 0.20 at α 0.3."""
    widths = tuple(tuple(0.0 if i == j else margin for j in range(len(ALPHAS))) for i in range(len(ALPHAS)))
    ndcg, coverage = line((0.3, 0.5), rest=0.4), line((0.3, 0.2), rest=0.25)
    return Curve("Tea people", segment, questions, ndcg, coverage, line(rest=1.0), price, widths)


def test_the_best_is_suggested_where_it_is_more_than_chance() -> None:
    found = advise(curve(0.05), 0.7)
    assert found.suggested == 0.3
    assert found.sentence == "0.30 instead of 0.70: 0.100 more NDCG costs breadth: 20% less of the catalogue shown."
    assert advise(curve(0.11), 0.7).suggested == 0.7
    assert "may be luck (NDCG +0.100, -0.010 to +0.210)" in advise(curve(0.11), 0.7).sentence
    assert advise(curve(0.05), 0.3).sentence == "No other α does better than 0.30."


def test_a_small_segment_gets_no_suggestion_of_its_own() -> None:
    found = advise(curve(0.05, questions=LEAST - 1), 0.7)
    assert (found.suggested, found.now) == (0.7, 0.7)
    assert "Too few questions" in found.sentence
    assert advise(curve(0.05, questions=LEAST - 1, segment=None), 0.7).suggested == 0.3  # the whole shop is what there is


def test_a_trade_is_told_with_its_price_and_its_doubt() -> None:
    dearer = line((0.7, 12.0), rest=10.0)
    told = trade(curve(0.05, price=dearer), 0.3, 0.7)
    assert told == "0.100 less NDCG buys 25% more of the catalogue shown; the mean price is 20% higher."
    assert trade(curve(0.2), 0.3, 0.7).startswith("0.100 less NDCG (may be chance) buys")
    assert trade(curve(0.2), 0.7, 0.8) == "The same NDCG and as much of the catalogue shown."
    assert trade(curve(0.2), 0.7, 0.71) == "What there is now."


def test_segments_are_advised_beside_the_suggestion_for_the_shop() -> None:
    everyone = curve(0.05, segment=None)
    found = AlphaCurve("Zero-shot", None, 0.7, 1, 10, 100, 100, everyone, (curve(0.05, segment=4),))
    shop, (tea, empty) = advice(found, 0.7, [(4, "Tea people"), (5, "Others")])
    assert (shop.now, shop.suggested, tea.now, tea.suggested) == (0.7, 0.3, 0.3, 0.3)
    assert (empty.questions, empty.suggested) == (0, 0.3)
    told = as_json(found, 0.7, [(4, "Tea people"), (5, "Others")])
    assert told["suggested"] == 0.3
    assert len(told["ndcg"]) == len(told["alpha"]) == len(told["intervals"]["ndcg"]) == 21
    assert told["price"] is None
    assert "prices are not known" in told["notes"][0]
    assert [one["segment"] for one in told["segments"]] == [4, 5]
    assert "<- now" in "\n".join(lines(found, 0.7, [(4, "Tea people")]))
    assert math.isclose(told["segments"][0]["ndcg"][6], 0.5)
