"""Run the app as users do, on a free port and a workspace of its own, for the end-to-end tests and the screenshots."""

import os
import socket
import subprocess
import sys
import time
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

ROOT = Path(__file__).parents[1]
SETTLED = '[data-testid="stApp"][data-test-script-state="notRunning"]'
_START_SECONDS = 60
_PLAYWRIGHT = (
    ".cache/ms-playwright/chromium-*/chrome-linux*/chrome",
    "Library/Caches/ms-playwright/chromium-*/chrome-mac*/*.app/Contents/MacOS/*",
)
CHROMIUM_ARGS = ["--no-sandbox", "--disable-gpu", "--disable-background-networking"]


@contextmanager
def running_app(home: Path, output: Path) -> Iterator[str]:
    """Yield the address of the app serving ``home``; what it prints goes to ``output``. It is stopped afterwards."""
    port = _free_port()
    address = f"http://127.0.0.1:{port}"
    environ = {**os.environ, "KINDRED_HOME": str(home), "HF_HUB_OFFLINE": "1"}
    command = [sys.executable, "-m", "streamlit", "run", "app.py", "--server.port", str(port)]
    with output.open("w") as printed:
        process = subprocess.Popen(command, cwd=ROOT, env=environ, stdout=printed, stderr=subprocess.STDOUT)
        try:
            _wait_until_up(address, process)
            yield address
        finally:
            process.terminate()
            process.wait(timeout=20)


def chromium() -> str | None:
    """Return the path of a Chromium: one of the machine's, else one that Playwright installed; None where there is none."""
    found = [Path(folder) / name for folder in os.environ["PATH"].split(os.pathsep) for name in ("chromium", "google-chrome")]
    found += [path for pattern in _PLAYWRIGHT for path in Path.home().glob(pattern)]
    return next((str(path) for path in found if path.exists()), None)


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def _wait_until_up(address: str, process: subprocess.Popen[bytes]) -> None:
    deadline = time.monotonic() + _START_SECONDS
    while time.monotonic() < deadline:
        if process.poll() is not None:
            raise RuntimeError(f"The app ended with {process.returncode} before it was up.")
        try:
            urllib.request.urlopen(f"{address}/_stcore/health", timeout=1)
            return
        except OSError:
            time.sleep(0.2)
    raise RuntimeError(f"The app was not up after {_START_SECONDS} s.")
