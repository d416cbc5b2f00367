"""What shoppers do in a session: the pages they open, what they see there, click, put in the cart and buy."""

from dataclasses import dataclass

import numpy as np
import pandas as pd

from core.base.schema import ItemKind
from core.demo.catalogue import Catalogue
from core.demo.rhythm import Calendar, at_times, pick
from core.demo.shopper_types import trait
from core.demo.shoppers import Population
from core.demo.taste import ClickModel
from core.demo.vocabulary import Vocabulary

ROUNDS = 5  # of follow-ups: a consumable bought on day 1 is bought again at most five times
NOBODY = -1


@dataclass(frozen=True)
class World:
    """All that is fixed before the first click.

    before, after: (shoppers, items) utilities up to and from the shopper's drift. discount: (items, days) shares.
    """

    words: Vocabulary
    catalogue: Catalogue
    people: Population
    calendar: Calendar
    before: np.ndarray
    after: np.ndarray
    discount: np.ndarray
    model: ClickModel

    def drifted(self, user: np.ndarray, day: np.ndarray) -> np.ndarray:
        """(m,) whether each shopper's interests have moved by that day."""
        drift = self.people.drift[user]
        return (drift >= 0) & (day >= drift)

    def utility(self, user: np.ndarray, item: np.ndarray, day: np.ndarray) -> np.ndarray:
        """(m,) utility of each item to each shopper on that day."""
        return np.where(self.drifted(user, day), self.after[user, item], self.before[user, item])


def simulate(world: World, sessions: pd.DataFrame, rng: np.random.Generator) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Return (sessions, views): the given sessions and those that follow from purchases, and every product seen in them.

    sessions: user, day, start, platform, indexed by session number. views: session, user, day, item, position,
    discount, clicked, carted, wished, bought, quantity; in the order in which a session meets them.
    """
    lists = _lists(world, sessions, rng)
    views = _respond(world, _see(world, lists, rng), rng)
    all_sessions, all_views = [sessions], [views]
    for _ in range(ROUNDS):
        offset = sum(len(part) for part in all_sessions)
        lists = pd.concat([_replenish(world, views, rng), _accessories(world, views, rng)], ignore_index=True)
        if lists.empty:
            break
        extra = at_times(world.people, lists["user"].to_numpy(), lists["day"].to_numpy(), rng)
        lists["session"] = offset + np.arange(len(lists))
        views = _respond(world, _see(world, lists, rng), rng)
        all_sessions.append(extra)
        all_views.append(views)
    sessions = pd.concat(all_sessions, ignore_index=True)
    all_views.append(_magazine(world, sessions, rng))
    return sessions, _once_only(world, pd.concat(all_views, ignore_index=True), sessions)


def _lists(world: World, sessions: pd.DataFrame, rng: np.random.Generator) -> pd.DataFrame:
    """One row a page opened: session, user, day, leaf, views, repeat (an item or -1), anchor (an item or -1), boost."""
    kind = world.people.type[sessions["user"]]
    counts = 1 + rng.poisson(np.maximum(0.05, trait(kind, "lists") - 1))
    row = np.repeat(np.arange(len(sessions)), counts)
    user, day = sessions["user"].to_numpy()[row], sessions["day"].to_numpy()[row]
    late = world.drifted(user, day)
    leaf = np.where(late, pick(world.people.late, user, rng), pick(world.people.early, user, rng))
    seen = 1 + rng.poisson(trait(world.people.type[user], "views") - 1)
    lists = pd.DataFrame({"session": row, "user": user, "day": day, "leaf": leaf, "views": seen})
    return lists.assign(repeat=NOBODY, anchor=NOBODY, boost=0.0)


def _see(world: World, lists: pd.DataFrame, rng: np.random.Generator) -> pd.DataFrame:
    """One row a product seen: the columns of the list, item, position (from 1), discount."""
    stocked = np.intersect1d(lists["leaf"].to_numpy(dtype=int), world.catalogue.leaf)
    parts = [_see_leaf(world, lists[lists["leaf"] == leaf], leaf, rng) for leaf in stocked]
    views = pd.concat(parts, ignore_index=True)
    discount = world.discount[views["item"], views["day"]]
    return views.assign(discount=discount).sort_values(["session", "page", "position"], kind="stable", ignore_index=True)


def _see_leaf(world: World, lists: pd.DataFrame, leaf: int, rng: np.random.Generator) -> pd.DataFrame:
    """The shop's ranking of one shelf: popular and fitting first, offers pulled up for those who look for them."""
    goods = np.flatnonzero(world.catalogue.leaf == leaf)
    user, day = lists["user"].to_numpy(), lists["day"].to_numpy()
    where = (user[:, None], goods[None, :])
    score = np.where(world.drifted(user, day)[:, None], world.after[where], world.before[where])
    score = score + 0.2 * world.catalogue.popularity[goods] + rng.gumbel(0, 0.7, score.shape)
    score += trait(world.people.type[user], "bargain")[:, None] * world.discount[goods][:, day].T
    score += _kinship(world, lists["anchor"].to_numpy(), goods)
    score[~world.catalogue.on_offer(goods[None, :], day[:, None])] = -np.inf
    score[goods[None, :] == lists["repeat"].to_numpy()[:, None]] = np.inf
    order = np.argsort(-score, axis=1)
    row, rank = np.nonzero(np.arange(len(goods))[None, :] < lists["views"].to_numpy()[:, None])
    item = goods[order[row, rank]]
    kept = np.isfinite(score[row, order[row, rank]]) | (item == lists["repeat"].to_numpy()[row])
    seen = lists.iloc[row].assign(item=item, position=rank + 1, page=lists.index.to_numpy()[row])
    return seen[kept]


