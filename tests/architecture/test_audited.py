"""A write whose audit entry cannot be written is no write: on every address that changes something."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import psycopg
import pytest

from audit.commands import Command
from control_plane.embedded.postgres import SUPERUSER, Postgres
from executions.services.acting import pause_execution
from executions.services.starting import start_execution
from tests.architecture.routes import Route, api_routes
from tests.architecture.test_twins import BODIES, QUERIES, fingerprint, slot_of, told
from tests.architecture.twins import Twin, make_twin
from tests.cast import ACME, Cast, make_cast, make_person
from tests.executions.ground import FakeWorker, ended

pytestmark = pytest.mark.django_db
MARK = "zqown"
REFUSE = """
CREATE FUNCTION refuse_entries() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN RAISE EXCEPTION 'zq-no-entry'; END $$;
CREATE TRIGGER refuse_entries BEFORE INSERT ON audit_entry FOR EACH ROW EXECUTE FUNCTION refuse_entries();
"""
ALLOW = "DROP TRIGGER refuse_entries ON audit_entry; DROP FUNCTION refuse_entries()"
JSON, YAML = "application/json", "application/x-yaml"
NEW_FLOW = "id: new\nnamespace: new\ntasks: [{id: t, type: io.kestra.plugin.core.log.Log, message: x}]"
# What the twin's owner may send there, by how the address ends; elsewhere an empty object will do.
SENT: dict[str, tuple[str, str]] = {
    **BODIES,
    "/actions/state": ('{"taskRunId": "{task_run_id}", "state": "FAILED"}', JSON),
    "executions/by-ids": ('["{execution_id}"]', JSON),
    "/by-ids": ('["{execution_id}"]', JSON),
    "labels/by-ids": ('{"executionsId": ["{execution_id}"], "executionLabels": [{"key": "a", "value": "b"}]}', JSON),
    "labels/by-query": ('[{"key": "a", "value": "b"}]', JSON),
    "flows/delete/by-ids": ('[{"id": "{flow_id}", "namespace": "{namespace}"}]', JSON),
    "flows/disable/by-ids": ('[{"id": "{flow_id}", "namespace": "{namespace}"}]', JSON),
    "<str:namespace>/kv": ('{"keys": ["{key}"]}', JSON),
    "/flows": (NEW_FLOW, YAML),
    "flows/bulk": (NEW_FLOW, YAML),
    "flows/<str:namespace>/<str:flow_id>": (
        NEW_FLOW.replace(" new", " {flow_id}", 1).replace("new", "{namespace}"),
        YAML,
    ),
    "/roles": ('{"name": "x", "permissions": {"FLOW": ["VIEW"]}}', JSON),
    "/namespaces": ('{"id": "new"}', JSON),
    "/bindings": ('{"type": "USER", "externalId": "{user_id}", "roleId": "{role_id}"}', JSON),
    "bindings/bulk": ('[{"type": "USER", "externalId": "{user_id}", "roleId": "{role_id}"}]', JSON),
    "/tenant-access": ('{"email": "outsider@twins.test"}', JSON),
}
ASKED = {
    "change-status/by-ids": "newStatus=FAILED",
    "change-status/by-query": "newStatus=FAILED",
    "<str:flow_id>/revisions": "revisions=1",
}
# Which execution is acted on, where the one that has ended will not do.
STATES = {"kill": "running", "pause": "running", "resume": "paused", "restart": "failed"}
# Where nothing is changed, so nothing is told; each is one command with an address that is tried.
NOTHING_TO_DO = {
    "POST /api/v1/<str:tenant>/flows/enable/by-query": "no flow is disabled",
    "POST /api/v1/<str:tenant>/flows/enable/by-ids": "no flow is disabled",
    "POST /api/v1/<str:tenant>/flows/import": "an archive; `flows/bulk` does the same with its text",
    "POST /api/v1/<str:tenant>/executions/<str:execution_id>/actions/force-run": "nothing waits for a slot",
    "POST /api/v1/<str:tenant>/executions/<str:execution_id>/actions/unqueue": "nothing waits for a slot",
    "POST /api/v1/<str:tenant>/executions/<str:execution_id>/actions/resume-from-breakpoint": "no breakpoint",
    "PUT /api/v1/<str:tenant>/tenant-access/<str:user_id>": "the guest is in",
    "DELETE /api/v1/<str:tenant>/flows/<str:namespace>/<str:flow_id>/revisions": "the only revision stays",
}


@pytest.fixture
def cast() -> Cast:
    return make_cast()


@contextmanager
def without_entries(postgres: Postgres) -> Iterator[None]:
    with psycopg.connect(postgres.url(SUPERUSER), autocommit=True) as superuser:
        superuser.execute(REFUSE)
        try:
            yield
        finally:
            superuser.execute(ALLOW)


def writing() -> list[Route]:
    return [route for route in api_routes() if route.is_tenants and isinstance(route.access, Command)]


@pytest.fixture
def twin(cast: Cast) -> Twin:
    make_person("outsider@twins.test")
    return make_twin(ACME, MARK, cast.olga)


@pytest.fixture
def executions(cast: Cast, twin: Twin) -> dict[str, str]:
    """One in each state that some act asks for."""
    ctx, name = cast.olga.context(ACME), {"namespace": twin.slots["namespace"], "flow_id": twin.slots["flow_id"]}
    failed = start_execution(ctx, **name).id
    FakeWorker().work_off(lambda job: ended(job, state="FAILED"))
    running, paused = start_execution(ctx, **name).id, start_execution(ctx, **name).id
    FakeWorker().claim(2)
    pause_execution(ctx, execution_id=paused)
    return {"running": running, "paused": paused, "failed": failed}


def test_no_write_is_done_whose_entry_cannot_be_written(
    cast: Cast, twin: Twin, executions: dict[str, str], postgres: Postgres, caplog: pytest.LogCaptureFixture
):
    before = fingerprint(ACME)
    done = {}
    with without_entries(postgres):
        for route in writing():
            caplog.clear()
            response = send(cast, twin_for(twin, executions, route), route)
            assert "zq-no-entry" not in told(response), str(route)
            assert fingerprint(ACME) == before, f"{route} answered {response.status_code} and changed something"
            is_refused = response.status_code == 500 and "zq-no-entry" in caplog.text
            if not is_refused and str(route) not in NOTHING_TO_DO:
                done[str(route)] = (response.status_code, told(response)[:300])
    assert done == {}, "these did not come as far as their entry"


def twin_for(twin: Twin, executions: dict[str, str], route: Route) -> Twin:
    state = STATES.get(route.path.rpartition("/actions/")[2])
    return twin.with_slots(execution_id=executions[state]) if state else twin


def send(cast: Cast, twin: Twin, route: Route) -> Any:
    path = route.at(tenant=ACME, **{slot: slot_of(twin, route, slot) for slot in route.slots})
    query = by_end(route, {**QUERIES, **ASKED})
    body, kind = by_end(route, SENT) or ("{}", JSON)
    for slot, value in twin.slots.items():
        body = body.replace(f"{{{slot}}}", value)
    return cast.olga.client.generic(route.method, f"{path}?{query or ''}", body, content_type=kind)


def by_end(route: Route, texts: dict[str, Any]) -> Any:
    """The text of the longest end that fits."""
    return next((texts[end] for end in sorted(texts, key=len, reverse=True) if route.path.endswith(end)), None)


def test_every_write_goes_through_the_same_door():
    """So what holds for one holds for those that no address reaches."""
    for name, each in Command.registered.items():
        assert type(each) is Command, name
