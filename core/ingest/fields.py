"""What a file of each kind can hold: the fields a column may be mapped to."""

from dataclasses import dataclass
from enum import StrEnum

from core.base.schema import FileKind


class Holds(StrEnum):
    """What the values of a field are."""

    ID = "id"
    TIME = "time"
    NUMBER = "number"
    EVENT = "event"
    RATING = "rating"
    LABEL = "label"
    TEXT = "text"
    KIND = "kind"


@dataclass(frozen=True)
class Field:
    """One field. required: without it (or a constant in its place) no row can load; many: several columns may be joined."""

    name: str
    label: str
    required: bool
    help: str
    holds: Holds = Holds.LABEL
    many: bool = False


_USER = Field("user_id", "Shopper", True, "Who did it: customer, user or member id.", Holds.ID)
_ITEM = Field("item_id", "Product", True, "What it was done to: product id, SKU, article number.", Holds.ID)
_TIME = Field("timestamp", "Time", True, "When: any date or time notation; a zone is honoured.", Holds.TIME)
_BRAND = Field("brand", "Brand", False, "Brand or manufacturer of the product.")
_CATEGORY = Field(
    "category", "Category", False, "Category; several level columns are joined into a path.", Holds.LABEL, many=True
)
_IMAGE = Field("image", "Picture", False, "File name or address of the product's picture.")
_PRICE = Field("price", "Unit price", False, "Money for one unit.", Holds.NUMBER)
_ORDER = Field("order_id", "Order", False, "Order, invoice or basket number.", Holds.ID)


def _optional(field: Field) -> Field:
    return Field(field.name, field.label, False, field.help, field.holds, field.many)


FIELDS: dict[FileKind, tuple[Field, ...]] = {
    FileKind.EVENTS: (
        _USER,
        _ITEM,
        _TIME,
        Field(
            "event_type", "Event", False, "View, click, cart, wishlist, purchase or return, in the log's own words.", Holds.EVENT
        ),
        Field("quantity", "Quantity", False, "Units; negative means returned.", Holds.NUMBER),
        _PRICE,
        Field(
            "amount", "Line total", False, "Money for the whole line; the unit price is amount divided by quantity.", Holds.NUMBER
        ),
        Field("discount", "Discount", False, "Money off the line, already taken off the line total.", Holds.NUMBER),
        Field("dwell_s", "Dwell time", False, "Seconds spent.", Holds.NUMBER),
        Field("session_id", "Session", False, "Visit or session id.", Holds.ID),
        Field("platform", "Platform", False, "Web, app, mini-program, store."),
        _ORDER,
        Field("position", "Position", False, "Place in a list, or order of events with the same time; 0 is first.", Holds.NUMBER),
        Field("title", "Product title", False, "Name of the product."),
        _BRAND,
        _CATEGORY,
        Field("description", "Description", False, "Long text about the product.", Holds.TEXT),
        _IMAGE,
        Field("country", "Country", False, "Country of the shopper."),
    ),
    FileKind.ITEMS: (
        _ITEM,
        Field("title", "Title", False, "Name of the product."),
        Field("description", "Description", False, "Long text about the product.", Holds.TEXT),
        _BRAND,
        _CATEGORY,
        _PRICE,
        _IMAGE,
        Field("kind", "Kind", False, "Product, content or ad; empty means product.", Holds.KIND),
        Field("stock", "Stock", False, "Units in stock; 0 is out of stock.", Holds.NUMBER),
        Field("url", "Address", False, "Web address of the product page."),
    ),
    FileKind.REVIEWS: (
        _ITEM,
        _optional(_USER),
        _optional(_TIME),
        Field("rating", "Rating", False, "Stars or points; any scale, stored as 1 to 5.", Holds.RATING),
        Field("title", "Review title", False, "Headline of the review."),
        Field("text", "Review text", False, "What the shopper wrote.", Holds.TEXT),
        Field("item_title", "Product title", False, "Name of the product reviewed."),
        _BRAND,
        _CATEGORY,
    ),
    FileKind.USERS: (
        _USER,
        Field("name", "Name", False, "Name or nickname."),
        Field("joined_at", "Joined", False, "When the shopper registered.", Holds.TIME),
        Field("country", "Country", False, "Country or region."),
    ),
    FileKind.SOCIAL: (
        _USER,
        Field("friend_id", "Friend", True, "The other shopper.", Holds.ID),
        Field("weight", "Weight", False, "Strength of the tie.", Holds.NUMBER),
    ),
    FileKind.ORDERS: (
        Field("order_id", "Order", True, "Order number.", Holds.ID),
        _optional(_USER),
        _optional(_TIME),
        Field("status", "Status", False, "Paid, shipped, delivered, returned."),
        Field("total", "Total", False, "Money for the whole order.", Holds.NUMBER),
    ),
    FileKind.CAMPAIGNS: (
        Field("campaign_id", "Campaign", True, "Campaign id.", Holds.ID),
        Field("item_id", "Ad item", False, "The item the campaign shows.", Holds.ID),
        Field("name", "Name", False, "Name or type of the campaign."),
        Field("bid", "Bid", False, "Money for one click.", Holds.NUMBER),
        Field("budget", "Budget", False, "Money in all.", Holds.NUMBER),
        Field("starts_at", "Starts", False, "First day.", Holds.TIME),
        Field("ends_at", "Ends", False, "Last day.", Holds.TIME),
        Field("frequency_cap", "Frequency cap", False, "Impressions a shopper a day.", Holds.NUMBER),
    ),
    FileKind.COUPONS: (
        Field("campaign_id", "Campaign", True, "Campaign id.", Holds.ID),
        Field("coupon_id", "Coupon", False, "Number of the coupon.", Holds.ID),
        Field("user_id", "Shopper", False, "Whom the campaign was sent to; with a date: who redeemed.", Holds.ID),
        Field("item_id", "Product", False, "What the coupon is good for.", Holds.ID),
        Field("redeemed_at", "Redeemed", False, "Day on which the coupon was used.", Holds.TIME),
    ),
}


def field(kind: FileKind, name: str) -> Field | None:
    """Return the field of that name, or None where the kind has none."""
    return next((one for one in FIELDS[kind] if one.name == name), None)
