"""Pairs over HTTP: what is sent is what is kept, in every spelling that clients use."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from control_plane.kernel.api.json import encode
from control_plane.kernel.scope import tenant_scope
from control_plane.kernel.words.errors import Invalid
from flows.expressions import Environment
from flows.expressions import compile as compile_expression
from stores.jobs.calls import call
from tests.cast import ACME, Cast, make_cast
from tests.stores.conftest import job_place

pytestmark = pytest.mark.django_db
BASE = "/api/v1/acme/namespaces/prod.data/kv"


@pytest.fixture
def cast() -> Cast:
    return make_cast()


def put(cast: Cast, body: bytes | str, key: str = "k", content_type: str = "text/plain", **headers: str) -> Any:
    sent = body.encode() if isinstance(body, str) else body
    return cast.olga.client.generic("PUT", f"{BASE}/{key}", sent, content_type=content_type, headers=headers)


def kept(cast: Cast, key: str = "k") -> tuple[str, Any]:
    answer = cast.olga.client.get(f"{BASE}/{key}")
    assert answer.status_code == 200, answer.content
    shown = answer.json()
    return shown["type"], shown["value"]


@pytest.mark.parametrize("sort", ["key:asc", "description:desc", "updateDate:asc", "expirationDate:desc"])
def test_pairs_are_sorted_by_what_is_shown_of_them(cast: Cast, sort: str) -> None:
    put(cast, "1", "a", description="one")
    put(cast, "2", "b", description="two", ttl="PT1H")
    found = cast.olga.client.get(f"/api/v1/acme/kv?sort={sort}").json()["results"]
    assert [each["key"] for each in found] == (["b", "a"] if sort.startswith("description") else ["a", "b"])


@pytest.mark.parametrize("content_type", ["", "text/plain", "application/json", "application/x-www-form-urlencoded"])
@pytest.mark.parametrize(
    ("body", "found"),
    [
        ("word", ("STRING", "word")),
        ("two words", ("STRING", "two words")),
        ("12", ("NUMBER", 12)),
        ('{"a": [1, "x"]}', ("JSON", {"a": [1, "x"]})),
        ("P3DT3H2M1S", ("DURATION", "PT75H2M1S")),
        ("PT1H30M", ("DURATION", "PT1H30M")),
        ("true", ("BOOLEAN", True)),
    ],
)
def test_a_value_is_read_whatever_its_type_is_said_to_be(
    cast: Cast, content_type: str, body: str, found: tuple[str, Any]
) -> None:
    assert put(cast, body, content_type=content_type).status_code == 200
    assert kept(cast) == found


@pytest.mark.parametrize("body", [b"a\x00b", b'"a\\u0000b"', b'{"a": "\\u0000"}', b"\xff\xfe"])
def test_what_cannot_be_kept_is_refused(cast: Cast, body: bytes) -> None:
    assert put(cast, body).status_code == 422
    assert cast.olga.client.get(f"{BASE}/k").status_code == 404


def test_a_key_that_stands_twice_is_refused_and_named(cast: Cast) -> None:
    answer = put(cast, '{"a": 1, "a": 2}')
    assert answer.status_code == 422 and "`a`" in answer.json()["message"]


@pytest.mark.parametrize("ttl", ["P99999999D", "P999999999D", "PT9999999999999H"])
def test_a_life_that_no_calendar_holds_is_refused(cast: Cast, ttl: str) -> None:
    assert put(cast, "1", ttl=ttl).status_code in (400, 422)


@pytest.mark.parametrize("value", ["a\x00b", {"a": "\x00"}])
def test_a_job_is_told_at_once_what_cannot_be_kept(cast: Cast, value: Any) -> None:
    from workers.worker_api.messages import refusal

    with pytest.raises(Exception) as failed, tenant_scope(ACME):
        call(job_place("prod.data"), "kv", "put", {"key": "k", "value": value})
    assert refusal(failed.value)[0] == 422


def test_a_job_is_told_that_a_life_is_too_long(cast: Cast) -> None:
    from workers.worker_api.messages import refusal

    with pytest.raises(Exception) as failed, tenant_scope(ACME):
        call(job_place("prod.data"), "kv", "put", {"key": "k", "value": 1, "ttl": 1e15})
    assert refusal(failed.value)[0] == 422


@pytest.mark.parametrize("namespace", ["a..b", ".a", "a.", "a...b"])
def test_a_namespace_with_an_empty_part_is_none(cast: Cast, namespace: str) -> None:
    answer = cast.olga.client.generic("PUT", f"/api/v1/acme/namespaces/{namespace}/kv/k", b"1")
    assert answer.status_code == 422
    with tenant_scope(ACME), pytest.raises(Invalid):
        call(job_place(namespace), "kv", "put", {"key": "k", "value": 1})


TEXTS = st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\x00"), max_size=40)
NUMBERS = st.integers(-(10**19) + 1, 10**19 - 1) | st.floats(allow_nan=False, allow_infinity=False, width=64)
DATES = st.datetimes().map(lambda moment: moment.isoformat())
LEAVES = (
    TEXTS
    | NUMBERS
    | DATES
    | st.booleans()
    | st.sampled_from(["\r", "a\r\nb", "7615917337495251231", "1.10", "é\u0301"])
)
VALUES = LEAVES | st.lists(LEAVES, max_size=4) | st.dictionaries(TEXTS, LEAVES, max_size=4)


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(VALUES)
def test_values_go_through_api_storage_and_expression_without_loss(cast: Cast, value: Any) -> None:
    assert put(cast, encode(value), content_type="application/json").status_code == 200
    assert same(kept(cast)[1], value)
    with tenant_scope(ACME):
        found = call(job_place("prod.data"), "kv", "find", {"key": "k"})
    assert found is not None and same(found["value"], value)
    rendered = compile_expression("{{ v | json }}").evaluate({"v": found["value"]}, Environment())
    assert put(cast, str(rendered), content_type="application/json").status_code == 200
    assert same(kept(cast)[1], value)


def same(found: Any, value: Any) -> bool:
    """Equal, True being no 1. A decimal is equal by its digits: 4.5e16 may come back as 45000000000000000."""
    if isinstance(value, dict):
        return isinstance(found, dict) and found.keys() == value.keys() and all(same(found[k], value[k]) for k in value)
    if isinstance(value, list):
        return isinstance(found, list) and len(found) == len(value) and all(map(same, found, value))
    if isinstance(value, float):
        return not isinstance(found, bool) and float(found) == value
    return bool(found == value) and isinstance(found, bool) == isinstance(value, bool)
