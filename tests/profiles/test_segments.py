"""Segments on shops whose groups are known, their words, and the honest states where there are none."""

from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.base.db import Store
from core.base.errors import BadInput
from core.base.settings import Settings
from core.profiles import fits
from core.profiles import segments as seg
from core.profiles.behaviour import rebuild_shoppers
from core.profiles.clustering import cluster
from core.profiles.naming import ADJECTIVES, NOUNS, PLAIN, Character, name_all, strength
from core.profiles.rollups import rebuild_rollups
from core.profiles.scaling import INGREDIENTS, fit_scales, standardise, weigh
from tests.profiles.shop import Row, act, load, load_online_retail


def two_kinds(each: int = 20) -> list[Row]:
    """``each`` shoppers who buy on many weekday evenings, and as many who looked around once on a Sunday morning."""
    rows = []
    for n in range(each):
        for day in range(1, 6):
            for minute in range(3):
                rows.append(act(f"buyer{n}", f"i{n % 7}", f"2024-01-0{day} 19:{n % 20 + minute}", "view"))
            rows.append(act(f"buyer{n}", f"i{n % 7}", f"2024-01-0{day} 19:{n % 20 + 5}", "purchase", price=10.0 + n % 5))
        for minute in range(3):
            rows.append(act(f"looker{n}", f"i{(n + minute) % 9}", f"2024-01-07 09:{n % 20 + minute:02d}", "view"))
    return rows


def build(store: Store, settings: Settings, *rows: Row) -> None:
    load(store, *rows)
    rebuild_rollups(store)
    rebuild_shoppers(store)
    seg.rebuild_segments(store, settings)


def test_two_kinds_of_shoppers_are_told_apart_and_named_after_what_they_do(store: Store, settings: Settings) -> None:
    build(store, settings, *two_kinds())
    kinds = store.rows(
        "SELECT DISTINCT regexp_extract(user_id, '[a-z]+'), g.name FROM members JOIN segments g USING (segment_id) ORDER BY ALL"
    )
    names = {name: kind for kind, name in kinds}
    assert len(names) == len(kinds), "no segment holds both kinds"
    assert all("oyal" in name or "eturning" in name or "buyers" in name for name, kind in names.items() if kind == "buyer"), names


def test_sizes_shares_and_members_agree_with_the_tables(store: Store, settings: Settings) -> None:
    build(store, settings, *two_kinds(), act("once", "i1", "2024-01-01", "view"))
    found, fit = seg.segments(store), seg.fit_report(store)
    assert (fit.state, fit.shoppers, fit.left_out, fit.k) == (fits.FITTED, 40, 1, len(found))
    assert sum(one.size for one in found) == 40
    assert sum(one.share for one in found) == pytest.approx(1)
    assert [one.size for one in found] == sorted((one.size for one in found), reverse=True)
    for one in found:
        listed = seg.members(store, one.segment_id, limit=None)
        assert len(listed) == one.size
        assert listed["distance"].is_monotonic_increasing
    assert len(seg.members(store, 1, limit=3)) == 3
    assert len(seg.scatter(store, 10)) == 10


def test_every_number_of_a_portrait_is_a_mean_in_the_store(store: Store, settings: Settings) -> None:
    build(store, settings, *two_kinds())
    for one in seg.segments(store):
        for out in one.standouts:
            column = out.feature.name
            ((value, shop),) = store.rows(
                f"SELECT avg({column}) FILTER (segment_id = ?), avg({column}) FROM members JOIN shoppers USING (user_id)",
                [one.segment_id],
            )
            assert (out.value, out.shop) == (pytest.approx(value), pytest.approx(shop))
        assert f"{one.size} shoppers" in one.portrait
        ((money, total),) = store.rows(
            "SELECT sum(monetary) FILTER (segment_id = ?), sum(monetary) FROM members JOIN shoppers USING (user_id)",
            [one.segment_id],
        )
        assert f"with {money / total * 100:.0f}% of the revenue" in one.portrait


def test_the_same_data_and_seed_give_the_same_segments(store: Store, settings: Settings) -> None:
    build(store, settings, *two_kinds())
    first = seg.report(store), store.rows("SELECT * FROM members")
    assert not seg.rebuild_segments(store, settings)
    fits._fit(store, settings.seed, store.data_version(), lambda done, message: None)
    seg._state(store, settings.seed, store.data_version())
    seg._tell(store, store.data_version())
    assert (seg.report(store), store.rows("SELECT * FROM members")) == first


def test_too_few_shoppers_say_how_many_are_needed(store: Store, settings: Settings) -> None:
    build(store, settings, *two_kinds(each=5))
    report = seg.report(store)
    assert report.segments == ()
    assert report.fit.state == "Segments need at least 25 shoppers with 2 events each; there are 10."
    assert report.as_json()["segments"] == []


