"""Files of a namespace over HTTP: written, read, moved, deleted, with all their revisions."""

from __future__ import annotations

import io
import stat
import zipfile
from collections.abc import Iterator
from typing import Any
from urllib.parse import urlencode

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import connection
from django.test.utils import CaptureQueriesContext

from audit.models import AuditEntry
from control_plane.kernel.config import override
from control_plane.kernel.scope import tenant_scope
from stores.models import NamespaceFileRevision
from stores.storage.keys import tenant_prefix
from stores.storage.place import storage
from tests.cast import ACME, Cast, bind, make_cast, make_person

pytestmark = pytest.mark.django_db
BASE = "/api/v1/acme/namespaces/prod.data/files"


@pytest.fixture
def cast() -> Cast:
    return make_cast()


class Files:
    """The files of a namespace, as one person sees them."""

    def __init__(self, who: Any, base: str = BASE) -> None:
        self.client, self.base = who.client, base

    def put(self, path: str, content: bytes = b"x", name: str = "file", **query: Any) -> Any:
        url = f"{self.base}?{_query(path=path, **query)}"
        return self.client.post(url, {"fileContent": SimpleUploadedFile(name, content)})

    def get(self, rest: str = "", **query: Any) -> Any:
        return self.client.get(f"{self.base}{rest}?{_query(**query)}")

    def read(self, path: str, **query: Any) -> bytes:
        answer = self.get(path=path, **query)
        assert answer.status_code == 200, answer.content
        return b"".join(answer.streaming_content)

    def names(self, path: str = "/") -> list[str]:
        return [each["fileName"] for each in self.get("/directory", path=path).json()]

    def move(self, source: str, target: str) -> Any:
        return self.client.put(f"{self.base}?{_query(**{'from': source, 'to': target})}")

    def delete(self, path: str) -> Any:
        return self.client.delete(f"{self.base}?{_query(path=path)}")


def _query(**values: Any) -> str:
    return urlencode(values)


@pytest.fixture
def files(cast: Cast) -> Files:
    storage().delete_prefix(tenant_prefix(ACME))
    return Files(cast.olga)


def contents() -> int:
    """How many contents lie in the storage."""
    return sum(1 for _ in storage().list(tenant_prefix(ACME)))


def test_a_file_is_read_back_as_it_was_written(files: Files) -> None:
    assert files.put("/scripts/a.py", b"\x00\xff print").status_code == 200
    assert files.read("/scripts/a.py") == b"\x00\xff print"
    assert files.read("scripts/a.py") == b"\x00\xff print"
    assert files.names() == ["scripts"]
    (attributes,) = files.get("/directory", path="/scripts").json()
    assert attributes["fileName"] == "a.py"
    assert (attributes["type"], attributes["size"]) == ("File", 8)
    assert attributes["creationTime"] > 1_600_000_000_000
    assert files.get("/stats", path="/scripts").json()["type"] == "Directory"
    assert files.get("/stats").json()["type"] == "Directory"
    assert files.get("/stats", path="/scripts/a.py").json()["size"] == 8


def test_a_browser_does_not_run_what_is_kept(files: Files) -> None:
    files.put("/page.html", b"<script>")
    answer = files.get(path="/page.html")
    answer.close()
    assert answer["Content-Type"] == "application/octet-stream"
    assert answer["Content-Disposition"].startswith("attachment")
    assert answer["X-Content-Type-Options"] == "nosniff"


def test_each_write_is_a_revision_that_can_be_read_again(files: Files) -> None:
    for content in (b"one", b"two", b"three"):
        files.put("/a.txt", content)
    shown = files.get("/revisions", path="/a.txt").json()
    assert [(each["revision"], each["size"]) for each in shown] == [(1, 3), (2, 3), (3, 5)]
    assert shown[0]["author"]
    assert [files.read("/a.txt", revision=number) for number in (1, 2, 3)] == [b"one", b"two", b"three"]
    assert files.read("/a.txt") == b"three"
    assert files.get(path="/a.txt", revision=4).status_code == 404
    assert files.get(path="/a.txt", revision="x").status_code == 400


