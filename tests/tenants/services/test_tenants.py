"""Tenants and namespaces: made, found, changed, removed."""

import pytest

from audit.models import AuditEntry
from audit.recording.commands import NotRecorded, command
from control_plane.kernel.actor import ANONYMOUS, SYSTEM, Actor, ActorKind, Context
from control_plane.kernel.permissions import SUPERADMIN
from control_plane.kernel.scope import instance_scope, tenant_scope
from control_plane.kernel.words.errors import Conflict, Forbidden, Invalid, NotFound, Unauthenticated
from tenants.models import Tenant
from tenants.services.tenants import create_tenant, delete_tenant, update_tenant

pytestmark = pytest.mark.django_db


def test_a_tenant_is_made_and_told_of():
    create_tenant(Context(SYSTEM), tenant_id="acme", name="Acme")
    with instance_scope():
        assert Tenant.objects.get().name == "Acme"
        assert [(e.action, e.resource, e.object_id) for e in AuditEntry.objects.all()] == [("CREATE", "TENANT", "acme")]


@pytest.mark.parametrize("name", ["", "Acme", "a.b", "-a", "a b", "é", "a" * 64, "users", "me", "setup", "a/b"])
def test_an_id_that_cannot_be_part_of_an_address_is_refused(name):
    with pytest.raises(Invalid):
        create_tenant(Context(SYSTEM), tenant_id=name)


def test_nobody_but_a_superadmin_makes_tenants():
    with pytest.raises(Unauthenticated):
        create_tenant(Context(ANONYMOUS), tenant_id="acme")
    with pytest.raises(Forbidden):
        create_tenant(Context(Actor(ActorKind.USER, id="u")), tenant_id="acme")
    with instance_scope():
        assert not Tenant.objects.exists()


def test_the_same_tenant_cannot_be_made_twice():
    create_tenant(Context(SYSTEM), tenant_id="acme")
    with pytest.raises(Conflict):
        create_tenant(Context(SYSTEM), tenant_id="acme")


def test_a_change_tells_before_and_after():
    create_tenant(Context(SYSTEM), tenant_id="acme")
    update_tenant(Context(SYSTEM), tenant_id="acme", name="New", settings={"quotas": []})
    with instance_scope():
        last = AuditEntry.objects.latest("seq")
    assert last.action == "UPDATE" and '"name":"New"' in last.body and '"name":"acme"' in last.body


def test_a_deleted_tenant_is_gone_and_its_trail_stays():
    create_tenant(Context(SYSTEM), tenant_id="acme")
    delete_tenant(Context(SYSTEM), tenant_id="acme")
    with pytest.raises(NotFound):
        delete_tenant(Context(SYSTEM), tenant_id="acme")
    with instance_scope():
        assert [e.action for e in AuditEntry.objects.order_by("seq")] == ["CREATE", "DELETE"]


def test_one_tenant_does_not_see_the_row_of_another():
    create_tenant(Context(SYSTEM), tenant_id="acme")
    create_tenant(Context(SYSTEM), tenant_id="globex")
    with tenant_scope("acme"):
        assert [t.id for t in Tenant.objects.all()] == ["acme"]
        assert [t.id for t in Tenant.objects.raw("SELECT * FROM tenant")] == ["acme"]


@command(SUPERADMIN, instance=True)
def change_silently(ctx: Context) -> None:
    Tenant.objects.create(id="acme", name="x")


def test_a_change_that_tells_nothing_is_a_crash_and_does_not_happen():
    with pytest.raises(NotRecorded):
        change_silently(Context(SYSTEM))
    with instance_scope():
        assert not Tenant.objects.exists()
