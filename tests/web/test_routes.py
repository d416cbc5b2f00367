"""The REST routes: streamed upload, and a clear answer for what is not there."""

from pathlib import Path

import pytest
from starlette.applications import Starlette
from starlette.testclient import TestClient

from core.base.errors import BadInput
from core.base.workspace import Workspace
from core.web.arrivals import arrived, clean_name, inbox, keep, token
from core.web.routes import routes


@pytest.fixture
def client(workspace: Workspace) -> TestClient:
    return TestClient(Starlette(routes=routes(workspace)))


def test_an_upload_arrives_whole_and_can_be_found_by_its_token(client: TestClient, workspace: Workspace) -> None:
    body = b"user_id,item_id\n" + b"u1,i1\n" * 200_000
    answer = client.put("/api/upload/my%20log.csv", content=body)
    assert answer.status_code == 201
    assert answer.json()["name"] == "my log.csv"
    assert answer.json()["bytes"] == len(body)
    path = arrived(workspace, answer.json()["token"])
    assert path.read_bytes() == body
    assert token(workspace, path) == answer.json()["token"]


def test_an_empty_upload_is_refused_and_leaves_nothing(client: TestClient, workspace: Workspace) -> None:
    answer = client.put("/api/upload/empty.csv", content=b"")
    assert answer.status_code == 400
    assert "empty" in answer.json()["error"]
    assert not list(workspace.uploads.iterdir())
    with pytest.raises(BadInput, match="empty"):
        keep(workspace, "empty.csv", [])
    assert not list(workspace.uploads.iterdir())


def test_another_sites_page_may_not_upload(client: TestClient, workspace: Workspace) -> None:
    answer = client.put("/api/upload/x.csv", content=b"a\n1", headers={"sec-fetch-site": "cross-site"})
    assert answer.status_code == 400
    assert not list(workspace.uploads.iterdir())


def test_a_file_larger_than_the_disk_is_refused_before_it_is_sent(client: TestClient) -> None:
    answer = client.put("/api/upload/x.csv", content=b"a", headers={"content-length": str(10**18)})
    assert answer.status_code == 400
    assert "Free some space" in answer.json()["error"]


@pytest.mark.parametrize(
    ("method", "path"), [("GET", "/api/nope"), ("POST", "/api/upload/x.csv"), ("GET", "/api/"), ("DELETE", "/api/a/b")]
)
def test_an_unknown_path_answers_404_in_json(client: TestClient, method: str, path: str) -> None:
    answer = client.request(method, path)
    assert answer.status_code == 404
    assert path in answer.json()["error"]


@pytest.mark.parametrize(
    ("given", "kept"),
    [
        ("orders.csv", "orders.csv"),
        ("../../etc/passwd", "passwd"),
        ("C:\\shop\\日志 2026.csv", "日志 2026.csv"),
        ("...", "upload"),
        ("a;rm -rf $HOME.csv", "a_rm -rf _HOME.csv"),
        ("x" * 300 + ".csv", "x" * 116 + ".csv"),
    ],
)
def test_names_are_made_safe(given: str, kept: str) -> None:
    assert clean_name(given) == kept


@pytest.mark.parametrize("bad", ["../store/kindred.duckdb", "/etc/passwd", "nothing.csv", ""])
def test_a_token_reaches_uploads_only(workspace: Workspace, bad: str) -> None:
    workspace.store.touch()
    with pytest.raises(BadInput, match="no longer here"):
        arrived(workspace, bad)


def test_two_files_of_one_name_never_meet(workspace: Workspace) -> None:
    first, second = keep(workspace, "a.csv", [b"1"]), keep(workspace, "a.csv", [b"2"])
    assert first != second
    assert (first.read_bytes(), second.read_bytes()) == (b"1", b"2")


def test_the_inbox_lists_files_only(workspace: Workspace) -> None:
    (workspace.inbox / "b.csv").write_bytes(b"12345")
    (workspace.inbox / "a.csv").write_bytes(b"1")
    (workspace.inbox / ".hidden").write_bytes(b"1")
    Path(workspace.inbox / "folder").mkdir()
    assert [(file.name, file.file_bytes) for file in inbox(workspace)] == [("a.csv", 1), ("b.csv", 5)]
