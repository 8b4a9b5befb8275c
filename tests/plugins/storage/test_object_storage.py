"""Every storage keeps the same promises: one suite, run over all of them."""

import errno
import io
import json
import os
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from control_plane.kernel.words.errors import StorageFull
from plugins.storage.azure import AzureStorage
from plugins.storage.gcs import GcsStorage
from plugins.storage.local import LocalStorage
from plugins.storage.port import AlreadyThere, NameTaken, ObjectMissing, ObjectStorage
from plugins.storage.s3 import S3Storage
from tests.plugins.storage.peers import azurite, fake_gcs, moto, versitygw  # noqa: F401  # fixtures

DEVELOPERS = "devstoreaccount1"
DEVELOPERS_KEY = "Eby8vdM02xNOcqFlqUwJPLlmEtlCDXJ1OUzFT50uSRZ6IFsuFq2UVErCz4I6tq/K1SZFPTOtr/KBHBeksoGMGw=="
"""As the documentation of Azure's emulator has it, for everybody."""


def s3(url: str, secret: str = "test", **more: Any) -> S3Storage:
    bucket = f"bucket-{os.urandom(6).hex()}"
    opened = S3Storage(
        bucket=bucket, endpoint=url, region="us-east-1", access_key="test", secret_key=secret, path_style=True, **more
    )
    opened._client.ask("PUT", f"{url}/{bucket}")
    return opened


def gcs(url: str, **more: Any) -> GcsStorage:
    opened = GcsStorage(bucket=f"bucket-{os.urandom(6).hex()}", endpoint=url, **more)
    made = json.dumps({"name": opened.bucket}).encode()
    opened._client.ask("POST", f"{url}/storage/v1/b?project=p", {"Content-Type": "application/json"}, made)
    return opened


def azure(url: str, **more: Any) -> AzureStorage:
    endpoint, container = f"{url}/{DEVELOPERS}", f"container-{os.urandom(6).hex()}"
    opened = AzureStorage(DEVELOPERS, container, endpoint=endpoint, account_key=DEVELOPERS_KEY, **more)
    opened._client.ask("PUT", f"{endpoint}/{container}?restype=container")
    return opened


OPENED: dict[str, Callable[[Any, Path], ObjectStorage]] = {
    "local": lambda server, folder: LocalStorage(folder / "objects"),
    "s3": lambda server, folder: s3(server("moto")),
    "s3 with prefix": lambda server, folder: s3(server("moto"), prefix="some/where"),
    "s3 with signatures": lambda server, folder: s3(server("versitygw"), "testtest"),
    "gcs": lambda server, folder: gcs(server("fake_gcs")),
    "gcs with prefix": lambda server, folder: gcs(server("fake_gcs"), prefix="some/where"),
    "azure": lambda server, folder: azure(server("azurite")),
    "azure with prefix": lambda server, folder: azure(server("azurite"), prefix="some/where"),
}
NIGHTLY = ("s3 with signatures", "azure", "azure with prefix")


