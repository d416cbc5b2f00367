"""The commands of experiments and iteration: plan, start, stop and read an experiment; what a change brought; the policy."""

from datetime import UTC, datetime
from typing import TYPE_CHECKING, Annotated, Any, Literal

import typer

from core.base.errors import BadInput
from core.terminal import AsJson, Home, Session, answer, open_session, tell
from core.update.experiments import Experiment, Measure

if TYPE_CHECKING:
    from core.update.outcomes import Results

app = typer.Typer()
Number = Annotated[int | None, typer.Argument(help="Experiment; the running or latest one where not given.")]
Do = Annotated[
    Literal["read", "list", "plan", "start", "stop", "simulate", "clear"],
    typer.Option(help="What to do; simulate, clear: made-up shoppers of the demo shop."),
]
Side = typer.Option(help="Release, 0 = the model's own α.")


@app.command()
def experiment(
    number: Number = None,
    do: Do = "read",
    name: Annotated[str, typer.Option(help="Of a plan.")] = "",
    control: Annotated[int, Side] = 0,
    treatment: Annotated[int, Side] = 0,
    share: Annotated[float, typer.Option(help="Of shoppers who get the treatment.")] = 0.5,
    measure: Annotated[Measure, typer.Option(help="What decides.")] = Measure.CTR,
    effect: Annotated[float, typer.Option(help="Smallest relative change worth finding.")] = 0.1,
    why: Annotated[str, typer.Option(help="Of a start or a stop.")] = "",
    author: Annotated[str, typer.Option(help="Who does it.")] = "",
    home: Home = None,
    as_json: AsJson = False,
) -> None:
    """Read an experiment (verdict, figures, intervals that hold at every look), or plan, start and stop one."""
    from core.update import experiments, simulated

    now = datetime.now(UTC).replace(tzinfo=None)
    with open_session(home) as session:
        store = session.store
        match do:
            case "list":
                _list(experiments.every(store), as_json)
                return
            case "plan":
                asked = {"measure": measure, "effect": effect, "share": share, "author": author, "now": now}
                made = _planned(session, name, control or None, treatment or None, **asked)
            case "start":
                made = experiments.start(store, _chosen(session, number).experiment_id, author, why, now)
            case "stop":
                made = experiments.stop(store, _chosen(session, number).experiment_id, author, why, now)
            case _:
                made = _chosen(session, number)
        if do == "simulate":
            simulated.simulate(store, session.index(), session.workspace, made, seed=session.settings.seed, progress=tell)
        elif do == "clear":
            simulated.clear(store, made.experiment_id)
        _tell(_results(session, made), as_json)


@app.command()
def policy(home: Home = None, as_json: AsJson = False) -> None:
    """Say whether a new training is due by the policy in force, and why. Starts nothing."""
    from core.profiles.rollups import rebuild_rollups
    from core.update import retrain

    with open_session(home) as session:
        rebuild_rollups(session.store, tell)
        chosen = retrain.policy(session.store)
        said = retrain.verdict(session.store, session.workspace.home, chosen, datetime.now(UTC).replace(tzinfo=None))
        told = {**said.as_json(), "said": " ".join(said.reasons)}
        answer(told, as_json, "A training is {verdict}. {said}")


@app.command()
def iteration(home: Home = None, as_json: AsJson = False) -> None:
    """Tell what came after each release and each model served: who was shown a list of it, beside who was not."""
    from core.update import iterate

    with open_session(home) as session:
        session.bring_up_to_date()
        told: list[dict[str, Any]] = []
        for change in iterate.changes(session.store, session.workspace.home):
            found = iterate.effect(session.store, change, session.settings.seed)
            about = {"what": str(change.what), "key": change.key, "at": change.at.isoformat()}
            known = {"why_not": found} if isinstance(found, str) else found.as_json()
            told.append({**known, "change": about})
        lines = [f"{one['change']['what']} {one['change']['key']}: {one.get('why_not') or one['difference']}" for one in told]
        answer({"changes": told, "said": "\n".join(lines) or "Nothing was changed yet."}, as_json, "{said}")


def _planned(session: Session, name: str, control: int | None, treatment: int | None, **asked: Any) -> Experiment:
    from core.update import experiments, traffic

    rates = {one: known.rate for one in Measure if (known := traffic.base_of(session.store, one))}
    return experiments.plan(session.store, name, control=control, treatment=treatment, base=rates, **asked)


def _list(every: tuple[Experiment, ...], as_json: bool) -> None:
    told = {"experiments": [one.as_json() for one in every], "said": "\n".join(map(_line, every)) or "No experiment yet."}
    answer(told, as_json, "{said}")


def _chosen(session: Session, number: int | None) -> Experiment:
    from core.update import experiments

    if number is not None:
        return experiments.experiment(session.store, number)
    there = experiments.running(session.store) or next(iter(experiments.every(session.store)), None)
    if there is None:
        raise BadInput("There is no experiment yet. Plan one: experiment --do plan --name NAME --treatment RELEASE")
    return there


def _results(session: Session, one: Experiment) -> "Results":
    from core.update.outcomes import results

    return results(session.store, one)


def _tell(found: "Results", as_json: bool) -> None:
    told = found.as_json()
    answer(told if as_json else {"line": _line(found.experiment), "said": found.sentence()}, as_json, "{line}\n{said}")


def _line(one: Experiment) -> str:
    return f"{one.experiment_id} {one.name}: {one.stage}, release {one.control or 'none'} against {one.treatment or 'none'}"
