"""Whatever is put into an address, a parameter or a body: a clear 4xx in little time, nothing changed, nothing told."""

from __future__ import annotations

import time
from collections.abc import Iterator
from typing import Any
from urllib.parse import quote, unquote_plus, urlencode

import pytest
from django.test import Client

from control_plane.embedded.valkey import Valkey
from control_plane.kernel.permissions import Rule
from tests.architecture import probes
from tests.architecture.bad_inputs import (
    FILTER_TEXTS,
    FILTERS,
    FLAGS,
    FORM,
    JSON_BODIES,
    NAMES,
    NO_NUMBERS,
    PATTERNS,
    SORTS,
    TEXT_BODIES,
    TEXTS,
    TIMES,
    UPLOADS,
)
from tests.architecture.probes import JSON, TEXT, YAML
from tests.architecture.routes import Route, api_routes
from tests.architecture.test_twin_inputs import base_of, filters_of, path_of
from tests.architecture.test_twin_inputs import undone as undone
from tests.architecture.test_twins import fingerprint
from tests.architecture.twins import Twin, make_twin
from tests.cast import ACME, Cast, make_cast
from tests.executions.live.test_consumers import Browser
from tests.flows.model.test_hostile import SHAPES, STRUCTURE

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("undone")]
SECONDS = 1.0
# What an answer must not tell: what the house is built of, and what it does inside.
INNARDS = (
    "Traceback",
    "psycopg",
    "django",
    "SELECT ",
    "INSERT ",
    "site-packages",
    "line 1:",
    "RecursionError",
    "/work/",
)


@pytest.fixture
def cast() -> Cast:
    return make_cast()


@pytest.fixture
def own(cast: Cast) -> Twin:
    return make_twin(ACME, "zqown", cast.olga)


class Hearing:
    """Sends what should not be sent, and keeps what was answered wrongly."""

    def __init__(self, client: Client) -> None:
        self.client = client
        self.wrong: dict[str, Any] = {}
        self.asked = 0

    def ask(self, route: Route, path: str, told: str, body: bytes = b"", kind: str = JSON) -> tuple[int, str]:
        self.asked += 1
        response, answer, took = self._heard(route, path, body, kind)
        if took > SECONDS:  # a neighbour on the same core adds to what is measured
            response, answer, took = self._heard(route, path, body, kind)
        status = response.status_code
        if status >= 500 or took > SECONDS:
            self.wrong[f"{route} {told[:60]!r}"] = (status, round(took, 2), answer[:200])
        elif status >= 400 and (not reason(response) or inner(answer, told)):
            self.wrong[f"{route} {told[:60]!r}"] = (status, "tells", answer[:300])
        return status, answer

    def _heard(self, route: Route, path: str, body: bytes, kind: str) -> tuple[Any, str, float]:
        began = time.thread_time()
        response = self.client.generic(route.method, path, body, content_type=kind)
        text = b"".join(response.streaming_content) if response.streaming else response.content
        took = time.thread_time() - began
        response.close()
        return response, text.decode(errors="replace"), took

    def refuses(self, route: Route, path: str, told: str, names: str) -> None:
        """It is a 4xx that names what is wrong."""
        status, answer = self.ask(route, path, told)
        if status < 400 or names not in answer:
            self.wrong[f"{route} {told[:60]!r}"] = (status, f"does not name `{names}`", answer[:300])


@pytest.fixture
def hearing(cast: Cast, own: Twin) -> Iterator[Hearing]:
    """At the end nothing is there that was not there before."""
    before = fingerprint(ACME)
    hearing = Hearing(cast.olga.client)
    yield hearing
    assert hearing.wrong == {}
    assert hearing.asked > 0
    assert fingerprint(ACME) == before


def reason(response: Any) -> str:
    """As our API or SCIM tells it."""
    body = response.json()
    return str(body["detail"] if "schemas" in body else body["message"])


def inner(answer: str, told: str) -> bool:
    """Whether it tells of the inside, but for what it repeats of the question."""
    return any(word in answer and word.strip() not in unquote_plus(told) for word in INNARDS)


def routes() -> list[Route]:
    return [route for route in api_routes() if route.is_tenants and route.right is not Rule.PUBLIC]


def instances() -> list[Route]:
    return [route for route in api_routes() if not route.is_tenants]


def test_no_word_in_an_address_breaks_anything(hearing: Hearing):
    for route in routes():
        for word in NAMES if route.slots else ():
            path = route.at(tenant=ACME, **dict.fromkeys(route.slots, quote(word, safe="")))
            hearing.ask(route, path, word)


def test_no_word_in_an_address_of_the_instance_breaks_anything(cast: Cast, hearing: Hearing):
    hearing.client = cast.root.client
    for route in instances():
        for word in NAMES if route.slots else ():
            hearing.ask(route, route.at(**dict.fromkeys(route.slots, quote(word, safe=""))), word)


