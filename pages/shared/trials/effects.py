"""What came after a change of the lists: shoppers who were shown one of it, beside shoppers who were not."""

import streamlit as st

from core.update import iterate
from core.update.iterate import Change, Effect, Gap, What
from pages.shared import charts, run_charts, state
from pages.shared import format as fmt

_KEY = "change"
_ICONS = {What.RELEASE: "rocket_launch", What.MODEL: "model_training"}
_FLOWS = 6


def choose() -> Change | None:
    """Let a change be chosen, the newest first; None where there is none yet."""
    found = iterate.changes(state.store(), state.workspace().home)
    if not found:
        st.info("Nothing was changed yet: publish a release in the α lab, or serve a trained model.", icon=":material/inbox:")
        return None
    keys = {f"{one.what}:{one.key}:{one.at.isoformat()}": one for one in found}
    chosen = st.selectbox("Change", list(keys), format_func=lambda key: _title(keys[key]), key=_KEY)
    return keys[chosen]


def show(change: Change) -> None:
    """Show what came after it, with what that can and cannot say."""
    why = f": {fmt.plain(change.why)}" if change.why else ""
    st.markdown(f":material/{_ICONS[change.what]}: {fmt.moment(change.at)} UTC, by {fmt.plain(change.by or 'someone')}{why}")
    with st.spinner("Comparing shoppers"):
        found = iterate.effect(state.store(), change, state.settings().seed)
    if isinstance(found, str):
        st.info(found, icon=":material/hourglass_empty:")
        st.caption(
            "Once the log covers the time since, this shows how often shoppers came who were shown a list of it, beside those "
            "who were not, and who moved to another segment."
        )
        return
    _caution(found)
    weekly, moves = st.columns(2)
    with weekly.container(border=True, height="stretch"):
        _weekly(found)
    with moves.container(border=True, height="stretch"):
        _moves(found)


def _caution(found: Effect) -> None:
    both = f"{fmt.count(found.exposed, 'shopper')} were shown a list of it, {fmt.number(found.others)} were not"
    if found.experiments:
        numbers = ", ".join(str(number) for number in found.experiments)
        st.info(
            f"{both}. Experiment {numbers} ran in this time: its groups were drawn by chance, so trust its results over these.",
            icon=":material/science:",
        )
    else:
        st.warning(
            f"{both}. This was not drawn by chance: who comes more often is shown more. Read the difference after the change "
            "only beside the one before it; for proof, run an experiment.",
            icon=":material/casino:",
        )


def _weekly(found: Effect) -> None:
    st.subheader("Days a week on which they came", anchor=False)
    rows = {"Before": found.before, "After": found.after, "After less before": found.difference}
    figure = run_charts.dots(
        list(rows), [one.value for one in rows.values()], [(one.low, one.high) for one in rows.values()], "+.2f"
    )
    figure.add_vline(x=0, line={"width": 1, "dash": "dot", "color": charts.SECOND})
    figure.update_xaxes(rangemode="tozero")
    charts.show(figure, "Shown less not shown, days a week", 40 + run_charts.ROW * len(rows))
    st.caption(
        f"Shown less not shown, with 95 % intervals (bootstrap over shoppers), {found.days} days on each side, of shoppers who "
        "were known before and came at least once after."
    )
    st.markdown("  \n".join(f"{name}: shown {one.exposed:.2f}, not shown {one.others:.2f}" for name, one in rows.items()))


def _moves(found: Effect) -> None:
    st.subheader("Who moved to another segment", anchor=False)
    if found.moved is None:
        st.caption("Not known: there are no segments, or too few of the shoppers were in one.")
        return
    st.markdown(_shares(found.moved))
    rows = found.flows.head(_FLOWS).itertuples(index=False)
    st.markdown("\n".join(f"- {_move(*row)}" for row in rows))


def _move(origin: str, target: str, shown: int, others: int) -> str:
    return f"{fmt.plain(origin)} → {fmt.plain(target)} :gray[{shown:,} shown, {others:,} not]"


def _shares(moved: Gap) -> str:
    return (
        f"**{fmt.percent(moved.exposed, 1)}** of those shown, **{fmt.percent(moved.others, 1)}** of the others "
        f":gray[· {100 * moved.value:+.1f} points, 95 % interval {100 * moved.low:+.1f} to {100 * moved.high:+.1f}]"
    )


def _title(one: Change) -> str:
    name = f"Release {one.key}" if one.what is What.RELEASE else f"Model {one.key}"
    return f"{name} · {fmt.day(one.at)}"
