"""The log file holds one JSON object a line."""

import json

from core.base.log import log_event, setup_log
from core.base.workspace import Workspace


def test_an_entry_keeps_its_fields_and_traceback(workspace: Workspace) -> None:
    setup_log(workspace, "INFO")
    log_event("import finished", rows=3)
    try:
        raise ValueError("odd")
    except ValueError:
        log_event("failed", exc_info=True)
    first, second = [json.loads(line) for line in workspace.log_file.read_text(encoding="utf-8").splitlines()]
    assert (first["message"], first["rows"], first["level"]) == ("import finished", 3, "INFO")
    assert "ValueError: odd" in second["traceback"]