def test_shoppers_who_are_all_alike_are_not_grouped(store: Store, settings: Settings) -> None:
    build(store, settings, *(act(f"u{n}", "a", f"2024-01-0{day}", "purchase") for n in range(40) for day in (1, 2)))
    assert seg.segments(store) == []
    assert "alike" in seg.fit_report(store).state


def test_an_empty_store_and_one_never_built_say_so(store: Store, settings: Settings) -> None:
    assert "not been built" in seg.fit_report(store).state
    build(store, settings)
    assert "there are 0" in seg.fit_report(store).state


def test_an_unknown_segment_is_a_mistake_to_mend(store: Store) -> None:
    with pytest.raises(BadInput, match="no segment 4"):
        seg.members(store, 4)


def test_three_blobs_give_three_groups_whatever_their_order() -> None:
    rng = np.random.default_rng(7)
    blobs = np.concatenate([rng.normal(centre, 0.1, (size, 2)) for centre, size in ((0, 30), (5, 60), (-5, 90))])
    found = cluster(blobs, seed=7)
    assert (found.k, np.bincount(found.labels).tolist()) == (3, [90, 60, 30])
    assert found.silhouette > 0.9
    assert sum(found.explained) == pytest.approx(1)
    shuffled = rng.permutation(len(blobs))
    again = cluster(blobs[shuffled], seed=7)
    assert (again.labels == found.labels[shuffled]).all()


def test_scaling_ignores_what_is_constant_or_mostly_unknown_and_caps_the_tails(store: Store) -> None:
    rows = [act(f"u{n}", "a", f"2024-01-{1 + n % 28:02d}", "view") for n in range(99) for _ in range(1 + n % 3)]
    load(store, *rows, *(act("bot", "a", "2024-01-01", "view") for _ in range(3000)))
    rebuild_rollups(store)
    rebuild_shoppers(store)
    frame = store.df("SELECT * FROM shoppers ORDER BY user_id")
    scales = {scale.column: scale for scale in fit_scales(frame)}
    assert {"events", "recency_days"} <= set(scales)
    assert not {"orders", "mean_rating", "app_share", "active_days"} & set(scales)
    matrix = standardise(frame, tuple(scales.values()))
    assert matrix.mean(axis=0) == pytest.approx(0, abs=1e-9)
    assert matrix.std(axis=0) == pytest.approx(1)
    assert np.abs(matrix).max() < 12
    assert weigh(matrix, tuple(scales.values())).shape[1] == sum(scale.weight > 0 for scale in scales.values())


feature = st.sampled_from([one.column for one in INGREDIENTS])
effect = st.floats(-3, 3)
character = st.builds(Character, st.dictionaries(feature, effect), st.dictionaries(feature, st.floats(0, 20)))


@given(st.lists(character, min_size=1, max_size=10))
def test_names_are_distinct_and_every_word_of_them_is_true(characters: list[Character]) -> None:
    names = name_all(characters)
    assert len(set(names)) == len(names)
    for name, one in zip(names, characters, strict=True):
        noun = next((claim for claim in NOUNS if name.lower().split(" (")[0].endswith(claim.word.lower())), None)
        assert noun is not None or PLAIN.lower() in name.lower()
        if noun is not None:
            assert strength(noun, one) > 0
        before = name.lower().split(" (")[0].removesuffix((noun.word if noun else PLAIN).lower())
        adjective = next((claim for claim in ADJECTIVES if before == f"{claim.word.lower()} "), None)
        if adjective is not None:
            assert strength(adjective, one) > 0


def test_a_name_claims_a_level_only_where_the_level_is_reached() -> None:
    later = Character({"evening_share": 2.0}, {"evening_share": 0.1})
    night = Character({"evening_share": 2.0}, {"evening_share": 0.7})
    assert name_all([later, night]) == ["Late-day everyday shoppers", "Evening everyday shoppers"]


@pytest.mark.realdata
def test_segments_of_a_real_shop_are_several_and_distinct(
    store: Store, settings: Settings, realdata: Callable[[str], Path]
) -> None:
    load_online_retail(store, realdata("online_retail/online_retail.csv.gz"))
    build(store, settings)
    found, fit = seg.segments(store), seg.fit_report(store)
    assert 3 <= len(found) <= 10
    assert len({one.name for one in found}) == len(found)
    assert fit.shoppers + fit.left_out == store.value("SELECT count(DISTINCT user_id) FROM events")
    assert fit.silhouette is not None
    assert fit.silhouette > 0.1
