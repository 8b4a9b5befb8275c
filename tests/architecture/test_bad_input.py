"""Whatever is put into an address, a parameter or a body: a clear 4xx, never a 500, and never another's row."""

from __future__ import annotations

from urllib.parse import quote

import pytest

from tests.architecture.routes import Route, api_routes
from tests.cast import ACME, Cast, make_cast

pytestmark = pytest.mark.django_db

WORDS = (
    "\x00",
    "a\x00b",
    "'",
    "' OR '1'='1",
    '";DROP TABLE flow;--',
    "%",
    "%25%s%(x)s",
    "\\",
    "..",
    "....//",
    "a" * 3000,
    "é\u202e\U0001f600",
    "{{ 7 * 7 }}",
    "-1",
    "9" * 40,
    "<script>",
    " ",
)
PARAMETERS = (
    "page=0",
    "page=%00",
    "size=99999999999999999999",
    "sort=%00:asc",
    "sort=pk;DROP:asc",
    "sort=id",
    "filters[namespace][EQUALS]=%00",
    "filters[namespace][REGEX]=(a%2B)%2B$",
    "filters[labels][EQUALS]['][\"]=x",
    "filters[x__y][EQUALS]=1",
    "filters[][]=",
    "q=%00",
    "q=" + "a" * 5000,
    "q=%25%27%22",
    "startDate=never&endDate=%00",
    "labels=%00",
    "namespace=%00",
    "path=%00",
    "path=../../etc/passwd",
    "revision=abc",
    "revision=99999999999999999999",
)
BODIES = (
    (b"null", "application/json"),
    (b"[]", "application/json"),
    (b"[null]", "application/json"),
    (b'["\\u0000"]', "application/json"),
    (b'"x"', "application/json"),
    (b"1e999", "application/json"),
    (b'{"id": {"a": []}, "namespace": 1, "filters": [{"field": 1}]}', "application/json"),
    (b'{"id": "\\u0000", "name": "\\u0000", "q": "\\u0000"}', "application/json"),
    (b"{" * 5000, "application/json"),
    (b"\xff\xfe", "text/plain"),
    (b"\x00", "application/x-yaml"),
    (b"a: &a [*a]", "application/x-yaml"),
    (b"", "application/x-yaml"),
    (b"x", "multipart/form-data; boundary=b"),
    (b'--b\r\nContent-Disposition: form-data; name="\x00"\r\n\r\n\x00\r\n--b--\r\n', "multipart/form-data; boundary=b"),
)


@pytest.fixture
def cast() -> Cast:
    return make_cast()


def tenant_routes() -> list[Route]:
    return [route for route in api_routes() if route.is_tenants]


def status(cast: Cast, route: Route, path: str, body: bytes = b"", kind: str = "application/json") -> int:
    response = cast.olga.client.generic(route.method, path, body, content_type=kind)
    if response.streaming:
        list(response.streaming_content)
    return response.status_code


def test_no_word_in_an_address_breaks_anything(cast: Cast):
    wrong = {}
    for route in tenant_routes():
        for word in WORDS if route.slots else ():
            path = route.at(tenant=ACME, **dict.fromkeys(route.slots, quote(word, safe="")))
            if (found := status(cast, route, path)) >= 500:
                wrong[str(route), word[:30]] = found
    assert wrong == {}


def test_no_tenant_in_an_address_breaks_anything(cast: Cast):
    route = next(route for route in tenant_routes() if not route.slots and route.method == "GET")
    for word in WORDS:
        assert status(cast, route, route.at(tenant=quote(word, safe=""))) in (400, 404, 422), word


def test_no_parameter_breaks_anything(cast: Cast):
    wrong = {}
    for route in tenant_routes():
        path = route.at(tenant=ACME, **dict.fromkeys(route.slots, "x"))
        for parameter in PARAMETERS:
            if (found := status(cast, route, f"{path}?{parameter}")) >= 500:
                wrong[str(route), parameter[:40]] = found
    assert wrong == {}


def test_no_body_breaks_anything(cast: Cast):
    wrong = {}
    for route in tenant_routes():
        path = route.at(tenant=ACME, **dict.fromkeys(route.slots, "x"))
        for body, kind in BODIES if route.method != "GET" else ():
            if (found := status(cast, route, path, body, kind)) >= 500:
                wrong[str(route), body[:30], kind] = found
    assert wrong == {}
