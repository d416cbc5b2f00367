"""The commands about models: train, runs, promote, rollback, evaluate, crossval, export, tune."""

import time
from dataclasses import asdict
from datetime import UTC, datetime
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from core.base import jobs
from core.base.errors import BadInput
from core.base.jobs import Job, State
from core.base.workspace import Workspace
from core.terminal import AsJson, Home, answer, open_home, open_session, tell
from core.train.names import Model, Preset, Protocol, also

if TYPE_CHECKING:
    from core.represent.registry import Live, Ready
    from core.train.scorer import Scorer
    from core.train.snapshot import Snapshot

app = typer.Typer()
RunId = Annotated[str, typer.Argument(metavar="RUN", help="Id of a run, as `runs` lists it.")]
POLL_SECONDS = 0.3


@app.command()
def train(
    preset: Annotated[Preset, typer.Option(help="How much is spent.")] = Preset.QUICK,
    protocol: Annotated[Protocol, typer.Option(help="How to split the log.")] = Protocol.TEMPORAL,
    seed: Annotated[int | None, typer.Option(min=0, help="Of everything random (default: KINDRED_SEED, else 7).")] = None,
    refit: Annotated[bool, typer.Option("--refit", help="Then train the chosen configuration on everything, to serve.")] = False,
    lora: Annotated[bool, typer.Option("--lora", help="Tune the text encoder first, on the training part; minutes.")] = False,
    augment: Annotated[str, typer.Option(metavar="WAYS", help="Change histories while learning: crop,mask,reorder.")] = "",
    multi_task: Annotated[bool, typer.Option("--multi-task", help="Learn purchase propensity and rating besides.")] = False,
    resume: Annotated[str | None, typer.Option(metavar="RUN", help="Go on with an interrupted run instead.")] = None,
    home: Home = None,
    as_json: AsJson = False,
) -> None:
    """Train a model in a process of its own, judge it on the test part, and compare it with what is there."""
    from core.train import runs, worker
    from core.train.report import run_lines
    from core.train.runs import Request

    settings, workspace = open_home(home)
    if resume is not None:
        run = worker.resume(workspace, resume)
    else:
        options = also([way.strip() for way in augment.split(",") if way.strip()], multi_task)
        request = Request(preset, protocol, settings.seed if seed is None else seed, refit, options=options, lora=lora)
        run = worker.start(workspace, _snapshot(home, with_feedback=True), request)
    _follow(workspace, str(run.job_id), run.run_id)
    done = runs.read(workspace.home, run.run_id)
    if as_json:
        answer(done.as_json(), True, "")
    else:
        typer.echo("\n".join(run_lines(done)))


@app.command()
def runs(home: Home = None, as_json: AsJson = False) -> None:
    """List the runs, newest first, and which of them is served."""
    from core.represent import registry
    from core.train.report import table_lines
    from core.train.runs import runs as read_runs

    workspace = open_home(home)[1]
    found, live = read_runs(workspace.home), registry.live(workspace.home)
    if as_json:
        told = [{**run.as_json(), "live": live is not None and live.run == run.run_id} for run in found]
        answer({"runs": told, "live": live.run if live else None}, True, "")
    else:
        typer.echo("\n".join(table_lines(found, live)))


@app.command()
def promote(
    run: RunId,
    override: Annotated[str | None, typer.Option(metavar="REASON", help="Why, where it did not pass the gate; logged.")] = None,
    by: Annotated[str | None, typer.Option(help="Who decides (default: the user of this computer).")] = None,
    home: Home = None,
    as_json: AsJson = False,
) -> None:
    """Serve a run from now on, if it beat popularity, zero-shot and what is served now."""
    from core.train import promotion

    workspace = open_home(home)[1]
    live = promotion.promote(workspace.home, run, by=by, override=override, ready=_encoder_ready(home))
    answer(
        {"live": live.run, "folder": live.folder, "by": live.by, "override": live.override, "told": promotion.told(live)},
        as_json,
        "{told}",
    )


