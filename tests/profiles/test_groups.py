"""Tree, identity, edits, RFM, audiences, comparison, moves and relations: by hand, as properties, and against plain SQL."""

import csv
import io
import json
from collections.abc import Callable
from datetime import datetime
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import settings as hypothesis_settings
from hypothesis import strategies as st

from core.base.db import Store, memory_store
from core.base.errors import BadInput
from core.base.settings import Settings
from core.profiles import audience, compare, edits, fits, identity, movement, rfm, social, stability, tree
from core.profiles import segments as seg
from core.profiles.behaviour import rebuild_shoppers
from core.profiles.conditions import Condition
from core.profiles.edits import Action, Edit, fold
from core.profiles.measures import measure_sql, read_shop
from core.profiles.profile import profile
from core.profiles.rollups import rebuild_rollups
from core.profiles.shopper import shopper
from tests.profiles.shop import Row, act, item, load, load_online_retail
from tests.profiles.test_segments import build, two_kinds

NOW = datetime(2026, 1, 1)


@pytest.fixture
def shop(store: Store, settings: Settings) -> Store:
    """Forty shoppers of two kinds, one who came once, and a robot."""
    robot = [act("robot", "i1", f"2024-01-03 10:00:{n % 60:02d}.{n:03d}", "view") for n in range(120)]
    build(store, settings, *two_kinds(), act("once", "i1", "2024-01-01", "view"), *robot)
    return store


def test_a_robot_is_in_no_group_and_said_so(shop: Store) -> None:
    fit = fits.fit_report(shop)
    assert (fit.shoppers, fit.left_out, fit.robots) == (40, 1, 1)
    assert fits.left_out(shop)["user_id"].tolist() == ["robot"]
    for table in ("members", "placed", "rfm"):
        assert shop.value(f"SELECT count(*) FROM {table} WHERE user_id = 'robot'") == 0
    found = shopper(shop, "robot")
    assert (found.segment, found.robot) == (None, "less than 1 s between events")


def test_who_was_not_clustered_is_placed_by_the_tree(shop: Store) -> None:
    found = shopper(shop, "once")
    assert found.by_rule
    grown = seg.the_tree(shop)
    assert grown is not None
    alone = shop.df("SELECT * FROM shoppers WHERE user_id = 'once'")
    assert found.segment_id == tree.place(grown.root, alone)[0]
    assert seg.report(shop).placed == 1
    assert not shopper(shop, "buyer1").by_rule


def test_coverage_precision_and_fidelity_agree_with_plain_sql(shop: Store) -> None:
    grown = seg.the_tree(shop)
    assert grown is not None
    right = shop.value(f"SELECT avg((segment_id = {tree.place_sql(grown.root)})::INT) FROM members JOIN shoppers USING (user_id)")
    assert grown.fidelity == pytest.approx(right)
    for one in seg.segments(shop):
        assert one.rules
        for rule in one.rules:
            where = " AND ".join(
                f"{each.feature} {'<=' if each.operator == '≤' else '>'} {each.value!r}" for each in rule.conditions
            )
            among = f"members JOIN shoppers USING (user_id) WHERE {where}"
            met, inside = shop.rows(f"SELECT count(*), count_if(segment_id = {one.segment_id}) FROM {among}")[0]
            assert (rule.size, rule.precision) == (met, pytest.approx(inside / met))
            assert rule.coverage == pytest.approx(inside / one.size)


columns = st.sampled_from(["orders", "recency_days", "monetary"])


