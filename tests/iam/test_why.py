"""Why: the chain that allows it, or the nearest bindings and what each lacks; and a reference in every refusal."""

import random
from collections.abc import Iterator

import pytest
from django.test import Client

from control_plane.kernel.actor import Context
from control_plane.kernel.permissions import Permission
from control_plane.kernel.scope import tenant_scope
from iam.access import grants_of
from iam.authorization import refusals, versions
from iam.authorization.catalogue import ASSIGNABLE
from iam.authorization.explaining import explain, subject_of
from iam.models import Binding, Group, GroupMember, Refusal, Role
from tests.cast import ACME, Cast, make_cast, make_person

pytestmark = pytest.mark.django_db
V1 = f"/api/v1/{ACME}"


@pytest.fixture
def cast() -> Iterator[Cast]:
    refusals.forget_lately()
    yield make_cast()
    refusals.forget_lately()


def why(client: Client, query: str):
    return client.get(f"{V1}/access/explain?{query}")


def test_what_is_allowed_names_the_whole_chain(cast: Cast):
    nora = make_person("nora@acme.test", tenants=[ACME])
    with tenant_scope(ACME):
        group = Group.objects.create(name="Data")
        GroupMember.objects.create(group=group, user=nora.user)
        binding = Binding.objects.create(role_id="viewer_acme", group=group, namespace="company.data")
        versions.move_tenant(ACME)
    told = why(cast.olga.client, f"user={nora.user.id}&permission=FLOW.VIEW&namespace=company.data.eu").json()
    assert told["allowed"] is True and told["nearest"] == []
    assert told["chain"] == [
        {
            "bindingId": binding.id,
            "role": {"id": "viewer_acme", "name": "Viewer"},
            "group": {"id": group.id, "name": "Data"},
            "namespace": "company.data",
        }
    ]
    assert "Viewer" in told["reason"] and "Data" in told["reason"] and "company.data" in told["reason"]
    assert why(cast.olga.client, f"group={group.id}&permission=FLOW.VIEW&namespace=company.data").json()["allowed"]


def test_what_is_not_allowed_names_what_each_binding_lacks(cast: Cast):
    told = why(cast.olga.client, f"user={cast.lena.user.id}&permission=FLOW.DELETE&namespace=dev").json()
    assert told["allowed"] is False and told["chain"] == []
    assert told["nearest"][0]["lacks"] == ["it holds in prod and below, not in dev"]
    told = why(cast.olga.client, f"user={cast.vera.user.id}&permission=FLOW.DELETE").json()
    assert told["nearest"][0]["lacks"] == ["the role Viewer does not hold FLOW.DELETE"]
    nora = make_person("nora@acme.test", tenants=[ACME])
    told = why(cast.olga.client, f"user={nora.user.id}&permission=FLOW.VIEW").json()
    assert told["reason"] == "nora@acme.test has no role here"


def test_everybody_asks_about_themselves_and_admins_about_all(cast: Cast):
    own = why(cast.vera.client, "permission=FLOW.VIEW").json()
    assert own["subject"]["name"] == "vera@acme.test" and own["allowed"] is True
    assert why(cast.vera.client, f"user={cast.olga.user.id}&permission=FLOW.VIEW").status_code == 403
    assert why(cast.otto.client, "permission=FLOW.VIEW").status_code == 404
    assert why(cast.olga.client, f"user={cast.otto.user.id}&permission=FLOW.VIEW").status_code == 404


@pytest.mark.parametrize(
    ("query", "status"),
    [
        ("", 400),
        ("permission=FLOW", 400),
        ("permission=FLOW.FLY", 400),
        ("permission=NOTHING.VIEW", 400),
        ("permission=FLOW.VIEW&user=a&group=b", 400),
        ("permission=FLOW.VIEW&namespace=No Name", 422),
    ],
)
def test_a_question_that_is_none_is_refused(cast: Cast, query: str, status: int):
    assert why(cast.olga.client, query).status_code == status


