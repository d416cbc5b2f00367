"""The catalogue: search, facets, an item's page, checks, and a spelling merged and taken back."""

from pathlib import Path

import pytest

from tests.pages.conftest import Open, load, text_of

CATALOGUE = "understand/catalogue.py"
ITEMS = """sku,name,description,brand,category,price,stock
t0,green tea tin,loose leaf,Leaf & Co,tea,4.50,3
t1,black tea caddy,loose leaf,Leaf and Co,tea,5.50,0
t2,white tea cup,,Leaf & Co,tea,6.50,9
g0,garden spade steel,strong,Digger,garden,19.00,2
g1,garden rake wood,light,Digger,garden,,2
"""
REVIEWS = """sku,stars,review text,date
t0,5,"The tin is lovely, I love it",2025-03-01
t0,1,"The lid is awful, it broke",2025-03-05
t0,4,"Great tea, the tin is perfect",2025-04-02
g0,2,"The handle is terrible",2025-04-02
"""


@pytest.fixture
def stocked(shop: Path, tmp_path: Path) -> Path:
    """The tiny shop with a catalogue and four reviews."""
    for name, content in (("items.csv", ITEMS), ("reviews.csv", REVIEWS)):
        (tmp_path / name).write_text(content, encoding="utf-8")
        load(shop, tmp_path / name, tmp_path)
    return shop


def test_nothing_loaded_offers_to_begin(home: Path, screen: Open) -> None:
    assert screen(CATALOGUE).button(key="load_demo")


def test_search_and_facets_narrow_the_table_down(stocked: Path, screen: Open) -> None:
    app = screen(CATALOGUE)
    assert len(app.dataframe[0].value) == 12
    app.text_input(key="search").set_value("green tea").run()
    assert app.dataframe[0].value["item_id"].tolist() == ["t0"]
    app.text_input(key="search").set_value("").run()
    app.multiselect(key="facet_brand").set_value(["Digger"]).run()
    assert sorted(app.dataframe[0].value["item_id"]) == ["g0", "g1"]
    assert "2 items" in text_of(app)


def test_an_item_shows_its_stars_reviews_and_warnings(stocked: Path, screen: Open) -> None:
    app = screen(CATALOGUE, item="t0")
    figures = {metric.label: metric.value for metric in app.metric}
    assert app.title[0].value == "green tea tin"
    assert figures["Price"] == "4.50"
    assert figures["Stars"] == "3.33 ★"  # (5 + 1 + 4) / 3
    assert figures["Shrunk stars"] == "3.08 ★"  # (10 + 10 · 3) / 13: the shop's four ratings have mean 3
    assert figures["Positive reviews"] == "67%"
    assert "3 reviews, read by: VADER" in text_of(app)
    assert "Nearest by text" in text_of(app)


def test_an_unknown_item_gets_a_sentence(stocked: Path, screen: Open) -> None:
    app = screen(CATALOGUE, item="nothing")
    assert "There is no item 'nothing'" in text_of(app)


def test_a_category_and_the_whole_shop(stocked: Path, screen: Open) -> None:
    app = screen(CATALOGUE, catalogue_view="Categories")
    assert "4 rated reviews are too few to train on" in text_of(app)
    app.selectbox(key="category").set_value("tea").run()
    assert "3 reviews, read by: VADER" in text_of(app)
    assert "What sets it apart" in text_of(app)


def test_checks_count_and_list_what_is_missing(stocked: Path, screen: Open) -> None:
    app = screen(CATALOGUE, catalogue_view="Checks")
    assert "8 of 12 products" in [bar.text for bar in app.progress]  # seven that only the log names, and the white cup
    app.get("pills")[0].set_value("no_description").run()
    assert "t2" in app.dataframe[0].value["item_id"].tolist()


def test_a_spelling_is_merged_only_when_told_and_can_be_taken_back(stocked: Path, screen: Open) -> None:
    app = screen(CATALOGUE, catalogue_view="Spellings")
    assert "1 suggestion" in text_of(app)
    app.button(key="merge_brand_Leaf and Co_Leaf & Co").click().run()
    assert "Brand **Leaf and Co** stands for **Leaf & Co**" in text_of(app)
    assert "Merges count from the next build on" in text_of(app)
    app.button(key="back_brand_Leaf and Co_Leaf & Co").click().run()
    assert "1 suggestion" in text_of(app)
