"""May they? From the very next request on."""

import json

import pytest
from django.test import Client

from control_plane.kernel.actor import Context
from control_plane.kernel.scope import tenant_scope
from control_plane.kernel.words.errors import Forbidden
from iam.access import require_held, visible_to
from iam.authorization import versions
from iam.models import Binding, TenantAccess
from tenants.models import Namespace
from tenants.permissions import NAMESPACE
from tenants.services.namespaces import create_namespace
from tests.cast import ACME, GLOBEX, Cast, bind, make_cast, make_person

pytestmark = pytest.mark.django_db


@pytest.fixture
def cast() -> Cast:
    return make_cast()


def namespaces(client: Client, tenant: str = ACME) -> list[str] | int:
    response = client.get(f"/api/v1/{tenant}/namespaces/search?size=100")
    return [each["id"] for each in response.json()["results"]] if response.status_code == 200 else response.status_code


def make(cast: Cast, *names: str) -> None:
    for name in names:
        create_namespace(cast.olga.context(ACME), name=name, variables={}, settings={})


def test_a_foreign_tenant_and_one_that_does_not_exist_are_the_same(cast: Cast):
    foreign = cast.otto.client.get(f"/api/v1/{ACME}/namespaces/search")
    absent = cast.otto.client.get("/api/v1/nowhere/namespaces/search")
    assert foreign.status_code == absent.status_code == 404
    assert foreign.json()["message"] == absent.json()["message"]


def test_nobody_is_asked_to_sign_in_before_anything_is_said(cast: Cast):
    for tenant in (ACME, "nowhere"):
        assert cast.anonymous.get(f"/api/v1/{tenant}/namespaces/search").status_code == 401


def test_lists_are_narrowed_to_the_namespaces_of_the_binding(cast: Cast):
    make(cast, "prod", "prod.eu", "production", "dev")
    assert namespaces(cast.olga.client) == ["dev", "prod", "prod.eu", "production"]
    assert namespaces(cast.lena.client) == ["prod", "prod.eu"]


def test_visible_to_narrows_in_the_database(cast: Cast):
    make(cast, "prod", "prod.eu", "production")
    with tenant_scope(ACME):
        condition = visible_to(cast.lena.context(ACME), NAMESPACE.LIST, "name")
        assert sorted(each.name for each in Namespace.objects.filter(condition)) == ["prod", "prod.eu"]
        nothing = visible_to(cast.otto.context(ACME), NAMESPACE.LIST, "name")
        assert not Namespace.objects.filter(nothing).exists()


def test_what_one_may_see_but_not_change_is_403_and_what_one_may_not_see_404(cast: Cast):
    make(cast, "prod", "dev")
    path = f"/api/v1/{ACME}/namespaces/"
    assert cast.vera.client.delete(path + "prod").status_code == 403
    assert cast.lena.client.delete(path + "dev").status_code == 404
    assert cast.lena.client.delete(path + "nothing").status_code == 404
    assert cast.lena.client.delete(path + "prod").status_code == 204


def test_a_change_of_rights_holds_from_the_next_request(cast: Cast):
    assert namespaces(cast.vera.client) == []
    with tenant_scope(ACME):
        Binding.objects.filter(user_id=cast.vera.user.id).delete()
        TenantAccess.objects.filter(user_id=cast.vera.user.id).delete()
        versions.move_tenant(ACME)
    assert namespaces(cast.vera.client) == 404


def test_a_disabled_user_is_out_at_once(cast: Cast):
    path = f"/api/v1/users/{cast.vera.user.id}"
    assert cast.vera.client.get("/api/v1/me").status_code == 200
    assert cast.root.client.delete(path).status_code == 204
    assert cast.vera.client.get("/api/v1/me").status_code == 401


def test_a_superadmin_governs_and_sees_nothing_that_runs(cast: Cast):
    make(cast, "prod")
    assert namespaces(cast.root.client) == 403
    assert cast.root.client.get("/api/v1/tenants/search").json()["total"] == 2


def test_a_member_of_two_tenants_keeps_them_apart(cast: Cast):
    bind(GLOBEX, cast.vera, "Admin")
    make(cast, "prod")
    sent = json.dumps({"id": "dev"})
    assert cast.vera.client.post(f"/api/v1/{ACME}/namespaces", sent, "application/json").status_code == 403
    assert cast.vera.client.post(f"/api/v1/{GLOBEX}/namespaces", sent, "application/json").status_code == 200
    assert namespaces(cast.vera.client) == ["prod"] and namespaces(cast.vera.client, GLOBEX) == ["dev"]


def test_nobody_gives_what_they_do_not_hold(cast: Cast):
    with tenant_scope(ACME):
        require_held(cast.eddie.context(ACME), {"FLOW": ["DELETE"]})
        require_held(cast.lena.context(ACME), {"FLOW": ["DELETE"]}, "prod.eu")
        for person, wanted, namespace in [
            (cast.eddie, {"ROLE": ["CREATE"]}, None),
            (cast.lena, {"FLOW": ["DELETE"]}, None),
            (cast.lena, {"FLOW": ["DELETE"]}, "dev"),
        ]:
            with pytest.raises(Forbidden):
                require_held(person.context(ACME), wanted, namespace)


def test_somebody_without_any_binding_is_a_member_who_may_nothing(cast: Cast):
    nora = make_person("nora@acme.test", tenants=[ACME])
    assert namespaces(nora.client) == 403
    assert nora.client.get(f"/api/v1/{ACME}/acls/permissions").status_code == 200


def test_rights_are_asked_of_the_database_without_a_request_too(cast: Cast):
    with tenant_scope(ACME):
        assert visible_to(Context(cast.vera.actor, ACME), NAMESPACE.LIST).children == []
