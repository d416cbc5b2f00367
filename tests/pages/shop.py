"""A tiny shop whose right answers are obvious: tea drinkers buy tea, gardeners buy tools, both in their own words."""

import hashlib
from collections.abc import Sequence
from pathlib import Path

import numpy as np

from core.base.derived import Progress, no_progress

WORLDS = {
    "tea": ("green tea tin", "black tea caddy", "tea cup white", "tea pot blue", "herbal tea box", "tea spoon silver"),
    "garden": (
        "garden spade steel",
        "garden rake wood",
        "garden gloves green",
        "garden hose long",
        "garden seeds mix",
        "garden pot clay",
    ),
}
SHOPPERS = 30


class WordEncoder:
    """An encoder for tests: a text is the sum of its words' fixed random directions, so shared words mean near vectors."""

    dim = 32

    def __init__(self, name: str):
        self.name = name

    def encode(self, texts: Sequence[str], progress: Progress = no_progress) -> np.ndarray:
        """Return float32 (n, 32), every row of length 1."""
        rows = np.array([np.sum([_direction(word) for word in text.lower().split()], axis=0) for text in texts])
        return (rows / np.linalg.norm(rows, axis=1, keepdims=True)).astype(np.float32)


def write_events(path: Path, shoppers: int = SHOPPERS) -> Path:
    """Write an invoice-like log: even shoppers drink tea, odd ones garden; each buys four of the six items of their world.

    One row has no shopper and one a broken date, to be set aside.
    """
    lines = ["customer;sku;when;title;category;units;unit price"]
    for shopper in range(shoppers):
        world = list(WORLDS)[shopper % 2]
        for step in range(4 + shopper % 3):
            item = (shopper // 2 + step) % 6
            day, hour = 1 + (shopper * 3 + step * 2) % 28, 8 + (shopper + step) % 12
            title = WORLDS[world][item]
            lines.append(
                f"c{shopper:02d};{world[0]}{item};{day:02d}.03.2025 {hour:02d}:15;{title};{world};{1 + step % 2};{2 + item},50"
            )
    lines.append(";t1;03.03.2025 10:00;black tea caddy;tea;1;3,50")
    lines.append("c01;g1;soon;garden rake wood;garden;1;3,50")
    path.write_text("\n".join(lines) + "\n", encoding="utf-8")
    return path


def _direction(word: str) -> np.ndarray:
    seed = int.from_bytes(hashlib.sha256(word.encode()).digest()[:4], "little")
    return np.random.default_rng(seed).normal(size=WordEncoder.dim)
