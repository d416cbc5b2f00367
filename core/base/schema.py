"""Every table, column and event name; the statements that create the tables are in ``migrations/``.

Three layers. *Raw* tables hold what imports loaded; each row carries its ``import_id``, so an undo is a delete by
that id. *Derived* tables are rebuilt from the raw ones and carry the ``data_version`` they were built from.
*Book-keeping* tables hold imports, quarantine, remembered mappings and the embedding cache.
"""

from enum import StrEnum


class Table(StrEnum):
    """Table names, in the order the data flows."""

    META = "meta"
    IMPORTS = "imports"
    MAPPINGS = "mappings"
    QUARANTINE = "quarantine"
    EVENTS = "events"
    ITEMS = "items"
    REVIEWS = "reviews"
    USERS = "users"
    SOCIAL = "social"
    ORDERS = "orders"
    CAMPAIGNS = "campaigns"
    COUPONS = "coupons"
    EMBEDDINGS = "embeddings"
    DERIVED = "derived"
    CATALOGUE = "catalogue"
    INTERACTIONS = "interactions"
    DAILY = "daily"
    ACTIVITY = "activity"
    ACTS = "acts"
    SHOPPERS = "shoppers"
    SEGMENTS = "segments"
    MEMBERS = "members"
    FITS = "fits"
    NORMS = "norms"
    ITEM_TEXTS = "item_texts"
    QUALITY = "quality"
    KEYWORDS = "keywords"
    MERGES = "merges"
    CATEGORY_KEYWORDS = "category_keywords"
    ITEM_RATINGS = "item_ratings"
    DUPLICATES = "duplicates"
    TONES = "tones"
    TONE_REPORT = "tone_report"
    ASPECTS = "aspects"
    ENTITIES = "entities"
    SHOPPER_DAYS = "shopper_days"
    SPLITS = "splits"
    GROUP_ACTIVITY = "group_activity"
    COHORTS = "cohorts"
    SESSION_WEEKS = "session_weeks"
    SPREADS = "spreads"
    REPEATS = "repeats"
    CHURN_FITS = "churn_fits"
    CHURN = "churn"
    CHURN_GROUPS = "churn_groups"
    UNDONE = "undone"
    MEASURED = "measured"
    MEASURED_ITEMS = "measured_items"
    CLUSTERS = "clusters"
    CLUSTERED = "clustered"
    ROBOTS = "robots"
    SEGMENT_HISTORY = "segment_history"
    EDITS = "edits"
    TREES = "trees"
    PLACED = "placed"
    RFM = "rfm"
    FEEDBACK = "feedback"
    IMPRESSIONS = "impressions"
    RULES = "rules"
    LEARNING = "learning"
    LEARNED_COUNTS = "learned_counts"
    LEARNED_FROM = "learned_from"
    RELEASES = "releases"
    ALPHA_CURVES = "alpha_curves"
    EXPERIMENTS = "experiments"
    POLICIES = "policies"
    POLICY_CHECKS = "policy_checks"
    PAIRS = "pairs"
    PAIR_REPORTS = "pair_reports"
    DEMAND = "demand"
    ARRIVALS = "arrivals"
    DWELL_FITS = "dwell_fits"
    AD_SHOWS = "ad_shows"
    AD_FITS = "ad_fits"
    COUPON_FITS = "coupon_fits"
    COUPON_CHANCES = "coupon_chances"
    ASSUMPTIONS = "assumptions"
    OUTREACH = "outreach"
    OUTREACH_MEMBERS = "outreach_members"


class Col(StrEnum):
    """Column names used outside SQL text."""

    USER = "user_id"
    ITEM = "item_id"
    TIMESTAMP = "ts"
    EVENT = "event_type"
    QUANTITY = "quantity"
    PRICE = "price"
    DISCOUNT = "discount"
    DWELL = "dwell_s"
    SESSION = "session_id"
    PLATFORM = "platform"
    ORDER = "order_id"
    POSITION = "position"
    RATING = "rating"
    TITLE = "title"
    TEXT = "text"
    DESCRIPTION = "description"
    BRAND = "brand"
    CATEGORY = "category"
    IMAGE = "image"
    KIND = "kind"
    STOCK = "stock"
    HIDDEN = "hidden"
    IMPORT = "import_id"
    VERSION = "data_version"
    SEGMENT = "segment_id"
    NAME = "name"
    VECTOR = "vector"
    QUALITY = "quality"
    TASTE = "taste"
    SCORE = "score"
    RANK = "rank"
    FROM_TASTE = "from_taste"
    FROM_QUALITY = "from_quality"
    REASONS = "reasons"
    HASH = "content_hash"
    KEYWORD = "keyword"
    WEIGHT = "weight"
    POPULARITY = "popularity"
    TREND = "trend"
    FIRST_SEEN = "first_seen"
    LAST = "last_ts"
    BASIS = "basis"
    DID = "did"
    VERDICT = "verdict"
    FEEDBACK = "feedback_id"
    LIST = "list_id"
    SURFACE = "surface"
    REVIEW = "review_key"
    TONE = "tone"
    TOP_CATEGORY = "top_category"
    PRICE_TIER = "price_tier"
    CANONICAL = "canonical"
    SPELLING = "spelling"
    COSINE = "cosine"


class Event(StrEnum):
    """What a shopper did. ``return`` undoes a purchase; ``rating`` comes from the reviews table."""

    VIEW = "view"
    CLICK = "click"
    CART = "cart"
    WISHLIST = "wishlist"
    PURCHASE = "purchase"
    RETURN = "return"
    RATING = "rating"


class Feedback(StrEnum):
    """What a shopper says to an item they are shown. The last of the first three is their verdict on it."""

    LIKE = "like"
    DISLIKE = "dislike"
    NOT_INTERESTED = "not_interested"
    CLICK = "click"
    ADD = "add"
    BUY = "buy"


class ItemKind(StrEnum):
    """What an item is: something sold, something read or watched, or a paid placement."""

    PRODUCT = "product"
    CONTENT = "content"
    AD = "ad"


class FileKind(StrEnum):
    """What one imported file holds."""

    EVENTS = "events"
    ITEMS = "items"
    REVIEWS = "reviews"
    USERS = "users"
    SOCIAL = "social"
    ORDERS = "orders"
    CAMPAIGNS = "campaigns"
    COUPONS = "coupons"


class ImportStatus(StrEnum):
    """The life of an import."""

    LOADED = "loaded"
    UNDONE = "undone"


BOOK_TABLES = (
    Table.META,
    Table.IMPORTS,
    Table.MAPPINGS,
    Table.QUARANTINE,
    Table.EMBEDDINGS,
    Table.MERGES,
    Table.UNDONE,
    Table.EDITS,
    Table.SEGMENT_HISTORY,
    Table.FEEDBACK,
    Table.IMPRESSIONS,
    Table.RULES,
    Table.LEARNING,
    Table.LEARNED_COUNTS,
    Table.LEARNED_FROM,
    Table.RELEASES,
    Table.EXPERIMENTS,
    Table.POLICIES,
    Table.POLICY_CHECKS,
    Table.ASSUMPTIONS,
    Table.OUTREACH,
    Table.OUTREACH_MEMBERS,
)
"""Tables that no rebuild may touch: what was imported, what a user decided, what shoppers were shown and said."""
RAW_TABLES = (
    Table.EVENTS,
    Table.ITEMS,
    Table.REVIEWS,
    Table.USERS,
    Table.SOCIAL,
    Table.ORDERS,
    Table.CAMPAIGNS,
    Table.COUPONS,
)
