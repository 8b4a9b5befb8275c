"""What nobody should send: names, texts, numbers, times, filters, bodies and documents, each with what it tries."""

from __future__ import annotations

import io
import zipfile
from collections.abc import Callable

NAMES = (
    *("\x00", "a\x00b", "'", "' OR '1'='1", '";DROP TABLE flow;--', "%", "%25%s%(x)s", "\\", "..", "....//", "."),
    *(
        "a" * 3000,
        "a" * 256,
        "é\u202e\U0001f600",
        "{{ 7 * 7 }}",
        "-1",
        "9" * 40,
        "<script>",
        " ",
        "a b",
        "\t",
        "\r\nX-A: b",
    ),
    *("me", "search", "configs", "null", "undefined", "true", "by-ids", "by-query", "latest", "NaN", "__proto__"),
    *("\u200b", "a\u200db", "\u0430cme", "ACME", "\ufeff", "\ufffe", "e\u0301" * 200, "\U0001f468\u200d\U0001f469"),
    *("00000000-0000-0000-0000-000000000000", "{0}", "0x1", str(2**31), str(2**63), str(-(2**63)), "1e999", "~", "*"),
)
NUMBERS = (
    "abc",
    "1.5",
    "1e3",
    "0x10",
    "-",
    "--1",
    "",
    " 1",
    "+1",
    "１",
    "NaN",
    "Infinity",
    "9" * 40,
    "-" + "9" * 40,
    "1\u0000",
)
# Each is no number at all; what is left out is read as none, and what is negative may mean something.
NO_NUMBERS = tuple(text for text in NUMBERS if text.strip("+ ") not in ("", "1"))
TIMES = (
    "never",
    "2026-13-01T00:00:00Z",
    "2026-02-30",
    "0000-00-00T00:00:00Z",
    "1e9",
    "2026-01-01T25:00:00Z",
    "99999999999999",
)
FLAGS = ("maybe", "2", "yes please", "null", "truee", "\u0131")
TEXTS = (
    *("%", "_", "\\", "'", '"', "%25%27%22", "a" * 5000, "\u202e", "(", "[", "*", "a*b*c", "\ufffe", "e\u0301" * 500),
    *("' OR 1=1 --", "'; SELECT pg_sleep(5); --", "x' UNION SELECT sealed FROM secret --", "$$", "${jndi:ldap://x}"),
    *("{{ 7*7 }}", "a & b | !c", "a:*b", "<->", "-a", "..", "\r\nA: b", "\u2028", "\U0001f600" * 300),
)
FILTER_TEXTS = ("'; SELECT pg_sleep(5); -- %_\\\"" + "a" * 3000, "a:*b & !c ' OR 1=1 \ufffe")
PATTERNS = ("(a+)+$", "(" * 200, "(?=a)", "(a)\\1", "a{1,100000}", "(?<n>a)", "x*" * 600)
SORTS = (
    *("id", "pk:asc", "id;DROP TABLE flow:asc", "id:asc,(SELECT 1):asc", "\x00:asc", ":", ":asc", "id:sideways:asc"),
    *(
        "tenant_id:asc",
        "flow__id:asc",
        "-id:asc",
        "?:asc",
        "id asc:asc",
        "user__password:asc",
        "1:asc",
        "a" * 3000 + ":asc",
    ),
)
FILTERS = (
    *(
        "filters[nonsense][EQUALS]=1",
        "filters[x__y][EQUALS]=1",
        "filters[tenant_id][EQUALS]=globex",
        "filters[pk][EQUALS]=1",
    ),
    *("filters[namespace][NONSENSE]=1", "filters[namespace][]=1", "filters[][]=", "filters[namespace]=1", "filters=1"),
    *("filters[namespace][EQUALS][deep][er]=1", "filters[a" * 30, "filters[namespace__contains][EQUALS]=1"),
    "filters[labels][EQUALS]['][\"]=x",
    "filters[user__password][STARTS_WITH]=a",
    "&".join(f"filters[namespace][EQUALS]={number}" for number in range(1000)),
    "filters[namespace][IN]=" + ",".join(str(number) for number in range(5000)),
)

