"""A superadmin with the public Python package: people, groups, roles, bindings, machines, invitations and tenants."""

import warnings

import pytest

with warnings.catch_warnings():
    warnings.simplefilter("ignore")
    import kestrapy
    from kestrapy import KestraClient

pytestmark = [pytest.mark.journey, pytest.mark.story, pytest.mark.filterwarnings("default")]
TENANT, NADIA = "acme", "nadia@example.com"


@pytest.fixture(scope="module")
def client(instance, token):
    with KestraClient(host=instance.url, token=token, timeout=60) as connected:
        yield connected


@pytest.fixture(scope="module")
def made():
    """What the story has made so far, by name."""
    return {}


def test_she_makes_a_user_a_role_and_a_group(client, made):
    user = client.users.create_user({"email": NADIA, "password": "Correct-horse-1", "tenants": [TENANT]})
    role = client.roles.create_role(TENANT, {"name": "Looker", "permissions": {"FLOW": ["READ"]}})
    group = client.groups.create_group(TENANT, {"name": "Data", "description": "who works with data"})
    made.update(user=user.id, role=role.id, group=group.id)
    assert client.users.user(user.id).username == NADIA
    assert group.id in [each.id for each in client.groups.search_groups(TENANT, page=1, size=100).results]


def test_she_puts_the_user_into_the_group_as_its_owner(client, made):
    client.groups.add_user_to_group(made["group"], made["user"], TENANT)
    client.groups.set_user_membership_for_group(made["group"], made["user"], "OWNER", TENANT)
    (member,) = client.groups.search_group_members(made["group"], TENANT, page=1, size=10).results
    assert member.username == NADIA and member.groups[0].membership == "OWNER"
    client.users.update_user_groups(made["user"], TENANT, {"groupIds": [made["group"]]})


def test_she_binds_the_role_to_the_group_and_a_managed_one_to_the_user(client, made):
    of_group = {"type": "GROUP", "externalId": made["group"], "roleId": made["role"], "namespaceId": "company.data"}
    managed = {"type": "USER", "externalId": made["user"], "roleId": f"launcher_{TENANT}"}
    binding = client.bindings.create_binding(TENANT, of_group)
    client.bindings.bulk_create_binding(TENANT, [managed])
    assert client.bindings.binding(binding.id, TENANT).role.name == "Looker"
    access = client.tenant_access.tenant_access(made["user"], TENANT)
    assert {(role.name, role.origin) for role in access.roles} == {("Looker", "GROUP"), ("Launcher", "BINDING")}
    client.bindings.delete_binding(binding.id, TENANT)


def test_a_machine_gets_a_token_that_opens_the_api(client, made, instance):
    account = client.service_account.create_service_account_for_tenant(
        TENANT, {"name": "ci-bot", "description": "deploys", "groups": [{"id": made["group"]}]}
    )
    bound = {"type": "USER", "externalId": account.id, "roleId": f"editor_{TENANT}"}
    client.bindings.create_binding(TENANT, bound)
    token = client.service_account.create_api_tokens_for_service_account_with_tenant(
        account.id, TENANT, {"name": "ci", "maxAge": "P90D"}
    )
    shown = token if isinstance(token, dict) else token.to_dict()
    with KestraClient(host=instance.url, token=shown["fullToken"], timeout=60) as machine:
        flow = (
            "id: from_ci\nnamespace: company.data\ntasks: [{id: a, type: io.kestra.plugin.core.log.Log, message: hi}]"
        )
        assert machine.flows.create_flow(TENANT, flow).id == "from_ci"
        assert machine.executions.create_execution(TENANT, "company.data", "from_ci", wait=True).state.current.value
    client.service_account.delete_service_account_for_tenant(account.id, TENANT)


def test_an_account_of_the_instance_is_made_changed_and_removed(client):
    account = client.service_account.create_service_account({"name": "ops", "tenants": [TENANT]})
    client.service_account.patch_service_account_details(account.id, {"name": "ops-two"})
    assert client.service_account.service_account(account.id).name == "ops-two"
    client.service_account.patch_service_account_super_admin(account.id, {"superAdmin": True})
    client.service_account.delete_service_account(account.id)


def test_she_invites_somebody_and_takes_it_back(client, made):
    wanted = {"email": "asked@example.com", "groups": [made["group"]], "roles": [{"id": made["role"]}]}
    client.invitations.create_invitation(TENANT, wanted)
    (waiting,) = client.invitations.list_invitations_by_email("asked@example.com", TENANT)
    assert waiting.status.value == "PENDING" and waiting.link is None
    assert "/ui/invitation/" in client.invitations.invitation(waiting.id, TENANT).link
    client.invitations.delete_invitation(waiting.id, TENANT)
    with pytest.raises(kestrapy.exceptions.ApiException) as refused:
        client.invitations.invitation(waiting.id, TENANT)
    assert refused.value.status == 404


def test_she_makes_and_removes_a_tenant(client):
    client.tenants.create_tenant({"id": "stage", "name": "Staging", "deleted": False})
    assert client.tenants.tenant("stage").name == "Staging"
    client.tenants.delete_tenant("stage")


def test_she_clears_up(client, made):
    client.groups.delete_group(made["group"], TENANT)
    client.roles.delete_role(made["role"], TENANT)
    client.users.impersonate(made["user"])
    client.users.delete_user(made["user"])
