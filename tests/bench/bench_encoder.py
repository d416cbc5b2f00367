"""How fast texts become vectors: Kindred at each precision against sentence-transformers' ``encode``, all in one process.

``python -m tests.bench.bench_encoder [--threads N]``. Product titles of Amazon Beauty; the encoders take turns, the best
round of each counts. Targets: fp32 at least as fast as sentence-transformers (``tests/bench/requirements-encoder.txt``; left
out where it is not installed), int8 at least 1.5 × fp32 with a mean cosine to it above 0.99.
"""

import argparse
import importlib.util
import sys
import time
from collections.abc import Callable

import numpy as np
import pandas as pd

from core.base.settings import load_settings
from core.represent.encoder import encoder_folder, load_encoder
from tests.conftest import DATA

TITLES = "amazon_beauty/items.csv"
PEER = "sentence-transformers"
FASTER, COSINE = 1.5, 0.99

Encode = Callable[[list[str]], np.ndarray]


def main() -> int:
    """Print the table; return 1 where a target is missed, 0 also where the data set is not there."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--threads", type=int, default=2)
    parser.add_argument("--texts", type=int, default=2000)
    parser.add_argument("--rounds", type=int, default=5)
    given = parser.parse_args()
    if not (DATA / TITLES).exists():
        print(f"skipped: data set {TITLES} is not at {DATA}")
        return 0
    texts = pd.read_csv(DATA / TITLES)["title"].dropna().sample(given.texts, random_state=7).tolist()
    found = measure(encoders(given.threads), texts, given.rounds)
    exact, took = found["fp32"]
    for name, (vectors, seconds) in found.items():
        cosine = (vectors * exact).sum(axis=1)
        speed = f"{len(texts) / seconds:8,.0f} texts/s  {took / seconds:5.2f} × fp32"
        print(f"{name:>22}  {speed}  cosine {cosine.mean():.5f}, least {cosine.min():.5f}")
    vectors, seconds = found["int8"]
    missed = took / seconds < FASTER or (vectors * exact).sum(axis=1).mean() <= COSINE or took > found.get(PEER, found["fp32"])[1]
    print(f"{'MISSED' if missed else 'met'} ({len(texts):,} titles, {given.threads} threads, best of {given.rounds})")
    return int(missed)


def encoders(threads: int) -> dict[str, Encode]:
    """Return what to time by name, the peer only where it is installed."""
    found: dict[str, Encode] = {}
    for precision in ("fp32", "bf16", "int8"):
        found[precision] = load_encoder(load_settings({}, threads=threads, precision=precision)).encode
    if importlib.util.find_spec("sentence_transformers") is None:
        print(f"{PEER} is not installed and is left out: pip install -r tests/bench/requirements-encoder.txt")
        return found
    from sentence_transformers import SentenceTransformer

    peer = SentenceTransformer(str(encoder_folder(load_settings({}))), device="cpu")
    found[PEER] = lambda texts: np.asarray(peer.encode(texts, normalize_embeddings=True, show_progress_bar=False))
    return found


def measure(encoders: dict[str, Encode], texts: list[str], rounds: int) -> dict[str, tuple[np.ndarray, float]]:
    """Return by name the vectors and the seconds of the best round; one encoder after the other in every round."""
    found: dict[str, tuple[np.ndarray, float]] = {}
    for _ in range(rounds):
        for name, encode in encoders.items():
            start = time.perf_counter()
            vectors = encode(texts)
            seconds = time.perf_counter() - start
            found[name] = (vectors, min(seconds, found[name][1] if name in found else seconds))
    return found


if __name__ == "__main__":
    sys.exit(main())
