"""Files of an execution over HTTP."""

import io

import pytest

from control_plane.kernel.config import override
from stores.storage.keys import execution_prefix, task_file_key, uri_of
from stores.storage.place import storage

pytestmark = pytest.mark.django_db
TEXT = b"one\ntwo\nthree\n"


@pytest.fixture
def keep(done, tmp_path):
    """Keep a file of the execution; return its address."""
    with override(storage={"type": "local", "path": tmp_path}):

        def put(name, content=TEXT, execution_id=None):
            prefix = execution_prefix("acme", "prod.data", "hello", execution_id or done.id)
            key = task_file_key(prefix, "log0", "run", name)
            storage().put(key, io.BytesIO(content))
            return uri_of(key)

        yield put


def body(answer):
    return b"".join(answer.streaming_content)


def test_a_file_is_downloaded_as_a_file(read, done, keep):
    answer = read(f"executions/{done.id}/file", path=keep("räport.csv"))
    assert body(answer) == TEXT
    assert answer.headers["Content-Length"] == str(len(TEXT))
    assert answer.headers["Content-Disposition"] == "attachment; filename*=UTF-8''r%C3%A4port.csv"
    assert answer.headers["X-Content-Type-Options"] == "nosniff"


def test_a_part_of_it_can_be_asked_for(people, done, keep):
    path = f"/api/v1/acme/executions/{done.id}/file"
    part = people.vera.client.get(path, {"path": keep("a.txt")}, headers={"Range": "bytes=4-6"})
    assert (part.status_code, body(part), part.headers["Content-Range"]) == (206, b"two", "bytes 4-6/14")
    beyond = people.vera.client.get(path, {"path": keep("a.txt")}, headers={"Range": "bytes=99-"})
    assert beyond.status_code == 416


def test_its_size_is_told(read, done, keep):
    assert read(f"executions/{done.id}/file/metas", path=keep("a.txt")) == {"size": 14}


def test_a_preview_shows_the_first_rows(read, done, keep):
    shown = read(f"executions/{done.id}/file/preview", path=keep("a.txt"), maxRows=2)
    assert shown == {"type": "TEXT", "extension": "txt", "content": "one\ntwo", "truncated": True}
    assert read(f"executions/{done.id}/file/preview", path=keep("a.txt"), maxRows=3)["truncated"] is False


def test_a_preview_of_rows_is_a_list_and_of_a_picture_a_picture(read, done, keep):
    rows = read(
        f"executions/{done.id}/file/preview", path=keep("a.ion", b'{a: 1, b: "x"}\n{a: 2, b: "y"}\n'), maxRows=9
    )
    assert (rows["type"], rows["content"]) == ("LIST", [{"a": 1, "b": "x"}, {"a": 2, "b": "y"}])
    assert read(f"executions/{done.id}/file/preview", path=keep("a.png", b"\x89PNG"), maxRows=9)["type"] == "IMAGE"


def test_bytes_that_are_no_text_do_not_break_a_preview(read, done, keep):
    shown = read(f"executions/{done.id}/file/preview", path=keep("a.bin", b"\xff\xfe\x00ok"), maxRows=9)
    assert "ok" in shown["content"]
    read(f"executions/{done.id}/file/preview", status=400, path=keep("a.txt"), maxRows=9, encoding="klingon")


@pytest.mark.parametrize(
    ("uri", "status"),
    [
        ("", 400),
        ("file:///etc/passwd", 400),
        ("kestra:///../../globex/x", 400),
        ("kestra:///prod/data/hello/executions/other/tasks/log0/run/a.txt", 404),
        ("kestra:///prod/data/hello/executions/%2e%2e/x", 400),
    ],
)
def test_nothing_else_can_be_reached(read, done, keep, uri, status):
    read(f"executions/{done.id}/file", status=status, path=uri)


def test_a_file_of_another_execution_is_not_to_be_had(read, done, keep):
    read(f"executions/{done.id}/file", status=404, path=keep("a.txt", execution_id="another"))


def test_a_missing_file_is_404(read, done, keep):
    uri = keep("a.txt").replace("a.txt", "b.txt")
    read(f"executions/{done.id}/file", status=404, path=uri)
