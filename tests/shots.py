"""Take a picture of every screen, light and dark, 1440 and 1024 px wide, into ``shots/``.

``python -m tests.shots``            on the demo shop, loaded into a temporary workspace
``python -m tests.shots --home DIR`` on a workspace that exists (no other process may have it open)
"""

import argparse
import json
import subprocess
import sys
import tempfile
from pathlib import Path

from playwright.sync_api import Browser, Page, sync_playwright

from core.base.db import open_store
from core.base.settings import load_settings
from core.base.workspace import open_workspace
from tests.server import CHROMIUM_ARGS, ROOT, SETTLED, chromium, running_app

SCREENS = {
    "overview": "",
    "import": "import_data",
    "import-history": "import_data?import_view=History",
    "import-set-aside": "import_data?import_view=Set+aside",
    "import-findings": "import_data?import_view=Findings",
    "segments": "segments",
    "segments-rules": "segments?view=Rules",
    "segments-rfm": "segments?view=RFM",
    "segments-moves": "segments?view=Moves&move_days=90",
    "segments-compare": "segments?view=Compare",
    "segments-audiences": "segments?view=Audiences",
    "segments-found": "segments?view=How+found",
    "stickiness": "stickiness",
    "stickiness-cohorts": "stickiness?view=Coming+back",
    "stickiness-repeat": "stickiness?view=Buying+again&split=Segments",
    "stickiness-churn": "stickiness?view=Leaving",
    "shopper": "shopper?user={user}",
    "catalogue": "catalogue",
    "catalogue-item": "catalogue?item={item}",
    "catalogue-categories": "catalogue?catalogue_view=Categories",
    "catalogue-checks": "catalogue?catalogue_view=Checks",
    "catalogue-spellings": "catalogue?catalogue_view=Spellings",
    "recommend": "recommend?user={user}",
    "recommend-newcomer": "recommend?user=somebody+new",
    "lab": "lab?user={user}",
    "rules": "rules?user={user}",
    "rules-variety": "rules?rules_view=Variety&user={user}",
    "surfaces": "surfaces?user={user}",
    "surfaces-similar": "surfaces?surface=Similar&window_item={item}",
    "surfaces-together": "surfaces?surface=Bought+together&window_item={item}",
    "surfaces-basket": "surfaces?surface=Complete+the+basket",
    "surfaces-trending": "surfaces?surface=Trending",
    "surfaces-arrivals": "surfaces?surface=New+arrivals&user={user}",
    "surfaces-content": "surfaces?surface=Content&user={user}",
    "experiments": "experiments",
    "experiments-plan": "experiments?trials_view=Plan",
    "iteration": "iteration",
    "ads": "ads",
    "ads-shopper": "ads?ads_view=Shopper&user={user}",
    "ads-reliability": "ads?ads_view=Reliability",
    "ads-coupons": "ads?ads_view=Coupons",
    "actions": "actions",
    "actions-shopper": "actions?actions_view=Shopper&user={user}",
    "actions-assumptions": "actions?actions_view=Assumptions",
    "learning": "learning",
    "training": "training",
    "runs": "runs",
    "runs-compare": "runs?runs_view=Compare",
    "runs-switches": "runs?runs_view=Switches",
    "evaluation": "evaluation",
}
THEMES, WIDTHS, TALLEST = ("light", "dark"), (1440, 1024), 3000


def main() -> None:
    """Parse the arguments, load the demo shop where no workspace is named, and take the pictures."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--home", type=Path)
    parser.add_argument("--user", default="", help="shopper shown; default: the best customer")
    parser.add_argument("--item", default="", help="item shown; default: the one with the most ratings")
    parser.add_argument("--only", help="take the screens whose name begins with this")
    parser.add_argument("--out", type=Path, default=ROOT / "shots")
    given = parser.parse_args()
    given.out.mkdir(exist_ok=True)
    with tempfile.TemporaryDirectory() as folder:
        home = given.home or _demo(Path(folder))
        user = given.user or best_customer(home)
        item = given.item or _most_rated(home)
        with running_app(home, given.out / "server.log") as address, sync_playwright() as playwright:
            browser = playwright.chromium.launch(executable_path=chromium(), args=CHROMIUM_ARGS)
            shoot_all(browser, address, given.out, {"user": user, "item": item}, given.only or "")
            browser.close()


def shoot_all(browser: Browser, address: str, out: Path, shown: dict[str, str], only: str) -> None:
    """Take every screen in every theme and width. shown: the user and the item to show."""
    for theme in THEMES:
        for width in WIDTHS:
            context = browser.new_context(viewport={"width": width, "height": 900}, color_scheme=theme)
            page = context.new_page()
            for name, path in SCREENS.items():
                if name.startswith(only):
                    shoot(page, f"{address}/{path.format(**shown)}", out / f"{name}-{theme}-{width}.png", width)
            context.close()


def shoot(page: Page, address: str, target: Path, width: int) -> None:
    """Take one screen in its whole height."""
    page.set_viewport_size({"width": width, "height": 900})
    page.goto(address)
    page.wait_for_selector(SETTLED, timeout=60_000)
    page.wait_for_timeout(500)
    page.wait_for_function("document.querySelectorAll('[data-testid=stSkeleton]').length === 0", timeout=60_000)
    page.wait_for_timeout(1_000)
    tall = page.evaluate("document.querySelector('[data-testid=stMain]').scrollHeight")
    page.set_viewport_size({"width": width, "height": min(max(900, tall), TALLEST)})
    page.wait_for_timeout(700)
    page.screenshot(path=target)


def _demo(home: Path) -> Path:
    subprocess.run([sys.executable, "-m", "core", "demo", "--home", str(home)], cwd=ROOT, check=True)
    return home


def best_customer(home: Path) -> str:
    """Return the shopper with the most orders among the most active: the most active ones of all are crawlers."""
    command = [sys.executable, "-m", "core", "users", "--limit", "200", "--json", "--home", str(home)]
    printed = subprocess.run(command, cwd=ROOT, check=True, capture_output=True, text=True).stdout
    return str(max(json.loads(printed)["users"], key=lambda user: user["orders"])["user_id"])


def _most_rated(home: Path) -> str:
    """Return the item with the most ratings."""
    settings = load_settings(home=home)
    store = open_store(open_workspace(home), settings)
    found = store.value("SELECT item_id FROM item_ratings ORDER BY ratings DESC, item_id LIMIT 1")
    store.close()
    return str(found)


if __name__ == "__main__":
    main()