def test_old_revisions_are_deleted_and_the_present_one_is_not(files: Files) -> None:
    for content in (b"one", b"two", b"three"):
        files.put("/a.txt", content)

    def delete(revisions: str) -> Any:
        return files.client.delete(f"{files.base}/revisions?{_query(path='/a.txt', revisions=revisions)}")

    assert delete("3").status_code == 404
    assert delete("1,9").status_code == 404
    assert contents() == 3
    assert delete("1,2").json() == {"count": 2}
    assert contents() == 1
    assert files.read("/a.txt") == b"three"
    files.put("/a.txt", b"four")
    assert [each["revision"] for each in files.get("/revisions", path="/a.txt").json()] == [3, 4]


def test_a_folder_moves_with_everything_in_it(files: Files) -> None:
    files.put("/a/b/c.txt", b"c")
    files.put("/a/d.txt", b"d")
    files.put("/ab.txt", b"stays")
    assert files.move("/a", "/x/y").status_code == 200
    assert files.read("/x/y/b/c.txt") == b"c"
    assert files.names("/x/y") == ["b", "d.txt"]
    assert files.names() == ["x", "ab.txt"]
    assert files.get(path="/a/d.txt").status_code == 404
    assert files.read("/x/y/d.txt", revision=1) == b"d"


@pytest.mark.parametrize(
    ("source", "target", "status"),
    [
        ("/a", "/a/b/new", 400),
        ("/a", "/a", 400),
        ("/none", "/b", 404),
        ("/a", "/there.txt", 409),
        ("/a/b.txt", "/there.txt/b.txt", 422),
        ("/a", "/../b", 400),
        ("/a", "/", 400),
        ("/a", "/" + "x" * 999, 400),
    ],
)
def test_what_cannot_be_moved_stays(files: Files, source: str, target: str, status: int) -> None:
    files.put("/a/b.txt", b"b")
    files.put("/there.txt", b"there")
    answer = files.move(source, target)
    assert answer.status_code == status, answer.content
    assert files.read("/a/b.txt") == b"b"
    assert files.read("/there.txt") == b"there"


def test_a_folder_goes_with_everything_in_it(files: Files) -> None:
    files.put("/a/b/c.txt")
    files.put("/a/b/c.txt")
    files.put("/ab.txt")
    assert files.delete("/a").status_code == 200
    assert files.names() == ["ab.txt"]
    assert contents() == 1
    assert files.delete("/a").status_code == 404
    with tenant_scope(ACME):
        assert NamespaceFileRevision.objects.count() == 1


def test_folders_are_made_and_listed(files: Files) -> None:
    make = f"{files.base}/directory"
    assert files.get("/directory").json() == []
    assert files.client.post(f"{make}?path=/empty/inner").status_code == 200
    assert files.names("/empty") == ["inner"]
    assert files.names("/empty/inner") == []
    assert files.client.post(f"{make}?path=/empty").status_code == 422
    assert files.client.post(make).status_code == 400
    assert files.get("/directory", path="/none").status_code == 404
    files.put("/file.txt")
    assert files.get("/directory", path="/file.txt").status_code == 404
    assert files.put("/file.txt/inner.txt").status_code == 422
    assert files.put("/empty").status_code == 422
    assert contents() == 1


def test_files_are_found_by_a_part_of_their_path(files: Files) -> None:
    for path in ("/queries/Orders.sql", "/scripts/orders.py", "/100%.txt"):
        files.put(path)
    assert files.get("/search", q="orders").json() == ["/queries/Orders.sql", "/scripts/orders.py"]
    assert files.get("/search", q="%").json() == ["/100%.txt"]
    assert files.get("/search", q="").json() == ["/100%.txt", "/queries/Orders.sql", "/scripts/orders.py"]


@pytest.mark.parametrize(
    "path",
    (
        *("../a", "/../a", "/a/../../b", "//etc/passwd", "/a//b", "a\\b", "/a\x00b", "/.", "/", "/a\n", "/x/ /y", ""),
        *("/" + "x" * 256, "/".join(["x" * 100] * 12)),
    ),
)
def test_no_path_leads_elsewhere(files: Files, path: str) -> None:
    answers = [
        files.put(path),
        files.get(path=path),
        files.delete(path),
        files.move(path, "/new"),
        files.client.post(f"{files.base}/directory?{_query(path=path)}"),
    ]
    assert [answer.status_code for answer in answers] == [400] * 5
    assert contents() == 0


