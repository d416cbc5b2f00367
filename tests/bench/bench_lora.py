"""What tuning the text encoder on Amazon Beauty's training part is worth: ``python -m tests.bench.bench_lora --home FOLDER``.

Target: held-out item-to-item retrieval (title → items that held-out shoppers came to with it, NDCG@10 among all items) at
least 10 % above the frozen encoder, in at most 15 minutes on 2 cores.
"""

import argparse
import sys
import time
from contextlib import AbstractContextManager, nullcontext
from pathlib import Path
from tempfile import TemporaryDirectory

from core.base.derived import Progress
from core.base.settings import load_settings
from core.represent.encoder import encoder_folder
from core.train.adapters import LoraOptions
from core.train.lora import tune_encoder
from core.train.protocol import split
from tests.bench.shops import SHOPS, prepare

MINUTES, GAIN = 15, 0.10


def main() -> int:
    """Print the figures; return 1 where a target is missed, 0 also where the data set is not there."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--home", type=Path)
    parser.add_argument("--name", default="tuned")
    parser.add_argument("--steps", type=int, default=LoraOptions.steps)
    given = parser.parse_args()
    shop = next(one for one in SHOPS if one.name == "amazon_beauty")
    if missing := [file for file in shop.files if not file.exists()]:
        print(f"skipped: {shop.name}, no {missing[0]}")
        return 0
    holder: AbstractContextManager[object] = nullcontext(given.home) if given.home else TemporaryDirectory()
    with holder as home:
        settings = load_settings({}, home=str(home))
        snapshot = prepare(shop, settings.home)
        cut = split(snapshot.acts, shop.protocol)
        start = time.perf_counter()
        base = encoder_folder(settings)
        options = LoraOptions(base, name=given.name, steps=given.steps, threads=settings.threads)
        tuned = tune_encoder(snapshot, cut, settings.home, options, every(50))
        took = time.perf_counter() - start
    for step, loss, ndcg in tuned.curve:
        print(f"step {step:4}  loss {loss:.3f}  whitened NDCG@10 of the validation shoppers {ndcg:.4f}")
    for name, (gain, low, high) in tuned.gains.items():
        was, now = getattr(tuned.before, name), getattr(tuned.after, name)
        print(f"{name:>16}  {was:.4f} → {now:.4f}  {gain:+.1%} ({low:+.1%} to {high:+.1%})")
    print(f"{tuned.after.questions:,} questions, {took:.0f} s on {settings.threads} threads, all told")
    missed = took > 60 * MINUTES or any(tuned.gains[name][0] < GAIN for name in ("raw_ndcg", "whitened_ndcg"))
    print("MISSED" if missed else "met")
    return int(missed)


def every(steps: int) -> Progress:
    """Return a progress that prints one message in ``steps``."""
    calls = iter(range(10**9))
    return lambda done, told: print(f"{done:.0%} {told}", flush=True) if next(calls) % steps == 0 else None


if __name__ == "__main__":
    sys.exit(main())
