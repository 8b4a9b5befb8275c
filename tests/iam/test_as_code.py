"""Rights as code: exported, compared, applied, safe to run twice, and giving nothing that the caller lacks."""

import json
import time

import pytest
import yaml

from audit.models import AuditEntry
from control_plane.cli import access
from control_plane.kernel.scope import tenant_scope
from iam.authorization import versions
from iam.models import Binding, Group, IdentityProvider, Role, ServiceAccount
from iam.services.identity_providers import ProviderWish, create_identity_provider
from tests.cast import ACME, GLOBEX, Cast, Person, bind, make_cast, make_person

pytestmark = pytest.mark.django_db
V1 = f"/api/v1/{ACME}/access"
WANTED = """
version: 1
roles:
  - name: Data engineer
    description: works with data
    permissions: {FLOW: [READ, CREATE], EXECUTION: [VIEW]}
serviceAccounts:
  - {name: ci, description: deploys}
groups:
  - name: Data
    members:
      - {user: vera@acme.test, owner: true}
      - {serviceAccount: ci}
bindings:
  - {role: Data engineer, group: Data, namespace: company.data}
  - {role: Viewer, serviceAccount: ci}
"""


@pytest.fixture
def cast() -> Cast:
    return make_cast()


def ask(person: Person, verb: str, text: str, query: str = ""):
    return person.client.post(f"{V1}/{verb}?{query}", text, content_type="application/x-yaml")


def names(response) -> list[str]:
    assert response.status_code == 200, response.content
    return [f"{step['action']} {step['kind']} {step['name']}" for step in response.json()["steps"]]


def test_a_plan_says_what_will_be_done_and_does_nothing(cast: Cast):
    planned = names(ask(cast.olga, "plan", WANTED))
    assert planned == [
        "CREATE ROLE Data engineer",
        "CREATE SERVICE_ACCOUNT ci",
        "CREATE GROUP Data",
        "CREATE MEMBER Data: user vera@acme.test",
        "CREATE MEMBER Data: service account ci",
        "CREATE BINDING Data engineer for group Data in company.data",
        "CREATE BINDING Viewer for service account ci",
    ]
    with tenant_scope(ACME):
        assert not Group.objects.exists() and not ServiceAccount.objects.exists()


def test_what_was_applied_is_there_and_twice_is_once(cast: Cast):
    first = names(ask(cast.olga, "apply", WANTED))
    assert len(first) == 7
    with tenant_scope(ACME):
        role = Role.objects.get(name="Data engineer")
        assert role.permissions["FLOW"] == ["VIEW", "LIST", "CREATE", "VALIDATE", "EXPORT", "IMPORT"]
        assert Group.objects.get().members.filter(is_owner=True).get().user_id == cast.vera.user.id
        entries = AuditEntry.objects.count()
    assert names(ask(cast.olga, "apply", WANTED)) == [] == names(ask(cast.olga, "plan", WANTED))
    with tenant_scope(ACME):
        assert AuditEntry.objects.count() == entries
    assert cast.vera.client.get(f"/api/v1/{ACME}/flows/search").status_code == 200


def test_what_is_exported_asks_for_nothing_and_makes_another_tenant_the_same(cast: Cast):
    ask(cast.olga, "apply", WANTED)
    exported = cast.olga.client.get(f"{V1}/export").content.decode()
    assert names(ask(cast.olga, "apply", exported, "prune=true")) == []
    document = yaml.safe_load(exported)
    assert [role["name"] for role in document["roles"]] == ["Data engineer"]
    assert {"role": "Admin", "user": "olga@acme.test"} in document["bindings"]
    bind(GLOBEX, cast.vera, "Viewer")
    bindings = [each for each in document["bindings"] if "@" not in each.get("user", "")]
    moved = yaml.safe_dump({**document, "bindings": bindings})
    path = f"/api/v1/{GLOBEX}/access/apply"
    made = cast.otto.client.post(path, moved, content_type="application/x-yaml")
    assert made.status_code == 200 and len(made.json()["steps"]) == 7


def test_a_change_is_shown_with_before_and_after(cast: Cast):
    ask(cast.olga, "apply", WANTED)
    changed = (
        WANTED.replace("[READ, CREATE]", "[VIEW]").replace("deploys", "runs").replace("owner: true", "owner: false")
    )
    steps = ask(cast.olga, "apply", changed).json()["steps"]
    assert [(step["action"], step["kind"]) for step in steps] == [
        ("UPDATE", "ROLE"),
        ("UPDATE", "SERVICE_ACCOUNT"),
        ("UPDATE", "MEMBER"),
    ]
    assert steps[0]["before"]["permissions"]["FLOW"] != steps[0]["after"]["permissions"]["FLOW"] == ["VIEW"]
    assert names(ask(cast.olga, "plan", changed)) == []


