"""Script time of a warm rerun of every screen, on a workspace that holds data.

``KINDRED_HOME=DIR python -m tests.bench.bench_pages`` times the shop in DIR (built, and open in no other process);
without it, the demo shop in a temporary workspace. A rerun is what a click causes: the whole script, caches filled.
Target: 95th percentile under 200 ms. What the eye waits for while α moves is measured by ``bench_slider``, in a browser.
"""

import os
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import numpy as np
from streamlit.testing.v1 import AppTest

ROOT = Path(__file__).parents[2]
RERUNS, TARGET_MS = 40, 200


def main() -> int:
    """Time every screen and print one line for each; return 1 where one misses the target."""
    with tempfile.TemporaryDirectory() as folder:
        if "KINDRED_HOME" not in os.environ:
            os.environ["KINDRED_HOME"] = folder
            subprocess.run([sys.executable, "-m", "core", "demo"], cwd=ROOT, check=True, stderr=subprocess.DEVNULL)
        worst = time_all()
    return int(worst > TARGET_MS)


def time_all() -> float:
    """Time every screen; return the highest 95th percentile, ms."""
    from core.profiles import overview, shopper
    from pages.shared import state

    totals = state.read(overview.totals)
    print(f"{totals.events:,} events, {totals.shoppers:,} shoppers, {totals.items:,} items; {RERUNS} warm reruns a screen")
    highest = 0.0
    for name, (path, query) in screens(state.read(shopper.users, 1)["user_id"].iloc[0]).items():
        first, warm = time_screen(path, query)
        p95 = float(np.percentile(warm, 95))
        highest = max(highest, p95)
        verdict = "ok" if p95 <= TARGET_MS else f"over {TARGET_MS} ms"
        print(f"{name:18} first {first:8.0f} ms   median {np.median(warm):6.0f} ms   p95 {p95:6.0f} ms   {verdict}")
    state.close()
    return highest


def screens(user: str) -> dict[str, tuple[str, dict[str, str]]]:
    """Return what is timed, by its name: a page and its query."""
    return {
        "overview": ("prepare/overview.py", {}),
        "import": ("prepare/import_data.py", {}),
        "import: findings": ("prepare/import_data.py", {"import_view": "Findings"}),
        "segments": ("understand/segments.py", {}),
        "segments: rules": ("understand/segments.py", {"view": "Rules"}),
        "segments: RFM": ("understand/segments.py", {"view": "RFM"}),
        "segments: moves": ("understand/segments.py", {"view": "Moves"}),
        "segments: compare": ("understand/segments.py", {"view": "Compare"}),
        "segments: audiences": ("understand/segments.py", {"view": "Audiences"}),
        "segments: found": ("understand/segments.py", {"view": "How found"}),
        "stickiness": ("understand/stickiness.py", {}),
        "stickiness: segments": ("understand/stickiness.py", {"split": "Segments"}),
        "shopper": ("understand/shopper.py", {"user": user}),
        "recommend": ("recommend/recommend.py", {"user": user}),
        "lab": ("recommend/lab.py", {"user": user}),
        "rules": ("recommend/rules.py", {"user": user}),
        "rules: variety": ("recommend/rules.py", {"user": user, "rules_view": "Variety"}),
        "window": ("recommend/surfaces.py", {"user": user}),
        "window: similar": ("recommend/surfaces.py", {"surface": "Similar"}),
        "window: together": ("recommend/surfaces.py", {"surface": "Bought together"}),
        "window: basket": ("recommend/surfaces.py", {"surface": "Complete the basket"}),
        "window: trending": ("recommend/surfaces.py", {"surface": "Trending"}),
        "window: arrivals": ("recommend/surfaces.py", {"surface": "New arrivals", "user": user}),
        "window: content": ("recommend/surfaces.py", {"surface": "Content", "user": user}),
        "ads": ("recommend/ads.py", {}),
        "ads: shopper": ("recommend/ads.py", {"ads_view": "Shopper", "user": user}),
        "ads: reliability": ("recommend/ads.py", {"ads_view": "Reliability"}),
        "actions": ("recommend/actions.py", {}),
        "actions: shopper": ("recommend/actions.py", {"actions_view": "Shopper", "user": user}),
        "actions: assumed": ("recommend/actions.py", {"actions_view": "Assumptions"}),
        "experiments": ("operate/experiments.py", {}),
        "experiments: plan": ("operate/experiments.py", {"trials_view": "Plan"}),
        "learning": ("operate/learning.py", {}),
        "iteration": ("operate/iteration.py", {}),
    }


def time_screen(path: str, query: dict[str, str]) -> tuple[float, list[float]]:
    """Return the first run and the warm reruns of one screen, ms. Raises AssertionError where the screen fails."""
    app = AppTest.from_file(str(ROOT / "pages" / "shell.py"), default_timeout=300).run()
    app.switch_page(path)
    for name, value in query.items():
        app.query_params[name] = value
    first, warm = _run(app), [_run(app) for _ in range(RERUNS)]
    assert not app.exception, app.exception
    assert not app.error, [error.value for error in app.error]
    return first, warm


def _run(app: AppTest) -> float:
    start = time.perf_counter()
    app.run()
    return (time.perf_counter() - start) * 1000


if __name__ == "__main__":
    sys.exit(main())
