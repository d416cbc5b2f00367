"""The SQL of an import: from text columns to typed fields, a reason for every row that may not load, and an identity.

Three nested steps over a ``Relation``: *typed* reads the columns, *judged* adds the first reason that applies, *output*
has the columns of the raw table. Only ``output`` rows without a reason load.
"""

from dataclasses import dataclass
from datetime import datetime

from core.base.schema import Event, FileKind, Table
from core.ingest.columns import filled
from core.ingest.mapping import Mapping
from core.ingest.matching import profile
from core.ingest.numbers import is_fraction
from core.ingest.reader import Reader, literal
from core.ingest.source import Source
from core.ingest.synonyms import event_names, event_of, kind_names

TABLES = {
    FileKind.EVENTS: Table.EVENTS,
    FileKind.ITEMS: Table.ITEMS,
    FileKind.REVIEWS: Table.REVIEWS,
    FileKind.USERS: Table.USERS,
    FileKind.SOCIAL: Table.SOCIAL,
    FileKind.ORDERS: Table.ORDERS,
    FileKind.CAMPAIGNS: Table.CAMPAIGNS,
    FileKind.COUPONS: Table.COUPONS,
}


UNKNOWN_EVENT = "unknown event"


@dataclass(frozen=True)
class Plan:
    """typed: {name: SQL over c0, c1, ...}; checks: (condition over typed names, reason as SQL text), first wins;

    output: {raw table column: SQL over typed names}, without import_id; identity: SQL over output columns, equal for equal
    rows; own_id: the output column that may occur once in a file, or None.
    """

    kind: FileKind
    typed: dict[str, str]
    checks: tuple[tuple[str, str], ...]
    output: dict[str, str]
    identity: str
    own_id: str | None

    @property
    def table(self) -> Table:
        return TABLES[self.kind]

    def judged(self, rows: str) -> str:
        """Return a subquery: the relation's columns, the typed names and ``reason``."""
        typed = ", ".join(f"{sql} AS {name}" for name, sql in self.typed.items())
        cases = " ".join(f"WHEN {condition} THEN {reason}" for condition, reason in self.checks)
        return f"(SELECT *, CASE WHEN broken IS NOT NULL THEN broken {cases} END AS reason FROM (SELECT *, {typed} FROM {rows}))"

    def valid(self, rows: str, import_id: int) -> str:
        """Return a query: the rows that may load, in the raw table's columns."""
        columns = ", ".join(f"{sql} AS {name}" for name, sql in self.output.items())
        return f"SELECT {columns}, {import_id} AS import_id FROM {self.judged(rows)} WHERE reason IS NULL"

    def suspects(self, rows: str) -> str:
        """Return a query: row_number, reason, c columns, raw, identity ``k`` and ``own`` id of every row."""
        columns = ", ".join(f"{sql} AS o_{name}" for name, sql in self.output.items())
        identity = self.identity
        for name in sorted(self.output, key=len, reverse=True):
            identity = identity.replace(f"<{name}>", f"o_{name}")
        own = f"o_{self.own_id}" if self.own_id else "NULL"
        keep = "* EXCLUDE (" + ", ".join(self.typed) + ")"
        return f"SELECT *, {identity} AS k, {own} AS own FROM (SELECT {keep}, {columns} FROM {self.judged(rows)})"

    @property
    def target_identity(self) -> str:
        """Return the identity over the raw table's columns."""
        return self.identity.replace("<", "").replace(">", "")


def plan(source: Source, mapping: Mapping, now: datetime) -> Plan:
    """Return the SQL plan for reading ``source`` under ``mapping``; times after ``now`` + 1 day count as future."""
    return _PLANS[mapping.kind](Reader(source, mapping, now))


def raw_row_sql(source: Source, mapping: Mapping) -> str:
    """Return SQL giving the row as a JSON object of the file's columns, or its text where it could not be split."""
    return Reader(source, mapping, datetime(2000, 1, 1)).raw_row()


def _hash(*columns: str) -> str:
    return "hash(" + ", ".join(f"<{column}>" for column in columns) + ")"


_EVENT_IDENTITY = (
    "t_user",
    "t_item",
    "t_ts",
    "t_event",
    "t_quantity",
    "t_price",
    "t_session",
    "t_order",
    "t_position",
    "t_dwell",
    "t_platform",
)


