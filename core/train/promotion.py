"""Serve a run, if it deserves it: the gate stands here, and whoever passes it by says why."""

from pathlib import Path

from core.base.errors import BadInput
from core.base.jobs import State
from core.represent import registry
from core.represent.registry import Live, Ready
from core.train import runs
from core.train.names import Preset
from core.train.runs import Run


def promote(
    home: Path,
    run_id: str,
    *,
    by: str | None = None,
    why: str = "",
    override: str | None = None,
    ready: Ready = lambda _: None,
) -> Live:
    """Serve this run from now on, and log it. by: None = the user of the operating system.

    override: why it is served although it has not passed the gate; ready: makes what the model needs before the switch: the
    vectors of the shop's texts, where an encoder was tuned for it (``core.represent.item_vectors.embed_served``). Raises
    BadInput where the run is not done, has no model, or has not passed the gate and no reason is given: the message is the
    gate's table in words.
    """
    run = runs.read(home, run_id)
    folder = _servable(run)
    forced = not run.passed
    if forced and not (override or "").strip():
        rows = " ".join(row.in_words() for row in run.gate)
        raise BadInput(f"Run {run_id} has not passed the gate. {rows} To serve it all the same, say why (--override REASON).")
    why = (override or "") if forced else why
    return registry.promote(home, run_id, folder, by=by, why=why, override=forced, ready=ready)


def rollback(home: Path, *, by: str | None = None, why: str = "", ready: Ready = lambda _: None) -> Live | None:
    """Serve what was served before, and log it; None = zero-shot. Raises BadInput where there is nothing to go back to."""
    return registry.rollback(home, by=by, why=why, ready=ready)


def told(live: Live | None) -> str:
    """Return what is served now, in a sentence that says where it learned from the training part alone."""
    if live is None:
        return "Zero-shot is served."
    if live.folder.endswith(runs.SERVING):
        return f"Run {live.run} is served, trained on everything."
    return f"Run {live.run} is served as it was judged: trained without the latest part. Train with --refit for everything."


def _servable(run: Run) -> str:
    """Return the folder of the run's model, relative to home; BadInput where it has none."""
    if run.request.preset is Preset.ZERO_SHOT:
        best = "" if run.alpha is None else f" Its best weight is KINDRED_ALPHA={run.alpha:g}."
        raise BadInput(f"Run {run.run_id} trained nothing, so there is nothing to serve: zero-shot needs no promotion.{best}")
    if run.state is not State.DONE or run.served_folder is None:
        raise BadInput(f"Run {run.run_id} is {run.state}, so it cannot be served. Resume it or train again.")
    return run.served_folder