@hypothesis_settings(max_examples=30, deadline=None)
@given(
    st.lists(st.tuples(*(st.one_of(st.none(), st.floats(0, 50)) for _ in range(3)), st.integers(1, 3)), min_size=30, max_size=80),
    st.integers(0, 9),
)
def test_a_tree_places_in_sql_as_in_python_and_its_leaves_hold_everyone_once(
    rows: list[tuple[float | None, ...]], seed: int
) -> None:
    frame = pd.DataFrame({name: [np.nan] * len(rows) for name in tree.QUESTIONS})
    for place, name in enumerate(("orders", "recency_days", "monetary")):
        frame[name] = [np.nan if row[place] is None else row[place] for row in rows]
    ids = np.array([row[3] for row in rows])
    root = tree._best(frame, ids, seed)
    placed = tree.place(root, frame)
    store = memory_store()
    with store.cursor() as cursor:
        cursor.register("shop", frame.assign(n=range(len(frame))))
        told = cursor.execute(
            f"SELECT {tree.place_sql(root)} FROM (SELECT * REPLACE ({_nulls()}) FROM shop) ORDER BY n"
        ).fetchall()
    store.close()
    assert [one for (one,) in told] == placed.tolist()
    ends = list(tree.leaves(root))
    assert sum(leaf.size for _, leaf in ends) == len(frame)
    assert all(len(path) <= tree.DEPTH for path, _ in ends)
    assert tree.read_node(json.loads(tree.Tree(root, 0, 0).as_json())) == root
    agree = sum(leaf.size * leaf.share for _, leaf in ends)
    assert agree == pytest.approx((placed == ids).sum())
    sizes = {int(one): int((ids == one).sum()) for one in np.unique(ids)}
    for one, said in tree.rules(root, sizes).items():
        assert sum(rule.coverage for rule in said) * sizes[one] == pytest.approx(((placed == one) & (ids == one)).sum())


def _nulls() -> str:
    return ", ".join(f"if(isnan({name}), NULL, {name}) AS {name}" for name in tree.QUESTIONS)


@given(st.floats(-1e6, 1e6), st.floats(1e-3, 1e6))
def test_a_rounded_threshold_still_divides(below: float, gap: float) -> None:
    assert below <= tree.rounded(below, below + gap) < below + gap


def test_a_group_that_moved_less_than_half_way_to_its_sibling_is_the_same() -> None:
    centres = np.array([[0.0, 0.0], [10.0, 0.0], [0.0, 30.0]])
    assert identity.match(centres, centres[[2, 0, 1]] + [0.0, 4.0]) == [(0, 1), (1, 2), (2, 0)]
    assert identity.match(centres, np.array([[5.0, 0.0]])) == [], "exactly half-way is neither"
    assert identity.match(centres, np.array([[100.0, 100.0]])) == []


@given(st.permutations(range(5)), st.integers(0, 99))
def test_groups_keep_their_ids_whatever_their_order(order: list[int], seed: int) -> None:
    rng = np.random.default_rng(seed)
    centres = rng.normal(size=(5, 3)) * 10
    pairs = identity.match(centres, centres[order])
    assert sorted(pairs) == sorted((new, order.index(new)) for new in range(5))


def test_names_ids_and_edits_survive_a_refit_on_more_data(shop: Store, settings: Settings) -> None:
    before = {one.segment_id: one.name for one in seg.segments(shop)}
    first = next(iter(before))
    edits.rename(shop, first, "Our best", NOW)
    edits.pin(shop, list(before)[-1], True, NOW)
    assert seg.rebuild_segments(shop, settings)
    load(shop, *(act(f"buyer{n}", "i1", "2024-01-06 19:30", "view") for n in range(6)))
    rebuild_rollups(shop)
    rebuild_shoppers(shop)
    seg.rebuild_segments(shop, settings)
    after = {one.segment_id: one.name for one in seg.segments(shop)}
    assert after == {**before, first: "Our best"}
    assert seg.segments(shop)[0].segment_id == list(before)[-1], "pinned comes first"
    fitted = identity.history(shop)
    assert fitted.groupby("cluster_id").size().tolist() == [2] * len(before)
    assert len(edits.audit(shop)) == 2


def test_a_merge_shows_one_group_with_both_and_a_split_takes_it_back(store: Store, settings: Settings) -> None:
    weekend = [
        act(f"sun{n}", f"i{n % 5}", f"2024-01-0{day} 14:{n:02d}", "purchase", price=90.0) for n in range(20) for day in (6, 7)
    ]
    build(store, settings, *two_kinds(), *weekend)
    before = {one.segment_id: one.size for one in seg.segments(store)}
    assert len(before) >= 2
    one, other = list(before)[:2]
    edits.merge(store, other, one, NOW)
    seg.rebuild_segments(store, settings)
    merged = {each.segment_id: each.size for each in seg.segments(store)}
    assert merged == {**{n: size for n, size in before.items() if n not in {one, other}}, one: before[one] + before[other]}
    assert store.value("SELECT count(*) FROM members WHERE segment_id = ?", [one]) == merged[one]
    edits.split(store, one, NOW)
    seg.rebuild_segments(store, settings)
    assert {each.segment_id: each.size for each in seg.segments(store)} == before


