"""What the machine's command line and configuration make: superadmins, tenants, default roles."""

import json

import pytest

from control_plane.kernel.config import override
from control_plane.kernel.scope import instance_scope, tenant_scope
from control_plane.kernel.words.errors import Conflict, NotFound
from iam.authentication.sign_in import check
from iam.background.system import (
    create_tenant_from_machine,
    provide_superadmin,
    set_password_from_machine,
    set_superadmin_from_machine,
)
from iam.models import Binding, Role, User
from tenants.models import Tenant
from tests.cast import ACME, PASSWORD, make_cast, make_person

pytestmark = pytest.mark.django_db
FIRST = {"username": "first@acme.test", "password": PASSWORD, "tenants": (ACME, "stage")}


def roles_of(email: str, tenant: str) -> list[str]:
    with tenant_scope(tenant):
        return list(Binding.objects.filter(user__email=email).values_list("role__name", flat=True))


def test_the_configured_superadmin_is_made_once_with_their_tenants():
    make_cast()
    with override(superadmin=FIRST):
        assert provide_superadmin() is True and provide_superadmin() is False
    with instance_scope():
        user = check("first@acme.test", PASSWORD)
    assert user is not None and user.is_superadmin
    assert roles_of("first@acme.test", ACME) == ["Admin"] and roles_of("first@acme.test", "stage") == ["Admin"]
    assert provide_superadmin() is False


def test_a_tenant_is_made_with_an_admin_who_is_made_too():
    create_tenant_from_machine("stage", name="Staging", admin="ann@acme.test", password=PASSWORD)
    with instance_scope():
        assert Tenant.objects.get(id="stage").name == "Staging"
        assert check("ann@acme.test", PASSWORD) is not None
    assert roles_of("ann@acme.test", "stage") == ["Admin"]
    with pytest.raises(NotFound):
        create_tenant_from_machine("other", name="Other", admin="no@one.test")


def test_superadmins_are_made_and_unmade_but_for_the_last():
    make_person("ann@acme.test", is_superadmin=True)
    with pytest.raises(Conflict):
        set_superadmin_from_machine("ann@acme.test", is_superadmin=False)
    make_person("bob@acme.test")
    set_superadmin_from_machine("bob@acme.test", is_superadmin=True)
    set_superadmin_from_machine("ann@acme.test", is_superadmin=False)
    assert list(User.objects.filter(is_superadmin=True).values_list("email", flat=True)) == ["bob@acme.test"]
    set_password_from_machine("bob@acme.test", password=PASSWORD)
    with instance_scope():
        assert check("bob@acme.test", PASSWORD) is not None


def test_a_configured_role_lands_on_whoever_comes_in():
    cast = make_cast()
    with override(default_role={"name": "Viewer"}):
        make_person("nora@acme.test", tenants=[ACME])
    assert roles_of("nora@acme.test", ACME) == ["Viewer"]
    with override(default_role={"name": "Looker", "permissions": '{"FLOW": ["READ"]}', "tenants": ACME}):
        make_person("nina@acme.test", tenants=[ACME, "globex"])
        make_person("nils@acme.test", tenants=[ACME])
    assert roles_of("nina@acme.test", ACME) == ["Looker"] == roles_of("nils@acme.test", ACME)
    assert roles_of("nina@acme.test", "globex") == []
    body = {"name": "Own", "permissions": {"FLOW": ["LIST"]}, "isDefault": True}
    made = cast.olga.client.post("/api/v1/acme/roles", json.dumps(body), content_type="application/json")
    assert made.status_code == 200
    with override(default_role={"name": "Viewer"}):
        make_person("nell@acme.test", tenants=[ACME])
    assert roles_of("nell@acme.test", ACME) == ["Own"], "what the tenant chose goes first"
    with tenant_scope(ACME):
        assert Role.objects.filter(name="Looker").count() == 1


def test_the_last_admin_of_a_tenant_is_neither_disabled_nor_removed():
    cast = make_cast()
    path = f"/api/v1/users/{cast.olga.user.id}"
    assert cast.root.client.delete(path).status_code == 409
    assert cast.root.client.delete(f"/api/v1/users/{cast.vera.user.id}").status_code == 204