def test_pruning_removes_what_the_parts_do_not_name_but_not_the_last_admin(cast: Cast):
    ask(cast.olga, "apply", WANTED)
    nothing = "roles: []\ngroups: []\nserviceAccounts: []\n"
    assert names(ask(cast.olga, "plan", nothing)) == []
    removed = names(ask(cast.olga, "apply", nothing, "prune=true"))
    assert removed == ["DELETE GROUP Data", "DELETE SERVICE_ACCOUNT ci", "DELETE ROLE Data engineer"]
    assert ask(cast.olga, "apply", "bindings: []", "prune=true").status_code == 409
    with tenant_scope(ACME):
        assert Binding.objects.filter(role__name="Admin").count() == 1


def test_it_never_gives_what_the_caller_lacks_and_then_does_nothing_at_all(cast: Cast):
    nora = make_person("nora@acme.test", tenants=[ACME])
    governing = {"ROLE": ["LIST", "CREATE"], "GROUP": ["LIST", "CREATE", "MANAGE_MEMBERS"], "FLOW": ["VIEW"]}
    with tenant_scope(ACME):
        permissions = {**governing, "BINDING": ["LIST", "CREATE"], "SERVICE_ACCOUNT": ["LIST", "CREATE"]}
        Role.objects.create(name="governor", permissions=permissions)
        versions.move_tenant(ACME)
    bind(ACME, nora, "governor")
    before = cast.olga.client.get(f"{V1}/export").content
    assert ask(nora, "apply", WANTED).status_code == 403
    assert ask(nora, "apply", "bindings: [{role: Viewer, user: nora@acme.test}]").status_code == 403
    assert ask(nora, "apply", "roles: [{name: x, permissions: {SECRET: [VIEW]}}]").status_code == 403
    assert cast.olga.client.get(f"{V1}/export").content == before
    assert len(names(ask(nora, "apply", "roles: [{name: x, permissions: {FLOW: [VIEW]}}]"))) == 1
    assert ask(cast.vera, "apply", WANTED).status_code == 403
    assert ask(cast.vera, "plan", WANTED).status_code == 403


@pytest.mark.parametrize(
    ("text", "path"),
    [
        ("roles: [{name: a, permissions: {NOTHING: [VIEW]}}]", "permissions.NOTHING"),
        ("roles: [{name: Viewer, permissions: {FLOW: [VIEW]}}]", "roles.0.name"),
        ("roles: [{nam: a, permissions: {}}]", "roles.0.name"),
        ("bindings: [{role: Viewer, user: otto@globex.test}]", "bindings.0.user"),
        ("bindings: [{role: Viewer, user: nobody@globex.test}]", "bindings.0.user"),
        ("bindings: [{role: None such, user: vera@acme.test}]", "bindings.0.role"),
        ("bindings: [{role: Viewer, user: vera@acme.test, namespace: No Name}]", "id"),
        ("groups: [{name: g, members: [{serviceAccount: x}]}]", "groups.0.members.0.serviceAccount"),
        ("groups: [{name: g, members: [{group: g}]}]", "groups.0.members.0"),
        ("bindings: [{role: Viewer, user: a, group: b}]", "bindings.0"),
        ("version: 2", "version"),
        ("roles: [{name: a, permissions: {}}, {name: a, permissions: {}}]", ""),
    ],
)
def test_a_wrong_document_names_the_place_and_changes_nothing(cast: Cast, text: str, path: str):
    told = ask(cast.olga, "apply", text)
    assert told.status_code == 422, told.content
    assert told.json()["_embedded"]["errors"][0]["path"] == path


@pytest.mark.parametrize("text", ["[", "- a", "a: &x [1]\nb: *x", "just text", "roles: &a [*a]"])
def test_what_is_no_document_is_refused(cast: Cast, text: str):
    assert ask(cast.olga, "apply", text).status_code == 422


def test_the_command_line_does_the_same(cast: Cast, tmp_path, capsys, monkeypatch):
    from contextlib import nullcontext

    monkeypatch.setattr(access, "as_server", nullcontext)
    file = tmp_path / "rights.yml"
    file.write_text(WANTED)

    def call(verb: str, **more) -> str:
        import argparse

        assert access.run(argparse.Namespace(verb=verb, file=file, tenant=ACME, prune=False, **more)) == 0
        return capsys.readouterr().out

    assert "+ role Data engineer" in call("plan") and "7 changes" in call("apply")
    assert call("apply") == "nothing to change\n"
    call("export")
    assert "Data engineer" in file.read_text() and json.dumps(yaml.safe_load(file.read_text()))


