"""A structured log file: one JSON object a line."""

import json
import logging
import sys
from datetime import UTC, datetime
from logging.handlers import RotatingFileHandler

from core.base.workspace import Workspace

LOGGER = "kindred"
_FIELDS = "kindred_fields"


class JsonLines(logging.Formatter):
    """Format a record as one JSON line: time (UTC), level, where, message, extra fields, traceback if any."""

    def format(self, record: logging.LogRecord) -> str:
        entry = {
            "time": datetime.fromtimestamp(record.created, UTC).isoformat(timespec="milliseconds"),
            "level": record.levelname,
            "where": f"{record.module}.{record.funcName}",
            "message": record.getMessage(),
            **getattr(record, _FIELDS, {}),
        }
        if record.exc_info:
            entry["traceback"] = self.formatException(record.exc_info)
        return json.dumps(entry, ensure_ascii=False, default=str)


def setup_log(workspace: Workspace, level: str, to_stderr: bool = False) -> logging.Logger:
    """Send the ``kindred`` logger to the workspace's log file (5 files of 10 MB), and to stderr for the command line."""
    logger = logging.getLogger(LOGGER)
    for handler in list(logger.handlers):
        logger.removeHandler(handler)
        handler.close()
    file_handler = RotatingFileHandler(workspace.log_file, maxBytes=10_000_000, backupCount=4, encoding="utf-8")
    file_handler.setFormatter(JsonLines())
    logger.addHandler(file_handler)
    if to_stderr:
        console = logging.StreamHandler(sys.stderr)
        console.setFormatter(logging.Formatter("%(levelname)s %(message)s"))
        logger.addHandler(console)
    logger.setLevel(level)
    logger.propagate = False
    return logger


def log_event(message: str, level: int = logging.INFO, exc_info: bool = False, **fields: object) -> None:
    """Write one structured entry, for example ``log_event("import finished", rows=541909, seconds=3.2)``."""
    logging.getLogger(LOGGER).log(level, message, exc_info=exc_info, extra={_FIELDS: fields}, stacklevel=2)
