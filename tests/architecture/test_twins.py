"""Twin tenants with real things: the owner of one gets them, the owner of the other is told they do not exist."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any
from urllib.parse import quote

import psycopg
import pytest
from django.db import connection, models

from control_plane.embedded.postgres import SUPERUSER, Postgres
from control_plane.kernel.authorization import use_authorizer
from control_plane.kernel.models import OwnerManager, TenantManager, TenantOwned
from control_plane.kernel.scope import tenant_scope
from control_plane.kernel.words.ids import new_id
from tests.architecture.routes import Route, api_routes
from tests.architecture.test_walls import owned, table_of
from tests.architecture.twins import Twin, make_twin
from tests.cast import ACME, GLOBEX, Cast, bind, make_cast

pytestmark = pytest.mark.django_db
MARK = "zqtwin"
# Made anew by each request: the reference of a refusal, and the secret of a token or of a link.
_ANEW = re.compile(r',?"reference":"[0-9A-Za-z]{22}"|"updated":"[^"]*",|\bor[a-z]_[0-9A-Za-z]{5,}')
IDS = (
    "execution_id",
    "task_run_id",
    "role_id",
    "binding_id",
    "user_id",
    "group_id",
    "reference",
    "invitation_id",
    "integration",
    "integration_id",
    "pushed_user_id",
    "pushed_group_id",
    "account_id",
    "token_id",
    "entry_id",
    "object_id",
    "operation_id",
    "run_id",
    "credential_id",
)
KEPT = '--b\r\nContent-Disposition: form-data; name="fileContent"; filename="f.txt"\r\n\r\nkept\r\n--b--\r\n'
QUERIES = {
    "access/explain": "permission=FLOW.VIEW",
    "membership/<str:user_id>": "membership=OWNER",
    "file": "path={file}",
    "file/metas": "path={file}",
    "file/preview": "path={file}&maxRows=10",
    "actions/change-status": "status=SUCCESS",
    "<str:namespace>/files": "path=/twins.txt",
    "DELETE <str:namespace>/files": "path=/gone.txt",
    "PUT <str:namespace>/files": "from=/twins.txt&to=/moved.txt",
    "files/directory": "path=/folder",
    "logs/<str:namespace>/<flow:flow_id>": "triggerId={trigger_id}",
    "POST files/directory": "path=/new",
    "files/revisions": "path=/twins.txt",
    "DELETE files/revisions": "path=/twins.txt&revisions=1",
    "files/search": "q=twins",
    "files/stats": "path=/twins.txt",
    "metrics/aggregates": "startDate=2025-12-31T00:00:00Z&endDate=2026-01-02T00:00:00Z",
}
# What a command reads before it looks for its target; the rest is content with an empty object.
BODIES: dict[str, tuple[str, str]] = {
    "actions/labels": ('[{"key": "a", "value": "b"}]', "application/json"),
    "actions/state": ('{"taskRunId": "_", "state": "SUCCESS"}', "application/json"),
    "actions/eval": ("{{ 1 }}", "text/plain"),
    "kv/<str:key>": ('"x"', "text/plain"),
    "secrets": ('{"key": "X", "value": "y"}', "application/json"),
    "flows/<str:namespace>/<str:flow_id>": ("id: {flow_id}\nnamespace: {namespace}\ntasks: []", "application/x-yaml"),
    "<str:namespace>/files": (KEPT, "multipart/form-data; boundary=b"),
    "reusable-inputs/<str:block_id>": ("id: {block_id}\ninputs: [{id: a, type: INT}]", "application/x-yaml"),
    "policies/<str:policy_id>": (
        '{"id": "{policy_id}", "rules": [{"type": "x.Require", "on": "FLOW", "target": "id"}]}',
        "application/json",
    ),
    "roles/<str:role_id>": ('{"name": "x", "permissions": {}}', "application/json"),
    "roles/<str:role_id>/copy": ('{"name": "x"}', "application/json"),
    "service-accounts/<str:account_id>": ('{"name": "x"}', "application/json"),
    "service-accounts/<str:account_id>/disabled": ('{"disabled": true}', "application/json"),
    "/api-tokens": ('{"name": "x"}', "application/json"),
    "groups/<str:group_id>": ('{"name": "x"}', "application/json"),
    "users/<str:user_id>/groups": ('{"groupIds": ["{group_id}"]}', "application/json"),
    "namespaces/<str:name>": ('{"id": "{name}"}', "application/json"),
}
_SCIM = "/api/v1/<str:tenant>/integrations/<str:integration>/scim/v2"
# What everybody is refused.
REFUSED = {f"GET {_SCIM}/Me": 501, f"GET {_SCIM}/<path:rest>": 404}
# What was asked is written down whatever becomes of it.
WRITTEN_ANYWAY = {"iam_scim_call"}
# Where an id of nobody is answered otherwise, and why that tells nothing of a tenant.
TOLD_APART = {
    "PUT /api/v1/<str:tenant>/tenant-access/<str:user_id>": "users are global: whoever knows one may let them in",
}


@pytest.fixture
def cast() -> Cast:
    return make_cast()


@pytest.fixture
def theirs(cast: Cast) -> Twin:
    make_twin(ACME, "zqown", cast.olga)
    return make_twin(GLOBEX, MARK, cast.otto)


def routes() -> list[Route]:
    """But for the way to an identity provider and back, which names no thing of a tenant but the provider itself, and for
    what is below a webhook: nothing of anybody's."""
    found = [route for route in api_routes() if route.is_tenants and route.slots]
    return [route for route in found if not route.path.startswith("oauth/") and "path" not in route.slots]