@pytest.mark.parametrize("text", ["roles: " + "[" * 60_000, "{" * 60_000, "- " * 60_000, "{a: " * 20_000])
def test_a_text_nested_without_end_is_refused_at_once(cast: Cast, text: str):
    began = time.process_time()
    assert ask(cast.olga, "plan", text).status_code == 422
    assert time.process_time() - began < 2


RULES = """
groups: [{name: Engineers}]
bindings: [{role: Editor, group: Engineers}]
identityProviders:
  - name: own
    rules:
      - {value: eng, group: Engineers}
      - {claim: department, match: glob, value: "data*", group: "{value}"}
"""


def connect(person: Person, tenant: str = ACME, name: str = "own") -> IdentityProvider:
    settings = {"url": "ldaps://ldap.acme.test", "userBase": "dc=acme,dc=test"}
    wish = ProviderWish(name, kind="LDAP", settings=settings, secret="zq-a-secret")
    return create_identity_provider(person.context(tenant), wish=wish)


def test_rules_of_identity_providers_are_as_code_and_their_secrets_are_not(cast: Cast):
    provider = connect(cast.olga)
    assert names(ask(cast.olga, "plan", RULES))[-1] == "UPDATE IDENTITY_PROVIDER own"
    names(ask(cast.olga, "apply", RULES))
    with tenant_scope(ACME):
        provider.refresh_from_db()
    assert [rule["group"] for rule in provider.rules] == ["Engineers", "{value}"]
    assert names(ask(cast.olga, "apply", RULES)) == []
    exported = cast.olga.client.get(f"{V1}/export").content.decode()
    (part,) = yaml.safe_load(exported)["identityProviders"]
    assert part == {
        "name": "own",
        "rules": [
            {"value": "eng", "group": "Engineers"},
            {"claim": "department", "match": "glob", "value": "data*", "group": "{value}"},
        ],
    }
    assert "zq-a-secret" not in exported and "ldap.acme.test" not in exported
    assert names(ask(cast.olga, "plan", exported)) == []


def test_pruning_takes_away_the_rules_of_providers_that_are_not_named(cast: Cast):
    connect(cast.olga)
    names(ask(cast.olga, "apply", RULES))
    other = "identityProviders: []"
    assert names(ask(cast.olga, "plan", other)) == []
    assert names(ask(cast.olga, "apply", other, "prune=true")) == ["UPDATE IDENTITY_PROVIDER own"]
    assert names(ask(cast.olga, "plan", other, "prune=true")) == []


def test_rules_in_a_document_give_nobody_what_its_writer_lacks(cast: Cast):
    connect(cast.olga)
    names(ask(cast.olga, "apply", "groups: [{name: Admins}]\nbindings: [{role: Admin, group: Admins}]"))
    nora = make_person("nora@acme.test", tenants=[ACME])
    with tenant_scope(ACME):
        permissions = {"SECURITY_INTEGRATION": ["LIST", "VIEW", "UPDATE"], "GROUP": ["LIST"]}
        Role.objects.create(name="connector", permissions=permissions)
        versions.move_tenant(ACME)
    bind(ACME, nora, "connector")
    to = "identityProviders: [{{name: own, rules: [{{value: eng, group: {group}}}]}}]"
    assert ask(nora, "apply", to.format(group="Admins")).status_code == 403
    assert names(ask(nora, "apply", to.format(group="Others"))) == ["UPDATE IDENTITY_PROVIDER own"]
    assert ask(cast.eddie, "apply", to.format(group="Others2")).status_code == 403


@pytest.mark.parametrize(
    ("text", "path"),
    [
        ("identityProviders: [{name: nobody, rules: [{value: a, group: b}]}]", "identityProviders.0.name"),
        ("identityProviders: [{name: own, rules: [{value: a, group: b, tenant: globex}]}]", "rules.0.tenant"),
        ("identityProviders: [{name: own, rules: [{group: b}]}]", "identityProviders.0.rules.0"),
        ("identityProviders: [{name: own, secret: x}]", "identityProviders.0.secret"),
        ("identityProviders: [{name: own}, {name: own}]", ""),
    ],
)
def test_rules_that_cannot_be_meant_change_nothing(cast: Cast, text: str, path: str):
    provider = connect(cast.olga)
    told = ask(cast.olga, "apply", text)
    assert told.status_code == 422 and told.json()["_embedded"]["errors"][0]["path"] == path, told.content
    with tenant_scope(ACME):
        provider.refresh_from_db()
    assert provider.rules == []
