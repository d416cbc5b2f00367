"""``python -m core …``: every operator task without the UI, by the same functions.

Exit status: 0 done; 2 a mistake the user can mend, with a sentence on stderr. ``--json`` prints one JSON object on
stdout; everything else goes to stderr.
"""

import json
import sys
from pathlib import Path
from typing import Annotated

import typer

from core import cli_lab, cli_learning, cli_models, cli_trials
from core.base.errors import BadInput
from core.base.schema import FileKind
from core.terminal import AsJson, Home, answer, open_session, tell

app = typer.Typer(
    help="Kindred: a recommendation studio for online shops.",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
)


@app.command()
def demo(home: Home = None, as_json: AsJson = False) -> None:
    """Simulate the demo shop and load it."""
    from core.update.bring_in import load_demo

    with open_session(home) as session:
        result = load_demo(session.store, session.workspace, session.settings, session.load_encoder, tell)
        totals = {name: sum(getattr(file, name) for file in result.files) for name in ("read", "loaded", "quarantined")}
        answer(
            {**totals, **result.as_json()},
            as_json,
            "Demo shop: {read:,} rows read = {loaded:,} loaded + {quarantined:,} quarantined",
        )


@app.command("import")
def import_(
    file: Annotated[Path, typer.Argument(help="CSV, TSV, JSON Lines, Parquet or XLSX, gzip too.")],
    kind: Annotated[FileKind | None, typer.Option(help="What the file holds; detected where not given.")] = None,
    columns: Annotated[str, typer.Option("--map", help="field=column,… ; field==value for a constant.")] = "",
    home: Home = None,
    as_json: AsJson = False,
) -> None:
    """Load a file: every row is loaded or quarantined with a reason."""
    from core.ingest.load import import_file
    from core.ingest.mapping import parse_map

    chosen, constants = parse_map(columns)
    with open_session(home, file) as session:
        result = import_file(
            session.store, session.workspace, file.resolve(), kind=kind, columns=chosen, constants=constants, progress=tell
        )
        answer(result.as_json(), as_json, "{read:,} rows read = {loaded:,} loaded + {quarantined:,} quarantined")
        if not as_json:
            for reason, rows in result.reasons.items():
                typer.echo(f"  {rows:>9,}  {reason}")
            for note in result.notes:
                typer.echo(f"  note: {note}")


@app.command()
def embed(home: Home = None, as_json: AsJson = False) -> None:
    """Encode the item texts that are not in the cache yet."""
    from core.profiles.rollups import rebuild_rollups
    from core.represent import registry
    from core.represent.item_vectors import embed as embed_items
    from core.represent.item_vectors import embed_served

    with open_session(home) as session:
        rebuild_rollups(session.store, tell)
        result = embed_items(session.store, session.load_encoder(), tell)
        embed_served(session.store, session.settings, registry.live_encoder(session.settings.home), tell)
        answer(
            {"items": result.items, "encoded": result.encoded, "from_cache": result.from_cache, "seconds": result.seconds},
            as_json,
            "{items:,} items: {encoded:,} texts encoded in {seconds:.1f} s, {from_cache:,} from the cache",
        )


@app.command()
def segments(home: Home = None, as_json: AsJson = False) -> None:
    """Group the shoppers and describe each group."""
    from core.profiles.segments import report

    with open_session(home) as session:
        session.find_segments()
        result = report(session.store)
        if as_json:
            answer(result.as_json(), True, "")
        else:
            for segment in result.segments:
                typer.echo(f"{segment.size:>8,}  {segment.share:>5.1%}  {segment.name}\n           {segment.portrait}")
                for rule in segment.rules:
                    typer.echo(f"           if {rule}: {rule.coverage:.0%} of them, right for {rule.precision:.0%}")


@app.command()
def stickiness(home: Home = None, as_json: AsJson = False) -> None:
    """Count who comes back, who buys again and who is about to leave: everyone, by segment, by platform."""
    from core.profiles.stickiness import report
    from core.profiles.stickiness_build import rebuild_stickiness

    with open_session(home) as session:
        session.find_segments()
        rebuild_stickiness(session.store, session.settings, tell)
        result = report(session.store)
        if as_json:
            answer(result.as_json(), True, "")
        else:
            typer.echo("\n".join(result.lines()))