def key_of(route: Route, texts: dict[str, Any]) -> Any:
    return next((texts[tail] for tail in sorted(texts, key=len, reverse=True) if tail in route.path), None)


def query_of(route: Route) -> str:
    def fits(end: str) -> bool:
        method, _, tail = end.rpartition(" ")
        is_there = route.path.endswith(tail) or (tail.startswith("m") and tail in route.path)
        return is_there and method in ("", route.method)

    return next((QUERIES[end] for end in sorted(QUERIES, key=len, reverse=True) if fits(end)), "")


def answer(twin: Twin, client: Any, tenant: str, route: Route) -> Any:
    """What the client is told, with the twin's names put wherever they fit."""
    path = route.at(tenant=tenant, **{slot: quote(slot_of(twin, route, slot), safe="") for slot in route.slots})
    query = query_of(route)
    if query:
        path += "?" + query.format(**quoted(twin))
    if route.method == "GET":
        return client.get(path)
    body, kind = key_of(route, BODIES) or ("{}", "application/json")
    for slot, value in twin.slots.items():
        body = body.replace(f"{{{slot}}}", value)
    return client.generic(route.method, path, body, content_type=kind)


def quoted(twin: Twin) -> dict[str, str]:
    """What may stand in a query: the address of the file, and the twin's names."""
    return {name: quote(value, safe="") for name, value in {**twin.slots, "file": twin.file}.items()}


def slot_of(twin: Twin, route: Route, slot: str) -> str:
    if slot == "key" and "/secrets/" in route.path:
        return f"{twin.mark}-secret".upper().replace("-", "_")
    return twin.slots[slot]


def test_every_name_in_a_path_has_a_thing_of_the_twin(theirs: Twin):
    assert {slot for route in routes() for slot in route.slots} - theirs.slots.keys() == set()


def test_the_twins_own_admin_gets_each_thing_by_that_request(theirs: Twin):
    """Without this, a request that nobody could make would prove nothing."""
    wrong = {}
    for route in routes():
        if route.method == "GET":
            response = answer(theirs, theirs.owner.client, GLOBEX, route)
            response.close()  # unread: what was opened for it must be closed by that
            if not 200 <= response.status_code < 300:
                wrong[str(route)] = response.status_code
    assert wrong == REFUSED


def told(response: Any) -> str:
    body = b"".join(response.streaming_content) if response.streaming else response.content
    response.close()
    return body.decode(errors="replace")


def test_the_twins_things_are_found_by_their_mark(theirs: Twin):
    """The oracle can see: nearly every one of these answers bears the mark for their owner."""
    bearing = [
        str(route)
        for route in routes()
        if route.method == "GET" and MARK in masked(answer(theirs, theirs.owner.client, GLOBEX, route), theirs)
    ]
    assert len(bearing) >= 15, bearing


def masked(response: Any, twin: Twin) -> str:
    """Status, headers and body, without what was asked with."""
    headers = {name: value for name, value in response.headers.items() if name != "X-Request-Id"}
    text = f"{response.status_code} {sorted(headers.items())} {_ANEW.sub('', told(response))}"
    asked = [response["X-Request-Id"], twin.file, *twin.slots.values(), f"{twin.mark}-secret".upper().replace("-", "_")]
    for value in sorted(filter(None, asked), key=len, reverse=True):
        for form in (value, quote(value), quote(value, safe="")):
            text = text.replace(form, "_")
    return text