def _kinship(world: World, anchor: np.ndarray, goods: np.ndarray) -> np.ndarray:
    """(lists, goods) how well each item goes with the one just bought: same brand, same style; 0 without an anchor."""
    stock = world.catalogue
    brand = 1.5 * (stock.brand[anchor][:, None] == stock.brand[goods][None, :])
    style = 1.5 * stock.style[anchor] @ stock.style[goods].T
    return np.where(anchor[:, None] >= 0, brand + style, 0.0)


def _respond(world: World, views: pd.DataFrame, rng: np.random.Generator) -> pd.DataFrame:
    """Add clicked, carted, wished, bought and quantity to products seen."""
    user, item = views["user"].to_numpy(), views["item"].to_numpy()
    kind, day = world.people.type[user], views["day"].to_numpy()
    utility = world.utility(user, item, day) + views["boost"].to_numpy()
    discount = views["discount"].to_numpy()
    bargain = trait(kind, "bargain")
    chance = world.model.probability(utility, views["position"].to_numpy(), bargain, discount)
    clicked = rng.random(len(views)) < chance
    again = views["repeat"].to_numpy() == item
    tilt = np.exp(0.25 * (utility - 1) + 0.4 * bargain * discount).clip(0.4, 1.8)
    carted = clicked & (rng.random(len(views)) < np.where(again, 0.95, trait(kind, "cart") * tilt))
    wished = clicked & ~carted & (rng.random(len(views)) < trait(kind, "wish"))
    bought = carted & (rng.random(len(views)) < np.where(again, 0.92, trait(kind, "buy")))
    quantity = np.where(bought, 1 + rng.binomial(2, np.where(again, 0.12, 0.04)), 0)
    return views.assign(clicked=clicked, carted=carted, wished=wished, bought=bought, quantity=quantity)


def _replenish(world: World, views: pd.DataFrame, rng: np.random.Generator) -> pd.DataFrame:
    """Pages on which a consumable is bought again, about one cycle after the last time."""
    bought = views[views["bought"]]
    cycle = np.array([leaf.cycle_days for leaf in world.words.leaves])[bought["leaf"]]
    keen = trait(world.people.type[bought["user"]], "replenish")
    again = (cycle > 0) & (rng.random(len(bought)) < keen)
    wait = (cycle * rng.normal(1.0, 0.12, len(bought))).round().astype(int)
    pages = bought.assign(day=bought["day"] + np.maximum(3, wait), repeat=bought["item"], anchor=NOBODY, views=1, boost=4.0)
    return _while_here(world, pages[again])


