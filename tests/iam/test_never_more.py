"""Random grants through every door: what comes about never exceeds what the giver holds."""

from __future__ import annotations

import os
import random
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field

import pytest

from control_plane.kernel.actor import Context
from control_plane.kernel.scope import tenant_scope
from control_plane.kernel.words.errors import Conflict, Forbidden
from iam.authorization import versions
from iam.authorization.catalogue import ASSIGNABLE
from iam.models import Binding, Group, GroupMember, Invitation, Role, ServiceAccount
from iam.record.offers import NewInvitation, RoleWithin
from iam.record.rights import NewBinding
from iam.record.tokens import NewToken
from iam.services.as_code import apply_document
from iam.services.bindings import create_bindings
from iam.services.groups import add_group_member, create_group, set_groups_of_user
from iam.services.invitations import invite, send_again
from iam.services.roles import copy_role, create_role, update_role
from iam.services.service_accounts import create_account, create_account_token, update_account
from tests.cast import ACME, Cast, Person, bind, make_cast, make_person

pytestmark = pytest.mark.django_db
SEED = int(os.environ.get("GRANTS_SEED", "2026"))
FEW, MANY = 500, 20_000
RESOURCES = ("FLOW", "EXECUTION", "KVSTORE", "NAMESPACE")
PLACES = (None, "a", "a.b", "a.b.c", "ab", "b")
GOVERNING = {
    "ROLE": ["VIEW", "LIST", "CREATE", "UPDATE"],
    "GROUP": ["VIEW", "LIST", "CREATE", "UPDATE", "MANAGE_MEMBERS"],
    "USER": ["MANAGE_GROUP_MEMBERSHIP"],
    "BINDING": ["VIEW", "LIST", "CREATE"],
    "INVITATION": ["VIEW", "LIST", "CREATE"],
    "SERVICE_ACCOUNT": ["VIEW", "LIST", "CREATE", "UPDATE"],
}
Permissions = dict[str, list[str]]
Given = list[tuple[str | None, Permissions]]


@dataclass
class World:
    """A tenant with givers of random rights, and roles, groups, machines and people to give to."""

    cast: Cast
    dice: random.Random
    givers: list[Person] = field(default_factory=list)
    roles: list[str] = field(default_factory=list)
    groups: list[str] = field(default_factory=list)
    accounts: list[str] = field(default_factory=list)
    people: list[str] = field(default_factory=list)
    count: int = 0

    def new(self, kind: str) -> str:
        self.count += 1
        return f"{kind}-{self.count}"

    def permissions(self) -> Permissions:
        resource = self.dice.choice(RESOURCES)
        return {resource: self.dice.sample(list(ASSIGNABLE[resource]), self.dice.randint(1, 2))}

    def place(self) -> str | None:
        return self.dice.choice(PLACES)


def make_world(cast: Cast) -> World:
    world = World(cast, random.Random(SEED))
    dice = world.dice
    people = [make_person(f"person{number}@acme.test", tenants=[ACME]) for number in range(4)]
    world.people = [person.user.id for person in people]
    world.givers = [make_person(f"giver{number}@acme.test", tenants=[ACME]) for number in range(4)]
    with tenant_scope(ACME):
        Role.objects.create(name="governing", permissions=GOVERNING)
        for number in range(14):
            world.roles.append(Role.objects.create(name=f"role{number}", permissions=world.permissions()).id)
        for number in range(5):
            group = Group.objects.create(name=f"group{number}")
            account = ServiceAccount.objects.create(name=f"account{number}")
            world.groups.append(group.id)
            world.accounts.append(account.id)
            for holder in ({"group": group}, {"service_account": account}) if number else ():
                Binding.objects.create(role_id=dice.choice(world.roles), namespace=world.place(), **holder)
        for giver in world.givers:
            for _ in range(dice.randint(2, 6)):
                Binding.objects.get_or_create(
                    role_id=dice.choice(world.roles), namespace=world.place(), user=giver.user
                )
        for role in world.roles[3:]:  # the first ones are changed
            Binding.objects.get_or_create(role_id=role, namespace=None, user=world.givers[0].user)
        everything = {resource: list(ASSIGNABLE[resource]) for resource in RESOURCES}
        strong = Role.objects.create(name="strong", permissions=everything)
        Binding.objects.create(role=strong, user=world.givers[1].user)
        versions.move_tenant(ACME)
    for giver in world.givers:
        bind(ACME, giver, "governing")
    return world


