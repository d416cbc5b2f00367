"""The files a shop would export: its own column names, its own formats, gzip for the big one."""

import gzip
import io
import json
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pandas as pd
import pyarrow as pa
from pyarrow import csv

from core.base.schema import Event
from core.demo.behaviour import World
from core.demo.rhythm import PLATFORMS, Calendar

EVENT_NAMES = {
    Event.VIEW: "view",
    Event.CLICK: "click",
    Event.CART: "add_to_cart",
    Event.WISHLIST: "add_to_wishlist",
    Event.PURCHASE: "purchase",
    Event.RETURN: "return",
}
AGE_BANDS = ("18-24", "25-34", "35-44", "45-54", "55-64", "65+")


@dataclass(frozen=True)
class DemoFiles:
    """Where the shop was written. ``truth`` is a folder that no import reads."""

    events: Path
    items: Path
    reviews: Path
    users: Path
    social: Path
    orders: Path
    campaigns: Path
    truth: Path

    @property
    def imports(self) -> tuple[Path, ...]:
        """The files to import, catalogue first."""
        return (self.items, self.users, self.events, self.reviews, self.social, self.orders, self.campaigns)


def demo_files(folder: Path) -> DemoFiles:
    """The paths of a demo shop in ``folder``, whether or not they exist."""
    return DemoFiles(
        events=folder / "demo-events.csv.gz",
        items=folder / "demo-items.csv",
        reviews=folder / "demo-reviews.jsonl",
        users=folder / "demo-users.csv",
        social=folder / "demo-social.csv",
        orders=folder / "demo-orders.csv",
        campaigns=folder / "demo-campaigns.csv",
        truth=folder / "truth",
    )


def stamp(calendar: Calendar, seconds: pd.Series | np.ndarray) -> np.ndarray:
    """(n,) seconds of the log as '2026-01-31 18:05:09'; NaN becomes ''."""
    figures = np.asarray(seconds, dtype=float)
    known = ~np.isnan(figures)
    moments = calendar.midnight + np.where(known, figures, 0).astype("timedelta64[s]")
    text = np.char.replace(np.datetime_as_string(moments, unit="s"), "T", " ").astype(object)
    text[~known] = ""
    return text


def day(calendar: Calendar, days: np.ndarray) -> np.ndarray:
    """(n,) days of the log as '2026-01-31'."""
    return np.datetime_as_string(np.datetime64(calendar.start, "D") + days.astype("timedelta64[D]")).astype(object)


def order_number(order: pd.Series | np.ndarray) -> np.ndarray:
    """(n,) order indices as 'SO-2600001'; -1 becomes ''."""
    return np.array([f"SO-{2_600_001 + number}" if number >= 0 else "" for number in np.asarray(order)], dtype=object)


def events_export(world: World, sessions: pd.DataFrame, events: pd.DataFrame) -> pd.DataFrame:
    """The log with the shop's names; ``unit_price`` is before ``discount``, both money a unit."""
    item = events["item"].to_numpy()
    list_price = world.catalogue.price[item]
    priced = events["event"].isin([Event.CART, Event.PURCHASE, Event.RETURN]).to_numpy() & (list_price > 0)
    names = {kind.value: name for kind, name in EVENT_NAMES.items()}
    platform = np.array(PLATFORMS, dtype=object)[sessions["platform"].to_numpy()[events["session"]]]
    return pd.DataFrame(
        {
            "occurred_at": stamp(world.calendar, events["at"]),
            "customer_id": world.people.ids[events["user"]],
            "event": events["event"].map(names).to_numpy(dtype=object),
            "sku": world.catalogue.frame["sku"].to_numpy(dtype=object)[item],
            "qty": events["quantity"],
            "unit_price": np.where(priced, list_price, np.nan),
            "discount": np.where(priced, (list_price * events["discount"]).round(2), np.nan),
            "dwell_seconds": events["dwell"],
            "visit_id": visit(events["session"].to_numpy()),
            "platform": platform,
            "order_no": order_number(events["order"]),
            "list_position": events["position"],
        }
    )