def _events(read: Reader) -> Plan:
    typed = {
        "t_user": read.id("user_id"),
        "t_item": read.id("item_id"),
        "t_ts": read.time("timestamp"),
        "t_order": read.id("order_id"),
        "t_units": read.number("quantity"),
        "t_amount": read.number("amount"),
        "t_quantity": "NULLIF(abs(t_units), 0)",
        "t_off": _money_off(read),
        "t_price": _unit_price(read),
        "t_event": _event(read),
        "t_dwell": read.number("dwell_s"),
        "t_session": read.id("session_id"),
        "t_platform": read.text("platform"),
        "t_position": f"TRY_CAST({read.number('position')} AS INTEGER)" if read.has("position") else "NULL::INTEGER",
        "t_title": read.text("title"),
        "t_brand": read.text("brand"),
        "t_category": read.category(),
        "t_description": read.prose("description"),
        "t_image": read.image(),
        "t_country": read.text("country"),
    }
    unknown = f"'{UNKNOWN_EVENT} ''' || left({read.cell('event_type')}, 40) || ''''"
    checks = [
        ("t_user IS NULL", "'no shopper id'"),
        ("t_item IS NULL", "'no product id'"),
        *read.time_checks("timestamp", "t_ts", required=True),
        *([(f"{read.cell('event_type')} IS NULL", "'no event'"), ("t_event IS NULL", unknown)] if read.has("event_type") else []),
        *read.number_check("quantity", "t_units", "quantity"),
        *([("t_units = 0", "'quantity is zero'")] if read.has("quantity") else []),
        *read.number_check("price", "t_price", "price"),
        *read.number_check("amount", "t_amount", "line total"),
        *([("t_price < 0", "'price is negative'")] if read.has("price") else []),
        *([("t_dwell < 0", "'dwell time is negative'")] if read.has("dwell_s") else []),
    ]
    output = {
        "event_key": f"hash({', '.join(_EVENT_IDENTITY)})",
        "user_id": "t_user",
        "item_id": "t_item",
        "ts": "t_ts",
        "event_type": "t_event",
        "quantity": "t_quantity",
        "price": "t_price",
        "discount": "t_off / COALESCE(t_quantity, 1)" if read.has("discount") else "NULL::DOUBLE",
        "dwell_s": "t_dwell",
        "session_id": "t_session",
        "platform": "t_platform",
        "order_id": "t_order",
        "position": "t_position",
    }
    return Plan(FileKind.EVENTS, typed, tuple(checks), output, "<event_key>", None)


def _money_off(read: Reader) -> str:
    """Money off the line. A discount that is never above 1 and somewhere a fraction is a share of the full price."""
    if not read.has("discount"):
        return "NULL::DOUBLE"
    off = f"abs({read.number('discount')})"
    columns = read.mapping.columns("discount")
    if not columns or not is_fraction(filled(read.source.probe[columns[0]])):
        return off
    if read.has("price"):
        return f"{off} * {read.number('price')} * COALESCE(t_quantity, 1)"
    return f"abs(t_amount) * {off} / NULLIF(1 - {off}, 0)"


def _unit_price(read: Reader) -> str:
    if read.has("price"):
        return read.number("price")
    return "(abs(t_amount) + COALESCE(t_off, 0)) / COALESCE(NULLIF(abs(t_units), 0), 1)" if read.has("amount") else "NULL::DOUBLE"


def _event(read: Reader) -> str:
    """The event's own column through the synonyms; else purchase, or return where units, total or invoice number say so."""
    back = []
    if read.has("quantity"):
        back.append("t_units < 0")
    if read.has("amount"):
        back.append("t_amount < 0")
    if read.has("order_id") and not read.has("event_type"):
        back.append("regexp_matches(t_order, '^[Cc]\\d')")
    if columns := read.mapping.columns("event_type"):
        named = _event_column(read, columns[0])
        return f"(CASE WHEN ({' OR '.join(back)}) AND {named} = 'purchase' THEN 'return' ELSE {named} END)" if back else named
    event = literal(read.mapping.constants.get("event_type", Event.PURCHASE))
    return f"(CASE WHEN {' OR '.join(back)} THEN 'return' ELSE {event} END)" if back and event == "'purchase'" else event


def _event_column(read: Reader, column: str) -> str:
    """The values seen in the first rows are compared as they are, which is quick; others go through every synonym."""
    cell = read.cell("event_type")
    given = {name.partition(":")[2]: Event(value) for name, value in read.mapping.constants.items() if ":" in name}
    seen = {value: event for value in read.source.probe[column].dropna().unique()[:200] if (event := event_of(value))}
    plain = " ".join(f"WHEN {literal(value)} THEN {literal(event)}" for value, event in {**seen, **given}.items())
    folded = f"regexp_replace(lower(trim({cell})), '[\\s\\-./:_]+', '_', 'g')"
    words = " ".join(f"WHEN {literal(name)} THEN {literal(event)}" for name, event in event_names().items())
    return f"(CASE {cell} {plain} ELSE CASE {folded} {words} END END)" if plain else f"(CASE {folded} {words} END)"