def held_by(user_id: str) -> Given:
    """What somebody holds, read from the rows alone."""
    rows = Binding.objects.filter(user_id=user_id).select_related("role")
    return [(row.namespace, row.role.permissions) for row in rows]


def is_held(held: Given, given: Given) -> bool:
    return all(
        any(
            (action in permissions.get(resource, ()) and (place is None or (where or "").startswith(f"{place}.")))
            or (action in permissions.get(resource, ()) and place is not None and where == place)
            for place, permissions in held
        )
        for where, wanted in given
        for resource, actions in wanted.items()
        for action in actions
    )


def of_roles(role_id: str, *places: str | None) -> Given:
    permissions = Role.objects.get(id=role_id).permissions
    return [(place, permissions) for place in places]


def of_group(group_id: str) -> Given:
    rows = Binding.objects.filter(group_id=group_id).select_related("role")
    return [(row.namespace, row.role.permissions) for row in rows]


def of_account(account_id: str) -> Given:
    rows = Binding.objects.filter(service_account_id=account_id).select_related("role")
    groups = GroupMember.objects.filter(service_account_id=account_id).values_list("group_id", flat=True)
    return [*((row.namespace, row.role.permissions) for row in rows), *(g for each in groups for g in of_group(each))]


Act = Callable[[Context], object]
Door = Callable[[World], tuple[Given, Act]]


def a_new_role(world: World) -> tuple[Given, Act]:
    permissions, name = world.permissions(), world.new("role")
    return [(None, permissions)], lambda ctx: create_role(ctx, name=name, permissions=permissions)


def a_default_role(world: World) -> tuple[Given, Act]:
    """Whoever comes into the tenant from then on is given it."""
    name, permissions = world.new("default"), world.permissions()
    return [(None, permissions)], lambda ctx: create_role(ctx, name=name, permissions=permissions, is_default=True)


def a_changed_role(world: World) -> tuple[Given, Act]:
    permissions, role = world.permissions(), world.dice.choice(world.roles[:3])
    name = Role.objects.get(id=role).name
    return [(None, permissions)], lambda ctx: update_role(ctx, role_id=role, name=name, permissions=permissions)


def a_copied_role(world: World) -> tuple[Given, Act]:
    role, name = world.dice.choice(world.roles), world.new("role")
    return of_roles(role, None), lambda ctx: copy_role(ctx, role_id=role, name=name)


def a_binding(world: World) -> tuple[Given, Act]:
    role, place = world.dice.choice(world.roles), world.place()
    kind, holders = world.dice.choice([("USER", world.people), ("GROUP", world.groups), ("USER", world.accounts)])
    wanted = NewBinding(kind, world.dice.choice(holders), role, place)  # type: ignore[arg-type]  # one of two words
    return of_roles(role, place), lambda ctx: create_bindings(ctx, wanted=[wanted])


def a_place(world: World) -> tuple[Given, Act]:
    group, who = world.dice.choice(world.groups), world.dice.choice([*world.people, *world.accounts])
    return of_group(group), lambda ctx: add_group_member(ctx, group_id=group, user_id=who)


def a_new_group(world: World) -> tuple[Given, Act]:
    name, members = world.new("group"), world.dice.sample(world.people, 2)
    return [], lambda ctx: create_group(ctx, name=name, members=members)


def the_groups_of_somebody(world: World) -> tuple[Given, Act]:
    who, wanted = world.dice.choice(world.people), world.dice.sample(world.groups, 2)
    held = set(GroupMember.objects.filter(user_id=who).values_list("group_id", flat=True))
    given = [each for group in wanted if group not in held for each in of_group(group)]
    return given, lambda ctx: set_groups_of_user(ctx, user_id=who, group_ids=wanted)


def an_invitation(world: World) -> tuple[Given, Act]:
    role, place, group = world.dice.choice(world.roles), world.place(), world.dice.choice(world.groups)
    within = RoleWithin(role, (place,) if place else ())
    wanted = NewInvitation(f"{world.new('asked')}@acme.test", (within,), (group,))
    return [*of_roles(role, place), *of_group(group)], lambda ctx: invite(ctx, wanted=wanted)


