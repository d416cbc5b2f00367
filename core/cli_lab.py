"""The commands of the recommendation lab: the surfaces of the shop window, ads, feedback, the α curve."""

import json
from collections.abc import Callable
from dataclasses import asdict
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, Literal

import typer

from core.base.errors import BadInput
from core.base.schema import Feedback
from core.score.lifts import Action
from core.terminal import AsJson, Home, Session, answer, open_session, tell

if TYPE_CHECKING:
    from core.base.db import Store
    from core.score.actions import Valued
    from core.score.index import Index
    from core.score.surface import Surface

app = typer.Typer()
Places = Annotated[int, typer.Option("-k", "--k", min=1, help="How many items.")]
Item = Annotated[str, typer.Option("--item", help="Item id.")]
Anyone = Annotated[str | None, typer.Option("--user", help="Shopper id; nobody in particular where not given.")]


@app.command()
def similar(item: Item, k: Places = 10, home: Home = None, as_json: AsJson = False) -> None:
    """List the items most like one: by the served model, else by text."""
    from core.score.similar import alike

    _show(home, as_json, lambda store, index: alike(store, index, item, k))


@app.command()
def together(item: Item, k: Places = 10, home: Home = None, as_json: AsJson = False) -> None:
    """List what is bought with an item: support, confidence, lift and how sure it is."""
    from core.score.together import together as taken_with

    _show(home, as_json, lambda store, index: taken_with(store, index, item, k))


@app.command()
def basket(
    items: Annotated[str, typer.Option(help="Item ids, with commas between them.")],
    k: Places = 10,
    home: Home = None,
    as_json: AsJson = False,
) -> None:
    """List what completes a basket, and which of its items asks for it."""
    from core.score.together import complete

    held = [item.strip() for item in items.split(",") if item.strip()]
    _show(home, as_json, lambda store, index: complete(store, index, held, k))


@app.command()
def trending(
    order: Annotated[Literal["demand", "rise"], typer.Option(help="The highest demand first, or the surest rise.")] = "demand",
    half_life: Annotated[float | None, typer.Option(help="Days (default: the shortest with enough events).")] = None,
    k: Places = 10,
    home: Home = None,
    as_json: AsJson = False,
) -> None:
    """List what is in demand of late, or rising beyond chance."""
    from core.score.trending import Order
    from core.score.trending import trending as in_demand

    _show(home, as_json, lambda store, index: in_demand(store, index, half_life, Order(order), k))


@app.command()
def arrivals(user: Anyone = None, k: Places = 10, home: Home = None, as_json: AsJson = False) -> None:
    """List what is new; for a shopper, the nearest to their taste first."""
    from core.score.newest import newest

    _show(home, as_json, lambda store, index: newest(store, index, user, k))


@app.command()
def content(user: Anyone = None, k: Places = 10, home: Home = None, as_json: AsJson = False) -> None:
    """List articles, guides and videos by the time they will hold a shopper."""
    from core.score.reading import content as pieces

    _show(home, as_json, lambda store, index: pieces(store, index, user, k))


@app.command()
def ads(
    user: Annotated[str, typer.Option("--user", help="Shopper id.")],
    k: Places = 3,
    home: Home = None,
    as_json: AsJson = False,
) -> None:
    """List the sponsored places of a shopper: chance of a click × bid, and why the other campaigns are not shown."""
    from core.score.sponsored import sponsored

    _show(home, as_json, lambda store, index: sponsored(store, index, user, k))


@app.command()
def redemption(home: Home = None, as_json: AsJson = False) -> None:
    """Tell how well it can be told who redeems which campaign's coupons, and how many each campaign may expect."""
    from core.profiles.coupons import coupon_campaigns, coupon_report

    with open_session(home) as session:
        session.bring_up_to_date()
        report, found = coupon_report(session.store), coupon_campaigns(session.store)
        listed = json.loads(found.to_json(orient="records", date_format="iso"))
        told = {"sentence": report.sentence, **asdict(report), "coupon_campaigns": listed}
        answer(told, as_json, "{sentence}")
        if listed and not as_json:
            typer.echo(found.to_string(index=False))


def _show(home: Path | None, as_json: bool, make: "Callable[[Store, Index], Surface[Any]]") -> None:
    with open_session(home) as session:
        made = make(session.store, session.index())
        if as_json:
            answer(made.as_json(), True, "")
        else:
            typer.echo("\n".join(made.lines()))


