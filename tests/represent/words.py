"""An encoder for tests: texts that share words get near vectors, and nothing is learned or loaded."""

import hashlib
from collections.abc import Sequence

import numpy as np

from core.base.derived import Progress, no_progress

DIM = 4096


class WordEncoder:
    """A text is the sum of its words, each a direction of its own: the cosine counts the words two texts share."""

    dim = DIM

    def __init__(self, name: str = "words"):
        self.name = name
        self.encoded: list[str] = []

    def encode(self, texts: Sequence[str], progress: Progress = no_progress) -> np.ndarray:
        """Return float32 (n, DIM), rows of length 1; remembers what it was asked for."""
        self.encoded += texts
        vectors = np.zeros((len(texts), DIM), np.float32)
        for row, text in enumerate(texts):
            for word in set(text.lower().replace(".", " ").replace(",", " ").split()):
                vectors[row, _place(word)] = 1
        progress(1.0, "done")
        return vectors / np.linalg.norm(vectors, axis=1, keepdims=True)


def _place(word: str) -> int:
    return int.from_bytes(hashlib.sha256(word.encode()).digest()[:8], "little") % DIM
