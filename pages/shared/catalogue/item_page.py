"""One item: what it is, what it costs beside its category, what shoppers say of it, what is like it, who buys it."""

import streamlit as st

from core.represent import item as items
from core.represent import opinions, stars
from core.represent.item import Item
from core.score.similar import similar
from pages.shared import charts, state
from pages.shared import format as fmt
from pages.shared.catalogue import figures, voices

_PARAM = "item"


def chosen() -> str | None:
    """Return the item the address names."""
    return st.query_params.get(_PARAM)


def open_item(item_id: str) -> None:
    """Show an item's page instead."""
    st.query_params[_PARAM] = item_id
    st.rerun()


def show(item_id: str) -> None:
    """Show the item's page."""
    if st.button("All items", icon=":material/arrow_back:", type="tertiary", key="back"):
        del st.query_params[_PARAM]
        st.rerun()
    found = state.read(items.item, item_id)
    _header(found)
    about, price = st.columns([3, 2])
    with about.container(border=True, height="stretch"):
        _about(found)
    with price.container(border=True, height="stretch"):
        _price(found)
    rated, told = st.columns(2)
    with rated.container(border=True, height="stretch"):
        _stars(found)
    with told.container(border=True, height="stretch"):
        st.subheader("What reviews say", anchor=False)
        voices.tones(found.opinions, state.read(opinions.over_time, "item", item_id))
    voices.aspects(found.opinions)
    near, who = st.columns([3, 2])
    with near.container(border=True, height="stretch"):
        _nearest(item_id)
    with who.container(border=True, height="stretch"):
        _buyers(item_id)


def _header(found: Item) -> None:
    st.title(fmt.plain(found.title), anchor=False)
    with st.container(horizontal=True, gap="small"):
        st.badge(found.item_id, icon=":material/tag:", color="gray")
        for fact, icon in ((found.brand, "sell"), (" › ".join(found.levels), "category"), (found.kind, "inventory_2")):
            if fact:
                st.badge(fmt.plain(fact), icon=f":material/{icon}:", color="gray")
        if found.stock is not None:
            in_stock = found.stock > 0
            st.badge(f"{fmt.number(found.stock)} in stock" if in_stock else "Out of stock", color="green" if in_stock else "red")
        if found.hidden:
            st.badge(f"Not shown: {found.hidden}", color="orange", icon=":material/visibility_off:")
        for warning in found.warnings:
            st.badge(warning, color="orange", icon=":material/warning:")
        for one in found.spellings:
            st.badge(f"{fmt.plain(one.spelling)} may be {fmt.plain(one.canonical)}", color="orange", icon=":material/spellcheck:")
    with st.grid(5, min_column_width=160):
        place = found.place
        st.metric(
            "Price",
            fmt.money(found.price),
            place.third.capitalize() if place else None,
            delta_color="off",
            delta_arrow="off",
            border=True,
            height="stretch",
        )
        rating = found.stars
        st.metric(
            "Stars",
            f"{rating.mean:.2f} ★" if rating else fmt.NOTHING,
            fmt.count(rating.ratings, "rating") if rating else "not rated",
            delta_color="off",
            delta_arrow="off",
            border=True,
            height="stretch",
        )
        st.metric(
            "Shrunk stars",
            f"{rating.shrunk:.2f} ★" if rating else fmt.NOTHING,
            f"with {rating.prior_votes:.0f} votes at {rating.prior_mean:.2f}" if rating else None,
            delta_color="off",
            delta_arrow="off",
            border=True,
            height="stretch",
            help="The mean after adding that many votes at the shop's mean, so that few votes move little.",
        )
        said = found.opinions
        st.metric(
            "Positive reviews",
            fmt.percent(said.positive / said.reviews) if said.reviews else fmt.NOTHING,
            f"of {fmt.count(said.reviews, 'review')}" if said.reviews else "none with words",
            delta_color="off",
            delta_arrow="off",
            border=True,
            height="stretch",
        )
        st.metric(
            "Shoppers", fmt.number(found.shoppers), "did something with it", delta_color="off", delta_arrow="off", border=True
        )


def _about(found: Item) -> None:
    st.subheader("About", anchor=False)
    st.markdown(fmt.plain(found.description) if found.description else ":gray[No description.]")
    if found.keywords:
        st.markdown(
            voices.chips([word for word, _ in found.keywords]),
            help="Keywords: what sets its text apart in this shop.",
        )
    if found.extra:
        st.caption("  \n".join(f"**{fmt.plain(name)}** {fmt.plain(value)}" for name, value in found.extra.items()))
    if found.entities:
        st.markdown(
            ":gray[Reviews mention] "
            + " ".join(f":gray-badge[{fmt.plain(name)} · {count}]" for _, name, count, _ in found.entities[:8])
        )


def _price(found: Item) -> None:
    st.subheader("Price in its category", anchor=False)
    place = found.place
    if place is None:
        st.caption("Without a price there is nothing to compare.")
        return
    bins = state.read(items.price_histogram, found.top_category)
    charts.show(figures.prices(bins, place.price), "Prices of the category, this item's marked", 210)
    st.caption(
        f"Dearer than {fmt.percent(place.tier)} of {fmt.count(place.items, 'item')} in {fmt.plain(place.category)} "
        f"({fmt.money(place.cheapest)} to {fmt.money(place.dearest)}, half below {fmt.money(place.median)})."
    )


def _stars(found: Item) -> None:
    st.subheader("Stars", anchor=False)
    rating = found.stars
    if rating is None:
        st.caption("Nobody has rated it yet.")
        return
    many, course = st.columns(2)
    with many:
        charts.show(figures.histogram(rating.histogram), "Ratings of each number of stars", 210)
    with course:
        charts.show(figures.stars_over_time(state.read(stars.over_time, found.item_id)), "Mean stars by month", 210)
    spread = f" · spread {rating.spread:.2f}" if rating.spread is not None else ""
    st.caption(f"Mean {rating.mean:.2f}{spread} · {fmt.count(rating.ratings, 'rating')}, the last one of each shopper.")


def _nearest(item_id: str) -> None:
    st.subheader("Nearest by text", anchor=False)
    near = similar(state.index(), item_id, 8)
    if not near:
        st.caption("This item has no text to compare.")
        return
    event = st.dataframe(
        {
            "title": [one.title for one in near],
            "cosine": [one.cosine for one in near],
            "words": [", ".join(one.words) for one in near],
        },
        hide_index=True,
        height=318,
        on_select="rerun",
        selection_mode="single-row",
        key=f"near_{item_id}",
        column_config={
            "title": st.column_config.TextColumn("Item", width=260),
            "cosine": st.column_config.ProgressColumn("Likeness", format="%.2f", min_value=0, max_value=1, width=110),
            "words": st.column_config.TextColumn("Shared keywords"),
        },
        alt="Items whose texts are nearest",
    )
    for row in event.selection.rows:
        open_item(near[row].item_id)


def _buyers(item_id: str) -> None:
    st.subheader("Who buys it", anchor=False)
    frame = state.read(items.buyers, item_id)
    if frame.empty:
        st.caption("Nobody in a segment has bought it.")
        return
    charts.show(
        figures.mix(frame), "Share of each segment among its buyers, beside the usual share", charts.bars_height(len(frame)) + 30
    )
    st.caption(
        f"{fmt.count(int(frame['buyers'].sum()), 'buyer')} in segments, beside the segment's share of all the shop's buyers."
    )
