"""Overview: the welcome of an empty workspace, and the figures of a loaded one."""

from pathlib import Path

from tests.pages.conftest import Open, text_of
from tests.pages.shop import SHOPPERS


def test_an_empty_workspace_offers_the_two_ways_to_begin(home: Path, screen: Open) -> None:
    app = screen()
    assert app.button(key="load_demo").label == "Load the demo shop"
    assert "Import your data" in [button.label for button in app.button]
    assert not app.metric


def test_a_loaded_shop_shows_its_figures_and_the_next_step(shop: Path, screen: Open) -> None:
    app = screen()
    figures = {metric.label: metric.value for metric in app.metric}
    assert set(figures) == {"Events", "Purchases", "Revenue", "Shoppers a day", "Shoppers a month", "Stickiness"}
    assert figures["Events"] == figures["Purchases"] == "150"
    assert f"{SHOPPERS} shoppers" in text_of(app)
    assert "12 items" in text_of(app)
    assert {"See segments", "Recommend"} <= {button.label for button in app.button}


def test_a_wrong_setting_is_said_by_name(home: Path, screen: Open, monkeypatch) -> None:
    monkeypatch.setenv("KINDRED_ALPHA", "7")
    app = screen()
    assert "KINDRED_ALPHA" in text_of(app)
