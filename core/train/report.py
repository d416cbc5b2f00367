"""Runs as lines for a terminal."""

from core.represent.registry import Live
from core.train.runs import Run, Scores, Tuned


def run_lines(run: Run) -> list[str]:
    """Return one run: its metrics with intervals, the gate, what it cost, and what can be done next."""
    request = run.request
    told = [
        f"Run {run.run_id}: {request.preset}, {request.protocol} split of data version {run.data_version}, "
        f"{run.users:,} shoppers asked, lists of {request.k}"
    ]
    if run.scores is not None:
        told += [_metric(name, run.scores) for name in run.scores.metrics]
    told += [row.in_words() + (f" {row.note}" if row.note else "") for row in run.gate]
    if run.tuned is not None:
        told.append(encoder_line(run.tuned))
    told += [score.in_words() for score in run.tasks]
    told += run.remarks
    told.append(f"{run.seconds:.0f} s, {run.peak_mb:,.0f} MB at most, α = {run.alpha:g}" if run.alpha is not None else "")
    if run.served_folder is not None:
        trained = "on everything" if run.refitted else "without the latest part (--refit trains on everything)"
        word = "" if run.passed else " --override REASON"
        told.append(f"Its model to serve is trained {trained}: python -m core promote {run.run_id}{word}")
    return [line for line in told if line]


def encoder_line(tuned: Tuned) -> str:
    """Return what a run's own text encoder is, and what tuning it gained, in a sentence."""
    gain, low, high = tuned.gain
    return (
        f"It reads texts through {tuned.encoder}, tuned on the training part: from an item's text to what others came to beside "
        f"it, NDCG@10 {tuned.before:.4f} before, {tuned.after:.4f} after ({gain:+.1%}; {low:+.1%} to {high:+.1%})."
    )


def table_lines(runs: list[Run], live: Live | None) -> list[str]:
    """Return a line a run, the served one marked."""
    if not runs:
        return ["There are no runs yet: python -m core train"]
    told = [
        "   run                   state        preset     split           data     NDCG   interval          seconds      MB  gate"
    ]
    for run in runs:
        mark = "*" if live is not None and live.run == run.run_id else " "
        head = f"{mark}  {run.run_id:<20}  {run.state:<11}  {run.request.preset:<9}  {run.request.protocol:<14}"
        told.append(
            f"{head}  {run.data_version:>4}  {_accuracy(run):<26}  {run.seconds:>7.0f}  {run.peak_mb:>6,.0f}  {_gate(run)}"
        )
    return [*told, f"* is served, since {live.promoted_at:%Y-%m-%d %H:%M} UTC" if live else "Zero-shot is served."]


def _metric(name: str, scores: Scores) -> str:
    value = scores.metrics[name]
    if value is None:
        return f"{name:>10}       n/a"
    low, high = scores.intervals.get(name, (None, None))
    return f"{name:>10}  {value:8.4f}" + (f"  ({low:.4f} to {high:.4f})" if low is not None else "")


def _accuracy(run: Run) -> str:
    if run.scores is None or run.scores.metrics["ndcg"] is None:
        return ""
    low, high = run.scores.intervals["ndcg"]
    return f"{run.scores.metrics['ndcg']:.4f}   {low:.4f} to {high:.4f}"


def _gate(run: Run) -> str:
    return "" if not run.gate else "passed" if run.passed else "not passed"
