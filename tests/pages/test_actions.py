"""Next actions: on nothing, by segment, for a shopper, with other assumptions, as a file; and the command."""

import csv
import json
from pathlib import Path

from streamlit.testing.v1 import AppTest
from typer.testing import CliRunner

from core.cli import app as command
from pages.shared import state
from tests.pages.conftest import Open, assert_sound, load, text_of

ACTIONS = "recommend/actions.py"


def paying(app: AppTest) -> str:
    """The number of shoppers with whom an action pays."""
    return next(metric.value for metric in app.metric if metric.label == "Action pays with")


def with_free_contacts(screen: Open) -> AppTest:
    """Save that a contact costs nothing."""
    app = screen(ACTIONS, actions_view="Assumptions")
    app.number_input(key="assume_contact_cost").set_value(0.0).run()
    assert "With the change: **" in text_of(app)
    app.button(key="save_assumed").click().run()
    assert_sound(app)
    return app


def test_nothing_built_offers_to_begin(home: Path, screen: Open) -> None:
    assert screen(ACTIONS).button(key="load_demo")


def test_segments_show_what_pays_and_an_audience_is_exported(shop: Path, screen: Open) -> None:
    app = screen(ACTIONS)
    said = text_of(app)
    assert "5 of 5 effects are assumed" in said
    assert "nobody is left out" in said  # no users table
    assert "None yet." in said
    assert paying(app) == "0"  # an order of 6.00 does not pay a contact of 0.10
    with_free_contacts(screen)
    app = screen(ACTIONS)
    assert int(paying(app)) > 0
    next(button for button in app.button if button.label == "Make the audience").click().run()
    assert_sound(app)
    assert "held back by lot" in text_of(app)
    assert "None yet." not in text_of(app)


def test_a_shoppers_actions_show_every_term(shop: Path, screen: Open) -> None:
    app = screen(ACTIONS, actions_view="Shopper", user="c00")
    assert {"Value", "Chance", "Effect", "Gain", "Costs"} <= {metric.label for metric in app.metric}
    assert "ASSUMED" in text_of(app)
    assert "Does not fit" in text_of(app)


def test_an_assumption_is_tried_then_saved(shop: Path, screen: Open) -> None:
    assert "No action pays with anybody here" in text_of(screen(ACTIONS))
    app = with_free_contacts(screen)
    assert int(paying(app)) > 0
    assert app.number_input(key="assume_contact_cost").value == 0
    assert app.button(key="save_assumed").disabled


def test_a_shop_without_prices_counts_in_orders(home: Path, tmp_path: Path, screen: Open) -> None:
    log = tmp_path / "log.csv"
    lines = [
        f"u{who},{'abc'[(who + day) % 3]},2025-03-{1 + (3 * who + day * 7) % 28:02d}" for who in range(30) for day in range(3)
    ]
    log.write_text("customer_id,sku,occurred_at\n" + "\n".join(lines) + "\n", encoding="utf-8")
    load(home, log, tmp_path)
    assert "values are counted in orders" in text_of(screen(ACTIONS))
    assert "The shop has no prices." in text_of(screen(ACTIONS, actions_view="Shopper", user="u1"))
    screen(ACTIONS, actions_view="Assumptions")


def test_the_command_tells_the_shop_a_shopper_and_writes_a_file(shop: Path, tmp_path: Path) -> None:
    state.close()
    run = CliRunner()
    told = json.loads(run.invoke(command, ["actions", "--json"]).stdout)
    assert told["shoppers"] == 30
    assert told["effects"]["win back"]["low"] is None
    one = json.loads(run.invoke(command, ["actions", "--user", "c00", "--json"]).stdout)
    assert one["actions"]
    for action in one["actions"]:
        terms = action["chance"] * action["effect"] * action["gain"] - action["given_away"] - action["cost"]
        assert abs(terms - action["value"]) < 1e-9
    file = tmp_path / "audience.csv"
    made = json.loads(run.invoke(command, ["actions", "--out", str(file), "--assume", "contact_cost=0.01", "--json"]).stdout)
    rows = list(csv.DictReader(file.read_text(encoding="utf-8-sig").splitlines()))
    assert len(rows) == made["contacted"] > 0
    assert set(rows[0]) >= {"user_id", "action", "product_ids", "reason", "expected_value"}
    assert run.invoke(command, ["actions", "--assume", "nonsense=1"]).exit_code != 0
