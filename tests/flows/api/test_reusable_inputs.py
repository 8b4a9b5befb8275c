"""Reusable inputs over HTTP: kept by a namespace, seen below it, with all their revisions."""

from __future__ import annotations

from typing import Any

import pytest

from audit.models import AuditEntry
from control_plane.kernel.scope import tenant_scope
from tests.cast import ACME, Cast, bind, make_cast, make_person

pytestmark = pytest.mark.django_db
BASE = "/api/v1/acme/namespaces"
SOURCE = """
id: period
description: From when to when
inputs:
  - id: start   # the first day
    type: DATE
  - id: days
    type: INT
    min: 1
    defaults: 7
"""


@pytest.fixture
def cast() -> Cast:
    return make_cast()


def put(cast: Cast, source: str = SOURCE, namespace: str = "prod", block: str = "period", query: str = "") -> Any:
    return cast.olga.client.put(
        f"{BASE}/{namespace}/reusable-inputs/{block}{query}", source, content_type="application/x-yaml"
    )


def get(cast: Cast, rest: str, namespace: str = "prod") -> Any:
    return cast.olga.client.get(f"{BASE}/{namespace}/reusable-inputs{rest}")


def test_a_block_is_read_back_with_its_text(cast: Cast) -> None:
    saved = put(cast)
    assert saved.status_code == 200, saved.content
    shown = get(cast, "/period").json()
    assert shown == saved.json()
    assert (shown["namespace"], shown["id"], shown["revision"]) == ("prod", "period", 1)
    assert shown["description"] == "From when to when"
    assert [each["id"] for each in shown["inputs"]] == ["start", "days"]
    assert shown["source"] == SOURCE


@pytest.mark.parametrize("content_type", ["text/plain", "application/json", "application/x-yaml"])
def test_a_block_may_be_sent_as_any_of_the_types(cast: Cast, content_type: str) -> None:
    source = '{"id": "period", "inputs": [{"id": "a", "type": "INT"}]}'
    answer = cast.olga.client.put(f"{BASE}/prod/reusable-inputs/period", source, content_type=content_type)
    assert answer.status_code == 200, answer.content
    assert answer.json()["inputs"] == [{"id": "a", "type": "INT"}]


def test_each_change_is_a_revision(cast: Cast) -> None:
    put(cast)
    put(cast)
    assert [each["revision"] for each in get(cast, "/period/revisions").json()] == [1]
    put(cast, SOURCE.replace("defaults: 7", "defaults: 9"))
    assert [each["revision"] for each in get(cast, "/period/revisions").json()] == [1, 2]
    assert get(cast, "/period?revision=1").json()["inputs"][1]["defaults"] == 7
    assert get(cast, "/period").json()["inputs"][1]["defaults"] == 9
    assert get(cast, "/period?revision=3").status_code == 404


def test_a_namespace_sees_those_of_its_parents_and_the_nearest_hides_the_others(cast: Cast) -> None:
    put(cast)
    put(cast, SOURCE.replace("id: period", "id: other"), block="other")
    put(cast, SOURCE.replace("From when", "Since when"), namespace="prod.data")
    put(cast, namespace="prod2")
    found = get(cast, "", namespace="prod.data.deep").json()
    assert [(each["namespace"], each["id"]) for each in found["results"]] == [
        ("prod", "other"),
        ("prod.data", "period"),
    ]
    assert found["total"] == 2
    assert get(cast, "?size=1&page=2", namespace="prod.data.deep").json()["results"][0]["id"] == "period"
    assert get(cast, "/period", namespace="prod.data.deep").json()["namespace"] == "prod.data"
    assert get(cast, "/period").json()["namespace"] == "prod"
    assert cast.olga.client.get("/api/v1/acme/reusable-inputs/namespaces").json() == ["prod", "prod.data", "prod2"]


def test_one_that_is_inherited_is_deleted_where_it_stands(cast: Cast) -> None:
    put(cast)
    client = cast.olga.client
    assert client.delete(f"{BASE}/prod.data/reusable-inputs/period").status_code == 404
    assert client.delete(f"{BASE}/prod/reusable-inputs/period").status_code == 200
    assert client.delete(f"{BASE}/prod/reusable-inputs/period").status_code == 404
    assert get(cast, "/period").status_code == 404
    assert put(cast).json()["revision"] == 1


def test_one_that_is_there_is_kept_where_it_must_be_new(cast: Cast) -> None:
    assert put(cast, query="?failIfExists=true").status_code == 200
    assert put(cast, "id: period\ninputs: [{id: a, type: INT}]", query="?failIfExists=true").status_code == 409
    assert get(cast, "/period").json()["revision"] == 1


@pytest.mark.parametrize(
    ("source", "told"),
    [
        ("id: period\ninputs: []", "inputs"),
        ("id: period", "inputs"),
        ("id: other\ninputs: [{id: a, type: INT}]", "id"),
        ("id: period\nnamespace: other\ninputs: [{id: a, type: INT}]", "namespace"),
        ("id: period\ninputs: [{id: a, type: NONSENSE}]", "NONSENSE"),
        ("id: period\ninputs: [{id: a, type: INT}, {id: a, type: INT}]", "Duplicate"),
        ("id: period\ninputs: [{id: a, type: INT, defaults: x}]", "default"),
        ("id: period\ninputs: [{id: a, type: INT, dependsOn: {inputs: [b]}}]", "non-existent"),
        ("id: period\ninputs: [{id: a, type: REUSABLE_INPUTS}]", "reusable inputs"),
        ("id: period\ninputs: [{id: f, type: FORM, inputs: [{id: a, type: REUSABLE_INPUTS}]}]", "reusable inputs"),
        ("id: period\nunknown: 1\ninputs: [{id: a, type: INT}]", "unknown"),
        ("- a", "map"),
        ("id: [", ""),
        ("", ""),
    ],
)
def test_a_text_that_is_no_block_is_refused(cast: Cast, source: str, told: str) -> None:
    answer = put(cast, source)
    assert answer.status_code == 422, answer.content
    assert told in answer.content.decode()
    assert get(cast, "").json() == {"results": [], "total": 0}


def test_a_mistake_is_told_with_its_line(cast: Cast) -> None:
    errors = put(cast, SOURCE.replace("INT", "INTEGER")).json()["_embedded"]["errors"]
    assert [(each["line"], each["path"]) for each in errors] == [(8, "inputs[days].type")]


def test_only_who_may_sees_and_changes_them(cast: Cast) -> None:
    put(cast)
    viewer = make_person("vic@acme.test")
    bind(ACME, viewer, "Viewer", "prod.data")
    address = f"{BASE}/prod.data/reusable-inputs"
    assert viewer.client.get(f"{address}/period").json()["namespace"] == "prod"
    assert viewer.client.get(f"{BASE}/prod/reusable-inputs/period").status_code in (403, 404)
    assert viewer.client.put(f"{address}/period", SOURCE, content_type="text/plain").status_code == 403
    assert viewer.client.get("/api/v1/acme/reusable-inputs/namespaces").json() == []
    assert cast.otto.client.get(f"{address}/period").status_code == 404


def test_every_change_is_told(cast: Cast) -> None:
    put(cast)
    put(cast, SOURCE.replace("7", "9"))
    put(cast, SOURCE.replace("7", "9"))
    cast.olga.client.delete(f"{BASE}/prod/reusable-inputs/period")
    with tenant_scope(ACME):
        entries = AuditEntry.objects.filter(resource="REUSABLE_INPUTS").order_by("seq")
        assert [entry.action for entry in entries] == ["CREATE", "UPDATE", "DELETE"]
