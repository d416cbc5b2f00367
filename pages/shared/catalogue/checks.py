"""What is wrong with the catalogue: counts, the items, a file to take away."""

from functools import partial

import streamlit as st

from core.base.schema import Col
from core.represent import shelf_checks
from core.represent.shelf_checks import Check
from pages.shared import format as fmt
from pages.shared import state
from pages.shared.catalogue import item_page

_LISTED = 500


def show() -> None:
    """Show a card for each check, then the items of the one chosen."""
    found = {check.name: check for check in state.read(shelf_checks.checks)}
    with st.grid(4, min_column_width=220) as grid:
        for check in found.values():
            _card(grid.container(border=True, height="stretch", gap="xsmall"), check)
    wrong = [name for name, check in found.items() if check.items]
    if not wrong:
        return
    name = st.pills(
        "Look closer at",
        wrong,
        default=wrong[0],
        required=True,
        format_func=lambda key: found[key].label,
        key="check",
        bind="query-params",
    )
    _items(found[name])


def _card(card: st.delta_generator.DeltaGenerator, check: Check) -> None:
    icon = ":orange[:material/warning:]" if check.items else ":green[:material/check_circle:]"
    card.markdown(f"{icon} **{check.label}**", help=check.rule)
    card.progress(check.items / max(check.of, 1), text=f"{fmt.number(check.items)} of {fmt.count(check.of, 'product')}")
    card.caption(check.advice)


def _items(check: Check) -> None:
    frame = state.read(shelf_checks.failing, check.name, _LISTED)
    with st.container(horizontal=True, horizontal_alignment="distribute", vertical_alignment="center"):
        st.caption(
            f"{check.rule} " + (f"The first {len(frame)} of {fmt.number(check.items)}." if len(frame) < check.items else "")
        )
        st.download_button(
            "Download all",
            partial(shelf_checks.as_csv, state.store(), check.name),
            f"{check.name}.csv",
            "text/csv",
            icon=":material/download:",
            on_click="ignore",
        )
    event = st.dataframe(
        frame,
        hide_index=True,
        height=420,
        on_select="rerun",
        selection_mode="single-row",
        key=f"failing_{check.name}",
        column_config={
            Col.ITEM: st.column_config.TextColumn("Item", width=100),
            Col.TITLE: st.column_config.TextColumn("Title", width=300),
            Col.BRAND: st.column_config.TextColumn("Brand"),
            Col.CATEGORY: st.column_config.TextColumn("Category"),
            Col.PRICE: st.column_config.NumberColumn("Price", format="%.2f", width=80),
            "twin_id": st.column_config.TextColumn("Twin", width=100),
            "twin": st.column_config.TextColumn("Its title", width=300),
            Col.COSINE: st.column_config.NumberColumn("Likeness", format="%.3f", width=80),
        },
        alt="Items the check finds",
    )
    for row in event.selection.rows:
        item_page.open_item(str(frame[Col.ITEM].iloc[row]))