def an_invitation_again(world: World) -> tuple[Given, Act]:
    waiting = Invitation.objects.filter(accepted_at=None).order_by("?").first()
    if waiting is None:
        return an_invitation(world)
    roles = [g for role in waiting.roles for g in of_roles(role["id"], *(role["namespaces"] or [None]))]
    groups = [each for group in waiting.groups for each in of_group(group)]
    return [*roles, *groups], lambda ctx: send_again(ctx, invitation_id=waiting.id)


def a_new_machine(world: World) -> tuple[Given, Act]:
    name, group = world.new("machine"), world.dice.choice(world.groups)
    return of_group(group), lambda ctx: create_account(ctx, name=name, groups=[group])


def the_groups_of_a_machine(world: World) -> tuple[Given, Act]:
    account, group = world.dice.choice(world.accounts), world.dice.choice(world.groups)
    held = GroupMember.objects.filter(service_account_id=account, group_id=group).exists()
    name = ServiceAccount.objects.get(id=account).name
    act: Act = lambda ctx: update_account(ctx, account_id=account, name=name, groups=[group])  # noqa: E731
    return [] if held else of_group(group), act


def a_token(world: World) -> tuple[Given, Act]:
    account, name = world.dice.choice(world.accounts), world.new("token")
    return of_account(account), lambda ctx: create_account_token(ctx, account_id=account, wanted=NewToken(name))


def a_document(world: World) -> tuple[Given, Act]:
    role, place, who = world.dice.choice(world.roles), world.place(), world.dice.choice(world.groups)
    names = Role.objects.get(id=role).name, Group.objects.get(id=who).name
    where = f", namespace: {place}" if place else ""
    there = Binding.objects.filter(role_id=role, group_id=who, namespace=place).exists()
    text = f"bindings: [{{role: {names[0]}, group: {names[1]}{where}}}]"
    return [] if there else of_roles(role, place), lambda ctx: apply_document(ctx, text=text)


def a_written_role(world: World) -> tuple[Given, Act]:
    name, permissions = world.new("role"), world.permissions()
    text = f"roles: [{{name: {name}, permissions: {permissions}}}]"
    return [(None, permissions)], lambda ctx: apply_document(ctx, text=text)


DOORS: tuple[Door, ...] = (
    *(
        a_new_role,
        a_default_role,
        a_changed_role,
        a_copied_role,
        a_binding,
        a_place,
        a_new_group,
        the_groups_of_somebody,
    ),
    *(an_invitation, an_invitation_again, a_new_machine, the_groups_of_a_machine, a_token, a_document),
    a_written_role,
)


def tries(world: World, count: int) -> Iterator[tuple[str, bool, bool]]:
    """The door, whether the giver holds it all, and whether it was given."""
    for number in range(count):
        door, giver = DOORS[number % len(DOORS)], world.dice.choice(world.givers)
        with tenant_scope(ACME):
            given, act = door(world)
            holds = is_held(held_by(giver.user.id), given)
        try:
            act(giver.context(ACME))
        except Forbidden:
            yield door.__name__, holds, False
        except Conflict:
            continue  # is there already
        else:
            yield door.__name__, holds, True


def check(cast: Cast, count: int) -> None:
    world, seen = make_world(cast), {door.__name__: [0, 0] for door in DOORS}
    for door, holds, is_given in tries(world, count):
        assert is_given == holds, f"{door}: held {holds}, given {is_given} (seed {SEED}, after {seen})"
        seen[door][is_given] += 1
    never_refused = {"a_new_group"}
    assert all(given > 0 for _, given in seen.values()), seen
    assert all(refused > 0 for name, (refused, _) in seen.items() if name not in never_refused), seen


def test_nobody_gives_more_than_they_hold(cast: Cast):
    check(cast, FEW)


@pytest.mark.nightly
def test_nobody_gives_more_than_they_hold_in_many_grants(cast: Cast):
    check(cast, MANY)


@pytest.fixture
def cast() -> Cast:
    return make_cast()