def _accessories(world: World, views: pd.DataFrame, rng: np.random.Generator) -> pd.DataFrame:
    """Pages of the shelf that follows a main product, within some days of buying it."""
    paths = [leaf.path for leaf in world.words.leaves]
    follower = np.full(len(paths), NOBODY)
    for at, leaf in enumerate(world.words.leaves):
        if leaf.follows:
            follower[paths.index(leaf.follows)] = at
    bought = views[views["bought"]]
    next_leaf = follower[bought["leaf"]]
    keen = (next_leaf >= 0) & (rng.random(len(bought)) < 0.6)
    wait = 1 + rng.geometric(0.15, len(bought))
    seen = 1 + rng.poisson(2.0, len(bought))
    pages = bought.assign(day=bought["day"] + wait, leaf=next_leaf, repeat=NOBODY, anchor=bought["item"], views=seen, boost=1.0)
    return _while_here(world, pages[keen])


def _while_here(world: World, pages: pd.DataFrame) -> pd.DataFrame:
    """Keep the pages on days on which the shopper has not left yet."""
    here = pages["day"].to_numpy() < world.people.leave[pages["user"]]
    return pages.loc[here, ["session", "user", "day", "leaf", "views", "repeat", "anchor", "boost"]]


def _magazine(world: World, sessions: pd.DataFrame, rng: np.random.Generator) -> pd.DataFrame:
    """Content and ads met on the way: each is shown in some sessions, the fitting ones more often."""
    parts = []
    for kind, share, boost in ((ItemKind.CONTENT, 0.10, 0.9), (ItemKind.AD, 0.14, -0.9)):
        items = np.flatnonzero(world.catalogue.kind == kind.value)
        shown = sessions[rng.random(len(sessions)) < share]
        user = shown["user"].to_numpy()
        day = shown["day"].to_numpy()
        score = world.before[user][:, items] + rng.gumbel(0, 1.0, (len(shown), len(items)))
        score[~world.catalogue.on_offer(items[None, :], day[:, None])] = -np.inf
        item = items[score.argmax(axis=1)]
        page = pd.DataFrame({"session": shown.index, "user": user, "day": day, "item": item})
        page = page[np.isfinite(score.max(axis=1))]
        page = page.assign(position=rng.integers(1, 5, len(page)), discount=0.0, repeat=NOBODY, boost=boost, page=10**9)
        parts.append(_respond(world, page, rng))
    views = pd.concat(parts, ignore_index=True)
    return views.assign(carted=False, wished=False, bought=False, quantity=0)


def _once_only(world: World, views: pd.DataFrame, sessions: pd.DataFrame) -> pd.DataFrame:
    """In order of time, with a second purchase of the same durable thing undone: nobody needs two espresso machines."""
    start = sessions["start"].to_numpy()[views["session"]]
    views = views.assign(start=start).sort_values(["start", "session", "page", "position"], kind="stable", ignore_index=True)
    durable = np.array([leaf.role != "consumable" for leaf in world.words.leaves])
    leaf = world.catalogue.leaf[views["item"]]
    noun = pd.Series(world.catalogue.noun[views["item"]])
    bought = views["bought"].to_numpy() & (leaf >= 0)
    keys = pd.DataFrame({"user": views["user"], "noun": noun})[bought & durable[leaf]]
    views.loc[keys.index[keys.duplicated()], ["bought", "quantity"]] = [False, 0]
    twice = views[views["bought"]].duplicated(["session", "item"])
    views.loc[twice.index[twice], ["bought", "quantity"]] = [False, 0]
    return views[["session", "user", "day", "item", "position", "discount", "clicked", "carted", "wished", "bought", "quantity"]]