def _items(read: Reader) -> Plan:
    kinds = " ".join(f"WHEN {literal(name)} THEN {literal(kind)}" for name, kind in kind_names().items())
    typed = {
        "t_item": read.id("item_id"),
        "t_title": read.text("title") if read.has("title") else _composed_title(read),
        "t_description": read.prose("description"),
        "t_brand": read.text("brand"),
        "t_category": read.category(),
        "t_price": read.number("price"),
        "t_image": read.image(),
        "t_kind": f"CASE lower({read.text('kind')}) {kinds} END" if read.has("kind") else "NULL::VARCHAR",
        "t_stock": _stock(read),
        "t_url": read.text("url"),
        "t_attributes": read.attributes(),
    }
    checks = [
        ("t_item IS NULL", "'no product id'"),
        *read.number_check("price", "t_price", "price"),
        ("t_price < 0", "'price is negative'"),
    ]
    columns = ("title", "description", "brand", "category", "price", "image", "kind", "stock", "url", "attributes")
    output = {"item_id": "t_item", **{name: f"t_{name}" for name in columns}, "explicit": "true"}
    return Plan(FileKind.ITEMS, typed, tuple(checks), output, _hash("item_id", *columns), "item_id")


def _composed_title(read: Reader) -> str:
    """The finest category, the brand and the attributes that tell variants apart, as far as the file has them."""
    finest = read.mapping.columns("category")[-1:]
    telling = ("size", "package", "colour", "color", "material", "flavour", "flavor", "model", "gender", "style", "variant")
    parts = [
        *finest,
        *read.mapping.columns("brand"),
        *(c for c in read.mapping.unused if any(word in c.lower() for word in telling)),
    ]
    cells = ", ".join(f"NULLIF(trim(c{read.source.columns.index(column)}), '')" for column in parts)
    return f"NULLIF(concat_ws(' ', {cells}), '')" if parts else "NULL::VARCHAR"


def _stock(read: Reader) -> str:
    if not read.has("stock"):
        return "NULL::DOUBLE"
    gone = "'false', 'no', 'out of stock', 'sold out', 'unavailable', 'outofstock', '缺货', '售罄', 'nein', 'non', '否'"
    return f"COALESCE({read.number('stock')}, CASE WHEN lower({read.text('stock')}) IN ({gone}) THEN 0 END)"


def _reviews(read: Reader) -> Plan:
    typed = {
        "t_item": read.id("item_id"),
        "t_user": read.id("user_id"),
        "t_ts": read.time("timestamp"),
        "t_rating": read.rating(),
        "t_headline": read.prose("title"),
        "t_text": read.prose("text"),
        "t_title": read.text("item_title"),
        "t_brand": read.text("brand"),
        "t_category": read.category(),
    }
    checks = [
        ("t_item IS NULL", "'no product id'"),
        *read.time_checks("timestamp", "t_ts", required=False),
        *read.number_check("rating", "t_rating", "rating"),
        ("t_rating < 1 OR t_rating > 5", "'rating is out of range'"),
        ("t_rating IS NULL AND t_text IS NULL AND t_headline IS NULL", "'neither rating nor text'"),
    ]
    output = {
        "review_key": f"hash(t_user, t_item, t_ts, t_rating, t_headline, t_text{_whose(read)})",
        "user_id": "t_user",
        "item_id": "t_item",
        "ts": "t_ts",
        "rating": "t_rating",
        "title": "t_headline",
        "text": "t_text",
    }
    return Plan(FileKind.REVIEWS, typed, tuple(checks), output, "<review_key>", None)


def _whose(read: Reader) -> str:
    """Two anonymous reviews with the same stars are no duplicate while any other column differs, row numbers apart."""
    if read.has("user_id"):
        return ""
    return "".join(f", {read.column(name)}" for name in read.source.columns if not profile(read.source.probe[name]).running)


def _users(read: Reader) -> Plan:
    typed = {
        "t_user": read.id("user_id"),
        "t_name": read.text("name"),
        "t_joined": read.time("joined_at"),
        "t_country": read.text("country"),
        "t_attributes": read.attributes(),
    }
    checks = [("t_user IS NULL", "'no shopper id'"), *read.time_checks("joined_at", "t_joined", required=False)]
    output = {
        "user_id": "t_user",
        "name": "t_name",
        "joined_at": "t_joined",
        "country": "t_country",
        "attributes": "t_attributes",
    }
    return Plan(FileKind.USERS, typed, tuple(checks), output, _hash(*output), "user_id")


