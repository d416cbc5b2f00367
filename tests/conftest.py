"""Fixtures shared by all tests."""

import os
from collections.abc import Callable, Iterator
from pathlib import Path

os.environ.setdefault("OMP_NUM_THREADS", "1")  # small products on several threads wait for each other on a busy machine

import numpy as np
import pytest

from core.base.db import Store, memory_store
from core.base.settings import Settings, load_settings
from core.base.workspace import Workspace, open_workspace

os.environ.setdefault("HF_HUB_OFFLINE", "1")
for key in [key for key in os.environ if key.startswith("KINDRED_")]:
    del os.environ[key]  # a developer's own settings must not decide what a test sees
DATA = Path(os.environ.get("REALDATA", Path(__file__).parents[2] / "shared" / "data"))


@pytest.fixture
def store() -> Iterator[Store]:
    """An empty store in memory."""
    store = memory_store()
    yield store
    store.close()


@pytest.fixture
def workspace(tmp_path: Path) -> Workspace:
    """A workspace in a temporary folder."""
    return open_workspace(tmp_path / "home")


@pytest.fixture
def settings(workspace: Workspace) -> Settings:
    """Default settings on the temporary workspace, untouched by the environment."""
    return load_settings({}, home=workspace.home)


@pytest.fixture
def rng() -> np.random.Generator:
    """A seeded source of randomness."""
    return np.random.default_rng(7)


@pytest.fixture
def realdata() -> Callable[[str], Path]:
    """Return the path of a public data set, or skip the test naming the one that is absent."""

    def find(name: str) -> Path:
        path = DATA / name
        if not path.exists():
            pytest.skip(f"data set {name} is not at {DATA}")
        return path

    return find