number = st.integers(1, 4)
an_edit = st.one_of(
    st.builds(lambda a, b: Edit(Action.MERGE, a, b), number, number).filter(lambda e: e.subject != e.value),
    st.builds(lambda a: Edit(Action.SPLIT, a), number),
    st.builds(lambda a: Edit(Action.PIN, a), number),
    st.builds(lambda a, name: Edit(Action.RENAME, a, name), number, st.text(max_size=3)),
)


@given(st.lists(an_edit, max_size=12))
def test_a_merged_segment_ends_in_one_that_is_not_merged_itself(made: list[Edit]) -> None:
    now = fold(made)
    for one in range(1, 5):
        assert now.final(now.final(one)) == now.final(one)
    renamed = [edit for edit in made if edit.action is Action.RENAME]
    assert now.names == {edit.subject: edit.value for edit in renamed}


def test_edits_that_cannot_be_made_say_why(shop: Store) -> None:
    listed = seg.segments(shop)
    with pytest.raises(BadInput, match="taken"):
        edits.rename(shop, listed[0].segment_id, listed[1].name.upper(), NOW)
    with pytest.raises(BadInput, match="1 to 60"):
        edits.rename(shop, listed[0].segment_id, "  ", NOW)
    with pytest.raises(BadInput, match="no longer there"):
        edits.pin(shop, 99, True, NOW)
    with pytest.raises(BadInput, match="itself"):
        edits.merge(shop, listed[0].segment_id, listed[0].segment_id, NOW)
    with pytest.raises(BadInput, match="nothing to split"):
        edits.split(shop, listed[0].segment_id, NOW)
    with pytest.raises(BadInput, match="at least one condition"):
        edits.define(shop, "All", [], NOW)
    assert edits.audit(shop).empty


def test_stability_is_high_for_blobs_and_low_for_noise() -> None:
    rng = np.random.default_rng(7)
    blobs = np.concatenate([rng.normal(centre, 0.1, (40, 2)) for centre in (0, 5, -5)])
    assert min(stability.stability(blobs, np.repeat([0, 1, 2], 40), 7, 5)) == 1.0
    noise = rng.uniform(size=(200, 6))
    labels = (noise[:, 0] > 0.5).astype(int)
    assert np.mean(stability.stability(noise, labels, 7, 5)) < 0.5
    assert stability.stability(noise, labels, 7, 3) == stability.stability(noise, labels, 7, 3)


def test_rfm_by_hand(store: Store, settings: Settings) -> None:
    """Ten buyers, each a day later than the last: b9 bought four times for 40, b8 twice for 20, b7 for 15, the others for 10."""
    rows = [act(f"b{n}", "i", f"2024-01-{n + 1:02d} 10:00", "purchase", price=15.0 if n == 7 else 10.0) for n in range(10)]
    rows += [act("b9", "i", f"2024-01-0{day} 10:00", "purchase", price=10.0) for day in (1, 2, 3)]
    rows += [act("b8", "i", "2024-01-01 10:00", "purchase", price=10.0), act("looker", "i", "2024-01-10", "view")]
    build(store, settings, *rows)
    scored = {row[0]: row[1:] for row in store.rows("SELECT user_id, r, f, m, fm, name, days FROM rfm")}
    assert scored["b9"] == (5, 5, 5, 5, "Champions", 0.0)
    assert scored["b8"] == (5, 5, 5, 5, "Champions", 1.0)
    assert scored["b7"] == (4, 1, 4, 3, "Potential loyalists", 2.0), "the mean of 1 and 4 is rounded up"
    assert scored["b6"] == (4, 1, 1, 1, "Promising", 3.0)
    assert scored["b0"] == (1, 1, 1, 1, "Lost", 9.0)
    assert "looker" not in scored
    assert {name for names in rfm.GRID.values() for name in names} == set(rfm.NAMES)


def test_the_cross_table_counts_every_member_once(shop: Store) -> None:
    table = rfm.cross(shop)
    assert table["shoppers"].sum() == shop.value("SELECT count(*) FROM members")
    assert rfm.sizes(shop)["buyers"].sum() == shop.value(
        "SELECT count(DISTINCT user_id) FROM events WHERE event_type = 'purchase'"
    )


