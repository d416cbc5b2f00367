"""The command line: one small shop from file to explained list, and mistakes told in a sentence with exit status 2."""

import json
import re
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

HEADER = "customer_id,sku,occurred_at,event,product_name,category,unit_price\n"
SHOP = {
    "kettle": "Steel kettle with whistle,kitchen",
    "teapot": "Cast iron teapot with strainer,kitchen",
    "mug": "Stoneware tea mug,kitchen",
    "boots": "Leather hiking boots,outdoor",
    "tent": "Two person hiking tent,outdoor",
    "socks": "Merino hiking socks,outdoor",
}
BASKETS = {"ann": ["kettle", "teapot"], "bob": ["boots", "tent"], "cat": ["mug", "kettle"], "dan": ["socks", "boots"]}


@pytest.fixture
def log(tmp_path: Path) -> Path:
    """Eight purchases of four shoppers, and one row without a shopper."""
    lines = [
        f"{user},{item},2026-03-{day + 1:02d} 10:00:00,purchase,{SHOP[item]},{10 + day}.50\n"
        for user, basket in BASKETS.items()
        for day, item in enumerate(basket)
    ]
    path = tmp_path / "shop.csv"
    path.write_text(HEADER + "".join(lines) + f",mug,2026-03-03 10:00:00,purchase,{SHOP['mug']},9\n", encoding="utf-8")
    return path


@pytest.fixture
def kindred(tmp_path: Path) -> Callable[..., subprocess.CompletedProcess[str]]:
    """Run ``python -m core …`` on a workspace of its own."""

    def run(*words: str) -> subprocess.CompletedProcess[str]:
        command = [sys.executable, "-m", "core", *words, "--home", str(tmp_path / "home")]
        return subprocess.run(command, capture_output=True, text=True, check=False, cwd=Path(__file__).parents[1])

    return run


@pytest.mark.slow
def test_from_file_to_explained_list(kindred: Callable[..., subprocess.CompletedProcess[str]], log: Path) -> None:
    first = json.loads(kindred("import", str(log), "--json").stdout)
    assert (first["read"], first["loaded"], first["quarantined"]) == (9, 8, 1)
    assert sum(first["reasons"].values()) == 1

    listed = json.loads(kindred("users", "--limit", "2", "--json").stdout)
    assert [user["user_id"] for user in listed["users"]] == ["ann", "bob"]

    answer = json.loads(kindred("recommend", "--user", "ann", "-k", "3", "--alpha", "1", "--explain", "--json").stdout)
    for item in answer["items"]:
        told = item["explanation"]
        assert told["everyone"] + sum(part["part"] for part in told["history"]) == pytest.approx(item["from_taste"], abs=1e-6)
    assert "for everyone" in kindred("recommend", "--user", "ann", "-k", "3", "--explain").stdout
    assert answer["user"] == "ann"
    assert answer["items"][0]["item_id"] == "mug"
    assert not {"kettle", "teapot"} & {item["item_id"] for item in answer["items"]}
    for place, item in enumerate(answer["items"], 1):
        assert item["rank"] == place
        assert item["from_taste"] + item["from_quality"] == pytest.approx(item["score"], abs=1e-12)
        assert item["reasons"]

    again = json.loads(kindred("import", str(log), "--json").stdout)
    assert again["already_loaded"]


@pytest.mark.slow
def test_feedback_is_in_the_next_list_and_goes_into_the_log(
    kindred: Callable[..., subprocess.CompletedProcess[str]], log: Path
) -> None:
    assert kindred("import", str(log)).returncode == 0
    for item in ("tent", "socks"):
        said = json.loads(kindred("feedback", "--user", "new", "--item", item, "--kind", "click", "--json").stdout)
    assert (said["feedback_id"], said["undone"]) == (2, False)
    best = json.loads(kindred("recommend", "--user", "new", "--json").stdout)
    assert best["fallback"] == "personalised"
    assert json.loads(kindred("feedback", "--undo", "2", "--json").stdout)["undone"]
    assert [row["item_id"] for row in json.loads(kindred("feedback", "--user", "new", "--json").stdout)["feedback"]] == ["tent"]
    taken = json.loads(kindred("absorb", "--json").stdout)
    assert (taken["read"], taken["loaded"], taken["quarantined"]) == (1, 1, 0)
    late = kindred("feedback", "--undo", "1")
    assert (late.returncode, f"import {taken['import_id']}" in late.stderr) == (2, True)