@pytest.fixture(params=[pytest.param(name, marks=pytest.mark.nightly) if name in NIGHTLY else name for name in OPENED])
def storage(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[ObjectStorage]:
    opened = OPENED[request.param](request.getfixturevalue, tmp_path)
    yield opened
    opened.close()


def put(storage: ObjectStorage, key: str, content: bytes) -> int:
    return storage.put(key, io.BytesIO(content))


def read(storage: ObjectStorage, key: str, *part: int) -> bytes:
    with storage.open(key, *part) as stream:
        return stream.read()


def test_what_was_put_is_read_again(storage):
    assert put(storage, "t/a/b.txt", b"hello") == 5
    assert read(storage, "t/a/b.txt") == b"hello"


def test_a_file_and_a_folder_of_one_name_are_kept_or_refused_by_name(storage):
    put(storage, "t/a", b"file")
    put(storage, "t/b/c", b"file")
    for key in ("t/a/b", "t/b"):
        try:
            put(storage, key, b"other")
        except NameTaken as refused:
            assert refused.status == 422
    assert (read(storage, "t/a"), read(storage, "t/b/c")) == (b"file", b"file")


@pytest.mark.parametrize("number", [errno.ENOSPC, errno.EDQUOT])
def test_a_full_disk_is_named_and_leaves_nothing_behind(tmp_path, monkeypatch, number):
    storage = LocalStorage(tmp_path)

    def fail(descriptor):
        raise OSError(number, os.strerror(number))

    monkeypatch.setattr(os, "fsync", fail)
    with pytest.raises(StorageFull) as refused:
        put(storage, "t/a", b"content")
    assert refused.value.status == 507
    assert storage.stat("t/a") is None and not list((tmp_path / ".unfinished").iterdir())


def test_putting_again_replaces(storage):
    put(storage, "t/a", b"long content")
    put(storage, "t/a", b"short")
    assert read(storage, "t/a") == b"short"


def test_what_is_put_only_where_nothing_is_replaces_nothing(storage):
    storage.put("t/a", io.BytesIO(b"first"), only_new=True)
    for content in (b"second", b"x" * (9 * 1024 * 1024)):
        with pytest.raises(AlreadyThere):
            storage.put("t/a", io.BytesIO(content), only_new=True)
    assert read(storage, "t/a") == b"first"
    assert [found.key for found in storage.list("t/")] == ["t/a"]


def test_an_empty_object_is_an_object(storage):
    assert put(storage, "t/empty", b"") == 0
    assert read(storage, "t/empty") == b""
    assert storage.stat("t/empty").size == 0


@pytest.mark.parametrize(
    ("start", "length", "expected"),
    [
        (0, None, b"0123456789"),
        (3, None, b"3456789"),
        (3, 2, b"34"),
        (0, 0, b""),
        (8, 100, b"89"),
        (10, None, b""),
        (50, 5, b""),
    ],
)
def test_a_part_is_read(storage, start, length, expected):
    put(storage, "t/digits", b"0123456789")
    assert read(storage, "t/digits", start, length) == expected


def test_a_large_stream_that_cannot_be_reread_is_kept(storage):
    class Once(io.RawIOBase):
        left = 20 * 1024 * 1024

        def readable(self):
            return True

        def readinto(self, buffer):
            size = min(len(buffer), self.left)
            buffer[:size] = b"x" * size
            self.left -= size
            return size

    assert storage.put("t/large", io.BufferedReader(Once())) == 20 * 1024 * 1024
    assert storage.stat("t/large").size == 20 * 1024 * 1024
    assert read(storage, "t/large", 20 * 1024 * 1024 - 3, 10) == b"xxx"
    storage.copy("t/large", "t/copied")
    assert storage.stat("t/copied").size == 20 * 1024 * 1024


@pytest.mark.parametrize("size", [8 * 1024 * 1024 - 1, 8 * 1024 * 1024, 16 * 1024 * 1024])
def test_a_file_that_ends_with_a_part_is_whole(storage, size):
    content = os.urandom(1024) * (size // 1024 + 1)
    assert put(storage, "t/parts", content[:size]) == size
    assert read(storage, "t/parts", size - 10, 100) == content[size - 10 : size]


def test_what_is_missing_says_so(storage):
    assert storage.stat("t/none") is None
    assert storage.delete("t/none") is False
    assert list(storage.list("t/none/")) == []
    assert storage.delete_prefix("t/none/") == 0
    with pytest.raises(ObjectMissing):
        storage.open("t/none")
    with pytest.raises(ObjectMissing):
        storage.copy("t/none", "t/other")


def test_a_folder_is_no_object(storage):
    put(storage, "t/folder/file", b"x")
    assert storage.stat("t/folder") is None
    with pytest.raises(ObjectMissing):
        storage.open("t/folder")
    assert storage.delete("t/folder") is False
    assert read(storage, "t/folder/file") == b"x"


def test_lists_are_sorted_and_end_at_the_prefix(storage):
    for key in ("t/b", "t/a/2", "t/a/1", "t/a-b", "t2/c"):
        put(storage, key, b"x")
    assert [found.key for found in storage.list("t/")] == ["t/a-b", "t/a/1", "t/a/2", "t/b"]
    assert [found.key for found in storage.list("t/a/")] == ["t/a/1", "t/a/2"]
    assert len(list(storage.list(""))) == 5


def test_delete_and_delete_prefix(storage):
    for key in ("t/a/1", "t/a/2/3", "t/ab"):
        put(storage, key, b"x")
    assert storage.delete("t/a/1") is True
    assert storage.delete("t/a/1") is False
    put(storage, "t/a/1", b"x")
    assert storage.delete_prefix("t/a/") == 2
    assert [found.key for found in storage.list("t/")] == ["t/ab"]


def test_a_copy_stands_for_itself(storage):
    put(storage, "t/one", b"content")
    storage.copy("t/one", "t/deep/two")
    storage.delete("t/one")
    assert read(storage, "t/deep/two") == b"content"


def test_names_in_any_script(storage):
    key = "t/Größe 1+2 (copy)/日本語.csv"
    put(storage, key, b"x")
    assert [found.key for found in storage.list("t/")] == [key]
    assert read(storage, key) == b"x"


def test_a_source_that_breaks_leaves_the_old_object(storage):
    put(storage, "t/kept", b"old")

    class Broken(io.RawIOBase):
        has_begun = False

        def readable(self):
            return True

        def readinto(self, buffer):
            if self.has_begun:
                raise OSError("the sender is gone")
            self.has_begun = True
            buffer[:3] = b"new"
            return 3

    with pytest.raises(OSError, match="gone"):
        storage.put("t/kept", io.BufferedReader(Broken()))
    assert read(storage, "t/kept") == b"old"
    assert [found.key for found in storage.list("t/")] == ["t/kept"]


def test_local_files_are_nobody_elses(tmp_path):
    storage = LocalStorage(tmp_path / "objects")
    put(storage, "t/a/b", b"x")
    modes = {path.name: path.stat().st_mode & 0o777 for path in (tmp_path / "objects").rglob("*")}
    assert modes == {".unfinished": 0o700, "t": 0o700, "a": 0o700, "b": 0o600}


@pytest.mark.parametrize("key", ["", "/etc/passwd", "../x", "t/../../x", "t//x", "t/./x", "t/\x00", "t/"])
def test_the_local_storage_refuses_what_is_no_key(tmp_path, key):
    storage = LocalStorage(tmp_path / "objects")
    with pytest.raises(ValueError, match="no key"):
        storage.open(key)
    with pytest.raises(ValueError, match="no key"):
        put(storage, key, b"x")


def test_the_local_storage_follows_no_link(tmp_path):
    storage = LocalStorage(tmp_path / "objects")
    (tmp_path / "outside").write_text("secret")
    (tmp_path / "objects" / "t").mkdir()
    (tmp_path / "objects" / "t" / "link").symlink_to(tmp_path / "outside")
    with pytest.raises(OSError, match="symbolic"):
        storage.open("t/link")
