"""Receive a file of any size: streamed from the request to disk, never held in memory."""

import shutil
from collections.abc import AsyncIterator
from pathlib import Path

from starlette.requests import ClientDisconnect, Request
from starlette.responses import JSONResponse

from core.base.errors import BadInput
from core.base.log import log_event
from core.base.workspace import Workspace
from core.web.arrivals import new_place, token

_SPARE_BYTES = 512 * 1024**2
_OWN_PAGES = {None, "same-origin", "none"}


async def receive(request: Request, workspace: Workspace) -> JSONResponse:
    """Write the body of ``PUT /api/upload/{name}`` into the uploads folder.

    Answers 201 ``{"token", "name", "bytes"}``; 400 with ``{"error": sentence}`` where the body is empty, cut short, larger
    than the free disk, or sent by another site's page.
    """
    try:
        _check_request(request, workspace)
        path = new_place(workspace, request.path_params["name"])
        written = await _write(request.stream(), path)
    except BadInput as error:
        return JSONResponse({"error": str(error)}, status_code=400)
    log_event("upload received", file=path.name, bytes=written)
    return JSONResponse({"token": token(workspace, path), "name": path.name, "bytes": written}, status_code=201)


def _check_request(request: Request, workspace: Workspace) -> None:
    if request.headers.get("sec-fetch-site") not in _OWN_PAGES:
        raise BadInput("Uploads are accepted from Kindred's own pages only.")
    announced = int(request.headers.get("content-length", "0"))
    free = shutil.disk_usage(workspace.uploads).free - _SPARE_BYTES
    if announced > free:
        raise BadInput(f"The file needs {announced:,} bytes and the disk has {max(free, 0):,} to spare. Free some space first.")


async def _write(chunks: AsyncIterator[bytes], path: Path) -> int:
    """Write all chunks to ``path``, which appears only when complete; return the bytes written."""
    draft = path.with_name(path.name + ".part")
    written = 0
    try:
        with draft.open("wb") as file:
            async for chunk in chunks:
                written += file.write(chunk)
        if not written:
            raise BadInput("The file is empty. Choose a file with at least a header and one row.")
        draft.rename(path)
    except ClientDisconnect:
        raise BadInput("The upload was cut short. Send the file again.") from None
    finally:
        draft.unlink(missing_ok=True)
        if not path.exists():
            path.parent.rmdir()
    return written