DEEP = 100_000
JSON_BODIES: dict[str, bytes] = {
    "nothing": b"",
    "null": b"null",
    "a list": b"[]",
    "a list of null": b"[null]",
    "a list of lists": b"[[]]",
    "a list of NUL": b'["\\u0000"]',
    "a text": b'"x"',
    "a number": b"1",
    "a number without end": b"1e999",
    "a long number": b"9" * 10_000,
    "NaN": b"NaN",
    "minus infinity": b"[-Infinity]",
    "a lone surrogate": b'{"id": "\\ud800", "name": "\\udfff", "namespace": "\\ud800"}',
    "no UTF-8": b'{"id": "\xff"}',
    "UTF-16": '{"id": "a"}'.encode("utf-16"),
    "a byte order mark": b'\xef\xbb\xbf{"id": "a"}',
    "half an object": b'{"id": ',
    "more after the end": b'{"id": "a"} x',
    "a trailing comma": b'{"id": "a",}',
    "a comment": b'{"id": "a"} // b',
    "single quotes": b"{'id': 'a'}",
    "wrong types": b'{"id": {"a": []}, "namespace": 1, "filters": [{"field": 1}], "ids": {}, "keys": "a", "email": []}',
    "wrong types again": b'{"id": [], "name": {}, "q": [], "permissions": [1], "ids": [1], "type": 1, "expressions": 1}',
    "NUL in texts": b'{"id": "\\u0000", "name": "\\u0000", "namespace": "\\u0000", "q": "\\u0000", "email": "\\u0000"}',
    "lists without end": b"[" * DEEP,
    "deep lists": b"[" * DEEP + b"]" * DEEP,
    "objects without end": b'{"a":' * DEEP,
    "deep objects": b'{"a":' * DEEP + b"1" + b"}" * DEEP,
    "many keys": b"{" + b",".join(b'"k%d":1' % number for number in range(100_000)) + b"}",
    "many ids": b"[" + b",".join(b'"id%d"' % number for number in range(150_000)) + b"]",
    "many numbers": b"[" + b"1," * 1_000_000 + b"1]",
    "the same key again and again": b"{" + b'"id": "a",' * 50_000 + b'"id": "b"}',
    "a long text": b'{"id": "' + b"a" * 5_000_000 + b'"}',
    "a long key": b'{"' + b"a" * 5_000_000 + b'": 1}',
    "too much": b'"' + b"a" * (10 * 1024 * 1024) + b'"',
    "who it belongs to": b'{"tenantId": "globex", "tenant": "globex", "tenant_id": "globex", "deleted": true}',
}
TEXT_BODIES: dict[str, bytes] = {
    "nothing": b"",
    "no UTF-8": b"\xff\xfe",
    "NUL": b"a\x00b",
    "a long text": b"a" * 5_000_000,
    "too much": b"a" * (10 * 1024 * 1024 + 1),
    "open braces": b"{{" * 100_000,
    "deep brackets": b"{{ " + b"(" * DEEP + b")" * DEEP + b" }}",
    "a lone surrogate": b"\xed\xa0\x80",
    "a byte order mark": b"\xef\xbb\xbfx",
}
FORM = "multipart/form-data; boundary=b"


def part(content: bytes, name: bytes = b"fileUpload", filename: bytes = b"f.yml") -> bytes:
    head = b'Content-Disposition: form-data; name="' + name + b'"; filename="' + filename + b'"'
    return b"--b\r\n" + head + b"\r\n\r\n" + content + b"\r\n--b--\r\n"


def archive(fill: Callable[[zipfile.ZipFile], None]) -> bytes:
    held = io.BytesIO()
    with zipfile.ZipFile(held, "w", zipfile.ZIP_DEFLATED) as packed:
        fill(packed)
    return held.getvalue()


def _many(packed: zipfile.ZipFile) -> None:
    for number in range(20_000):
        packed.writestr(f"f{number}.yml", b"")


UPLOADS: dict[str, bytes] = {
    "no part": b"x",
    "an open part": b'--b\r\nContent-Disposition: form-data; name="a"\r\n\r\nx',
    "NUL as a name": part(b"\x00", b"\x00"),
    "many parts": b"".join(b'--b\r\nContent-Disposition: form-data; name="a%d"\r\n\r\nx\r\n' % n for n in range(5000))
    + b"--b--\r\n",
    "many files": b"".join(part(b"x")[:-7] + b"\r\n" for _ in range(500)) + b"--b--\r\n",
    "a bad head": b"--b\r\nNonsense\r\n\r\nx\r\n--b--\r\n",
    "a file that leads out": part(b"x", filename=b"../../../etc/passwd"),
    "a bomb": part(archive(lambda packed: packed.writestr("f.yml", b"a" * 200_000_000)), filename=b"f.zip"),
    "many entries": part(archive(_many), filename=b"f.zip"),
    "an entry that leads out": part(archive(lambda packed: packed.writestr("../../f.yml", "id: a")), filename=b"f.zip"),
    "no archive": part(b"PK\x03\x04nothing", filename=b"f.zip"),
    "a broken archive": part(archive(lambda packed: packed.writestr("f.yml", "id: a"))[:-30], filename=b"f.zip"),
}
