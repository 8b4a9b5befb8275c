"""Secrets over HTTP, wherever they are kept."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

import pytest
from django.http import HttpResponse

from audit.models import AuditEntry
from control_plane.kernel.config import override
from control_plane.kernel.scope import instance_scope, tenant_scope
from plugins.secrets.port import BackendAway, BackendRefused, Described, Place
from tenants.models import Namespace, Tenant
from tests.cast import ACME, Cast, make_cast
from tests.stores.secrets.memory import MemoryBackend, memory

pytestmark = pytest.mark.django_db
BASE = "/api/v1/acme/namespaces"
PROD = f"{BASE}/prod"
MEMORY = {"secretType": "memory", "secretConfiguration": {"address": "memory://one", "token": "very-secret"}}


@pytest.fixture
def cast() -> Cast:
    return make_cast()


@pytest.fixture
def elsewhere() -> Iterator[type[MemoryBackend]]:
    with memory() as kind:
        yield kind


def configure(cast: Cast, name: str = "prod", **settings: Any) -> HttpResponse:
    sent = {"id": name, **settings}
    answer = cast.olga.client.post(BASE, sent, content_type="application/json")
    if answer.status_code == 409:
        answer = cast.olga.client.put(f"{BASE}/{name}", sent, content_type="application/json")
    return answer


def put(cast: Cast, key: str, value: str = "v", namespace: str = "prod", **more: Any) -> HttpResponse:
    body = {"key": key, "value": value, **more}
    return cast.olga.client.put(f"{BASE}/{namespace}/secrets", body, content_type="application/json")


def listed(cast: Cast, query: str = "filters[namespace][EQUALS]=prod") -> dict[str, Any]:
    answer = cast.olga.client.get(f"/api/v1/acme/secrets?{query}")
    assert answer.status_code == 200, answer.content
    return dict(answer.json())


def test_a_namespace_says_where_its_secrets_are_kept(cast: Cast, elsewhere: type[MemoryBackend]) -> None:
    answer = configure(cast, **MEMORY)
    assert answer.status_code == 200, answer.content
    assert answer.json()["secretType"] == "memory"
    assert answer.json()["secretConfiguration"] == {"address": "memory://one", "token": "******"}
    assert cast.olga.client.get(PROD).json()["secretConfiguration"]["token"] == "******"


def test_what_a_place_is_told_in_confidence_is_sealed_and_told_to_nobody(
    cast: Cast,
    elsewhere: type[MemoryBackend],
) -> None:
    configure(cast, **MEMORY)
    with tenant_scope(ACME):
        assert "very-secret" not in json.dumps(Namespace.objects.get(name="prod").settings)
        assert not any("very-secret" in each.body for each in AuditEntry.objects.all())


def test_the_mask_sent_back_means_what_is_there_for_the_same_address_alone(
    cast: Cast,
    elsewhere: type[MemoryBackend],
) -> None:
    configure(cast, **MEMORY)
    shown = cast.olga.client.get(PROD).json()
    assert configure(cast, **{**shown, "description": "changed"}).status_code == 200
    from stores.secrets.choice import choice

    with tenant_scope(ACME):
        assert choice("prod").configuration()["token"] == "very-secret"
    moved = {**shown, "secretConfiguration": {"address": "memory://mine", "token": "******"}}
    answer = configure(cast, **moved)
    assert (answer.status_code, "must be given again" in answer.json()["message"]) == (422, True)


@pytest.mark.parametrize(
    ("sent", "told"),
    [
        ({"secretType": "nowhere"}, "cannot be kept in `nowhere`"),
        ({"secretConfiguration": {"address": "x"}}, "secretType"),
        ({"secretType": "memory", "secretConfiguration": {"adress": "x"}}, "secretConfiguration"),
        ({"secretType": "memory", "secretConfiguration": "x"}, "secretConfiguration"),
        ({"secretType": "environment"}, "only the operator"),
    ],
)
def test_what_is_wrong_is_named(cast: Cast, elsewhere: type[MemoryBackend], sent: Any, told: str) -> None:
    answer = configure(cast, **sent)
    assert answer.status_code == 422, answer.content
    assert told in answer.json()["message"]


def test_secrets_are_set_described_and_deleted_where_they_are_kept(
    cast: Cast,
    elsewhere: type[MemoryBackend],
) -> None:
    configure(cast, **MEMORY)
    here = Place(ACME, "prod")
    tags = [{"key": "team", "value": "data"}]
    assert put(cast, "Pw", "hunter2", description="d", tags=tags).json() == [
        {"namespace": "prod", "key": "Pw", "tags": tags, "description": "d"}
    ]
    assert elsewhere.kept[here]["Pw"] == ("hunter2", Described("Pw", "d", {"team": "data"}))
    answer = cast.olga.client.patch(f"{PROD}/secrets/PW", {"description": "e"}, content_type="application/json")
    assert answer.json()[0]["description"] == "e"
    assert elsewhere.kept[here]["Pw"][0] == "hunter2"
    assert listed(cast)["results"][0]["key"] == "Pw"
    assert cast.olga.client.get(f"{BASE}/prod.data/inherited-secrets").json() == {"prod.data": [], "prod": ["Pw"]}
    assert cast.olga.client.delete(f"{PROD}/secrets/pw").status_code == 200
    assert elsewhere.kept[here] == {}
    assert cast.olga.client.delete(f"{PROD}/secrets/pw").status_code == 404


def test_the_trail_says_where_and_never_what(cast: Cast, elsewhere: type[MemoryBackend]) -> None:
    configure(cast, **MEMORY)
    put(cast, "PW", "hunter2")
    put(cast, "pw", "hunter3")
    cast.olga.client.delete(f"{PROD}/secrets/pw")
    with tenant_scope(ACME):
        entries = list(AuditEntry.objects.filter(resource="SECRET").order_by("seq"))
    assert [entry.action for entry in entries] == ["CREATE", "UPDATE", "DELETE"]
    assert all('"memory"' in entry.body and "hunter" not in entry.body for entry in entries)


def test_what_the_place_refuses_changes_nothing_and_is_told(
    cast: Cast,
    elsewhere: type[MemoryBackend],
) -> None:
    configure(cast, **MEMORY)
    elsewhere.failure, elsewhere.failing_acts = BackendRefused("hunter2 may not be written"), frozenset({"write"})
    answer = put(cast, "PW", "hunter2")
    assert (answer.status_code, answer.json()["message"]) == (424, "Failed Dependency: ****** may not be written")
    with tenant_scope(ACME):
        assert not AuditEntry.objects.filter(resource="SECRET", is_refused=False).exists()


def test_where_they_are_only_read_nothing_is_changed(cast: Cast, elsewhere: type[MemoryBackend]) -> None:
    configure(cast, **MEMORY, secretReadOnly=True)
    elsewhere.kept[Place(ACME, "prod")]["K"] = ("v", Described("K"))
    assert listed(cast)["readOnly"] is True
    refused = [
        put(cast, "K"),
        cast.olga.client.patch(f"{PROD}/secrets/K", {"description": "e"}, content_type="application/json"),
        cast.olga.client.delete(f"{PROD}/secrets/K"),
    ]
    assert [each.status_code for each in refused] == [403] * 3
    assert "only read here" in refused[0].json()["message"]


def test_a_namespace_below_keeps_its_secrets_where_the_one_above_says(
    cast: Cast,
    elsewhere: type[MemoryBackend],
) -> None:
    configure(cast, **MEMORY)
    put(cast, "K", "below", namespace="prod.data")
    assert elsewhere.kept[Place(ACME, "prod.data")]["K"][0] == "below"
    assert listed(cast, "filters[namespace][EQUALS]=production") == {"results": [], "total": 0, "readOnly": False}


def test_a_list_of_all_namespaces_has_those_of_every_place_in_order(
    cast: Cast,
    elsewhere: type[MemoryBackend],
) -> None:
    put(cast, "HIDDEN", namespace="prod")
    configure(cast, **MEMORY)
    put(cast, "B", namespace="dev")
    put(cast, "A", namespace="prod")
    put(cast, "C", namespace="prod", description="of billing")
    found = listed(cast, "size=10")
    assert [(each["namespace"], each["key"]) for each in found["results"]] == [
        ("dev", "B"),
        ("prod", "A"),
        ("prod", "C"),
    ]
    assert [each["key"] for each in listed(cast, "sort=key:desc")["results"]] == ["C", "B", "A"]
    assert [each["key"] for each in listed(cast, "filters[key][IN]=a,b")["results"]] == ["B", "A"]
    assert [each["key"] for each in listed(cast, "q=billing")["results"]] == ["C"]
    assert [
        each["key"] for each in listed(cast, "filters[namespace][PREFIX]=prod&filters[key][REGEX]=^c")["results"]
    ] == ["C"]
    assert [each["key"] for each in listed(cast, "size=1&page=2")["results"]] == ["A"]


def test_a_place_that_sleeps_fails_its_own_secrets_alone(cast: Cast, elsewhere: type[MemoryBackend]) -> None:
    configure(cast, **MEMORY)
    put(cast, "B", namespace="dev")
    elsewhere.failure = BackendAway("memory://one did not answer within 5 s")
    answer = cast.olga.client.get("/api/v1/acme/secrets?filters[namespace][EQUALS]=prod")
    assert (answer.status_code, answer.json()["message"]) == (
        424,
        "Failed Dependency: memory://one did not answer within 5 s",
    )
    assert [each["key"] for each in listed(cast, "size=10")["results"]] == ["B"]
    told = cast.olga.client.get(f"{PROD}/secrets-backend").json()
    assert told == {
        "type": "memory",
        "level": "namespace",
        "saidBy": "prod",
        "readOnly": False,
        "state": "failing",
        "message": "memory://one did not answer within 5 s",
    }


def test_what_is_kept_in_our_own_database_is_said_too(cast: Cast) -> None:
    told = cast.olga.client.get(f"{PROD}/secrets-backend").json()
    assert told == {"type": "built-in", "level": "instance", "saidBy": "instance", "readOnly": False, "state": "ok"}


def test_a_tenant_says_it_for_all_its_namespaces_and_the_instance_for_all_tenants(
    cast: Cast,
    elsewhere: type[MemoryBackend],
) -> None:
    with override(secrets={"type": "memory", "read_only": True}):
        assert cast.olga.client.get(f"{PROD}/secrets-backend").json()["saidBy"] == "instance"
        assert put(cast, "K").status_code == 403
        sent = {"id": ACME, "name": "Acme", **MEMORY}
        answer = cast.root.client.put(f"/api/v1/tenants/{ACME}", sent, content_type="application/json")
        assert answer.status_code == 200, answer.content
        assert answer.json()["secretConfiguration"]["token"] == "******"
        with instance_scope():
            assert "very-secret" not in json.dumps(Tenant.objects.get(id=ACME).settings)
        told = cast.olga.client.get(f"{PROD}/secrets-backend").json()
        assert (told["level"], told["saidBy"], told["readOnly"]) == ("tenant", ACME, False)
        assert put(cast, "K").status_code == 200


def test_a_connection_is_tried_before_it_is_saved_and_told_in_words(
    cast: Cast,
    elsewhere: type[MemoryBackend],
) -> None:
    def tried(**sent: Any) -> dict[str, tuple[str, str]]:
        answer = cast.olga.client.post(f"{PROD}/secrets-backend/test", sent, content_type="application/json")
        assert answer.status_code == 200, answer.content
        return {each["act"]: (each["outcome"], each["message"]) for each in answer.json()["results"]}

    assert tried(**MEMORY) == {
        "list": ("works", "0 secrets are there"),
        "read": ("works", "It says that a secret is not there"),
        "write": ("works", "A secret was set and read again"),
        "delete": ("works", "The secret of the test was deleted"),
    }
    assert elsewhere.kept[Place(ACME, "prod")] == {}
    assert tried(**MEMORY, secretReadOnly=True)["write"] == ("leftOut", "Secrets are only read here")
    elsewhere.failure, elsewhere.failing_acts = BackendRefused("no right to write"), frozenset({"write"})
    found = tried(**MEMORY)
    assert found["write"] == ("refused", "no right to write")
    assert found["delete"] == ("leftOut", "Nothing was written that could be deleted")
    elsewhere.failure, elsewhere.failing_acts = BackendAway("it sleeps"), frozenset()
    assert {outcome for outcome, _ in tried(**MEMORY).values()} == {"failed"}
    configure(cast, **MEMORY)
    elsewhere.failure = None
    assert tried()["write"][0] == "works"


@pytest.mark.parametrize("kind", ["vault", "google-secret-manager", "memory", "built-in"])
def test_no_configuration_breaks_anything(cast: Cast, elsewhere: type[MemoryBackend], kind: str) -> None:
    odd = [
        None,
        1,
        "x",
        [],
        {"token": 5},
        {"address": {}},
        {"cache": "x"},
        {"tags": [1]},
        {"": 1},
        {"timeoutSeconds": "nan"},
    ]
    for value in odd:
        sent = {"secretType": kind, "secretConfiguration": value}
        answer = cast.olga.client.post(f"{PROD}/secrets-backend/test", sent, content_type="application/json")
        assert answer.status_code in (200, 422), (value, answer.content)
        assert configure(cast, **sent).status_code in (200, 422), value


def test_only_who_may_change_a_namespace_tries_connections(cast: Cast, elsewhere: type[MemoryBackend]) -> None:
    answer = cast.vera.client.post(f"{PROD}/secrets-backend/test", MEMORY, content_type="application/json")
    assert answer.status_code == 403


def test_people_may_be_kept_out_of_a_place(cast: Cast, elsewhere: type[MemoryBackend]) -> None:
    configure(cast, **MEMORY, secretIsolation={"enabled": True, "deniedServices": ["WEBSERVER"]})
    answer = cast.olga.client.get("/api/v1/acme/secrets?filters[namespace][EQUALS]=prod")
    assert (answer.status_code, "not open to people" in answer.json()["message"]) == (403, True)
    assert put(cast, "K").status_code == 403
