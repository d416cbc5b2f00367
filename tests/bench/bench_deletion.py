"""Whether explanations are faithful: without the history item named first, a pick's score falls more than without a random one.

``python -m tests.bench.bench_deletion HOME ...`` on workspaces that exist and are built: before training, and by the newest run
of each; without one, the demo shop is simulated and *quick* trained on it. Asked are shoppers with three history items or more,
the ten best of each; a score without an item is exact, the same as when it is taken out of the log. What falls without a random
item is the mean over the history. Targets: the ratio of the mean falls at least 2, the interval (95 %, shoppers drawn again)
above 1; parts that add up to 0.001; ten picks explained, counterfactuals too, in under 50 ms of CPU time (median).
"""

import sys
import time
from dataclasses import replace
from pathlib import Path
from tempfile import TemporaryDirectory

import numpy as np
import torch

from core.base.db import Store, open_store
from core.base.settings import load_settings
from core.base.workspace import Workspace, open_workspace
from core.represent import item_vectors
from core.represent.encoder import load_encoder
from core.represent.model import Model, load_model
from core.score.attribution import attribution
from core.score.explanation import explanations
from core.score.index import Index, load_index
from core.score.plan import plain
from core.score.recommend import Scored, score_shopper
from core.train.names import Preset, Protocol
from core.train.presets import make_preset
from core.train.protocol import Part, split
from core.train.snapshot import take_snapshot
from core.update.bring_in import load_demo
from core.update.refresh import refresh

SHOPPERS, PICKS, LEAST_HISTORY, RESAMPLES = 300, 10, 3, 2_000
TIMES, SUM, MILLISECONDS = 2.0, 1e-3, 50.0
WAYS = ("gradients along the path", "attention", "leave one out (the most there is)")


def main() -> int:
    """Print the figures; return 1 where a target is missed."""
    torch.set_num_threads(1)
    if len(sys.argv) > 1:
        return max(bench(Path(home)) for home in sys.argv[1:])
    with TemporaryDirectory() as folder:
        return bench(Path(folder), simulate=True)


def bench(home: Path, simulate: bool = False) -> int:
    """Judge one workspace; return 1 where a target is missed."""
    settings = load_settings({}, home=home)
    workspace = open_workspace(settings.home)
    store = open_store(workspace, settings)
    if simulate:
        load_demo(store, workspace, settings, lambda: load_encoder(settings))
    refresh(store, settings, lambda: load_encoder(settings))
    index = replace(load_index(store, settings), model=None, alpha=settings.alpha)
    missed = judge(store, index, f"{home.name}, before training")
    model = _trained(store, index, workspace) if simulate else _newest(store, index, settings.home)
    if model is not None:
        missed |= judge(store, replace(index, model=model, alpha=model.alpha), f"{home.name}, trained: {_parts(model)}")
    store.close()
    return int(missed)


def judge(store: Store, index: Index, name: str) -> bool:
    """Print how much scores fall without what each way of explaining names first; return whether a target is missed."""
    rows = store.rows(
        "SELECT user_id FROM interactions GROUP BY user_id HAVING count(*) >= ? ORDER BY hash(user_id), user_id LIMIT ?",
        [LEAST_HISTORY, 2 * SHOPPERS],
    )
    falls, errors, spent = [], [], []
    for (user,) in rows:
        scored = score_shopper(store, index, user)
        if scored.taste is None or len(scored.taste.rows) < LEAST_HISTORY or len(falls) == SHOPPERS:
            continue
        picks = scored.rank(k=PICKS).picks
        start = time.process_time()
        told = explanations(scored, picks, plain(index.alpha), PICKS)
        spent.append(1e3 * (time.process_time() - start))
        errors.append(max(max(abs(one.sum_error), one.path_error) for one in told))
        fall = _falls(scored, np.array([index.row(pick.item_id) for pick in picks]))
        if np.isfinite(fall[-1]):  # else some item is all that the others do not cancel out: there is no list without it
            falls.append(fall)
    *table, without_random = np.array(falls).T
    print(f"-- {name}: {len(falls)} shoppers, α = {index.alpha:g}; without a random item {without_random.mean():.4f}")
    missed = False
    for way, fall in zip(WAYS, table, strict=True):
        if np.isnan(fall).all():
            continue
        ratio, low, high = _ratio(fall, without_random)
        print(f"   {way:<36} {fall.mean():.4f}, {ratio:5.1f} times ({low:.1f} to {high:.1f})")
        missed |= way == WAYS[0] and (ratio < TIMES or low <= 1)
    median, most = np.median(spent), np.percentile(spent, 95)
    print(f"   sums miss by at most {max(errors):.1e}; ten picks explained in {median:.1f} ms of CPU time, p95 {most:.1f}")
    return bool(missed or max(errors) > SUM or median > MILLISECONDS)


def _falls(scored: Scored, rows: np.ndarray) -> tuple[float, ...]:
    """Return the mean fall of a shopper's picks (index rows) without what each of WAYS names first, and without any item."""
    assert scored.taste is not None
    lost = scored.index.alpha * scored.taste.losses(scored.index, rows)
    found = attribution(scored.index, scored.taste, rows)
    assert found is not None
    own = np.searchsorted(found.places, scored.taste.places)
    picks = np.arange(len(rows))
    path = float(lost[found.parts[own].argmax(axis=0), picks].mean())
    looked = np.nan if found.attention is None else float(lost[found.attention[own].argmax()].mean())
    return path, looked, float(lost.max(axis=0).mean()), float(lost.mean())


def _ratio(fall: np.ndarray, without_random: np.ndarray) -> tuple[float, float, float]:
    """Return the ratio of the mean falls and its 95 % interval, shoppers drawn again."""
    drawn = np.random.default_rng(7).integers(0, len(fall), (RESAMPLES, len(fall)))
    again = fall[drawn].mean(axis=1) / without_random[drawn].mean(axis=1)
    low, high = np.quantile(again, [0.025, 0.975]).tolist()
    return float(fall.mean() / without_random.mean()), low, high


def _newest(store: Store, index: Index, home: Path) -> Model | None:
    """Return the model of the newest run of the workspace over the items of the index; None where there is no run."""
    folders = sorted(home.glob("runs/*/serving/model.json")) or sorted(home.glob("runs/*/held_out/model.json"))
    if not folders or index.encoder is None:
        return None
    loaded = item_vectors.load(store, index.encoder)
    vectors = np.zeros((len(index), loaded.matrix.shape[1]), np.float32)
    vectors[[index.rows[item] for item in loaded.ids.tolist()]] = loaded.matrix
    return load_model(folders[-1].parent).on(index.ids, vectors, index.encoder)


def _trained(store: Store, index: Index, workspace: Workspace) -> Model:
    """Return *quick*, trained on the training part, over the items of the index."""
    snapshot = take_snapshot(store, index, workspace)
    cut = split(snapshot.acts, Protocol.TEMPORAL)
    mixed = make_preset(Preset.QUICK, snapshot, 7)
    mixed.fit(cut.train(), cut.examples(Part.VALID))
    return mixed.model


def _parts(model: Model) -> str:
    towers = [f"{len(model.towers)} tower{'s' if len(model.towers) > 1 else ''}"] if model.towers else []
    return ", ".join([*towers, *(table.name for table in model.tables), *(["text"] if model.text_weight else [])])


if __name__ == "__main__":
    sys.exit(main())
