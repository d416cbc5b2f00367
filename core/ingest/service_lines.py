"""Lines that are no product: postage, fees, discounts, corrections. They are kept in the books and never recommended."""

_IDS = """
    POST POSTAGE SHIPPING DOT BANK_CHARGES AMAZONFEE CRUK C2 DISCOUNT MANUAL ADJUST ADJUST2 FEE DELIVERY VERSAND PORTO
    GIFTWRAP TIP DEPOSIT ROUNDING
"""
_TITLES = (
    r"(dotcom |next day |express |standard |international |uk )?(postage|carriage|shipping|delivery|freight)"
    r"( (and|&) (packing|handling|packaging))?( (fee|cost|costs|charge|charges))?",
    r"manual( adjustment)?",
    r"(discount|coupon|voucher discount|rebate|promotion discount)s?",
    r"(bank|card|payment|service|handling|amazon|transaction|paypal|booking|restocking)[ -]?(fee|fees|charge|charges)",
    r"adjust(ment)?( bad debt)?.*|bad debt.*|rounding|write[ -]?off",
    r"cruk commission|commission|samples?|deposit|tip|gratuity|test( product| item)?|this is a test product\.?",
    r"versand(kosten)?|porto|lieferkosten|rabatt|gutschein|frais de (port|livraison)|remise|livraison",
    r"(gastos de )?env[ií]o|descuento",
    r"spese di spedizione|sconto|verzendkosten|korting|运费|邮费|折扣|优惠券|补差价|手续费",
)


def predicate(item: str = "item_id", title: str = "title") -> str:
    """Return SQL that is true for a service line, never NULL. item, title: SQL expressions; title may be NULL.

    The whole title must be such a word ('POSTAGE', 'Bank charges'), or the id one of a short list: 'POSTAGE STAMP BOX'
    is a product.
    """
    ids = ", ".join(f"'{name.replace('_', ' ')}'" for name in _IDS.split())
    pattern = "|".join(_TITLES)
    return (
        f"(COALESCE(upper(trim({item})) IN ({ids}), false) "
        f"OR COALESCE(regexp_full_match(lower(trim({title})), '{pattern}'), false))"
    )
