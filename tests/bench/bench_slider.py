"""How long the eye waits for a list while α moves: in a browser, from the slider's move to the changed list.

``python -m tests.bench.bench_slider DIR`` asks the screens Recommend and α lab of the shop in DIR (built, and open in no other
process). For each move of the slider by one step: milliseconds until the list in the document is another and painted, then
the app's CPU time until its rerun is over. Target: every list within 200 ms.
"""

import argparse
import sys
import time
from pathlib import Path

import numpy as np
import psutil
from playwright.sync_api import Page, sync_playwright

from tests.server import CHROMIUM_ARGS, SETTLED, chromium, running_app
from tests.shots import best_customer

SCREENS = ("recommend", "lab")
MOVES, TARGET_MS = 40, 200
WATCH = """() => {
  const found = (node) => [...node.querySelectorAll("*")].flatMap((one) => [
    ...(one.matches(".pick .value") ? [one.textContent] : []), ...(one.shadowRoot ? found(one.shadowRoot) : [])])
  window.told = undefined
  window.addEventListener("keydown", () => {
    const start = performance.now(), before = found(document).join()
    const look = () => {
      if (found(document).join() === before) requestAnimationFrame(look)
      else requestAnimationFrame(() => (window.told = performance.now() - start))
    }
    look()
  }, { capture: true, once: true })
}"""
"""Ask for each frame whether the scores in the list are others; one frame more, so that they are painted."""


def main() -> int:
    """Measure both screens and print one line for each; return 1 where one list came too late."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("home", type=Path)
    home = parser.parse_args().home
    user, slowest = best_customer(home), 0.0
    with running_app(home, home / "bench_slider.log") as address, sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=chromium(), args=CHROMIUM_ARGS)
        page = browser.new_page(viewport={"width": 1440, "height": 900})
        app = next(child for child in psutil.Process().children() if "streamlit" in child.cmdline())
        for screen in SCREENS:
            page.goto(f"{address}/{screen}?user={user}")
            page.wait_for_selector(SETTLED, timeout=60_000)
            page.locator(".pick").first.wait_for(timeout=60_000)
            seen, cpu = zip(*(moved(page, app, number) for number in range(MOVES)), strict=True)
            slowest = max(slowest, *seen)
            print(f"{screen:10} list after {told(seen)}   CPU of the app for a rerun {told(cpu)}")
        browser.close()
    return int(slowest > TARGET_MS)


def moved(page: Page, app: psutil.Process, number: int) -> tuple[float, float]:
    """Move the slider by one step, down from the top and up again; return ms until the list changed, CPU ms of the app."""
    page.evaluate(WATCH)
    page.locator("#dial input").focus()
    before = app.cpu_times()
    page.keyboard.press("ArrowLeft" if number % 30 < 15 else "ArrowRight")
    page.wait_for_function("window.told !== undefined", timeout=30_000)
    time.sleep(0.5)
    page.wait_for_selector(SETTLED, timeout=60_000)
    after = app.cpu_times()
    return page.evaluate("window.told"), 1000 * (after.user + after.system - before.user - before.system)


def told(values: tuple[float, ...]) -> str:
    """Return the median and the largest of times, ms."""
    return f"median {np.median(values):4.0f} ms, at most {max(values):4.0f} ms"


if __name__ == "__main__":
    sys.exit(main())
