"""Figures that say whether the demo shop behaves like a shop: shares, activity, planted types, learnable taste."""

from dataclasses import dataclass

import numpy as np
import pandas as pd
from scipy.sparse import csr_matrix
from sklearn.cluster import KMeans
from sklearn.metrics import adjusted_rand_score
from sklearn.preprocessing import StandardScaler, normalize

from core.demo.files import DemoFiles
from core.demo.truth import load_truth


def clean_log(files: DemoFiles) -> pd.DataFrame:
    """The events as a careful import would load them: dirty rows and robots left out; ``at`` parsed."""
    log = pd.read_csv(files.events, dtype={"customer_id": str, "order_no": str}).drop_duplicates()
    log["at"] = pd.to_datetime(log["occurred_at"], errors="coerce")
    known = load_truth(files.events.parent).shoppers["customer_id"]
    good = log["at"].notna() & (log["at"] < "2030") & log["customer_id"].isin(known) & ~(log["unit_price"] < 0)
    return log[good].sort_values("at", kind="stable", ignore_index=True)


def features(log: pd.DataFrame, items: pd.DataFrame) -> pd.DataFrame:
    """Obvious behaviour features a shopper, skewed ones on a log scale; indexed by customer_id."""
    log = log.merge(items[["sku", "category", "price"]], on="sku", how="left")
    log["tier"] = np.log(log["price"]) - log.groupby("category")["price"].transform(lambda price: np.log(price).median())
    hour = log["at"].dt.hour + log["at"].dt.minute / 60
    log = log.assign(
        day=log["at"].dt.date, weekend=log["at"].dt.day_of_week >= 5, sin=np.sin(hour * np.pi / 12), cos=np.cos(hour * np.pi / 12)
    )
    by = log.groupby("customer_id")
    bought = log[log["event"] == "purchase"]
    clicks = log[log["event"] == "click"]
    count = {name: log[log["event"] == name].groupby("customer_id").size() for name in log["event"].unique()}
    table = pd.DataFrame(
        {
            "sessions": np.log1p(by["visit_id"].nunique()),
            "active_days": np.log1p(by["day"].nunique()),
            "span": (by["at"].max() - by["at"].min()).dt.days,
            "events_per_session": np.log1p(by.size() / by["visit_id"].nunique()),
            "breadth": np.log1p(by["category"].nunique()),
            "purchases": np.log1p(count["purchase"]),
            "purchase_rate": np.log1p(100 * count["purchase"].div(count["view"], fill_value=0)),
            "wish_rate": np.log1p(100 * count["add_to_wishlist"].div(count["click"], fill_value=0)),
            "dwell": np.log1p(clicks.groupby("customer_id")["dwell_seconds"].mean()),
            "tier": clicks.groupby("customer_id")["tier"].mean(),
            "discounted": (bought["discount"] > 0).groupby(bought["customer_id"]).mean(),
            "returned": np.log1p(10 * count["return"].div(count["purchase"], fill_value=0)),
            "weekend": by["weekend"].mean(),
            "sin": by["sin"].mean(),
            "cos": by["cos"].mean(),
            "app": (log["platform"] == "app").groupby(log["customer_id"]).mean(),
            "mini": (log["platform"] == "mini_program").groupby(log["customer_id"]).mean(),
        }
    )
    return table.fillna(table.median()).fillna(0)


def planted_ari(files: DemoFiles) -> float:
    """Adjusted Rand index of six K-means clusters against the planted types, in [-1, 1]."""
    table = features(clean_log(files), pd.read_csv(files.items))
    truth = load_truth(files.events.parent).shoppers.set_index("customer_id")["type"]
    labels = KMeans(6, n_init=10, random_state=0).fit_predict(StandardScaler().fit_transform(table))
    return float(adjusted_rand_score(truth.loc[table.index], labels))


@dataclass(frozen=True)
class NextItem:
    """NDCG@10 of the last new product bought, over shoppers with three or more."""

    popularity: float
    item_to_item: float
    shoppers: int


def next_item(log: pd.DataFrame) -> NextItem:
    """Leave-last-one on purchases, full ranking, bought products left out; item-to-item is the cosine of co-purchases."""
    bought = log[log["event"] == "purchase"].drop_duplicates(["customer_id", "sku"])
    user, item = pd.factorize(bought["customer_id"])[0], pd.factorize(bought["sku"])[0]
    last = ~pd.Series(user).duplicated(keep="last").to_numpy()
    seen = csr_matrix((np.ones((~last).sum()), (user[~last], item[~last])), shape=(user.max() + 1, item.max() + 1))
    users = np.flatnonzero(np.asarray(seen.sum(axis=1)).ravel() >= 2)
    target = np.zeros(user.max() + 1, dtype=int)
    target[user[last]] = item[last]
    cosine = (normalize(seen.T) @ normalize(seen.T).T).toarray()
    np.fill_diagonal(cosine, 0)
    popular = np.asarray(seen.sum(axis=0)).ravel()
    return NextItem(
        popularity=_ndcg(np.tile(popular, (len(users), 1)), seen[users], target[users]),
        item_to_item=_ndcg(seen[users] @ cosine + 1e-9 * popular, seen[users], target[users]),
        shoppers=len(users),
    )


def _ndcg(score: np.ndarray, seen: csr_matrix, target: np.ndarray) -> float:
    score = np.where(seen.toarray() > 0, -np.inf, score)
    rank = (score > score[np.arange(len(target)), target][:, None]).sum(axis=1)
    return float(np.where(rank < 10, 1 / np.log2(rank + 2), 0.0).mean())


def stickiness(log: pd.DataFrame) -> float:
    """Mean daily over monthly active shoppers of the last full 30 days."""
    recent = log[log["at"] >= log["at"].max().normalize() - pd.Timedelta(days=29)]
    daily = recent.groupby(recent["at"].dt.date)["customer_id"].nunique()
    return float(daily.mean() / recent["customer_id"].nunique())


@dataclass(frozen=True)
class Figures:
    """The shop at a glance. events: rows by event name. repeat: share of buyers with a second order."""

    events: dict[str, int]
    shoppers: int
    sessions: int
    buyers: int
    repeat: float
    stickiness: float
    next_item: NextItem
    ari: float


def measure(files: DemoFiles) -> Figures:
    """Measure a generated shop; about ten seconds for the full one."""
    log = clean_log(files)
    bought = log[log["event"] == "purchase"]
    orders = bought.groupby("customer_id")["order_no"].nunique()
    return Figures(
        events=log["event"].value_counts().to_dict(),
        shoppers=log["customer_id"].nunique(),
        sessions=log["visit_id"].nunique(),
        buyers=len(orders),
        repeat=float((orders > 1).mean()),
        stickiness=stickiness(log),
        next_item=next_item(log),
        ari=planted_ari(files),
    )