def _social(read: Reader) -> Plan:
    typed = {"t_user": read.id("user_id"), "t_friend": read.id("friend_id"), "t_weight": read.number("weight")}
    checks = [
        ("t_user IS NULL", "'no shopper id'"),
        ("t_friend IS NULL", "'no friend id'"),
        ("t_user = t_friend", "'a shopper tied to themselves'"),
        *read.number_check("weight", "t_weight", "weight"),
    ]
    output = {"user_id": "t_user", "friend_id": "t_friend", "weight": "t_weight"}
    return Plan(FileKind.SOCIAL, typed, tuple(checks), output, _hash(*output), None)


def _orders(read: Reader) -> Plan:
    typed = {
        "t_order": read.id("order_id"),
        "t_user": read.id("user_id"),
        "t_ts": read.time("timestamp"),
        "t_status": read.text("status"),
        "t_total": read.number("total"),
        "t_attributes": read.attributes(),
    }
    checks = [
        ("t_order IS NULL", "'no order id'"),
        *read.time_checks("timestamp", "t_ts", required=False),
        *read.number_check("total", "t_total", "total"),
    ]
    output = {
        "order_id": "t_order",
        "user_id": "t_user",
        "ts": "t_ts",
        "status": "t_status",
        "total": "t_total",
        "attributes": "t_attributes",
    }
    return Plan(FileKind.ORDERS, typed, tuple(checks), output, _hash(*output), "order_id")


def _campaigns(read: Reader) -> Plan:
    typed = {
        "t_campaign": read.id("campaign_id"),
        "t_item": read.id("item_id"),
        "t_name": read.text("name"),
        "t_bid": read.number("bid"),
        "t_budget": read.number("budget"),
        "t_starts": read.time("starts_at"),
        "t_ends": read.time("ends_at"),
        "t_cap": f"TRY_CAST({read.number('frequency_cap')} AS INTEGER)" if read.has("frequency_cap") else "NULL::INTEGER",
        "t_attributes": read.attributes(),
    }
    checks = [
        ("t_campaign IS NULL", "'no campaign id'"),
        *read.number_check("bid", "t_bid", "bid"),
        *read.number_check("budget", "t_budget", "budget"),
        ("t_bid < 0 OR t_budget < 0", "'bid or budget is negative'"),
        *(
            (f"t_{name} IS NULL AND {read.cell(name + '_at')} IS NOT NULL", "'time cannot be read'")
            for name in ("starts", "ends")
            if read.has(name + "_at")
        ),
        ("t_ends < t_starts", "'ends before it starts'"),
    ]
    output = {
        "campaign_id": "t_campaign",
        "item_id": "t_item",
        "name": "t_name",
        "bid": "t_bid",
        "budget": "t_budget",
        "starts_at": "t_starts",
        "ends_at": "t_ends",
        "frequency_cap": "t_cap",
        "attributes": "t_attributes",
    }
    return Plan(FileKind.CAMPAIGNS, typed, tuple(checks), output, _hash(*output), "campaign_id")


def _coupons(read: Reader) -> Plan:
    typed = {
        "t_campaign": read.id("campaign_id"),
        "t_coupon": read.id("coupon_id"),
        "t_user": read.id("user_id"),
        "t_item": read.id("item_id"),
        "t_redeemed": read.time("redeemed_at"),
    }
    checks = [
        ("t_campaign IS NULL", "'no campaign id'"),
        ("t_user IS NULL AND t_item IS NULL", "'neither a shopper nor a product'"),
        *(
            [(f"t_redeemed IS NULL AND {read.cell('redeemed_at')} IS NOT NULL", "'time cannot be read'")]
            if read.has("redeemed_at")
            else []
        ),
        ("t_redeemed IS NOT NULL AND t_user IS NULL", "'redeemed by nobody'"),
    ]
    output = {
        "campaign_id": "t_campaign",
        "coupon_id": "t_coupon",
        "user_id": "t_user",
        "item_id": "t_item",
        "redeemed_at": "t_redeemed",
    }
    return Plan(FileKind.COUPONS, typed, tuple(checks), output, _hash(*output), None)


_PLANS = {
    FileKind.EVENTS: _events,
    FileKind.ITEMS: _items,
    FileKind.REVIEWS: _reviews,
    FileKind.USERS: _users,
    FileKind.SOCIAL: _social,
    FileKind.ORDERS: _orders,
    FileKind.CAMPAIGNS: _campaigns,
    FileKind.COUPONS: _coupons,
}