def test_no_tenant_in_an_address_breaks_anything(hearing: Hearing):
    route = next(route for route in routes() if not route.slots and route.method == "GET")
    for word in NAMES:
        status, _ = hearing.ask(route, route.at(tenant=quote(word, safe="")), word)
        assert status in (400, 404, 422), word


# A parameter's type, what is none of it, and whether that must be refused by the parameter's name.
BY_TYPE = {
    "integer": NO_NUMBERS,
    "boolean": FLAGS,
    "date-time": TIMES,
    "enum": ("NONSENSE", "\x01", "a" * 3000),
}


def kind_of(schema: dict[str, Any]) -> str:
    return "enum" if "enum" in schema else schema.get("format") or schema.get("type", "")


def test_a_parameter_that_is_none_of_its_type_is_refused_by_name(own: Twin, hearing: Hearing):
    for route in routes():
        for parameter in probes.parameters(route):
            name = parameter["name"]
            others = "&".join(each for each in base_of(route, own).split("&") if each.partition("=")[0] != name)
            for value in BY_TYPE.get(kind_of(parameter["schema"]), ()):
                path = f"{path_of(route, own)}?{others}&{urlencode({name: value})}"
                hearing.refuses(route, path, f"{name}={value}", name)


def test_a_page_that_nobody_has_is_empty_or_refused(own: Twin, hearing: Hearing):
    for route in routes():
        if any(each["name"] == "page" for each in probes.parameters(route)):
            for asked in ("page=1000000000", f"page={2**31}", "page=1000000000&size=10000"):
                status, answer = hearing.ask(route, f"{path_of(route, own)}?{base_of(route, own)}&{asked}", asked)
                assert status in (400, 404) or '"results":[]' in answer, (str(route), asked, answer[:200])
            for asked in ("page=0", "page=-1", "size=0", "size=-1", "size=10001", f"page={2**63}", f"size={2**31}"):
                path = f"{path_of(route, own)}?{base_of(route, own)}&{asked}"
                hearing.refuses(route, path, asked, asked.partition("=")[0])


def names_anything(route: Route) -> bool:
    """Almost any text is a path of a file: what is asked of these is done."""
    return "/files" in route.path and route.method != "GET"


def test_no_text_in_a_parameter_breaks_anything(own: Twin, hearing: Hearing):
    _ask_with_texts([route for route in routes() if not names_anything(route)], own, hearing)


def test_no_text_breaks_anything_where_it_names_a_file(own: Twin, hearing: Hearing, undone: None):
    _ask_with_texts([route for route in routes() if names_anything(route)], own, hearing)


def _ask_with_texts(routes: list[Route], own: Twin, hearing: Hearing) -> None:
    for route in routes:
        for parameter in probes.parameters(route):
            if kind_of(parameter["schema"]) in ("string", "uri", "array") and parameter["name"] != "filters":
                words = SORTS if parameter["name"] == "sort" else TEXTS
                for value in words:
                    query = urlencode({parameter["name"]: value})
                    hearing.ask(route, f"{path_of(route, own)}?{base_of(route, own)}&{query}", query)


def test_what_cannot_be_sorted_by_is_refused(own: Twin, hearing: Hearing):
    for route in routes():
        if any(each["name"] == "sort" for each in probes.parameters(route)):
            for value in SORTS[1:]:
                path = f"{path_of(route, own)}?{base_of(route, own)}&{urlencode({'sort': value})}"
                hearing.refuses(route, path, value, "sort")


# A list of many names; what is no filter at all; a label of a strange name.
HARMLESS = ("filters[namespace][IN]", "filters=1", "filters[labels]")


def test_no_filter_breaks_anything(cast: Cast, own: Twin, hearing: Hearing):
    for route in routes():
        names = filters_of(route, cast, own)
        body = b"[]" if route.path.endswith("labels/by-query") else b"{}"
        base = f"{path_of(route, own)}?{base_of(route, own)}&"
        for query in FILTERS if names else ():
            status, answer = hearing.ask(route, base + query, query, body)
            if status < 400 and not query.startswith(HARMLESS):
                hearing.wrong[f"{route} {query[:60]}"] = (status, answer[:200])
        for name in names:
            for op in probes.ops_of(name)[: None if route.method == "GET" else 1]:
                words = PATTERNS if op.value == "REGEX" else FILTER_TEXTS
                # One class of filters serves a list and the acts on what it lists.
                for value in words if route.method == "GET" else words[:1]:
                    query = f"filters[{name}][{op}]={quote(value, safe='')}"
                    hearing.ask(route, base + query, query, body)