def test_an_audience_is_whoever_meets_every_condition(shop: Store, settings: Settings) -> None:
    conditions = [Condition("orders", "≥", 2), Condition("evening_share", ">", 0.5)]
    assert audience.count(shop, conditions) == shop.value(
        "SELECT count(*) FROM shoppers WHERE orders >= 2 AND evening_share > 0.5 AND user_id <> 'robot'"
    )
    assert audience.count(shop, [Condition("events", "≥", 1)]) == 41, "all but the robot"
    assert audience.count(shop, [Condition("order_gap_days", "≥", 0)]) == 20, "not known of who never ordered twice"
    own = edits.define(shop, "Evening buyers", conditions, NOW)
    found = {group.key: group for group in audience.groups(shop)}
    assert (found[f"own:{own}"].size, found[f"own:{own}"].rule) == (20, "Orders ≥ 2, Evening share > 50%")
    edits.remove(shop, own, NOW)
    with pytest.raises(BadInput, match="no longer there"):
        audience.choose(shop, f"own:{own}")
    for wrong in ("segment:x", "rfm:Kings", "own:", "'; DROP TABLE events"):
        with pytest.raises(BadInput):
            audience.choose(shop, wrong)


def test_an_export_holds_every_shopper_and_runs_no_formula(store: Store, settings: Settings) -> None:
    rows = two_kinds()
    names = [Row("users", {"user_id": "buyer1", "name": '=HYPERLINK("x")', "country": "a,\nb", "import_id": 1})]
    build(
        store,
        settings,
        *rows,
        *names,
        act("=cmd()", "i1", "2024-01-05 19:00", "view"),
        act("=cmd()", "i1", "2024-01-06 19:00", "view"),
    )
    made = audience.export_by(store, (("events", "≥", 1.0),))
    read = list(csv.DictReader(io.StringIO(made.content.decode("utf-8-sig"), newline="")))
    assert made.rows == len(read) == store.value("SELECT count(*) FROM shoppers")
    by_id = {row["user_id"]: row for row in read}
    assert "'=cmd()" in by_id
    assert by_id["buyer1"]["name"].startswith("'=")
    assert by_id["buyer1"]["country"] == "a,\nb"
    for one in audience.groups(store):
        assert audience.export_group(store, one.key).rows == one.size


def test_two_groups_side_by_side_agree_with_plain_sql(shop: Store) -> None:
    one, other = (f"segment:{each.segment_id}" for each in seg.segments(shop)[:2])
    found = compare.compare(shop, one, other)
    told = found.features.set_index("feature")
    for side, key in (("left", one), ("right", other)):
        number = key.split(":")[1]
        for feature in ("orders", "monetary", "evening_share"):
            plain = shop.value(f"SELECT avg({feature}) FROM shoppers JOIN members USING (user_id) WHERE segment_id = {number}")
            assert told.loc[feature, side] == pytest.approx(plain)
    assert found.left.size == shop.value(f"SELECT count(*) FROM members WHERE segment_id = {one.split(':')[1]}")
    assert found.both == 0
    assert compare.compare(shop, one, one).both == found.left.size
    assert (compare.compare(shop, one, one).features["effect"].dropna() == 0).all()


def test_measuring_as_of_a_date_is_measuring_a_log_that_ends_there(store: Store, settings: Settings) -> None:
    rows = two_kinds()
    cut = datetime(2024, 1, 4, 12)
    build(store, settings, *rows)
    early = memory_store()
    load(early, *(row for row in rows if str(row.values["ts"]) < "2024-01-04 12"))
    rebuild_rollups(early)
    rebuild_shoppers(early)
    shift = (cut - early.value("SELECT max(last_ts) FROM shoppers")).total_seconds() / 86400
    expected = early.df("SELECT * FROM shoppers ORDER BY user_id")
    known = read_shop(store)
    got = store.df(measure_sql(known, as_of=True), {"now": cut, "categories": known.categories, "version": 1})
    assert got["user_id"].tolist() == expected["user_id"].tolist()
    for column in ("events", "orders", "sessions", "monetary", "span_days", "evening_share", "weekend_share", "active_days"):
        assert got[column].astype(float).to_numpy() == pytest.approx(expected[column].astype(float).to_numpy(), nan_ok=True), (
            column
        )
    assert got["recency_days"].to_numpy() == pytest.approx(expected["recency_days"].to_numpy() + shift)
    early.close()