def nobodys(twin: Twin) -> Twin:
    """The same names, of nothing there is anywhere; each as long as the true one."""
    other = f"{twin.mark[:-1]}m"  # stands where the true one stands in any order
    slots = {
        slot: new_id()[: len(value)].ljust(len(value), "0") if slot in IDS else value.replace(twin.mark, other)
        for slot, value in twin.slots.items()
    }
    file = twin.file.replace(twin.mark, other)
    for slot in IDS:
        file = file.replace(twin.slots[slot].lower(), slots[slot].lower()).replace(twin.slots[slot], slots[slot])
    return Twin(twin.tenant, other, twin.owner, slots, file)


def leaks(cast: Cast, theirs: Twin) -> dict[str, Any]:
    """Where Acme's owner learns anything of Globex from its ids, against ids of nobody."""
    control, found = nobodys(theirs), {}
    for route in routes():
        if str(route) in TOLD_APART:
            continue
        foreign = masked(answer(theirs, cast.olga.client, ACME, route), theirs)
        absent = masked(answer(control, cast.olga.client, ACME, route), control)
        if MARK in foreign or GLOBEX in foreign or foreign != absent or foreign.startswith("5"):
            found[str(route)] = (foreign[:600], absent[:600])
    return found


def fingerprint(tenant: str) -> dict[str, str]:
    """Every row of a tenant."""
    with tenant_scope(tenant), connection.cursor() as cursor:
        found = {}
        for model in tenant_models():
            cursor.execute(
                f'SELECT row_to_json(t)::text FROM "{table_of(model)}" t WHERE tenant_id = %s ORDER BY id', [tenant]
            )
            if table_of(model) in WRITTEN_ANYWAY:
                continue
            found[table_of(model)] = hashlib.sha256(repr(cursor.fetchall()).encode()).hexdigest()
        return found


def tenant_models() -> list[type[models.Model]]:
    return [model for model in owned() if issubclass(model, TenantOwned)]


def test_a_twins_thing_is_to_the_other_as_if_it_did_not_exist(cast: Cast, theirs: Twin):
    before = fingerprint(GLOBEX)
    assert leaks(cast, theirs) == {}
    assert fingerprint(GLOBEX) == before


def test_whoever_belongs_to_both_finds_each_thing_in_its_own_tenant_alone(cast: Cast, theirs: Twin):
    bind(GLOBEX, cast.olga, "Admin")
    assert cast.olga.client.get(f"/api/v1/{GLOBEX}/executions/{theirs.slots['execution_id']}").status_code == 200
    assert leaks(cast, theirs) == {}


class _Yes:
    """A judge that has lost all judgement."""

    def is_member(self, ctx: Any) -> bool:
        return True

    def may(self, ctx: Any, permission: Any, namespace: Any) -> bool:
        return True

    def may_anywhere(self, ctx: Any, permission: Any) -> bool:
        return True

    def namespaces(self, ctx: Any, permission: Any) -> None:
        return None

    def knows_of(self, ctx: Any, resource: Any, namespace: Any) -> bool:
        return True


@pytest.fixture
def without_the_first_wall(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """Everything is allowed, and no query names its tenant."""
    for manager in (TenantManager, OwnerManager):
        monkeypatch.setattr(manager, "get_queryset", models.Manager.get_queryset)
    before = use_authorizer(_Yes())
    yield
    use_authorizer(before)


@contextmanager
def without_the_second_wall(postgres: Postgres) -> Iterator[None]:
    """No table is behind row-level security, in this test's own database."""
    with psycopg.connect(postgres.url(SUPERUSER), autocommit=True) as superuser:
        walled = superuser.execute("SELECT oid::regclass::text FROM pg_class WHERE relrowsecurity").fetchall()
        try:
            _each(superuser, walled, "NO FORCE ROW LEVEL SECURITY", "DISABLE ROW LEVEL SECURITY")
            yield
        finally:
            _each(superuser, walled, "ENABLE ROW LEVEL SECURITY", "FORCE ROW LEVEL SECURITY")


def _each(superuser: psycopg.Connection[Any], tables: list[Any], *changes: str) -> None:
    for (table,) in tables:
        for change in changes:
            superuser.execute(f"ALTER TABLE {table} {change}")


def test_the_database_alone_keeps_twins_apart(cast: Cast, theirs: Twin, without_the_first_wall: None):
    before = fingerprint(GLOBEX)
    assert leaks(cast, theirs) == {}
    assert fingerprint(GLOBEX) == before


def test_the_application_alone_keeps_twins_apart(cast: Cast, theirs: Twin, postgres: Postgres):
    before = fingerprint(GLOBEX)
    with without_the_second_wall(postgres):
        with connection.cursor() as cursor:
            cursor.execute("SELECT count(DISTINCT tenant_id) FROM flow")
            assert cursor.fetchone() == (2,), "the wall still stands"
        assert leaks(cast, theirs) == {}
    assert fingerprint(GLOBEX) == before
