"""Build an audience: conditions on behaviour, all of which must hold; see who meets them, save it, take it along."""

import streamlit as st

from core.profiles import audience, edits
from core.profiles.behaviour import FEATURES, Feature
from core.profiles.conditions import BY_NAME, OPERATORS, Condition, in_words
from core.profiles.shopper import norm
from pages.shared import format as fmt
from pages.shared import state
from pages.shared.groups import closer, editing

MOST = 6


def show() -> None:
    """Show the builder on the left, who meets the conditions on the right, and the groups saved so far below."""
    build, meets = st.columns([2, 3])
    with build.container(border=True, height="stretch"):
        st.subheader("Who", anchor=False)
        conditions = _conditions()
    with meets.container(border=True, height="stretch"):
        _meets(conditions)
    with st.container(border=True):
        st.subheader("Groups and exports", anchor=False)
        _saved()


def _conditions() -> tuple[Condition, ...]:
    """Let the user state conditions; return them."""
    many = st.session_state.setdefault("conditions", 1)
    found = tuple(_condition(place) for place in range(many))
    with st.container(horizontal=True):
        if st.button("Add a condition", icon=":material/add:", disabled=many >= MOST):
            st.session_state["conditions"] = many + 1
            st.rerun()
        if st.button("Remove the last", icon=":material/remove:", disabled=many <= 1):
            st.session_state["conditions"] = many - 1
            st.rerun()
    st.caption(
        "All conditions must hold. A shopper of whom a feature is not known does not meet a condition on it; robots are left out."
    )
    return found


def _condition(place: int) -> Condition:
    names = [feature.name for feature in FEATURES]
    default = names.index(("orders", "recency_days", "monetary")[place % 3])
    name = st.selectbox(
        "Feature" if place == 0 else "and", names, default, format_func=lambda one: BY_NAME[one].label, key=f"feature_{place}"
    )
    how, much = st.columns([2, 3], vertical_alignment="bottom")
    sign = how.selectbox("is", list(OPERATORS), key=f"operator_{place}")
    feature = BY_NAME[name]
    middle = state.read(norm, name, 50)
    scale = 100 if feature.unit == "share" else 1
    value = much.number_input(
        f"Value, {_unit(feature)}",
        value=float(round((middle or 0) * scale, 2)),
        key=f"value_{place}_{name}",
        help=feature.formula,
    )
    return Condition(name, sign, value / scale)


def _unit(feature: Feature) -> str:
    return "%" if feature.unit == "share" else feature.unit


def _meets(conditions: tuple[Condition, ...]) -> None:
    plain = tuple((one.feature, one.operator, one.value) for one in conditions)
    many = state.read(audience.count_by, plain)
    st.subheader(fmt.count(many, "shopper"), anchor=False)
    st.markdown(in_words(conditions))
    with st.container(horizontal=True, vertical_alignment="bottom"):
        name = st.text_input("Save as", placeholder="A name for this group", key="own_name", max_chars=edits.LONGEST_NAME)
        if st.button("Save", disabled=not name, type="primary", key="save_own"):
            editing.do(edits.define, name, conditions)
        if many:
            export = state.read(audience.export_by, plain)
            _download(export, "audience.csv", "built")
    closer.table(state.read(audience.sample, plain), "built_sample", "The most active shoppers who meet the conditions")


def _saved() -> None:
    """Let the user export any group, or forget one of their own."""
    listed = {group.key: group for group in state.read(audience.groups)}
    with st.container(horizontal=True, vertical_alignment="bottom"):
        key = st.selectbox(
            "Group", list(listed), format_func=lambda one: f"{listed[one].name} ({listed[one].size:,})", key="export_group"
        )
        _download(state.read(audience.export_group, key), f"{key.replace(':', '-')}.csv", "saved")
        own = key.startswith("own:")
        if own and st.button("Remove this group", icon=":material/delete:"):
            editing.do(edits.remove, int(key.split(":")[1]))
    st.caption(f"{fmt.plain(listed[key].name)}: {fmt.plain(listed[key].rule)}.")


def _download(export: audience.Export, name: str, key: str) -> None:
    st.download_button(
        f"Export {fmt.count(export.rows, 'row')}",
        export.content,
        name,
        "text/csv",
        icon=":material/download:",
        key=f"download_{key}",
        help="Checked: the file holds as many rows as the store counts. Texts that a spreadsheet would run are made harmless.",
    )
