"""One shop's whole way in a real browser: import → segments → recommend → move α, with nothing asked of the outside."""

import os
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, expect, sync_playwright

from tests.pages.shop import write_events
from tests.server import CHROMIUM_ARGS, SETTLED, chromium, running_app

pytestmark = [
    pytest.mark.e2e,
    pytest.mark.slow,
    pytest.mark.skipif(chromium() is None and "REQUIRE_BROWSER" not in os.environ, reason="no Chromium on this machine"),
]
PATIENCE = 60_000
expect.set_options(timeout=PATIENCE)


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=chromium(), args=CHROMIUM_ARGS)
        yield browser
        browser.close()


@pytest.fixture
def app(tmp_path: Path) -> Iterator[str]:
    """The app on an empty workspace; afterwards, neither its output nor its log may hold a traceback."""
    home, output = tmp_path / "home", tmp_path / "server.log"
    with running_app(home, output) as address:
        yield address
    assert "Traceback" not in output.read_text()
    assert "traceback" not in (home / "logs" / "kindred.log").read_text()


@pytest.fixture
def page(browser: Browser, app: str) -> Iterator[Page]:
    """A tab that records every request; none may leave this machine."""
    context = browser.new_context(viewport={"width": 1440, "height": 1000})
    tab = context.new_page()
    tab.set_default_timeout(PATIENCE)
    asked: list[str] = []
    tab.on("request", lambda request: asked.append(request.url))
    yield tab
    context.close()
    outside = [url for url in asked if not url.startswith((app, app.replace("http", "ws"), "data:", "blob:"))]
    assert not outside, f"requests left this machine: {outside}"


def settle(page: Page) -> None:
    """Wait until the script has run."""
    page.wait_for_selector(SETTLED)


def titles(page: Page) -> list[str]:
    """Return the titles of the ranked list, best first."""
    return page.locator(".pick .title").all_inner_texts()


def select_first_row(page: Page) -> None:
    """Tick the first row of the first table: it is drawn on a canvas, so by place, once it is drawn."""
    settle(page)
    table = page.locator("[data-testid=stDataFrame]").first
    expect(table.locator("canvas").first).to_be_visible()
    table.scroll_into_view_if_needed()
    page.wait_for_timeout(1_000)
    table.click(position={"x": 18, "y": 52})


def test_from_a_file_to_an_explained_list(page: Page, app: str, tmp_path: Path) -> None:
    page.goto(app)
    settle(page)
    page.get_by_role("button", name="Import your data").click()
    page.locator("input[type=file]").first.set_input_files(write_events(tmp_path / "log.csv"))
    expect(page.get_by_text("The first rows, as they will be stored")).to_be_visible()
    page.get_by_role("button", name="Import log.csv").click()
    expect(page.get_by_text("Rows read")).to_be_visible()
    expect(page.get_by_text("Set aside because").first).to_be_visible()

    page.get_by_role("link", name="See the shop").click()
    page.get_by_role("button", name="See segments").click()
    expect(page.get_by_text("30 shoppers in")).to_be_visible()
    settle(page)

    page.goto(f"{app}/recommend?user=c00")
    expect(page.locator(".pick").first).to_be_visible()
    at_default = titles(page)
    assert at_default
    slider = page.get_by_role("slider")
    slider.focus()
    for _ in range(14):
        slider.press("ArrowLeft")
    expect(page.get_by_text("α = 0.00")).to_be_visible()
    settle(page)
    assert titles(page) != at_default
    page.locator(".pick").nth(1).click()
    expect(page.get_by_text("Why #2")).to_be_visible()


@pytest.mark.parametrize("path", ["import_data", "segments", "shopper", "recommend"])
def test_a_deep_link_on_a_fresh_server_shows_the_navigation(page: Page, app: str, path: str) -> None:
    page.goto(f"{app}/{path}")
    settle(page)
    expect(page.get_by_role("link", name="Overview")).to_be_visible()


def test_a_large_file_streams_to_disk(page: Page, app: str, tmp_path: Path) -> None:
    page.goto(f"{app}/import_data")
    settle(page)
    page.get_by_text("Large file", exact=True).click()
    page.locator("#file").set_input_files(write_events(tmp_path / "log.csv"))
    expect(page.get_by_text("The first rows, as they will be stored")).to_be_visible()


def test_the_chosen_shopper_goes_along_to_the_next_screen(page: Page, app: str, tmp_path: Path) -> None:
    page.goto(f"{app}/import_data")
    page.locator("input[type=file]").first.set_input_files(write_events(tmp_path / "log.csv"))
    page.get_by_role("button", name="Import log.csv").click()
    expect(page.get_by_text("Rows read")).to_be_visible()

    page.goto(f"{app}/recommend?user=c03")
    expect(page.locator(".pick").first).to_be_visible()
    page.get_by_role("link", name="Shopper", exact=True).click()
    expect(page.get_by_role("heading", name="Shopper c03")).to_be_visible()
    page.get_by_role("link", name="Segments", exact=True).click()
    select_first_row(page)
    page.get_by_role("link", name="Profile of").click()
    expect(page.get_by_text("Timeline")).to_be_visible()
