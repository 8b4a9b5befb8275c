"""What is told beside changes: exports, refusals, reads of secrets by jobs, first uses from new places, both names."""

from __future__ import annotations

import json
from datetime import timedelta

import pytest
from django.test import Client

from audit.models import AuditRead
from audit.recording import reads
from audit.recording.reads import tell_reads
from control_plane.embedded.postgres import Postgres
from control_plane.kernel.scope import tenant_scope
from stores.secrets.services import put_secret
from tests.architecture.job_ground import HOME, JobGround, make_job_ground
from tests.architecture.test_audited import without_entries
from tests.audit.ground import entries
from tests.cast import ACME, PASSWORD, Cast, make_cast, make_person

pytestmark = pytest.mark.django_db
FLOWS = f"/api/v1/{ACME}/flows"


@pytest.fixture
def cast() -> Cast:
    return make_cast()


def body(entry) -> dict:
    return json.loads(entry.body)


@pytest.mark.parametrize("path", ["flows/export/by-query", "executions/export/by-query/csv", "auditlogs/export"])
def test_whoever_exports_anything_is_told(cast: Cast, path: str):
    response = cast.olga.client.get(f"/api/v1/{ACME}/{path}?q=some")
    assert response.status_code == 200
    last = entries(ACME)[-1]
    assert (last.action, last.resource) == ("READ", {"f": "FLOW", "e": "EXECUTION", "a": "AUDITLOG"}[path[0]])
    assert body(last)["detail"] == {"exported": f"/api/v1/{ACME}/{path}", "filters": "q=some"}
    assert body(last)["credential"]["kind"] == "TOKEN"


def test_nothing_is_exported_that_cannot_be_told(cast: Cast, postgres: Postgres):
    cast.olga.client.get(f"{FLOWS}/search")
    with without_entries(postgres):
        assert cast.olga.client.get(f"{FLOWS}/export/by-query").status_code == 500


def test_a_refused_read_is_told_once_a_minute(cast: Cast):
    for _ in range(3):
        assert cast.vera.client.get(f"/api/v1/{ACME}/auditlogs/search").status_code == 403
    (entry,) = [each for each in entries(ACME) if each.is_refused]
    assert (entry.action, entry.resource, entry.actor_name) == ("READ", "AUDITLOG", "vera@acme.test")
    assert body(entry)["detail"]["asked"] == "AUDITLOG.LIST"


def test_a_refused_change_is_told_once(cast: Cast):
    cast.vera.client.post(f"/api/v1/{ACME}/namespaces", '{"id": "x"}', "application/json")
    assert [(each.resource, each.actor_name) for each in entries(ACME) if each.is_refused] == [
        ("NAMESPACE", "vera@acme.test")
    ]


def test_reads_of_secrets_by_jobs_are_told_in_batches(cast: Cast, monkeypatch: pytest.MonkeyPatch):
    ground = make_job_ground(cast)
    for _ in range(3):
        ground.call("secrets", "read", key="secret")
    assert tell_reads() is False
    assert not [each for each in entries(ACME) if each.action == "READ"], "not while more may come"
    monkeypatch.setattr(reads, "BATCH", timedelta(seconds=-1))
    tell_reads()
    (entry,) = [each for each in entries(ACME) if each.action == "READ"]
    assert (entry.resource, entry.object_id, entry.namespace, entry.actor_kind) == ("SECRET", "SECRET", HOME, "JOB")
    detail = body(entry)["detail"]
    assert (detail["count"], detail["executions"]) == (3, [ground.job.execution_id])
    with tenant_scope(ACME):
        assert not AuditRead.objects.exists()
    tell_reads()
    assert len([each for each in entries(ACME) if each.action == "READ"]) == 1


def test_a_secret_is_not_read_where_that_cannot_be_noted(ground_of_secret: JobGround, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(reads, "_NOTE", "SELECT 1 / 0 WHERE %s::text || %s || %s || %s || %s || %s || %s <> ''")
    with pytest.raises(Exception, match="division by zero"):
        ground_of_secret.call("secrets", "read", key="secret")


@pytest.fixture
def ground_of_secret(cast: Cast) -> JobGround:
    return make_job_ground(cast)


def test_no_entry_holds_a_secrets_value(cast: Cast):
    put_secret(cast.olga.context(ACME), namespace="prod", key="TOKEN", value="zq-very-secret")
    assert all("zq-very-secret" not in each.body for each in entries(ACME))


def test_the_first_use_of_a_token_from_a_network_is_told_once():
    person = make_person("ada@x.test")
    token = {"authorization": f"Bearer {person.token}"}

    def uses() -> list[tuple[str, str]]:
        told = [each for each in entries("") if '"newPlace"' in each.body]
        return [(each.actor_name, body(each)["detail"]["newPlace"]) for each in told]

    for ip in ("10.1.1.1", "10.1.1.9", "10.2.2.2", "10.1.1.1"):
        assert Client(headers=token, REMOTE_ADDR=ip).get("/api/v1/me").status_code == 200
    assert uses() == [("ada@x.test", "10.1.1.0/24"), ("ada@x.test", "10.2.2.0/24")]


def test_a_sign_in_says_how_and_whether_the_place_is_new():
    make_person("ada@x.test", password=PASSWORD)
    for _ in range(2):
        sent = json.dumps({"username": "ada@x.test", "password": PASSWORD})
        assert Client(REMOTE_ADDR="10.1.1.1").post("/login", sent, content_type="application/json").status_code < 400
    first, second = [body(each)["detail"] for each in entries("") if each.action == "LOGIN"]
    assert (first["method"], first["newPlace"]) == ("PASSWORD", "10.1.1.0/24")
    assert second["method"] == "PASSWORD" and "newPlace" not in second


def test_what_an_impersonator_does_bears_both_names(cast: Cast):
    headers = {"x-kestra-impersonate": "olga@acme.test", "authorization": f"Bearer {cast.root.token}"}
    sent = Client(headers=headers).post(f"/api/v1/{ACME}/namespaces", '{"id": "x"}', "application/json")
    assert sent.status_code < 400, sent.content
    last = body(entries(ACME)[-1])
    assert (last["actor_name"], last["impersonator"]["name"]) == ("olga@acme.test", "root@orrery.test")
    shown = cast.olga.client.get(f"/api/v1/{ACME}/auditlogs/search").json()["results"][0]["auditLog"]["detail"]
    assert (shown["impersonator"]["name"], shown["signedInBy"]) == ("root@orrery.test", "TOKEN")