def test_wildcards_of_the_database_find_nothing_but_themselves(cast: Cast, own: Twin):
    for route in routes():
        if route.method != "GET" or not any(each["name"] == "page" for each in probes.parameters(route)):
            continue
        for name in filters_of(route, cast, own):
            for op in set(probes.ops_of(name)) & {"CONTAINS", "STARTS_WITH", "ENDS_WITH", "PREFIX"}:
                for value in ("%25", "zq_wn", "zq%25", "\\"):
                    path = f"{path_of(route, own)}?{base_of(route, own)}&filters[{name}][{op}]={value}"
                    answer = cast.olga.client.get(path)
                    found = answer.json().get("results", []) if answer.status_code == 200 else []
                    assert found == [], (path, found)


def sent(route: Route) -> set[str]:
    return set(probes.operation(route).get("requestBody", {}).get("content", {}))


def test_no_json_breaks_anything(own: Twin, hearing: Hearing):
    for route in routes():
        for told, body in JSON_BODIES.items() if route.method != "GET" and JSON in sent(route) else ():
            status, answer = hearing.ask(route, f"{path_of(route, own)}?{base_of(route, own)}", told, body)
            if told == "too much" and status not in (409, 413, 422):
                hearing.wrong[f"{route} {told}"] = (status, answer[:200])


def test_no_other_body_breaks_anything(own: Twin, hearing: Hearing):
    for route in routes():
        path = f"{path_of(route, own)}?{base_of(route, own)}"
        for kind in {TEXT, YAML} & sent(route):
            for told, body in TEXT_BODIES.items():
                hearing.ask(route, path, told, body, kind)
        for told, body in UPLOADS.items() if "multipart/form-data" in sent(route) else ():
            hearing.ask(route, path, told, body, FORM)


def test_a_body_of_another_type_breaks_nothing(own: Twin, hearing: Hearing):
    kinds = ("", "x", "text/html", "application/json; charset=utf-16", "multipart/form-data", "application/xml", "*/*")
    for route in routes():
        for kind in (*kinds, "application/x-www-form-urlencoded", "image/png", "a" * 3000) if sent(route) else ():
            hearing.ask(route, f"{path_of(route, own)}?{base_of(route, own)}", kind, b"a=b\xff\x00", kind)


DOCUMENTS = {name: source for name, (source, *_) in {**STRUCTURE, **SHAPES}.items()}


@pytest.mark.parametrize("name", DOCUMENTS)
def test_a_document_made_to_hurt_is_refused_at_every_endpoint(own: Twin, hearing: Hearing, name: str):
    """With a line, wherever a flow's source is taken."""
    source = DOCUMENTS[name]
    body = source if isinstance(source, bytes) else source.encode("utf-8", "surrogatepass")
    for route in routes():
        if YAML not in sent(route):
            continue
        path = f"{path_of(route, own)}?{base_of(route, own)}"
        status, answer = hearing.ask(route, path, name, body, YAML)
        is_told = status in (400, 413, 422) or (status == 200 and "/validate" in route.path and "constraints" in answer)
        if not is_told and name not in ("two documents", "only marks", "nothing", "blanks", "a comment", "a null"):
            hearing.wrong[f"{route} {name}"] = (status, answer[:300])


# What a socket may be told: no message, a message of nothing, and numbers that no column holds.
MESSAGES: tuple[str, ...] = (
    *("", "null", "[]", "1", '"x"', "{", "{}", "\x00", "[" * 4000, '{"a":' * 800, "x" * 100_000),
    *(
        '{"type": 1}',
        '{"type": null}',
        '{"type": "nonsense"}',
        '{"type": "subscribe"}',
        '{"type": "subscribe", "id": {}}',
    ),
    *('{"type": "subscribe", "topic": "tenant"}', '{"type": "subscribe", "topic": "*", "id": "*"}'),
    '{"type": "subscribe", "topic": "execution", "executionId": "\\u0000"}',
    '{"type": "subscribe", "topic": "execution", "executionId": "\\ud800"}',
    '{"type": "subscribe", "topic": "execution", "executionId": "%"}',
    '{"type": "subscribe", "topic": "logs", "executionId": "OWN", "minLevel": "nonsense"}',
    *(
        f'{{"type": "subscribe", "id": "n", "topic": "logs", "executionId": "OWN", "cursor": {cursor}}}'
        for cursor in ("-1", "1e3", "1.5", '"1"', str(2**31), str(2**63), str(-(2**63) - 1), "9" * 400, "null")
    ),
)


def test_no_message_breaks_the_live_socket(valkey: Valkey, cast: Cast, own: Twin):
    """Each is answered, and the connection serves on."""
    browser = Browser(cast.olga.token)
    assert browser.next()["type"] == "websocket.accept"
    for message in MESSAGES:
        browser.say_text(message.replace("OWN", own.slots["execution_id"]))
        told = browser.next()
        assert told["type"] in ("error", "state"), (message[:80], told)
        assert "Internal" not in str(told), (message[:80], told)
        if told["type"] == "state":
            browser.until("end")
    browser.say(type="subscribe", id="last", topic="execution", executionId=own.slots["execution_id"])
    assert browser.next()["type"] == "state"
    browser.close()