@app.command()
def rollback(
    why: Annotated[str, typer.Option(help="Why; logged.")] = "",
    by: Annotated[str | None, typer.Option(help="Who decides (default: the user of this computer).")] = None,
    home: Home = None,
    as_json: AsJson = False,
) -> None:
    """Serve what was served before the latest promotion."""
    from core.train import promotion

    workspace = open_home(home)[1]
    live = promotion.rollback(workspace.home, by=by, why=why, ready=_encoder_ready(home))
    answer({"live": live.run if live else None, "told": promotion.told(live)}, as_json, "{told}")


@app.command()
def evaluate(
    model: Annotated[Model, typer.Option(help="What to judge.")] = Model.ZERO_SHOT,
    run: Annotated[str | None, typer.Option(metavar="RUN", help="Judge this run's model instead, on its own data.")] = None,
    protocol: Annotated[Protocol | None, typer.Option(help="How to split the log (default: temporal, or the run's).")] = None,
    k: Annotated[int, typer.Option("-k", "--k", min=1, help="Length of the lists.")] = 10,
    home: Home = None,
    as_json: AsJson = False,
) -> None:
    """Judge a model on the shop's own log: full ranking, seen items masked, settings chosen on the validation part."""
    from core.train.evaluate import evaluate as evaluate_model
    from core.train.models import make
    from core.train.protocol import split

    settings, workspace = open_home(home)
    if run is not None:
        from core.train.learned import evaluate_run

        report = evaluate_run(workspace.home, run, protocol, k, tell)
    else:
        snapshot = _snapshot(home)
        cut = split(snapshot.acts, protocol or Protocol.TEMPORAL)
        report = evaluate_model(make(model, snapshot, settings.alpha), snapshot, cut, k=k, seed=settings.seed, progress=tell)
    if as_json:
        answer(report.as_json(), True, "")
    else:
        typer.echo("\n".join(report.lines()))


@app.command()
def crossval(
    preset: Annotated[Preset | None, typer.Option(help="Cross-validate a preset …")] = None,
    model: Annotated[Model, typer.Option(help="… or a model that needs no run.")] = Model.ZERO_SHOT,
    folds: Annotated[int, typer.Option(help="How many moments of the log, 2 to 5.")] = 3,
    k: Annotated[int, typer.Option("-k", "--k", min=1, help="Length of the lists.")] = 10,
    home: Home = None,
    as_json: AsJson = False,
) -> None:
    """Train and ask a model at several moments of the log, each time on its future: how steady it is."""
    from core.train.crossval import cross_validate
    from core.train.models import make
    from core.train.presets import make_preset

    settings, _ = open_home(home)
    snapshot = _snapshot(home)

    def fresh() -> "Scorer":
        if preset in (Preset.QUICK, Preset.BEST):
            return make_preset(preset, snapshot, settings.seed)
        return make(model, snapshot, settings.alpha)

    found = cross_validate(fresh, snapshot, folds=folds, k=k, seed=settings.seed, progress=tell)
    if as_json:
        answer(found.as_json(), True, "")
    else:
        typer.echo("\n".join(found.lines()))


@app.command()
def export(
    out: Annotated[Path, typer.Option(help="Folder for the lists; a batch that was stopped goes on in it.")],
    top: Annotated[int, typer.Option(min=1, help="Items a shopper.")] = 20,
    alpha: Annotated[float | None, typer.Option(help="Weight of taste against quality, 0..1 (default: what is served).")] = None,
    home: Home = None,
    as_json: AsJson = False,
) -> None:
    """Write the list of every shopper, as served now or by α alone, as Parquet: OUT/bucket=N/lists.parquet."""
    from core.represent import registry
    from core.score.batch import export_lists
    from core.score.plan import differs, live_plan, plain

    with open_session(home) as session:
        index = session.index()
        served = live_plan(session.store, index) if alpha is None else plain(alpha)
        each = alpha is None and (served.learning is not None or differs(session.store))
        live = registry.live(session.settings.home) if index.model else None
        done = export_lists(
            session.store,
            index,
            out.resolve(),
            top=top,
            plan=served,
            plan_of=partial(live_plan, session.store, index) if each else None,
            model=live.run if live else None,
            progress=tell,
        )
    told = {
        "folder": str(done.folder),
        "buckets": done.buckets,
        "made": done.made,
        "shoppers": done.shoppers,
        "lines": done.lines,
    }
    sentence = "{lines:,} lines for {shoppers:,} shoppers in {folder}: {made} of {buckets} buckets made, the others were there"
    answer({**told, "model": live.run if live else None}, as_json, sentence)


