"""What a surface is asked with: an item, a basket of items."""

from collections.abc import Callable

import numpy as np
import streamlit as st

from core.score.find import find_items
from core.score.index import Index
from core.score.surface import offered
from pages.shared import format as fmt
from pages.shared import state

_LISTED = 200
_MATCHES = 8


def item_picker(key: str) -> str | None:
    """Show a picker of one item, bound to the address; return its id, None where what was typed is no item's."""
    index = state.index()
    listed, named = _listed(index), _namer(index)
    typed: str | None = st.selectbox(
        "Item",
        listed,
        0 if listed else None,
        format_func=named,
        accept_new_options=True,
        placeholder="Choose one of the most sought, or type any id or part of a title",
        key=key,
        bind="query-params",
    )
    if typed is None or typed in index.rows:
        return typed
    found = find_items(index, typed, _MATCHES)
    if not found:
        st.warning(f"No item's title or id contains '{fmt.plain(typed)}'. Try fewer letters.", icon=":material/search_off:")
        return None
    ids = [one.item_id for one in found]
    return st.pills(f"Items matching '{fmt.plain(typed)}'", ids, default=ids[0], required=True, format_func=named)


def basket_picker(key: str) -> list[str]:
    """Show a picker of several items, bound to the address; return the ids of those that exist."""
    index = state.index()
    listed, named = _listed(index), _namer(index)
    chosen = st.multiselect(
        "In the basket",
        list(dict.fromkeys([*st.session_state.get(key, ()), *listed])),
        listed[:1],
        format_func=named,
        accept_new_options=True,
        placeholder="Choose items, or type any id",
        key=key,
        bind="query-params",
    )
    ids = [one if one in index.rows else next((hit.item_id for hit in find_items(index, one, 1)), None) for one in chosen]
    for typed, item in zip(chosen, ids, strict=True):
        if item is None:
            st.warning(f"No item's title or id contains '{fmt.plain(typed)}'.", icon=":material/search_off:")
    return [item for item in ids if item]


def _listed(index: Index) -> list[str]:
    """Return the ids of the products that most shoppers came to, which a picker offers unasked."""
    may = np.flatnonzero(offered(state.store(), index))
    order = may[np.argsort(-index.popularity[may], kind="stable")[:_LISTED]]
    return list(index.ids[order])


def _namer(index: Index) -> Callable[[str], str]:
    """Return a function from an id to what a picker calls it; the index is looked up once, not for each of hundreds of names."""
    return lambda item: f"{index.titles[index.rows[item]]} · {item}" if item in index.rows else item
