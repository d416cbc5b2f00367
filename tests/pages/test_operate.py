"""Training, runs and evaluation: on nothing, on stub runs, and a real training that is started, watched and cancelled."""

import time
from dataclasses import fields, replace
from pathlib import Path

import pytest
from streamlit.testing.v1 import AppTest

from core.base import jobs
from core.base.jobs import Lane, State
from core.base.workspace import open_workspace
from core.represent import registry
from core.score import index
from core.train import probe, runs, unanswered, worker
from core.train.gate import GateRow
from core.train.mixture import Weights
from core.train.names import Augment, Preset, Protocol, Task
from core.train.probe import Estimate
from core.train.runs import Request, TaskScore
from core.train.snapshot import Snapshot
from pages.shared import state
from pages.shared.operate import words
from tests.pages.conftest import Open, assert_sound, text_of
from tests.pages.runs import PASSED, REFUSED, keep, stub

TRAINING, RUNS, EVALUATION = "operate/training.py", "operate/runs.py", "operate/evaluation.py"


def figures(app: AppTest) -> dict[str, str]:
    """Return the metrics on the screen by label."""
    return {metric.label: metric.value for metric in app.metric}


def wait_for_all(home: Path) -> None:
    """Wait until no training is active."""
    folder, deadline = open_workspace(home).jobs, time.monotonic() + 30
    while any(job.active for job in jobs.recent(folder, 20, Lane.TRAINING)) and time.monotonic() < deadline:
        time.sleep(0.1)


@pytest.fixture
def no_model(monkeypatch: pytest.MonkeyPatch) -> None:
    """Serve without the promoted model: the stubs have none that could be read."""
    monkeypatch.setattr(index, "_model", lambda *given: (None, ()))


def test_nothing_built_offers_to_begin(home: Path, screen: Open) -> None:
    assert screen(TRAINING).button(key="load_demo")


def test_no_runs_yet_leads_to_training(home: Path, screen: Open) -> None:
    for page in (RUNS, EVALUATION):
        assert "No training yet" in text_of(screen(page))


def test_the_form_shows_what_it_learns_from_and_what_the_last_one_took(shop: Path, screen: Open) -> None:
    keep(shop, stub("20260301-093000-aaaa"))
    app = screen(TRAINING)
    assert (figures(app)["Shoppers"], figures(app)["Items"]) == ("30", "12")
    assert "The last quick run took 42 s and 812 MiB at most" in text_of(app)
    assert app.toggle(key="refit").value is True
    app.radio(key="preset").set_value(Preset.ZERO_SHOT).run()
    assert_sound(app)
    assert app.toggle(key="refit").disabled
    assert "nothing else to set" in text_of(app)


def test_start_asks_for_what_the_form_says(shop: Path, screen: Open, monkeypatch) -> None:
    asked: list[Request] = []
    monkeypatch.setattr(worker, "start", lambda workspace, snapshot, request: asked.append(request))
    app = screen(TRAINING)
    app.radio(key="protocol").set_value(Protocol.LEAVE_LAST_ONE)
    app.number_input(key="seed").set_value(11)
    app.number_input(key="option_width").set_value(64)
    app.button(key="start_training").click().run()
    assert_sound(app)
    assert asked == [Request(Preset.QUICK, Protocol.LEAVE_LAST_ONE, 11, True, options={"width": 64})]


def test_augmentation_and_tasks_are_options_of_the_run(shop: Path, screen: Open, monkeypatch) -> None:
    asked: list[Request] = []
    monkeypatch.setattr(worker, "start", lambda workspace, snapshot, request: asked.append(request))
    app = screen(TRAINING)
    app.button_group(key="augment").set_value([Augment.CROP, Augment.REORDER]).run()
    app.slider(key="augment_chance").set_value(0.3)
    app.toggle(key="multi_task").set_value(True).run()
    assert_sound(app)
    app.button(key="start_training").click().run()
    assert_sound(app)
    assert asked[0].options == {"crop": 0.3, "reorder": 0.3, "purchase": 0.3, "rating": 0.3}


def test_a_task_without_answers_is_said_before_the_start(shop: Path, screen: Open, monkeypatch) -> None:
    monkeypatch.setattr(unanswered, "unanswered", lambda store: ("This shop has no ratings: that task is left out.",))
    app = screen(TRAINING)
    assert "that task is left out" not in text_of(app)
    app.toggle(key="multi_task").set_value(True).run()
    assert_sound(app)
    assert "This shop has no ratings: that task is left out." in text_of(app)