def visit(session: np.ndarray) -> np.ndarray:
    """(n,) session numbers as text that does not give away their order."""
    scrambled = (session.astype(np.uint64) * np.uint64(2_654_435_761)) & np.uint64(0xFFFFFFFF)
    return np.array([f"v{number:08x}" for number in scrambled], dtype=object)


def bots_export(world: World, bots: pd.DataFrame) -> pd.DataFrame:
    """Robot traffic in the columns of the log, as customers of its own."""
    click = bots["click"].to_numpy()
    return pd.DataFrame(
        {
            "occurred_at": stamp(world.calendar, bots["at"]),
            "customer_id": np.array([f"C99000{bot}" for bot in bots["bot"]], dtype=object),
            "event": np.where(click, "click", "view"),
            "sku": world.catalogue.frame["sku"].to_numpy(dtype=object)[bots["item"]],
            "dwell_seconds": np.where(click, 0.4, 0.2),
            "visit_id": np.array(
                [f"vb0{bot}{second // 86_400:05x}" for bot, second in zip(bots["bot"], bots["at"], strict=True)]
            ),
            "platform": "web",
            "order_no": "",
        }
    )


def reviews_export(world: World, reviews: pd.DataFrame) -> pd.DataFrame:
    """Reviews with the shop's names."""
    return pd.DataFrame(
        {
            "review_id": np.array([f"R{50_000 + n}" for n in range(len(reviews))], dtype=object),
            "customer_id": world.people.ids[reviews["user"]],
            "sku": world.catalogue.frame["sku"].to_numpy(dtype=object)[reviews["item"]],
            "stars": reviews["stars"].to_numpy(),
            "headline": reviews["headline"],
            "review_text": reviews["body"],
            "submitted_at": stamp(world.calendar, reviews["at"]),
            "helpful_votes": reviews["helpful"].to_numpy(),
        }
    )


def users_export(world: World, countries: np.ndarray, rng: np.random.Generator) -> pd.DataFrame:
    """Who the shoppers are, without a name."""
    people = world.people
    count = len(people.ids)
    return pd.DataFrame(
        {
            "customer_id": people.ids,
            "country": countries,
            "joined_on": day(world.calendar, people.joined),
            "age_band": np.array(AGE_BANDS, dtype=object)[rng.choice(6, count, p=[0.14, 0.28, 0.24, 0.17, 0.11, 0.06])],
            "newsletter": np.where(rng.random(count) < 0.46, "yes", "no"),
        }
    )


def orders_export(world: World, orders: pd.DataFrame, countries: np.ndarray) -> pd.DataFrame:
    """The order book with the shop's names."""
    return pd.DataFrame(
        {
            "order_no": order_number(orders["order"]),
            "customer_id": world.people.ids[orders["user"]],
            "ordered_at": stamp(world.calendar, orders["at"]),
            "status": orders["status"],
            "order_total": orders["total"],
            "lines": orders["lines"],
            "payment_method": orders["payment"],
            "ship_country": countries[orders["user"]],
            "delivered_at": stamp(world.calendar, orders["delivered"]),
        }
    )


def write_csv(frame: pd.DataFrame, path: Path) -> None:
    """Write UTF-8 CSV, gzipped without a timestamp where the name ends in .gz: the same table gives the same bytes."""
    table = pa.Table.from_pandas(_whole_numbers(frame), preserve_index=False)
    text = io.BytesIO()
    csv.write_csv(table, text, csv.WriteOptions(quoting_style="needed"))
    path.write_bytes(gzip.compress(text.getvalue(), 5, mtime=0) if path.suffix == ".gz" else text.getvalue())


def write_json_lines(frame: pd.DataFrame, path: Path) -> None:
    """Write one JSON object a row."""
    rows = frame.to_dict("records")
    path.write_text("".join(json.dumps(row, ensure_ascii=False) + "\n" for row in rows), encoding="utf-8")


def _whole_numbers(frame: pd.DataFrame) -> pd.DataFrame:
    """Counts as integers with gaps, so that they are written as 3 and not 3.0; '' as a gap, so that it is written bare."""
    counts = {name: "Int64" for name in ("qty", "list_position", "stock_qty") if name in frame}
    return frame.astype(counts).replace({"": None}) if counts else frame.replace({"": None})