@pytest.mark.parametrize(
    ("words", "told"),
    [
        (["recommend", "--user", "ann", "--alpha", "3"], "alpha|α"),
        (["import", "no-such-file.csv"], "no-such-file.csv"),
        (["import", "README.md", "--map", "nonsense"], "nonsense"),
    ],
)
def test_a_mistake_is_one_sentence_and_status_two(
    kindred: Callable[..., subprocess.CompletedProcess[str]], words: list[str], told: str
) -> None:
    answer = kindred(*words)
    assert answer.returncode == 2, answer.stderr
    assert "Traceback" not in answer.stderr
    assert answer.stdout == ""
    assert re.search(told, answer.stderr), answer.stderr


def test_a_shop_too_small_to_judge_says_so(kindred: Callable[..., subprocess.CompletedProcess[str]], tmp_path: Path) -> None:
    file = tmp_path / "two.csv"
    file.write_text("customer_id,sku,occurred_at\nann,mug,2026-03-01\nbob,mug,2026-03-02\n", encoding="utf-8")
    assert kindred("import", str(file)).returncode == 0
    answer = kindred("evaluate", "--model", "popularity", "--json")
    assert (answer.returncode, answer.stdout) == (2, "")
    assert "too small" in answer.stderr


@pytest.mark.slow
def test_a_run_from_training_to_serving_and_back(
    kindred: Callable[..., subprocess.CompletedProcess[str]], tmp_path: Path
) -> None:
    """Tea people and garden people: train in a process of its own, promote, recommend, export, roll back."""
    rng = np.random.default_rng(7)
    lines = [
        f"s{who:02d},{what}-{thing},2026-03-{day + 1:02d} 10:00:00,purchase,{what} thing {thing},{what},{10 + thing}\n"
        for who in range(60)
        for what in [("tea", "garden")[who % 2]]
        for day, thing in enumerate(rng.permutation(12)[:7])
    ]
    (tmp_path / "two.csv").write_text(HEADER + "".join(lines), encoding="utf-8")
    assert kindred("import", str(tmp_path / "two.csv")).returncode == 0

    trained = kindred(
        "train",
        "--preset",
        "quick",
        "--protocol",
        "leave-last-one",
        "--refit",
        "--augment",
        "crop, mask",
        "--multi-task",
        "--json",
    )
    assert trained.returncode == 0, trained.stderr
    run = json.loads(trained.stdout)
    assert set(run) >= {"run", "metrics", "seconds", "peak_mb"}
    assert 0 < run["metrics"]["ndcg"] <= 1
    assert run["options"] == {"crop": 0.5, "mask": 0.5, "purchase": 0.3, "rating": 0.3}
    assert "This shop has no ratings: that task is left out." in run["remarks"]
    again = json.loads(kindred("evaluate", "--run", run["run"], "--json").stdout)
    assert again["ndcg"] == run["metrics"]["ndcg"]
    unknown = kindred("train", "--augment", "shake")
    assert (unknown.returncode, "There are: crop, mask, reorder" in unknown.stderr) == (2, True)
    refused = kindred("evaluate", "--run", run["run"], "--protocol", "temporal")
    assert refused.returncode == 2
    assert "leave-last-one" in refused.stderr

    assert kindred("promote", run["run"], "--override", "a test").returncode == 0
    assert json.loads(kindred("runs", "--json").stdout)["live"] == run["run"]
    served = json.loads(kindred("recommend", "--user", "s01", "-k", "3", "--json").stdout)
    assert all(item["item_id"].startswith("garden") for item in served["items"])

    curve = json.loads(kindred("alpha-curve", "--json").stdout)
    assert (curve["model"], len(curve["ndcg"]), len(curve["intervals"]["ndcg"])) == (run["run"], 21, 21)
    assert set(curve) >= {"alpha", "coverage", "novelty", "price", "segments", "suggested", "questions"}

    out = tmp_path / "lists"
    assert json.loads(kindred("export", "--top", "3", "--out", str(out), "--json").stdout)["lines"] == 180
    lists = pd.read_parquet(out / "bucket=0" / "lists.parquet")
    assert lists[lists["user_id"] == "s01"]["item_id"].tolist() == [item["item_id"] for item in served["items"]]

    assert kindred("rollback", "--why", "a test").returncode == 0
    assert json.loads(kindred("runs", "--json").stdout)["live"] is None