@app.command()
def profile(
    user: Annotated[str, typer.Option(help="Shopper id.")],
    home: Home = None,
    as_json: AsJson = False,
) -> None:
    """Show one shopper: behaviour beside the shop's, segment, interests, and who they are close to."""
    from core.profiles.profile import profile as read_profile

    with open_session(home) as session:
        session.find_segments()
        found = read_profile(session.store, user, session.settings.half_life_days)
        answer(found.as_json(), as_json, found.in_words().replace("{", "{{").replace("}", "}}"))


@app.command()
def users(
    limit: Annotated[int, typer.Option(min=1, help="How many, most active first.")] = 20,
    home: Home = None,
    as_json: AsJson = False,
) -> None:
    """List the most active shoppers."""
    from core.profiles.behaviour import rebuild_shoppers
    from core.profiles.rollups import rebuild_rollups
    from core.profiles.shopper import users as list_users

    with open_session(home) as session:
        rebuild_rollups(session.store, tell)
        rebuild_shoppers(session.store, tell)
        frame = list_users(session.store, limit)
        answer({"users": json.loads(frame.to_json(orient="records", date_format="iso"))}, as_json, frame.to_string(index=False))


@app.command()
def recommend(
    user: Annotated[str, typer.Option(help="Shopper id.")],
    k: Annotated[int, typer.Option("-k", "--k", help="How many items.")] = 10,
    alpha: Annotated[float | None, typer.Option(help="Weight of taste against quality, 0..1 (default: what is served).")] = None,
    explain: Annotated[
        bool, typer.Option("--explain", help="Add up each taste over the history, and tell what moves it.")
    ] = False,
    home: Home = None,
    as_json: AsJson = False,
) -> None:
    """Rank items for one shopper, each with its reasons: the list that is served now, or the same at another α."""
    from core.score.explanation import explanations
    from core.score.plan import live_plan
    from core.score.recommend import score_shopper

    with open_session(home) as session:
        index = session.index()
        scored = score_shopper(session.store, index, user)
        served = scored.plan(alpha, live_plan(session.store, index, user))
        result = scored.rank(k=k, plan=served)
        told = explanations(scored, result.picks, served, k) if explain else ()
        if as_json:
            found = result.as_json()
            for item, one in zip(found["items"], told, strict=False):
                item["explanation"] = one.as_json()
            answer(found, True, "")
            return
        typer.echo(f"{user}: {result.sentence}")
        for place, pick in enumerate(result.picks):
            lines = ("; ".join(pick.reasons), pick.moved, *(told[place].lines() if told else ()))
            typer.echo(f"{pick.rank:>3}. {pick.title}  [{pick.item_id}]  {pick.sum}")
            typer.echo("\n".join(f"     {line}" for line in lines if line))


@app.command()
def item(
    item_id: Annotated[str, typer.Option("--item", help="Item id.")],
    home: Home = None,
    as_json: AsJson = False,
) -> None:
    """Show one item: attributes, price tier, keywords, ratings, what reviews say, nearest items, warnings."""
    from core.represent.item import item as read_item
    from core.score.similar import similar

    with open_session(home) as session:
        index = session.index()
        found, near = read_item(session.store, item_id), similar(index, item_id)
        if as_json:
            answer({**found.as_json(), "nearest": [one.as_json() for one in near]}, True, "")
        else:
            for line in (*found.lines(), *(f"near      {one.cosine:5.2f}  {one.title}  [{one.item_id}]" for one in near)):
                typer.echo(line)


app.add_typer(cli_models.app)
app.add_typer(cli_lab.app)
app.add_typer(cli_trials.app)
app.add_typer(cli_learning.app)


def main() -> None:
    """Run the command line; print a sentence and exit with 2 on a mistake the user can mend."""
    try:
        app()
    except BadInput as error:
        typer.echo(str(error), err=True)
        sys.exit(2)
