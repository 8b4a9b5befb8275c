"""Flows carried away and brought back."""

import io
import time
import zipfile

import pytest

from control_plane.kernel.words.errors import Invalid, TooLarge
from flows.exchange import archive


def zipped(**entries):
    target = io.BytesIO()
    with zipfile.ZipFile(target, "w") as writer:
        for name, content in entries.items():
            writer.writestr(name.replace("__", "/").replace("_yml", ".yml"), content)
    return target.getvalue()


def test_what_was_packed_comes_back():
    packed = archive.pack([("a.b", "one", "id: one"), ("a.b", "two", "id: two")])
    assert archive.unpack(packed) == [("a.b-one.yml", "id: one"), ("a.b-two.yml", "id: two")]
    assert zipfile.ZipFile(io.BytesIO(packed)).namelist() == ["a.b-one.yml", "a.b-two.yml"]


def test_the_same_flows_are_the_same_bytes_at_any_time(monkeypatch):
    """So an export that is kept in git, or by its checksum, changes when a flow does."""
    today = archive.pack([("a.b", "one", "id: one")])
    monkeypatch.setattr(time, "time", lambda: 2_000_000_000.0)
    assert archive.pack([("a.b", "one", "id: one")]) == today


def test_an_empty_export_is_a_valid_zip():
    assert archive.unpack(archive.pack([])) == []


def test_plain_text_is_taken_as_yaml():
    assert archive.unpack("id: é".encode()) == [("", "id: é")]


def test_other_files_in_the_zip_are_left_alone():
    assert archive.unpack(zipped(README="no", one_yml="id: one")) == [("one.yml", "id: one")]


@pytest.mark.parametrize("content", [b"\xff\xfe\x00", b"PK\x03\x04 and then nothing"], ids=["binary", "truncated"])
def test_what_is_neither_is_refused(content):
    with pytest.raises(Invalid):
        archive.unpack(content)


def test_an_entry_in_another_encoding_is_named():
    with pytest.raises(Invalid, match=r"latin\.yml"):
        archive.unpack(zipped(latin_yml="é".encode("latin-1")))


def test_more_than_is_ever_exported_is_refused(monkeypatch):
    monkeypatch.setattr(archive, "_MOST_ENTRIES", 1)
    with pytest.raises(TooLarge):
        archive.unpack(zipped(a_yml="id: a", b_yml="id: b"))
