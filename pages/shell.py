"""The frame around every screen: navigation, running jobs, and the error boundary."""

from pathlib import Path

import streamlit as st

from pages.shared import jobs_panel, memory
from pages.shared.boundary import show_error
from pages.shared.trials import watch

HERE = Path(__file__).parent
STATIC = HERE / "static"


def screen(path: str, title: str, icon: str, help_text: str, default: bool = False) -> st.Page:
    """Return one page of the navigation; its address is the file's name."""
    return st.Page(HERE / path, title=title, icon=f":material/{icon}:", help=help_text, default=default)


st.set_page_config(page_title="Kindred", page_icon=str(STATIC / "icon.png"), layout="wide")
st.logo(str(STATIC / "logo.png"), size="large", icon_image=str(STATIC / "icon.png"))

page = st.navigation(
    {
        "Prepare": [
            screen(
                "prepare/overview.py", "Overview", "space_dashboard", "What is loaded, how fresh it is, what to do next.", True
            ),
            screen("prepare/import_data.py", "Import", "upload_file", "Bring files in, see what was set aside and why, undo."),
        ],
        "Understand": [
            screen("understand/segments.py", "Segments", "groups", "Groups of shoppers who behave alike, in plain words."),
            screen(
                "understand/catalogue.py",
                "Catalogue",
                "category",
                "Every item: attributes, stars, what reviews say, what is wrong.",
            ),
            screen("understand/stickiness.py", "Stickiness", "event_repeat", "Who comes back, who buys again, who may leave."),
            screen("understand/shopper.py", "Shopper", "person_search", "One shopper: profile, interests, everything they did."),
        ],
        "Recommend": [
            screen("recommend/recommend.py", "Recommend", "recommend", "A ranked list for one shopper, each pick explained."),
            screen("recommend/lab.py", "α lab", "tune", "Weigh taste against quality: what it is worth; draft, publish, revert."),
            screen("recommend/surfaces.py", "Shop window", "storefront", "Every other list of the shop, with reasons."),
            screen(
                "recommend/rules.py", "Rules", "rule", "Pin, boost, bury or hide items; how varied lists are, and what it costs."
            ),
            screen("recommend/ads.py", "Ads", "ads_click", "Campaigns, pace, sponsored places and what they are worth; coupons."),
            screen("recommend/actions.py", "Next actions", "campaign", "Win back, remind, coupon, upsell: with whom it pays."),
        ],
        "Operate": [
            screen(
                "operate/experiments.py", "Experiments", "science", "Two ways of making lists, split by chance: which is better."
            ),
            screen("operate/learning.py", "Learning", "school", "What clicks teach the lists, and whether it pays."),
            screen("operate/iteration.py", "Iteration", "autorenew", "What came of each change, and when to train again."),
            screen("operate/training.py", "Training", "model_training", "Train a model on the shop, and watch it learn."),
            screen("operate/runs.py", "Runs", "history", "Every training: what came out, compare, serve, roll back."),
            screen(
                "operate/evaluation.py", "Evaluation", "monitoring", "How good the lists are, for whom, and how sure that is."
            ),
        ],
    },
    expanded=True,
)

memory.arrive(page.url_path)
try:
    jobs_panel.show()
    if page.url_path != "training":
        jobs_panel.show_training()
    watch.look()
    page.run()
except Exception as error:  # noqa: BLE001 - the one error boundary of the screens
    show_error(error)
