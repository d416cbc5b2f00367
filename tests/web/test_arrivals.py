"""Uploads are kept while they are of use, and only then."""

import os
from datetime import UTC, datetime, timedelta

from core.base.workspace import Workspace
from core.web.arrivals import arrived, keep, sweep, token


def test_old_uploads_are_swept_and_fresh_ones_kept(workspace: Workspace) -> None:
    now = datetime.now(UTC).replace(tzinfo=None)
    old, fresh = (keep(workspace, name, [b"a\n1\n"]) for name in ("old.csv", "fresh.csv"))
    long_ago = (now - timedelta(hours=25)).replace(tzinfo=UTC).timestamp()
    os.utime(old.parent, (long_ago, long_ago))
    assert sweep(workspace, now) == 1
    assert not old.parent.exists()
    assert arrived(workspace, token(workspace, fresh)) == fresh