def test_how_well_the_tasks_are_foreseen_stands_with_the_run(shop: Path, screen: Open) -> None:
    keep(
        shop,
        stub("20260301-093000-aaaa", tasks=(TaskScore(Task.PURCHASE, 1200, 0.731, 0.5), TaskScore(Task.RATING, 40, 0.9, 1.1))),
    )
    told = text_of(screen(RUNS))
    assert "Next purchase: AUC 0.731, 0.500 by the mean, on 1,200 moments of the validation part." in told
    assert "Next rating: RMSE 0.900 stars, 1.100 stars by the mean" in told


def test_time_and_memory_are_measured_where_asked_for(shop: Path, screen: Open, monkeypatch) -> None:
    monkeypatch.setattr(probe, "estimate", lambda snapshot, request, threads: Estimate(95.0, 812.0, 3.2))
    app = screen(TRAINING)
    assert "Time at most" not in figures(app)
    app.button(key="measure").click().run()
    assert_sound(app)
    assert (figures(app)["Time at most"], figures(app)["Memory at least"]) == ("1 min 35 s", "812 MiB")
    app.radio(key="preset").set_value(Preset.BEST).run()
    assert "Time at most" not in figures(app)  # it was measured for another request


def test_a_training_is_there_when_one_comes_back_and_can_be_cancelled(shop: Path, screen: Open) -> None:
    app = screen(TRAINING)
    app.button(key="start_training").click().run()
    assert_sound(app)
    (job,) = jobs.recent(open_workspace(shop).jobs, 5, Lane.TRAINING)
    again = screen(TRAINING)
    if jobs.read(open_workspace(shop).jobs, job.job_id).active:
        assert "Training quick on data version" in text_of(again)
        again.button(key=f"cancel_{job.job_id}").click().run()
    wait_for_all(shop)
    assert (Snapshot(next((shop / "snapshots").iterdir())).meta.shoppers, len(runs.runs(shop))) == (30, 1)


def test_a_crash_shows_its_error_and_the_end_of_its_log(shop: Path, screen: Open) -> None:
    folder = open_workspace(shop).jobs
    job_id = jobs.launch(folder, worker.KIND, "Training quick on data version 1", ["false"], given={"run": "r"})
    wait_for_all(shop)
    log = folder / job_id / "log.txt"
    log.write_text("MemoryError: no room for the towers\n", encoding="utf-8")
    app = screen(TRAINING)
    assert "Training quick on data version 1:" in text_of(app)
    assert "no room for the towers" in "\n".join(code.value for code in app.code)
    app.button(key="dismiss_training").click().run()
    assert "no room for the towers" not in "\n".join(code.value for code in app.code)


def test_a_run_tells_its_figures_gate_and_cost(shop: Path, screen: Open) -> None:
    keep(shop, stub("20260301-093000-aaaa"))
    app = screen(RUNS)
    gate, metrics = app.dataframe[2].value, app.dataframe[1].value
    if "against" not in gate.columns:
        gate, metrics = metrics, gate
    assert metrics["value"].tolist()[:2] == ["0.0500", "10.0%"]
    assert metrics["interval"].tolist()[0] == "0.0450 to 0.0550"
    assert gate["passed"].tolist() == ["✓ passed"]
    assert "Zero-shot is served" in text_of(app)
    assert figures(app)["Time"] == "42 s"
    assert "Options: width 64" in text_of(app)


def test_an_address_names_a_run_by_its_id(shop: Path, screen: Open) -> None:
    keep(shop, stub("20260301-093000-aaaa"))
    keep(shop, stub("20260228-093000-bbbb", age_days=1))
    for page in (RUNS, EVALUATION):
        assert screen(page).selectbox(key="run").value == "20260301-093000-aaaa"
        assert screen(page, run="20260228-093000-bbbb").selectbox(key="run").value == "20260228-093000-bbbb"
        assert screen(page, run="gone").selectbox(key="run").value == "20260301-093000-aaaa"


def test_promote_and_roll_back(shop: Path, screen: Open, no_model: None) -> None:
    run = keep(shop, stub("20260301-093000-aaaa"))
    app = screen(RUNS)
    before = state.version()
    app.button(key="promote").click().run()
    assert_sound(app)
    assert registry.live(shop).folder == f"runs/{run.run_id}/serving"
    assert state.version() != before
    assert f"Run {run.run_id} is served** :gray[· trained on everything" in text_of(app)
    app.button(key="rollback").click().run()
    assert registry.live(shop) is None
    assert [switch.action for switch in registry.history(shop)] == ["rollback", "promote"]
    app = screen(RUNS, runs_view="Switches")
    assert app.dataframe[1].value["now"].tolist() == ["zero-shot", run.run_id]


