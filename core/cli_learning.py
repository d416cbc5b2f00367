"""The commands of learning from clicks: lists that are shown, learning from them, and the replay on the demo shop."""

from datetime import UTC, datetime
from typing import Annotated

import typer

from core.terminal import AsJson, Home, answer, open_session, tell

app = typer.Typer()
CHANGES = ("freeze", "unfreeze", "reset", "restore")


@app.command()
def shown(
    user: Annotated[str, typer.Option(help="Shopper id.")],
    surface: Annotated[str, typer.Option(help="Where the shop shows it; 'preview' teaches nothing.")] = "shop",
    k: Annotated[int, typer.Option("-k", "--k", min=1, help="How many items.")] = 10,
    home: Home = None,
    as_json: AsJson = False,
) -> None:
    """Give the list that is served and record that it is shown: clicks answer it with `feedback --list`."""
    from core.update.showing import show

    with open_session(home) as session:
        list_id, best = show(session.store, session.index(), session.workspace.home, user, k, surface=surface, now=_now())
        told = {"list": list_id, **best.as_json()}
        if as_json:
            answer(told, True, "")
        else:
            typer.echo("\n".join([f"List {list_id}", *(f"{pick.rank:>3}  {pick.item_id}  {pick.title}" for pick in best.picks)]))


@app.command()
def learn(
    change: Annotated[str | None, typer.Option(help=f"Instead of learning: {', '.join(CHANGES)}.")] = None,
    author: Annotated[str, typer.Option(help="Who decides.")] = "command line",
    home: Home = None,
    as_json: AsJson = False,
) -> None:
    """Learn from the lists that were shown and what was clicked; each list counts once."""
    from core.update import learning_log, online

    with open_session(home) as session:
        if change is None:
            lesson = online.learn(session.store, session.index(), _now(), author=author)
            answer(
                lesson.as_json(), as_json, "{lists:,} lists learned from, {clicks:,} clicks; {waiting:,} wait for their clicks."
            )
        elif change in CHANGES:
            getattr(learning_log, change)(session.store, author, _now())
            answer({"done": change}, as_json, "Done: {done}.")
        else:
            raise typer.BadParameter(f"Choose one of {', '.join(CHANGES)}.", param_hint="--change")


@app.command()
def replay(
    lists: Annotated[int, typer.Option(min=50, help="Lists shown a seed, of 10 places: 2,000 lists = 20,000 places.")] = 20_000,
    seeds: Annotated[int, typer.Option(min=1, help="How often, each time with other visits.")] = 5,
    home: Home = None,
    as_json: AsJson = False,
) -> None:
    """Replay made-up visits to the demo shop: click-through of learning against the frozen ranker, popularity, random."""
    from core.update.replay import replay_shop

    with open_session(home) as session:
        made = replay_shop(
            session.store, session.index(), session.workspace, lists=lists, seeds=range(1, seeds + 1), progress=tell
        )
        if as_json:
            answer(made.as_json(), True, "")
        else:
            typer.echo("\n".join(made.lines()))


def _now() -> datetime:
    return datetime.now(UTC).replace(tzinfo=None)
