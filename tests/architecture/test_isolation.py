"""Twin tenants: whatever id of the other is put wherever an id fits, it is as if it did not exist."""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Callable

import pytest
from django.db import ProgrammingError, connection, models
from django.test import Client

from audit.models import AuditEntry
from control_plane.kernel.models import TenantOwned
from control_plane.kernel.scope import current_tenant, tenant_scope
from control_plane.kernel.words.ids import new_id
from iam.models import Refusal
from tenants.services.namespaces import create_namespace
from tests.architecture.routes import Route, api_routes
from tests.architecture.test_walls import owned, table_of
from tests.cast import ACME, GLOBEX, Cast, make_cast
from tests.factories import make_row

pytestmark = pytest.mark.django_db
CANARY = "zq-globex"


def tenant_models() -> list[type[models.Model]]:
    return [model for model in owned() if issubclass(model, TenantOwned)]


@pytest.fixture
def cast() -> Cast:
    """Both tenants have a row in every table; each text of Globex bears the canary."""
    cast = make_cast()
    fill(ACME, "zq-acme")
    fill(GLOBEX, CANARY)
    create_namespace(cast.otto.context(GLOBEX), name=CANARY, variables={}, settings={})
    return cast


def fill(tenant: str, canary: str) -> None:
    with tenant_scope(tenant):
        for model in tenant_models():
            make_row(model, canary)


def count(sql: str) -> int:
    with connection.cursor() as cursor:
        cursor.execute(sql)
        return cursor.fetchone()[0]


def test_the_database_alone_keeps_the_tenants_apart(cast: Cast):
    """Without the manager: raw SQL that names no tenant sees, changes and removes nothing of the other."""
    with tenant_scope(ACME):
        for model in tenant_models():
            table = table_of(model)
            assert count(f'SELECT count(*) FROM "{table}"') > 0, table
            assert count(f"SELECT count(*) FROM \"{table}\" WHERE tenant_id <> '{ACME}'") == 0, table


def test_the_database_refuses_a_row_for_the_other(cast: Cast):
    for model in tenant_models():
        with pytest.raises(ProgrammingError, match=r"row-level security|permission denied"), tenant_scope(ACME):
            row = make_row(model)
            with connection.cursor() as cursor:
                cursor.execute(f'UPDATE "{table_of(model)}" SET tenant_id = %s WHERE id = %s', [GLOBEX, row.pk])


def test_the_managers_alone_keep_the_tenants_apart(cast: Cast):
    """Without the database's wall: every query that a model makes names the tenant."""
    with tenant_scope(ACME):
        for model in tenant_models():
            sql, params = model.objects.all().query.sql_with_params()
            assert '"tenant_id" = %s' in sql and current_tenant() in params, model.__name__


# What stands in a path under this name: a value of the other tenant, or why it is none of a tenant's.
NOT_A_TENANTS = {
    "user_id": "users are global and a superadmin's",
    "token_id": "tokens are their user's",
    "service_id": "processes are the instance's",
    "tenant_id": "the instance's list of tenants",
    "auth": "the word `password`",
    "session_id": "belongs to a person",
    "named": "the secret of a link",
    "cls": "a class of plugin",
    "kind": "a word",
    "version": "a version of a plugin",
    "group": "a group of plugins",
    "path": "a free text",
    "file": "a file of a group of plugins",
    "metric": "a name that only counts within a flow",
    "block_id": "a name that only counts within a namespace",
    "credential_name": "a name that only counts within a namespace",
    "policy_id": "a name that only counts within a namespace or a tenant",
    "key": "tried by its own name, which only counts within a namespace",
    "uri": "a schema of SCIM",
    "resource_type": "a word of SCIM",
    "rest": "an address that is none",
    "banner_id": "announcements are the instance's",
    "switch_id": "kill switches are the instance's",
    "queue_id": "worker queues are the instance's",
    "worker_id": "workers are the instance's",
    "service_type": "a word",
    "notification_id": "belongs to a person",
    "provider_id": "tried by the twins, whose directory only answers to its own tenant",
    "directory_id": "tried by the twins, too",
    "sync_id": "tried by the twins, too",
}


def column(label: str, name: str) -> Callable[[], str]:
    def read() -> str:
        from django.apps import apps

        row = apps.get_model(label).objects.first()
        return str(getattr(row, name))

    return read


