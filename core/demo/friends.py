"""Friends: mostly shoppers who share a persona."""

import numpy as np
import pandas as pd

from core.demo.shoppers import Population

DEGREE = 0.6  # edges a shopper
ALIKE = 0.75  # share of the edges inside a persona


def build_friends(people: Population, days: int, rng: np.random.Generator) -> pd.DataFrame:
    """Undirected edges, each once. Columns: user, friend (indices, user < friend), since (day, may be negative)."""
    count = len(people.ids)
    edges = int(DEGREE * count)
    user = rng.integers(0, count, edges)
    by_persona = np.argsort(people.persona[:, 0], kind="stable")
    first = np.searchsorted(people.persona[by_persona, 0], people.persona[user, 0], side="left")
    last = np.searchsorted(people.persona[by_persona, 0], people.persona[user, 0], side="right")
    alike = by_persona[first + (rng.random(edges) * (last - first)).astype(int)]
    friend = np.where(rng.random(edges) < ALIKE, alike, rng.integers(0, count, edges))
    pairs = pd.DataFrame({"user": np.minimum(user, friend), "friend": np.maximum(user, friend)})
    pairs = pairs[pairs["user"] != pairs["friend"]].drop_duplicates().sort_values(["user", "friend"], ignore_index=True)
    known = np.maximum(people.joined[pairs["user"]], people.joined[pairs["friend"]])
    return pairs.assign(since=known + (rng.random(len(pairs)) * (days - known)).astype(int))
