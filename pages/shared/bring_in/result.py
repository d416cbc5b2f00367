"""What an import did: read = loaded + set aside, and why."""

from typing import Any

import streamlit as st

from core.base.jobs import Job
from pages.shared import charts, jobs_panel
from pages.shared import format as fmt
from pages.shared.next_step import OVERVIEW


def show(job: Job) -> None:
    """Show the result of the import that has just finished, and where to go from here."""
    for file in job.result["files"]:
        with st.container(border=True):
            _headline(file)
            if file["reasons"]:
                _reasons(file["reasons"])
    with st.container(horizontal=True):
        st.page_link(OVERVIEW, label="See the shop", icon=":material/space_dashboard:")
        st.button(
            "Bring another file", icon=":material/upload_file:", on_click=jobs_panel.dismiss, args=(job.job_id,), key="another"
        )


def _headline(file: dict[str, Any]) -> None:
    done = "was loaded before: nothing changed" if file["already_loaded"] else "is in, and everything is rebuilt"
    st.markdown(f":green[:material/check_circle:] **{fmt.plain(file['file_name'])}** {done}")
    with st.container(horizontal=True, vertical_alignment="center", gap="medium"):
        st.metric("Rows read", fmt.number(file["read"]), width="content")
        st.markdown("### =", width="content")
        st.metric("Loaded", fmt.number(file["loaded"]), width="content")
        st.markdown("### +", width="content")
        st.metric("Set aside", fmt.number(file["quarantined"]), width="content")
    for note in file["notes"]:
        st.caption(f":material/info: {fmt.plain(note)}")


def _reasons(reasons: dict[str, int]) -> None:
    st.caption("Set aside because")
    figure = charts.bars(list(reasons), list(reasons.values()), [fmt.number(rows) for rows in reasons.values()])
    charts.show(figure, "Rows set aside for each reason", charts.bars_height(len(reasons)))