@app.command()
def actions(
    user: Annotated[str | None, typer.Option(help="Shopper id: every action on them, each with its sum.")] = None,
    segment: Annotated[int | None, typer.Option(help="Number of a segment.")] = None,
    assume: Annotated[list[str] | None, typer.Option(metavar="NAME=VALUE", help="Instead of what is in force.")] = None,
    out: Annotated[Path | None, typer.Option(help="Write the audience here as CSV, and record it.")] = None,
    action: Annotated[Action | None, typer.Option(help="Of the audience; default: each shopper their best one.")] = None,
    hold_back: Annotated[float, typer.Option(help="Share of the audience left alone by lot, to measure the effect.")] = 0.0,
    products_for: Annotated[int, typer.Option(min=0, help="Shoppers whose products are named, the most valuable first.")] = 500,
    home: Home = None,
    as_json: AsJson = False,
) -> None:
    """Tell the next best action for segments or a shopper: win back, remind, coupon, upsell, welcome, with what it is worth."""
    from core.score import action_report as report
    from core.score.actions import value
    from core.score.assumptions import parse, stated

    with open_session(home) as session:
        index = session.index()
        valued = value(session.store, parse(assume or [], stated(session.store)))
        if valued is None:
            raise BadInput("The log is too short: it takes two days or more to tell who orders anyway.")
        if out is not None:
            _take_along(session, index, valued, out, action, segment, hold_back, products_for, as_json)
        elif user is not None:
            told = report.shopper_json(session.store, index, valued, user)
            answer(told, as_json, "{best}: {reason}")
        elif as_json:
            answer(report.shop_json(valued, segment), True, "")
        else:
            typer.echo(report.best_of_segments(valued, segment).to_string(index=False))


def _take_along(
    session: Session,
    index: "Index",
    valued: "Valued",
    out: Path,
    action: Action | None,
    segment: int | None,
    hold_back: float,
    products_for: int,
    as_json: bool,
) -> None:
    from core.represent.registry import os_user
    from core.score.outreach import take_along

    audience = take_along(
        session.store,
        index,
        valued,
        action=action,
        segment=segment,
        hold_back=hold_back,
        products_for=products_for,
        author=os_user(),
        now=datetime.now(UTC).replace(tzinfo=None),
        progress=tell,
    )
    out.write_bytes(audience.content)
    answer({"file": str(out), **audience.as_json()}, as_json, "{contacted:,} shoppers in {file}; {held_back:,} held back")


@app.command()
def alpha_curve(home: Home = None, as_json: AsJson = False) -> None:
    """Measure what each α is worth on the validation part, for everyone and by segment, and suggest one."""
    from core.profiles.segments import segments
    from core.score.plan import live_plan
    from core.train import trade_off
    from core.train.alpha_curve import alpha_curve as measured

    with open_session(home) as session:
        index = session.index()
        found = measured(session.store, index, session.settings, session.workspace, tell)
        names = [(one.segment_id, one.name) for one in segments(session.store)]
        now = live_plan(session.store, index).alpha
        if as_json:
            answer(trade_off.as_json(found, now, names), True, "")
        else:
            typer.echo("\n".join(trade_off.lines(found, now, names)))


@app.command()
def feedback(
    user: Annotated[str | None, typer.Option(help="Shopper id, a new one too.")] = None,
    item: Annotated[str | None, typer.Option(help="Item id.")] = None,
    kind: Annotated[Feedback | None, typer.Option(help="What they say to it.")] = None,
    undo: Annotated[int | None, typer.Option(metavar="ID", help="Take this feedback back instead.")] = None,
    surface: Annotated[str, typer.Option(help="Where it was given; 'preview' is no visit of the shopper.")] = "shop",
    answers: Annotated[str | None, typer.Option("--list", metavar="ID", help="The list it answers, as `shown` gave it.")] = None,
    home: Home = None,
    as_json: AsJson = False,
) -> None:
    """Record what a shopper says to an item; their next list counts it. With --user alone: list what they said."""
    from core.profiles.rollups import rebuild_rollups
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
            found = json.loads(listed.to_json(orient="records", date_format="iso"))
            answer({"user": user, "feedback": found}, as_json, listed.to_string(index=False) if found else "No feedback yet.")
        elif item is None or kind is None:
            raise BadInput("Feedback needs an item and what is said to it: --item ID --kind like, dislike, click …")
        else:
            rebuild_rollups(session.store, tell)
            number = said.give(session.store, user, item, kind, list_id=answers, surface=surface, now=now)
            told = {"feedback_id": number, "user": user, "item": item, "kind": str(kind), "undone": False}
            answer(told, as_json, "{user}: {kind} {item}. Take it back with --undo {feedback_id}.")


@app.command()
def absorb(
    preview: Annotated[bool, typer.Option("--preview", help="Also what was tried out in the preview.")] = False,
    home: Home = None,
    as_json: AsJson = False,
) -> None:
    """Take feedback into the log: clicks, adds, buys and likes become events of one import, which can be undone."""
    from core.profiles.rollups import rebuild_rollups
    from core.update.absorb import absorb as take

    with open_session(home) as session:
        rebuild_rollups(session.store, tell)
        taken = take(session.store, preview=preview, now=datetime.now(UTC).replace(tzinfo=None))
        answer(taken.as_json(), as_json, "{read:,} reactions read = {loaded:,} loaded + {quarantined:,} quarantined")
