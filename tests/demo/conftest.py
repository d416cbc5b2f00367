"""One small demo shop for all tests of the folder."""

from pathlib import Path

import pytest

from core.demo.files import DemoFiles
from core.demo.generate import generate


@pytest.fixture(scope="session")
def shop(tmp_path_factory: pytest.TempPathFactory) -> DemoFiles:
    """300 shoppers, 400 products, 120 days."""
    return small_shop(tmp_path_factory.mktemp("shop"))


def small_shop(folder: Path, seed: int = 7, shoppers: int = 300) -> DemoFiles:
    return generate(folder, seed=seed, shoppers=shoppers, products=400, days=120)
