"""The README tells the truth: every module has its line, every command it shows exists."""

import re
from pathlib import Path

import pytest
from typer.testing import CliRunner

from core.cli import app

ROOT = Path(__file__).parents[1]
README = (ROOT / "README.md").read_text(encoding="utf-8")
MODULES = [
    path
    for folder in ("core", "pages")
    for path in sorted((ROOT / folder).rglob("*.py"))
    if path.name not in {"__init__.py", "__main__.py"}
]


@pytest.mark.parametrize("path", MODULES, ids=lambda path: str(path.relative_to(ROOT)))
def test_every_module_has_one_line(path: Path) -> None:
    lines = [line for line in README.splitlines() if re.search(rf"(^|[\s/]){re.escape(path.name)}\s{{2,}}\S", line)]
    assert lines, f"README.md has no line for {path.relative_to(ROOT)}"


def test_no_line_for_a_module_that_is_gone() -> None:
    named = set(re.findall(r"^\s+(\w+\.py)\s{2,}\S", README, flags=re.MULTILINE))
    there = {path.name for path in MODULES} | {"app.py"}
    assert named <= there, f"README.md names {named - there}, which do not exist"


def test_every_command_shown_exists() -> None:
    shown = set(re.findall(r"python -m core (\w+)", README))
    listed = CliRunner().invoke(app, ["--help"]).output
    assert shown, "README.md shows no command"
    assert not [command for command in shown if not re.search(rf"\b{command}\b", listed)]


def test_every_make_target_shown_exists() -> None:
    makefile = (ROOT / "Makefile").read_text(encoding="utf-8")
    for target in set(re.findall(r"make (\w+)", README)):
        assert re.search(rf"^{target}:", makefile, flags=re.MULTILINE), f"make {target} does not exist"