def test_a_file_that_is_too_large_is_refused(files: Files) -> None:
    with override(limits={"namespace_file_bytes": 1024}):
        assert files.put("/a.txt", b"x" * 1025).status_code == 413
        assert files.put("/a.txt", b"x" * 1024).status_code == 200
    assert contents() == 1


def test_a_form_without_a_file_is_refused(files: Files) -> None:
    assert files.client.post(f"{BASE}?path=/a.txt", {"other": "x"}).status_code == 422
    assert files.client.post(f"{BASE}?path=/a.txt").status_code == 422


def packed(entries: dict[str, bytes], change: Any = None) -> bytes:
    target = io.BytesIO()
    with zipfile.ZipFile(target, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in entries.items():
            entry = zipfile.ZipInfo(name)
            entry.compress_type = zipfile.ZIP_DEFLATED
            if change:
                change(entry)
            archive.writestr(entry, content)
    return target.getvalue()


def test_an_archive_is_unpacked(files: Files) -> None:
    files.put("/a.txt", b"old")
    sent = packed({"a.txt": b"new", "b/c.txt": b"c", "b/d/": b"", "__MACOSX/._a.txt": b"note"})
    assert files.put("/mine.zip", sent, "mine.zip").status_code == 200
    assert files.get("/search", q="").json() == ["/a.txt", "/b/c.txt"]
    assert files.read("/a.txt") == b"new"
    assert files.read("/a.txt", revision=1) == b"old"
    assert files.put("/below/", sent, "mine.ZIP").status_code == 200
    assert files.read("/below/b/c.txt") == b"c"
    assert files.put("/mine.zip", sent, "mine.zip", unpack="false").status_code == 200
    assert files.read("/mine.zip") == sent


def test_what_is_exported_comes_in_again(files: Files) -> None:
    assert zipfile.ZipFile(io.BytesIO(_exported(files))).namelist() == []
    big = bytes(range(256)) * 4000
    files.put("/a.txt", b"old")
    files.put("/a.txt", b"new")
    files.put("/b/é.bin", big)
    archive = zipfile.ZipFile(io.BytesIO(_exported(files)))
    assert {name: archive.read(name) for name in archive.namelist()} == {"a.txt": b"new", "b/é.bin": big}
    files.delete("/b")
    files.put("/all.zip", archive.fp.getvalue(), "all.zip")  # type: ignore[union-attr]  # it is our own buffer
    assert files.read("/b/é.bin") == big


def _exported(files: Files) -> bytes:
    answer = files.get("/export")
    assert answer.status_code == 200
    assert "prod.data_files.zip" in answer["Content-Disposition"]
    return b"".join(answer.streaming_content)


def _link(entry: zipfile.ZipInfo) -> None:
    entry.external_attr = (stat.S_IFLNK | 0o777) << 16


def _device(entry: zipfile.ZipInfo) -> None:
    entry.external_attr = (stat.S_IFCHR | 0o777) << 16


def _twice() -> bytes:
    target = io.BytesIO()
    with zipfile.ZipFile(target, "w") as archive, pytest.warns(UserWarning, match="Duplicate"):
        archive.writestr("a.txt", b"1")
        archive.writestr("a.txt", b"2")
    return target.getvalue()


def _lying(entries: dict[str, bytes]) -> bytes:
    """A directory that says one byte of a file that has a megabyte."""
    sent = bytearray(packed(entries))
    start = sent.index(b"PK\x01\x02")
    sent[start + 24 : start + 28] = (1).to_bytes(4, "little")
    return bytes(sent)


def archives() -> Iterator[Any]:
    good = {"good.txt": b"good"}
    for name in ("../a", "/etc/passwd", "a/../../b", "a\\b", "a//b", ".", "x" * 300):
        yield pytest.param(packed({**good, name: b"x"}), 422, id=name[:10])
    yield pytest.param(packed({**good, "aXb": b"x"}).replace(b"aXb", b"a\0b"), 422, id="nul")
    yield pytest.param(packed({"link": b"/etc/passwd"}, _link), 422, id="a link")
    yield pytest.param(packed({"device": b""}, _device), 422, id="a device")
    yield pytest.param(b"no archive at all", 422, id="no archive")
    yield pytest.param(packed(good)[:-30], 422, id="cut off")
    yield pytest.param(packed({**good, "a": b"x" * 5000}).replace(b"x" * 10, b"y" * 10), 200, id="fine")
    yield pytest.param(packed({**good, "bomb": bytes(200_000)}), 413, id="a bomb")
    yield pytest.param(packed({f"{n}": bytes(60_000) for n in range(4)}), 413, id="many bombs")
    yield pytest.param(_lying({"bomb": bytes(1_000_000)}), 422, id="a bomb that lies")
    yield pytest.param(packed({"a": b"1", "a/b": b"2"}), 422, id="file and folder")


@pytest.mark.parametrize(("sent", "status"), list(archives()))
def test_an_archive_comes_in_whole_or_not_at_all(files: Files, sent: bytes, status: int) -> None:
    with override(limits={"namespace_file_bytes": 100_000, "namespace_archive_bytes": 150_000}):
        answer = files.put("/a.zip", sent, "a.zip")
    assert answer.status_code == status, answer.content
    if status != 200:
        assert (files.get("/search", q="").json(), contents()) == ([], 0)


def test_an_archive_that_names_a_file_twice_is_refused(files: Files) -> None:
    assert files.put("/a.zip", _twice(), "a.zip").status_code == 422
    assert contents() == 0


def test_a_broken_content_takes_the_others_with_it(files: Files) -> None:
    sent = bytearray(packed({"a.txt": b"a" * 100, "b.txt": bytes(range(256)) * 8}))
    second = sent.index(b"PK\x03\x04", 10)
    sent[second + 60] ^= 0xFF
    assert files.put("/a.zip", bytes(sent), "a.zip").status_code == 422
    assert contents() == 0


def test_every_act_is_told(files: Files) -> None:
    files.put("/a.txt", b"12")
    files.put("/a.txt", b"123")
    files.move("/a.txt", "/b.txt")
    files.put("/all.zip", packed({"c/d.txt": b"d"}), "all.zip")
    files.delete("/c")
    with tenant_scope(ACME):
        entries = list(AuditEntry.objects.filter(resource="NAMESPACE_FILE").order_by("seq"))
    assert [entry.action for entry in entries] == ["CREATE", "UPDATE", "UPDATE", "CREATE", "DELETE"]
    assert {entry.namespace for entry in entries} == {"prod.data"}


def test_only_who_may_sees_and_changes_files(cast: Cast, files: Files) -> None:
    files.put("/a.txt", b"a")
    viewer = make_person("vic@acme.test")
    bind(ACME, viewer, "Viewer", "prod")
    seen = Files(viewer)
    assert seen.read("/a.txt") == b"a"
    assert _exported(seen)
    assert seen.put("/b.txt").status_code == 403
    assert seen.put("/a.txt").status_code == 403
    assert seen.put("/x.zip", packed({"b.txt": b"b"}), "x.zip").status_code == 403
    assert seen.move("/a.txt", "/b.txt").status_code == 403
    assert seen.delete("/a.txt").status_code == 403
    assert contents() == 1
    elsewhere = make_person("eve@acme.test")
    bind(ACME, elsewhere, "Editor", "dev")
    hidden = Files(elsewhere)
    assert {hidden.get(path="/a.txt").status_code, hidden.get("/search", q="").status_code} == {403}
    assert Files(cast.otto).get(path="/a.txt").status_code == 404
    assert Files(cast.otto, BASE.replace("acme", "globex")).get(path="/a.txt").status_code == 404


def test_a_list_asks_as_often_for_many_files_as_for_one(files: Files) -> None:
    def queries(number: int) -> int:
        for each in range(number):
            files.put(f"/a/{each}.txt")
        with CaptureQueriesContext(connection) as asked:
            assert len(files.names("/a")) == number
        return len(asked)

    assert queries(1) == queries(20)
