from __future__ import annotations

from io import BytesIO
from typing import Any

import pytest

from control_plane.kernel.admission.multipart import check_multipart
from control_plane.kernel.words.errors import Invalid

PART = b'--b0\r\nContent-Disposition: form-data; name="a"\r\n\r\n1\r\n'


def check(body: bytes, kind: str = "multipart/form-data; boundary=b0") -> None:
    scope: Any = {"headers": [(b"content-type", kind.encode())]}
    sent = BytesIO(body)
    check_multipart(scope, sent)
    assert sent.tell() == 0


@pytest.mark.parametrize("end", [b"--b0--\r\n", b"--b0--", b"--b0--\r\n\r\n"])
def test_a_whole_body_is_taken(end: bytes) -> None:
    check(PART + end)
    check(end)


def test_no_body_is_no_broken_one() -> None:
    check(b"")
    check(b"", "multipart/form-data")


def test_a_boundary_in_quotes_is_understood() -> None:
    check(PART + b"--b0--", 'multipart/form-data; charset=utf-8; boundary="b0"')


def test_other_bodies_are_nobodys_business() -> None:
    check(b"anything", "application/json")


@pytest.mark.parametrize(
    ("body", "kind"),
    [
        (PART, "multipart/form-data; boundary=b0"),
        (PART[:20], "multipart/form-data; boundary=b0"),
        (PART + b"--b0", "multipart/form-data; boundary=b0"),
        (PART + b"--other--", "multipart/form-data; boundary=b0"),
        (PART + b"--b0--", "multipart/form-data"),
        (PART + b"--b0--", "multipart/form-data; boundary="),
    ],
)
def test_a_broken_body_starts_nothing(body: bytes, kind: str) -> None:
    with pytest.raises(Invalid, match="multipart"):
        check(body, kind)
