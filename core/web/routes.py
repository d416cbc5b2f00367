"""The REST routes served beside the pages. Streamlit serves its own ``/_stcore/health`` and ``/_stcore/metrics``."""

from functools import partial

from starlette.requests import Request
from starlette.responses import JSONResponse
from starlette.routing import BaseRoute, Route

from core.base.workspace import Workspace
from core.web.upload import receive

METHODS = ["GET", "POST", "PUT", "PATCH", "DELETE"]


def routes(workspace: Workspace) -> list[BaseRoute]:
    """Return every route under ``/api``, the catch-all last: without it a wrong path would answer 200 with the app's HTML."""
    return [
        Route("/api/upload/{name}", partial(_upload, workspace=workspace), methods=["PUT"]),
        Route("/api/{rest:path}", _unknown, methods=METHODS),
    ]


async def _upload(request: Request, workspace: Workspace) -> JSONResponse:
    return await receive(request, workspace)


async def _unknown(request: Request) -> JSONResponse:
    return JSONResponse({"error": f"There is no {request.method} {request.url.path} here."}, status_code=404)