@app.command()
def tune(
    name: Annotated[str, typer.Option(help="What to call the tuned encoder; its folder is HOME/encoders/NAME.")] = "tuned",
    protocol: Annotated[Protocol, typer.Option(help="Only the training part of this split is learned from.")] = Protocol.TEMPORAL,
    seed: Annotated[int | None, typer.Option(min=0, help="Of everything random (default: KINDRED_SEED, else 7).")] = None,
    home: Home = None,
    as_json: AsJson = False,
) -> None:
    """Tune the text encoder itself (LoRA) on what the shop's shoppers come to together; minutes on two cores."""
    from core.represent.encoder import encoder_folder
    from core.train.adapters import LoraOptions
    from core.train.lora import tune_encoder
    from core.train.protocol import split

    settings, workspace = open_home(home)
    snapshot = _snapshot(home)
    options = LoraOptions(
        base=encoder_folder(settings), name=name, threads=settings.threads, seed=settings.seed if seed is None else seed
    )
    tuned = tune_encoder(snapshot, split(snapshot.acts, protocol), workspace.home, options, tell)
    told = {
        "encoder": str(tuned.folder),
        "before": asdict(tuned.before),
        "after": asdict(tuned.after),
        "gains": {measure: list(gain) for measure, gain in tuned.gains.items()},
        "seconds": round(tuned.seconds, 1),
    }
    answer(told, as_json, _TUNED.format(tuned=tuned).replace("{", "{{").replace("}", "}}"))


_TUNED = (
    "From a title to what held-out shoppers came to beside it, NDCG@10 as served: {tuned.before.whitened_ndcg:.4f} before, "
    "{tuned.after.whitened_ndcg:.4f} after {tuned.seconds:.0f} s. To use it: KINDRED_ENCODER={tuned.folder}"
)


def _snapshot(home: Path | None, with_feedback: bool = False) -> "Snapshot":
    """Return a snapshot of the shop as it is now, everything derived brought up to date first.

    with_feedback: take what shoppers said in the shop into the log before; what was only tried out in the preview stays out.
    """
    from core.train.snapshot import take_snapshot
    from core.update.absorb import absorb

    with open_session(home) as session:
        if with_feedback and (taken := absorb(session.store, now=datetime.now(UTC).replace(tzinfo=None))).read:
            tell(0.0, f"Taking {taken.loaded:,} reactions of shoppers into the log (import {taken.import_id})")
        return take_snapshot(session.store, session.index(), session.workspace)


def _encoder_ready(home: Path | None) -> "Ready":
    """Return what encodes the shop's texts for a model that an encoder was tuned for; the store is opened only for that."""
    from core.represent import registry
    from core.represent.item_vectors import embed_served

    def encode(live: "Live") -> None:
        folder = registry.encoder_folder(open_home(home)[1].home, live)
        if folder is not None:
            with open_session(home) as session:
                embed_served(session.store, session.settings, folder, tell)

    return encode


def _follow(workspace: Workspace, job_id: str, run_id: str) -> None:
    """Tell a job's steps until it ends; Ctrl-C cancels it. Raises BadInput where it did not end well."""
    told = None
    try:
        while (job := jobs.read(workspace.jobs, job_id)).active:
            if told != (told := (job.done, _said(job))):
                tell(*told)
            time.sleep(POLL_SECONDS)
    except KeyboardInterrupt:
        jobs.cancel(workspace.jobs, job_id)
        raise BadInput(f"Cancelled. Go on with it by: python -m core train --resume {run_id}") from None
    if job.defect:
        typer.echo(f"{jobs.log_tail(workspace.jobs, job_id)}\n{job.error}", err=True)
        raise typer.Exit(1)
    if job.state is not State.DONE:
        raise BadInput(job.error or f"The training was {job.state}. Go on with it by: python -m core train --resume {run_id}")


def _said(job: Job) -> str:
    if job.state is State.QUEUED:
        return "Waiting for another training to end"
    left = job.seconds_left(datetime.now(UTC))
    return f"{job.message}" + (f" ({left:.0f} s left)" if left is not None else "")
