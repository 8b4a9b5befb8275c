"""What leaves nothing behind: a deleted execution, a deleted tenant."""

from __future__ import annotations

import io

import pytest
from django.apps import apps

from control_plane.kernel.actor import SYSTEM, Context
from control_plane.kernel.models import TenantOwned
from control_plane.kernel.scope import tenant_scope
from stores.storage.keys import execution_prefix
from stores.storage.place import storage
from tenants.services.tenants import delete_tenant
from tests.cast import ACME, GLOBEX, Cast
from tests.executions.ground import FakeWorker, log_flow, save, start

pytestmark = pytest.mark.django_db


def left(tenant: str, *rooms: str) -> dict[str, int]:
    models = [model for room in rooms for model in apps.get_app_config(room).get_models()]
    with tenant_scope(tenant):
        counted = {each.__name__: each.objects.count() for each in models if issubclass(each, TenantOwned)}
    return {name: count for name, count in counted.items() if count}


def file_of(tenant: str, execution_id: str) -> str:
    key = execution_prefix(tenant, "prod.data", "hello", execution_id) + "tasks/a/b/out.txt"
    storage().put(key, io.BytesIO(b"x"))
    return key


def test_a_deleted_tenant_leaves_no_execution_no_job_and_no_file(people: Cast) -> None:
    for tenant in (ACME, GLOBEX):
        save(people, log_flow(), tenant)
    keys = {tenant: file_of(tenant, start(people, tenant=tenant).id) for tenant in (ACME, GLOBEX)}
    FakeWorker().claim(1)
    delete_tenant(Context(SYSTEM), tenant_id=ACME)
    assert left(ACME, "executions", "workers") == {}
    assert left(GLOBEX, "executions", "workers")
    assert storage().stat(keys[ACME]) is None and storage().stat(keys[GLOBEX]) is not None


def test_a_deleted_execution_leaves_no_row_and_no_file(people: Cast) -> None:
    save(people, log_flow())
    execution = start(people)
    FakeWorker().work_off()
    key = file_of(ACME, execution.id)
    assert people.olga.client.delete(f"/api/v1/acme/executions/{execution.id}").status_code == 204
    assert left(ACME, "executions", "workers") == {}
    assert storage().stat(key) is None