def test_a_refusal_bears_a_reference_that_leads_to_why(cast: Cast):
    told = cast.vera.client.delete(f"{V1}/roles/viewer_acme")
    told = cast.vera.client.post(f"{V1}/namespaces", '{"id": "prod"}', content_type="application/json")
    assert told.status_code == 403
    reference = told.json()["reference"]
    found = cast.olga.client.get(f"{V1}/access/refusals/{reference}").json()
    assert (found["actor"]["name"], found["permission"]) == ("vera@acme.test", "NAMESPACE.CREATE")
    assert found["explanation"]["nearest"][0]["lacks"] == ["the role Viewer does not hold NAMESPACE.CREATE"]
    assert cast.vera.client.get(f"{V1}/access/refusals/{reference}").status_code == 200
    assert cast.eddie.client.get(f"{V1}/access/refusals/{reference}").status_code == 403
    listed = cast.olga.client.get(f"{V1}/access/refusals/search?q=vera").json()
    assert reference in [each["reference"] for each in listed["results"]]
    assert cast.olga.client.get(f"{V1}/access/refusals/search?filters[id][EQUALS]={reference}").json()["total"] == 1


def test_every_refusal_bears_one_at_the_instance_too(cast: Cast):
    told = cast.vera.client.get("/api/v1/users").json()
    listed = cast.root.client.get(f"/api/v1/instance/refusals?q={told['reference']}").json()
    assert listed["results"][0]["path"] == "/api/v1/users"


def test_the_same_refusal_within_a_minute_is_written_once_and_nobody_fills_the_table(cast: Cast, monkeypatch):
    monkeypatch.setattr(refusals, "MOST_A_MINUTE", 5)
    same = {cast.vera.client.get(f"{V1}/bindings/search").json()["reference"] for _ in range(4)}
    assert len(same) == 1
    references = {cast.vera.client.get(f"{V1}/bindings/{number}").json()["reference"] for number in range(20)}
    assert len(references) == 4, "no more than five are written"
    with tenant_scope(ACME):
        assert Refusal.objects.count() == 5


def test_the_explanation_never_differs_from_the_decision(cast: Cast):
    dice = random.Random(11)
    people = [make_person(f"p{number}@acme.test", tenants=[ACME]) for number in range(6)]
    places = [None, "a", "a.b", "a.b.c", "ab"]
    with tenant_scope(ACME):
        groups = [Group.objects.create(name=f"g{number}") for number in range(4)]
        for person in people:
            for group in dice.sample(groups, dice.randint(0, 2)):
                GroupMember.objects.create(group=group, user=person.user)
        for number in range(30):
            resource = dice.choice(["FLOW", "EXECUTION", "ROLE"])
            role = Role.objects.create(
                name=f"r{number}", permissions={resource: dice.sample(list(ASSIGNABLE[resource]), 2)}
            )
            holder = {"group": dice.choice(groups)} if dice.random() < 0.5 else {"user": dice.choice(people).user}
            Binding.objects.create(role=role, namespace=dice.choice(places), **holder)
        versions.move_tenant(ACME)
    allowed = 0
    for _ in range(400):
        person, resource = dice.choice(people), dice.choice(["FLOW", "EXECUTION", "ROLE", "KVSTORE"])
        asked, place = Permission(resource, dice.choice(ASSIGNABLE[resource])), dice.choice(places)
        decided = grants_of(Context(person.actor, ACME)).may(asked, place)
        with tenant_scope(ACME):
            subject = subject_of("USER", person.user.id)
            assert subject is not None
            told = explain(subject, asked, place)
        assert told["allowed"] is decided and bool(told["chain"]) is decided, (asked, place)
        allowed += decided
    assert 20 < allowed < 380


def test_everybody_is_told_what_they_may_do(cast: Cast):
    held = cast.olga.client.get(f"{V1}/access/rights").json()
    assert held["everywhere"] == held["somewhere"] == {name: list(acts) for name, acts in ASSIGNABLE.items()}
    narrow = cast.lena.client.get(f"{V1}/access/rights").json()
    assert narrow["everywhere"] == {} and "CREATE" in narrow["somewhere"]["FLOW"] and "ROLE" not in narrow["somewhere"]
    with tenant_scope(ACME):
        group = Group.objects.create(name="Data")
        GroupMember.objects.create(group=group, user=cast.vera.user, is_owner=True)
    assert cast.vera.client.get(f"{V1}/access/rights").json()["ownedGroups"] == [group.id]
    assert cast.otto.client.get(f"{V1}/access/rights").status_code == 404
