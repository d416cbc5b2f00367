"""Which kind a file is of, judged by what its columns would be in each."""

from core.base.schema import FileKind
from core.ingest.assign import Choice, assign
from core.ingest.matching import Profile
from core.ingest.source import Source

_NAME_HINTS = {
    FileKind.REVIEWS: ("review", "rating", "评论", "评价", "bewertung", "avis", "resena"),
    FileKind.ORDERS: ("orders", "order_status", "bestellungen"),
    FileKind.ITEMS: ("item", "product", "catalog", "articles", "styles", "商品", "artikel", "produit", "producto"),
    FileKind.USERS: ("user", "customer", "member", "demographic", "用户", "会员", "kunden", "client"),
    FileKind.SOCIAL: ("social", "friend", "trust", "follow", "edges", "好友"),
    FileKind.COUPONS: ("coupon", "redemption", "voucher", "gutschein", "优惠券"),
    FileKind.CAMPAIGNS: ("campaign", "kampagne", "活动"),
    FileKind.EVENTS: ("event", "click", "log", "transaction", "interaction", "behavior", "purchase", "sales", "行为"),
}
_HINT = 0.08
_LOG_LIKE = 0.5
_PLACED = 0.6


def detect_kind(profiles: dict[str, Profile], source: Source) -> tuple[FileKind, float]:
    """Return the likeliest kind and a confidence in [0, 1]; the file's name decides only near-ties."""
    scores = {}
    logged = {choice.field for choice in assign(FileKind.EVENTS, profiles, source.headerless) if choice.confidence >= 0.5}
    is_log = ("timestamp" in logged and bool(logged & {"user_id", "order_id", "event_type"})) or {"user_id", "item_id"} <= logged
    for kind in FileKind:
        found = {choice.field: choice for choice in assign(kind, profiles, source.headerless)}
        hint = _HINT * any(word in source.path.name.lower() for word in _NAME_HINTS[kind])
        scores[kind] = _score(kind, found, profiles) + hint
        if (kind is FileKind.ITEMS and is_log) or (kind is FileKind.USERS and "item_id" in logged):
            scores[kind] *= _LOG_LIKE
    ranked = sorted(FileKind, key=lambda kind: -scores[kind])
    first, second = scores[ranked[0]], scores[ranked[1]]
    return ranked[0], round(max(0.0, min(1.0, first, 0.5 + first - second)), 2)


def _score(kind: FileKind, found: dict[str, Choice], profiles: dict[str, Profile]) -> float:
    """Score one kind on what would be read as what: 0.9 for a clear case, below 0.4 for a poor one."""

    def sure(name: str) -> float:
        return found[name].confidence if name in found else 0.0

    def unique(name: str) -> float:
        return profiles[found[name].column].unique if name in found else 0.0

    match kind:
        case FileKind.EVENTS:
            base = 0.3 * sure("user_id") + 0.25 * sure("item_id") + 0.25 * sure("timestamp")
            extras = max(
                sure(name) for name in ("event_type", "quantity", "amount", "session_id", "order_id", "dwell_s", "price")
            )
            needed = sum(name in found for name in ("user_id", "item_id", "timestamp"))
            return (base + 0.2 * extras) * (1.0, 0.7, 0.4, 0.1)[3 - needed]
        case FileKind.REVIEWS:
            said = max(sure("rating"), sure("text"))
            catalogue = "user_id" not in found and unique("item_id") > 0.98
            return (
                said
                * (0.62 + 0.25 * sure("item_id") + 0.1 * sure("user_id"))
                * (0.4 if catalogue or "item_id" not in found else 1)
            )
        case FileKind.ITEMS:
            told = sum(name in found for name in ("title", "description", "brand", "category", "price", "image", "stock"))
            return (0.45 * sure("item_id") + 0.12 * min(told, 4)) * (1.0 if unique("item_id") > 0.9 else 0.75)
        case FileKind.USERS:
            return 0.55 * sure("user_id") * unique("user_id") ** 3 + 0.1 * sum(
                n in found for n in ("joined_at", "country", "name")
            )
        case FileKind.SOCIAL:
            return (0.5 * (sure("user_id") + sure("friend_id")) + 0.02) * (min(sure("user_id"), sure("friend_id")) > _PLACED)
        case FileKind.ORDERS:
            says = max(sure("status"), 0.8 * sure("total"))
            return (0.4 * sure("order_id") + 0.45 * says + 0.1 * sure("user_id")) * (1.0 if unique("order_id") > 0.9 else 0.5)
        case FileKind.CAMPAIGNS:
            facts = sum(name in found for name in ("bid", "budget", "starts_at", "ends_at", "frequency_cap"))
            return sure("campaign_id") * (0.3 + 0.35 * min(facts, 2)) * (1.0 if unique("campaign_id") > 0.9 else 0.5)
        case FileKind.COUPONS:
            whose = max(sure("user_id"), sure("item_id"))
            return sure("campaign_id") * (0.5 * whose + 0.45 * sure("coupon_id") + 0.1 * sure("redeemed_at")) * (whose > _PLACED)
    return 0.0
