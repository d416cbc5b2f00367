"""Which run is served: promote, roll back, the log of both, and pointers that lead nowhere."""

from pathlib import Path

import pytest

from core.base.errors import BadInput
from core.represent import registry
from core.represent.registry import Action


@pytest.fixture
def home(tmp_path: Path) -> Path:
    """A home with the models of runs a, b and c."""
    for run in "abc":
        folder = tmp_path / "runs" / run / "serving"
        folder.mkdir(parents=True)
        (folder / "model.json").write_text("{}")
    return tmp_path


def promote(home: Path, run: str, **more: object) -> registry.Live:
    return registry.promote(home, run, f"runs/{run}/serving", by="ann", **more)


def served(home: Path) -> str | None:
    live = registry.live(home)
    return live.run if live else None


def test_nothing_promoted_is_zero_shot(home: Path) -> None:
    assert (registry.live(home), registry.trouble(home), registry.history(home)) == (None, None, [])
    assert registry.key(home) == "zero-shot"


def test_every_rollback_goes_one_further_back(home: Path) -> None:
    for run in "abc":
        promote(home, run)
    assert [registry.rollback(home, by="bob").run for _ in range(2)] == ["b", "a"]
    assert registry.rollback(home, by="bob") is None
    with pytest.raises(BadInput, match="nothing to roll back to"):
        registry.rollback(home)


def test_after_a_rollback_a_promotion_leads_back_to_what_was_served(home: Path) -> None:
    promote(home, "a")
    promote(home, "b")
    registry.rollback(home)
    promote(home, "c")
    assert registry.rollback(home).run == "a"


def test_the_log_says_who_when_why_from_and_to(home: Path) -> None:
    promote(home, "a", why="first")
    promote(home, "b", why="it must go out today", override=True)
    registry.rollback(home, by="bob", why="complaints")
    told = [(line.action, line.was, line.now, line.by, line.why, line.override) for line in registry.history(home)]
    assert told == [
        (Action.ROLLBACK, "b", "a", "bob", "complaints", False),
        (Action.PROMOTE, "a", "b", "ann", "it must go out today", True),
        (Action.PROMOTE, None, "a", "ann", "first", False),
    ]
    times = [line.at for line in registry.history(home)]
    assert times == sorted(times, reverse=True)


def test_the_key_changes_with_what_is_served(home: Path) -> None:
    keys = [registry.key(home)]
    for run in "ab":
        promote(home, run)
        keys.append(registry.key(home))
    assert len(set(keys)) == 3


def test_a_model_that_is_not_there_is_not_promoted(home: Path) -> None:
    with pytest.raises(BadInput, match="no model"):
        promote(home, "d")
    assert served(home) is None


def test_what_is_served_already_is_not_promoted_again(home: Path) -> None:
    promote(home, "a")
    with pytest.raises(BadInput, match="served already"):
        promote(home, "a")


def test_a_folder_that_is_gone_is_told_and_passed_over(home: Path) -> None:
    for run in "abc":
        promote(home, run)
    for run in "bc":
        (home / "runs" / run / "serving" / "model.json").unlink()
    assert "c is not in" in str(registry.trouble(home))
    assert registry.rollback(home).run == "a"
    assert registry.trouble(home) is None


@pytest.mark.parametrize("content", ["", "{", '{"live": {"run": 3}}', "null"])
def test_a_pointer_that_cannot_be_read_is_told_and_zero_shot_serves(home: Path, content: str) -> None:
    promote(home, "a")
    (home / "models" / "live.json").write_text(content)
    assert served(home) is None
    assert "cannot be read" in str(registry.trouble(home))
    promote(home, "b")
    assert (served(home), registry.trouble(home)) == ("b", None)