def test_a_run_that_did_not_pass_needs_a_reason(shop: Path, screen: Open, no_model: None) -> None:
    run = keep(shop, stub("20260301-093000-aaaa", gate=(PASSED, REFUSED)))
    app = screen(RUNS)
    assert "It does not beat zero-shot" in text_of(app)
    assert app.button(key="promote").disabled
    app.text_input(key=f"why_{run.run_id}").set_value("the demo needs it").run()
    app.button(key="promote").click().run()
    assert_sound(app)
    live = registry.live(shop)
    assert (live.run, live.why, live.override) == (run.run_id, "the demo needs it", True)


def test_a_note_is_kept(shop: Path, screen: Open) -> None:
    run = keep(shop, stub("20260301-093000-aaaa"))
    app = screen(RUNS)
    app.text_area(key=f"note_{run.run_id}").set_value("wider towers").run()
    app.button(key="save_note").click().run()
    assert_sound(app)
    assert runs.read(shop, run.run_id).note == "wider towers"


def test_runs_on_different_data_are_compared_with_a_warning(shop: Path, screen: Open) -> None:
    keep(shop, stub("20260301-093000-aaaa"))
    older = stub("20260228-093000-bbbb", age_days=1)
    keep(shop, replace(older, data_hash="b" * 64, data_version=2))
    app = screen(RUNS, runs_view="Compare")
    assert "These runs saw different data (data versions 1, 2)" in text_of(app)
    assert app.dataframe[1].value["metric"].tolist()[:2] == ["NDCG@10", "Hit rate@10"]
    keep_same = replace(older, request=replace(older.request, seed=8))
    runs.write(shop, keep_same)
    app = screen(RUNS, runs_view="Compare")
    assert "say nothing about each other" not in text_of(app)
    assert "Seed" in app.dataframe[2].value["what"].tolist()


def test_a_failed_run_says_why(shop: Path, screen: Open) -> None:
    run = stub("20260301-093000-aaaa", state=State.FAILED, scores=None, gate=(), curves=(), error="The log is too short.")
    keep(shop, run)
    assert "The log is too short." in text_of(screen(RUNS))
    assert "has not been judged" in text_of(screen(EVALUATION))


def test_evaluation_shows_the_run_beside_its_baselines(shop: Path, screen: Open) -> None:
    keep(shop, stub("20260301-093000-aaaa", data_version=state_version(shop)))
    app = screen(EVALUATION)
    assert len(app.get("plotly_chart")) == 9
    assert "judged at lists of 10 only" in text_of(app)
    assert "the shop is at version" not in text_of(app)
    assert "Few shoppers, so mostly chance: cold." in text_of(app)
    assert "There are no segments in this data." in text_of(screen(EVALUATION, cut="Segments"))


def test_evaluation_warns_where_the_shop_has_moved_on(shop: Path, screen: Open) -> None:
    keep(shop, stub("20260301-093000-aaaa", data_version=99))
    assert "judged on data version 99; the shop is at version" in text_of(screen(EVALUATION))


def state_version(home: Path) -> int:
    """Return the data version of the workspace that the screens read."""
    return state.store().data_version()


def test_a_rivals_note_and_every_part_are_told_in_words(shop: Path, screen: Open) -> None:
    live = GateRow("live model", 0.06, -0.01, -0.02, -0.001, False, "Run 20260201-093000-cccc.")
    keep(shop, stub("20260301-093000-aaaa", gate=(PASSED, live)))
    told = text_of(screen(RUNS))
    assert "It does not beat the live model" in told
    assert "Live model: Run 20260201-093000-cccc." in told
    assert {field.name for field in fields(Weights)} == set(words.PARTS)


def test_a_run_that_is_not_there_is_said(shop: Path, screen: Open) -> None:
    keep(shop, stub("20260301-093000-aaaa"))
    app = screen(RUNS, run="no-such-run")
    assert "There is no run 'no-such-run'" in text_of(app)


def test_the_last_runs_leave_out_what_still_goes_on(shop: Path, screen: Open) -> None:
    keep(shop, stub("20260301-093000-aaaa", state=State.RUNNING))
    assert "Last runs" not in text_of(screen(TRAINING))