SLOTS: dict[str, Callable[[], str]] = {
    "name": column("tenants.Namespace", "name"),
    "namespace": column("flows.Flow", "namespace"),
    "flow_id": column("flows.Flow", "flow_id"),
    "trigger_id": column("triggers.Trigger", "trigger_id"),
    "task_id": column("flows.Flow", "flow_id"),
    "execution_id": column("executions.Execution", "id"),
    "task_run_id": column("executions.TaskRun", "id"),
    "role_id": column("iam.Role", "id"),
    "account_id": column("iam.ServiceAccount", "id"),
    "reference": lambda: make_row(Refusal, CANARY).id,
    "invitation_id": column("iam.Invitation", "id"),
    "integration": column("iam.SecurityIntegration", "id"),
    "integration_id": column("iam.SecurityIntegration", "id"),
    "pushed_user_id": column("iam.ScimUser", "user_id"),
    "pushed_group_id": column("iam.ScimGroup", "group_id"),
    "email": column("iam.Invitation", "email"),
    "group_id": column("iam.Group", "id"),
    "binding_id": column("iam.Binding", "id"),
    "operation_id": column("executions.BulkOperation", "id"),
    "run_id": column("governance.RetentionRun", "id"),
    "credential_id": column("stores.Credential", "id"),
    "entry_id": lambda: AuditEntry.objects.latest("seq").id,
    "object_id": lambda: AuditEntry.objects.latest("seq").object_id,
}


def routes_with_ids() -> list[Route]:
    return [route for route in api_routes() if route.is_tenants and set(route.slots) & SLOTS.keys()]


def test_every_name_in_a_path_says_what_it_stands_for():
    unknown = {
        slot: str(route)
        for route in api_routes()
        for slot in route.slots
        if slot not in SLOTS and slot not in NOT_A_TENANTS
    }
    assert unknown == {}, "say in SLOTS whose id it is, or in NOT_A_TENANTS why it is none"


def test_an_id_of_another_tenant_is_like_one_that_does_not_exist(cast: Cast):
    with tenant_scope(GLOBEX):
        theirs = {slot: read() for slot, read in SLOTS.items()}
    before = fingerprint(GLOBEX)
    wrong = {}
    for route in routes_with_ids():
        slots = [slot for slot in route.slots if slot in SLOTS]
        for swapped in {tuple(slots), *((slot,) for slot in slots)}:
            foreign = {slot: theirs[slot] if slot in swapped else nobodys(slot) for slot in route.slots}
            absent = {slot: nobodys(slot) if slot in swapped else value for slot, value in foreign.items()}
            answers = [seen(cast, route, values) for values in (foreign, absent)]
            if answers[0] != answers[1] or CANARY in answers[0]:
                wrong[str(route), swapped] = answers
    assert wrong == {}
    assert fingerprint(GLOBEX) == before


def nobodys(slot: str) -> str:
    return f"x{new_id()}".lower() if slot in ("name", "namespace", "flow_id", "trigger_id", "task_id") else new_id()


def seen(cast: Cast, route: Route, values: dict[str, str]) -> str:
    """What Acme's owner is told, with the ids masked."""
    body = "" if route.method == "GET" else json.dumps({})
    response = cast.olga.client.generic(route.method, route.at(tenant=ACME, **values), body, "application/json")
    told = b"".join(response.streaming_content) if response.streaming else response.content
    text = re.sub(r'"reference":"\w{22}",', "", f"{response.status_code} {told.decode(errors='replace')}")
    for value in {*values.values(), response["X-Request-Id"]}:
        text = text.replace(value, "_")
    return text


def fingerprint(tenant: str) -> dict[str, str]:
    """Every row of a tenant, but for its own trail."""
    with tenant_scope(tenant), connection.cursor() as cursor:
        found = {}
        for model in tenant_models():
            cursor.execute(f'SELECT row_to_json(t)::text FROM "{table_of(model)}" t ORDER BY id')
            found[table_of(model)] = hashlib.sha256(repr(cursor.fetchall()).encode()).hexdigest()
        return found


def test_nothing_of_the_other_tenant_is_in_any_list(cast: Cast):
    wrong = []
    # These rows have texts without meaning, so no description fits them.
    client = Client(headers={"authorization": f"Bearer {cast.olga.token}"})
    for route in api_routes():
        if route.method == "GET" and route.is_tenants and not route.slots:
            response = client.get(route.at(tenant=ACME) + "?size=1000")
            told = b"".join(response.streaming_content) if response.streaming else response.content
            if CANARY.encode() in told or GLOBEX.encode() in told:
                wrong.append(str(route))
    assert wrong == []
