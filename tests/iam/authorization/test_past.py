"""What somebody could do at a moment is what `iam.access` said at that moment, and outlives them."""

from __future__ import annotations

from datetime import datetime
from random import Random

import pytest

from control_plane.kernel.actor import Context
from control_plane.kernel.permissions import Permission
from control_plane.kernel.scope import tenant_scope
from control_plane.kernel.words.clock import now
from control_plane.kernel.words.errors import ControlPlaneError
from iam.access import grants_of
from iam.authentication.cache import actor_of
from iam.authorization.catalogue import ACTIONS
from iam.authorization.past import rights_at
from iam.models import Binding, GroupMember
from iam.record.rights import NewBinding
from iam.services.bindings import create_bindings, delete_binding
from iam.services.groups import add_group_member, create_group, delete_group, remove_group_member
from iam.services.roles import create_role, delete_role, update_role
from iam.services.tenant_access import let_in, shut_out
from tenants.services.tenants import create_tenant
from tests.cast import Person, make_person

pytestmark = pytest.mark.django_db
TENANT = "initech"


@pytest.fixture
def olga() -> Person:
    person = make_person("olga@initech.test", is_superadmin=True)
    create_tenant(Context(actor_of(person.user)), tenant_id=TENANT, name="Initech")
    return person


def could(person: Person, moment: datetime) -> set[tuple[str, str | None]]:
    with tenant_scope(TENANT):
        rights = rights_at("USER", person.user.id, moment)
    return {(each["permission"], name) for each in rights["permissions"] for name in each.get("namespaces", [None])}


def can(person: Person) -> set[tuple[str, str | None]]:
    """What `iam.access` says, at the places that this test uses."""
    grants = grants_of(Context(actor_of(person.user), TENANT))
    found = set()
    for resource, actions in ACTIONS.items():
        for action in actions:
            permission = Permission(resource, action)
            if grants.may(permission, None):
                found.add((str(permission), None))
            else:
                found |= {(str(permission), name) for name in grants.namespaces(permission) or ()}
    return found


def test_whoever_made_the_tenant_was_its_admin_from_the_beginning(olga: Person):
    plain = make_person("plain@initech.test")
    create_tenant(Context(actor_of(olga.user)), tenant_id="other", name="Other")
    with tenant_scope(TENANT):
        rights = rights_at("USER", olga.user.id, now())
    assert [each["role"]["name"] for each in rights["bindings"]] == ["Admin"] and rights["isMember"]
    assert could(plain, now()) == set()


def test_at_every_moment_it_is_what_was_allowed_then(olga: Person):
    """Sixty random changes of roles, groups, bindings, places and access; afterwards each moment is asked again."""
    ctx, random = olga.context(TENANT), Random(4)
    people = [make_person(f"p{number}@initech.test") for number in range(3)]
    roles = [create_role(ctx, name=f"r{number}", permissions={"FLOW": ["VIEW"]}).id for number in range(2)]
    groups = [create_group(ctx, name=f"g{number}").id for number in range(2)]
    moments: list[tuple[datetime, Person, set]] = []
    for number in range(60):
        change(ctx, random, people, roles, groups, number)
        moments += [(now(), person, can(person)) for person in people]
    assert len({frozenset(allowed) for _, _, allowed in moments}) > 4, "the changes changed something"
    for moment, person, allowed in moments:
        assert could(person, moment) == allowed


def change(
    ctx: Context, random: Random, people: list[Person], roles: list[str], groups: list[str], number: int
) -> None:
    user = random.choice(people).user.id
    role, group = random.choice([*roles, *roles, f"viewer_{TENANT}"]), random.choice(groups)
    namespace = random.choice([None, "prod", "dev"])
    with tenant_scope(TENANT):
        bindings = list(Binding.objects.exclude(user_id=ctx.actor.id).values_list("id", flat=True))
        placed = GroupMember.objects.filter(group_id=group, user_id=user).exists()
    acts = [
        lambda: create_bindings(ctx, wanted=[NewBinding("USER", user, role, namespace)]),
        lambda: create_bindings(ctx, wanted=[NewBinding("GROUP", group, role, namespace)]),
        lambda: delete_binding(ctx, binding_id=random.choice(bindings)) if bindings else None,
        lambda: let_in(ctx, user_id=user),
        lambda: shut_out(ctx, user_id=user),
        lambda: (remove_group_member if placed else add_group_member)(ctx, group_id=group, user_id=user),
        lambda: update_role(ctx, role_id=roles[0], name="r0", permissions={"FLOW": ["VIEW", "LIST"][: 1 + number % 2]}),
    ]
    try:
        random.choice(acts)()
    except ControlPlaneError:
        return


def test_what_is_gone_is_told_all_the_same(olga: Person):
    ctx, ada = olga.context(TENANT), make_person("ada@initech.test")
    role = create_role(ctx, name="r", permissions={"FLOW": ["VIEW"]})
    group = create_group(ctx, name="g")
    create_bindings(
        ctx, wanted=[NewBinding("USER", ada.user.id, role.id), NewBinding("GROUP", group.id, role.id, "prod")]
    )
    before = now()
    delete_role(ctx, role_id=role.id)
    delete_group(ctx, group_id=group.id)
    shut_out(ctx, user_id=ada.user.id)
    assert (could(ada, before), could(ada, now())) == ({("FLOW.VIEW", None)}, set())
    answer = olga.client.get(
        f"/api/v1/{TENANT}/access/past", {"kind": "GROUP", "id": group.id, "at": before.isoformat()}
    ).json()
    assert answer["permissions"] == [{"permission": "FLOW.VIEW", "namespaces": ["prod"]}] and answer["isComplete"]
    assert answer["bindings"][0]["role"]["name"] == "r"


@pytest.mark.parametrize("query", ["", "kind=USER&id=x", "kind=USER&id=x&at=yesterday", "kind=FLOW&id=x&at=2026-01-01"])
def test_what_is_not_understood_is_400(olga: Person, query: str):
    assert olga.client.get(f"/api/v1/{TENANT}/access/past?{query}").status_code == 400