def test_moves_hold_every_member_once_and_nobody_moves_in_no_time(shop: Store) -> None:
    moved = movement.movement(shop, 3)
    assert moved is not None
    assert moved.flows["shoppers"].sum() == shop.value("SELECT count(*) FROM members")
    new = shop.value("SELECT count(*) FROM shoppers JOIN members USING (user_id) WHERE first_ts > ?", [moved.cut])
    assert moved.flows.loc[moved.flows["source"] == movement.NOT_YET, "shoppers"].sum() == new == 20
    same = movement.placed_at(shop, shop.value("SELECT max(last_ts) FROM shoppers")).set_index("user_id")["source"]
    now = dict(shop.rows("SELECT user_id, segment_id FROM members"))
    assert {user: int(same[user]) for user in now} == now
    assert same["once"] == movement.TOO_FEW
    assert movement.movement(shop, 400) is None


def test_friends_are_read_in_both_directions(store: Store, settings: Settings) -> None:
    edges = [
        Row("social", {"user_id": a, "friend_id": b, "weight": w, "import_id": 1})
        for a, b, w in (("u", "v", 2.0), ("w", "u", 5.0), ("v", "u", 2.0), ("u", "u", 1.0))
    ]
    shelf = [item("a", category="home"), item("b", category="toys")]
    bought = [act(user, thing, "2024-01-01", "purchase") for user, thing in (("u", "a"), ("v", "a"), ("v", "b"))]
    build(store, settings, *edges, *shelf, *bought)
    close = social.relations(store, "u")
    assert (close.by_edges, close.degree) == (True, 2)
    assert close.people[["user_id", "shared", "overlap"]].values.tolist() == [["w", 0, 0.0], ["v", 1, 0.5]]
    assert close.categories[["category", "theirs", "own"]].values.tolist() == [["home", 0.5, 1.0], ["toys", 0.5, 0.0]]


def test_without_friends_the_neighbours_are_who_bought_the_same(store: Store, settings: Settings) -> None:
    baskets = {"u": "abc", "near": "abcd", "half": "ab", "far": "a", "other": "xyz"}
    build(store, settings, *(act(user, thing, "2024-01-01", "purchase") for user, things in baskets.items() for thing in things))
    close = social.relations(store, "u")
    assert (close.by_edges, close.degree) == (False, 2)
    assert close.people[["user_id", "shared", "overlap"]].values.tolist() == [
        ["near", 3, 0.75],
        ["half", 2, pytest.approx(2 / 3)],
    ]
    told = profile(store, "u", 30).as_json()["relations"]
    assert told["kind"] == "co-purchase neighbours"


@pytest.mark.realdata
def test_neighbours_and_rfm_of_a_real_shop_agree_with_plain_sql(
    store: Store, settings: Settings, realdata: Callable[[str], Path]
) -> None:
    load_online_retail(store, realdata("online_retail/online_retail.csv.gz"))
    build(store, settings)
    close = social.relations(store, "12748", 5)
    for row in close.people.itertuples():
        shared = store.value(
            "SELECT count(DISTINCT a.item_id) FROM events a JOIN events b USING (item_id) JOIN catalogue c USING (item_id) "
            "WHERE a.user_id = '12748' AND b.user_id = ? AND a.event_type = 'purchase' AND b.event_type = 'purchase' "
            "AND hidden IS NULL",
            [row.user_id],
        )
        assert row.shared == shared
    plain = store.df(
        "SELECT user_id, max(ts) AS last, count(DISTINCT order_id) AS n FROM events WHERE event_type = 'purchase' GROUP BY 1"
    )
    plain["r"] = 1 + 5 * (plain["last"].rank(method="min").astype(int) - 1) // len(plain)
    plain["f"] = 1 + 5 * (plain["n"].rank(method="min").astype(int) - 1) // len(plain)
    got = store.df("SELECT user_id, r, f FROM rfm").merge(plain, on="user_id")
    assert len(got) == len(plain)
    assert (got["r_x"] == got["r_y"]).all()
    assert (got["f_x"] == got["f_y"]).all()
