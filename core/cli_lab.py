"""The commands of the recommendation lab: feedback."""

from datetime import UTC, datetime
from typing import Annotated

import typer

from core.base.errors import BadInput
from core.base.schema import Feedback
from core.terminal import AsJson, Home, answer, open_session

app = typer.Typer()


@app.command()
def feedback(
    user: Annotated[str | None, typer.Option(help="Shopper id, a new one too.")] = None,
    item: Annotated[str | None, typer.Option(help="Item id.")] = None,
    kind: Annotated[Feedback | None, typer.Option(help="What they say to it.")] = None,
    undo: Annotated[int | None, typer.Option(metavar="ID", help="Take this feedback back instead.")] = None,
    surface: Annotated[str, typer.Option(help="Where it was given; 'preview' is no visit of the shopper.")] = "shop",
    home: Home = None,
    as_json: AsJson = False,
) -> None:
    """Record what a shopper says to an item; their next list counts it. With --user alone: list what they said."""
    from core.update import feedback as said

    now = datetime.now(UTC).replace(tzinfo=None)
    with open_session(home) as session:
        if undo is not None:
            said.undo(session.store, undo, now)
            answer({"feedback_id": undo, "undone": True}, as_json, "Feedback {feedback_id} is taken back.")
        elif user is None:
            raise BadInput("Say whose feedback it is with --user, or which to take back with --undo.")
        elif item is None and kind is None:
            listed = said.given(session.store, user)
            found = [{**row, "ts": row["ts"].isoformat()} for row in listed.astype(object).where(listed.notna(), None).to_dict("records")]
            answer({"user": user, "feedback": found}, as_json, listed.to_string(index=False) if found else "No feedback yet.")
        elif item is None or kind is None:
            raise BadInput("Feedback needs an item and what is said to it: --item ID --kind like, dislike, click …")
        else:
            number = said.give(session.store, user, item, kind, surface=surface, now=now)
            told = {"feedback_id": number, "user": user, "item": item, "kind": str(kind), "undone": False}
            answer(told, as_json, "{user}: {kind} {item}. Take it back with --undo {feedback_id}.")


@app.command()
def absorb(
    preview: Annotated[bool, typer.Option("--preview", help="Also what was tried out in the preview.")] = False,
    home: Home = None,
    as_json: AsJson = False,
) -> None:
    """Take feedback into the log: clicks, adds, buys and likes become events of one import, which can be undone."""
    from core.update.absorb import absorb as take

    with open_session(home) as session:
        taken = take(session.store, preview=preview, now=datetime.now(UTC).replace(tzinfo=None))
        answer(taken.as_json(), as_json, "{read:,} reactions read = {loaded:,} loaded + {quarantined:,} quarantined")
