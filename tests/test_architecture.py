"""The shape of the code: imports follow the order of the pipeline, and the engine does not know the screen."""

import ast
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
CORE = ROOT / "core"
FOLDERS = sorted(path.name for path in CORE.iterdir() if path.is_dir() and path.name != "__pycache__")
MODULES = sorted(CORE.rglob("*.py"))
PAGES = sorted((ROOT / "pages").rglob("*.py")) if (ROOT / "pages").exists() else []


def imported(path: Path) -> list[str]:
    """Return every module a file imports, anywhere in it, as dotted names (``from a import b`` gives ``a.b``)."""
    names: list[str] = []
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            names += [alias.name for alias in node.names]
        elif isinstance(node, ast.ImportFrom):
            assert node.level == 0, f"{path}: imports are absolute, not relative"
            names += [f"{node.module}.{alias.name}" for alias in node.names]
    return names


def room(path: Path) -> str:
    """Return the folder of ``core`` a module lives in; modules at the top (cli, __main__) sort after every folder."""
    parts = path.relative_to(CORE).parts
    return parts[0] if len(parts) > 1 else "~"


@pytest.mark.parametrize("path", MODULES, ids=lambda path: str(path.relative_to(ROOT)))
def test_a_module_imports_only_from_its_own_folder_or_an_earlier_one(path: Path) -> None:
    later = [
        name
        for name in imported(path)
        if name.split(".")[0] == "core"
        and len(name.split(".")) > 1
        and name.split(".")[1] in FOLDERS
        and name.split(".")[1] > room(path)
    ]
    assert not later, f"{path.relative_to(ROOT)} imports from folders that come later in the pipeline: {later}"


@pytest.mark.parametrize("path", MODULES, ids=lambda path: str(path.relative_to(ROOT)))
def test_core_never_imports_the_screen(path: Path) -> None:
    screen = [name for name in imported(path) if name.split(".")[0] in {"streamlit", "pages", "app"}]
    assert not screen, f"{path.relative_to(ROOT)} imports {screen}: the engine must not know the screen"


@pytest.mark.parametrize("path", PAGES, ids=lambda path: str(path.relative_to(ROOT)))
def test_a_page_imports_no_other_page_and_no_engine_library(path: Path) -> None:
    allowed = "pages.shared"
    wrong = [
        name
        for name in imported(path)
        if (name.startswith("pages.") and not name.startswith(allowed))
        or name.split(".")[0] in {"torch", "sklearn", "transformers", "duckdb"}
    ]
    assert not wrong, f"{path.relative_to(ROOT)} imports {wrong}"


def test_the_check_sees_a_wrong_import(tmp_path: Path) -> None:
    probe = tmp_path / "probe.py"
    probe.write_text("import streamlit as st\ndef f():\n    from core.web import routes\n", encoding="utf-8")
    assert imported(probe) == ["streamlit", "core.web.routes"]
