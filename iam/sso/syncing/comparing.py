"""What differs between a directory and what we know of it: who joins, changes and leaves, and which groups are made."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

from control_plane.kernel.api.bodies import without_nulls
from control_plane.kernel.scope import instance_scope, tenant_scope
from control_plane.kernel.words.clock import iso_or_none
from control_plane.kernel.words.errors import Invalid
from control_plane.kernel.words.names import check_name
from iam.authentication.sign_in import normal
from iam.directories.providers import rules_of
from iam.directories.rules import apply_rules, groups_by_tenant
from iam.directories.settings import directory_settings
from iam.models import ExternalIdentity, Group, GroupMember, IdentityProvider, TenantAccess
from iam.record.directory_groups import may_be_given
from iam.record.identities import expected, following, is_kept_out
from iam.sso.admission import Decision, decide
from iam.sso.ldap.people import GROUP_NAMES, GROUPS, Person
from iam.sso.syncing.directories import Everybody
from tenants.models import Tenant

_MOST_NAMED = 5_000
"""Users that a query names; beyond, it reads all and picks."""
Names = dict[str, list[str]]
"""Of groups, by tenant."""


@dataclass
class Difference:
    """One person's. Somebody whom nothing is to be done for has none."""

    person: Person
    decision: Decision
    shown: dict[str, Any]


@dataclass
class Diff:
    joined: list[Difference] = field(default_factory=list)
    changed: list[Difference] = field(default_factory=list)
    left: list[ExternalIdentity] = field(default_factory=list)
    refused: list[dict[str, Any]] = field(default_factory=list)
    groups: dict[str, set[str]] = field(default_factory=dict)
    """Names of those that are made, by tenant."""
    unchanged: int = 0
    known: int = 0
    """People who were there before."""

    @property
    def counts(self) -> dict[str, int]:
        return {
            "joined": len(self.joined),
            "changed": len(self.changed),
            "left": len(self.left),
            "refused": len(self.refused),
            "groups": sum(map(len, self.groups.values())),
            "unchanged": self.unchanged,
        }

    def shape(self, most: int) -> dict[str, Any]:
        """The first of each kind."""
        return {
            "joined": [each.shown for each in self.joined[:most]],
            "changed": [each.shown for each in self.changed[:most]],
            "left": [_left_shape(identity) for identity in self.left[:most]],
            "refused": self.refused[:most],
            "groups": {tenant: sorted(names)[:most] for tenant, names in sorted(self.groups.items()) if names},
        }


def _left_shape(identity: ExternalIdentity) -> dict[str, Any]:
    user = identity.user
    return without_nulls(
        userId=user.id, email=user.email, subject=identity.subject, lastSeenAt=iso_or_none(identity.seen_at)
    )


@dataclass
class _Place:
    """What is there in one tenant: groups by name, who is in which, and who may enter."""

    groups: dict[str, Group]
    held: dict[str, dict[str, str]]
    """Of each user the names of groups, with who gave the place."""
    inside: set[str]


class Comparison:
    """Reads in short scopes, and changes nothing."""

    def __init__(self, provider: IdentityProvider, everybody: Everybody) -> None:
        self._provider = provider
        self._everybody = everybody
        self._everywhere = _let_in_everywhere(provider)
        with instance_scope():
            found = ExternalIdentity.objects.filter(provider_id=provider.id).select_related("user")
            self._identities = {(each.issuer, each.subject): each for each in found}
            tenants = sorted(Tenant.objects.values_list("id", flat=True))
        users = {each.user_id for each in self._identities.values()}
        self._places = {tenant: _place(tenant, users) for tenant in tenants if provider.tenant_id in ("", tenant)}
        self._addresses: set[str] = set()
        self.diff = Diff(known=sum(each.left_at is None for each in self._identities.values()))

    def run(self) -> Diff:
        self._groups()
        seen = set()
        for person in self._everybody.people:
            key = (person.told.issuer, person.told.subject)
            if key in seen:
                self._refuse(person, "two entries of the directory have this id")
                continue
            seen.add(key)
            self._person(person, self._identities.get(key))
        self.diff.refused += [{"reason": reason} for reason in self._everybody.nameless]
        gone = self._identities.keys() - seen
        self.diff.left = [self._identities[key] for key in sorted(gone) if self._identities[key].left_at is None]
        return self.diff

    def _groups(self) -> None:
        """Those that a rule's template makes of the directory's groups, whoever is in them."""
        for group in self._everybody.groups:
            claims = {GROUPS: [group.name], GROUP_NAMES: [group.dn]}
            outcomes = apply_rules(rules_of(self._provider), claims)
            for tenant, names in groups_by_tenant(outcomes, self._provider.tenant_id).items():
                self._add_missing(tenant, names)

    def _add_missing(self, tenant: str, names: dict[str, bool]) -> None:
        place = self._places.get(tenant)
        if place is not None:
            missing = {name for name, is_template in names.items() if is_template and name not in place.groups}
            missing = {name for name in missing if _is_name(name)}
            self.diff.groups.setdefault(tenant, set()).update(missing)

    def _person(self, person: Person, identity: ExternalIdentity | None) -> None:
        decision = decide(self._provider, person.claims)
        for tenant, names in decision.groups.items():
            self._add_missing(tenant, names)
        if identity is None:
            self._stranger(person, decision)
        elif is_kept_out(identity):
            self._refuse(person, "the account is disabled")
        else:
            self._known(person, decision, identity)

    def _stranger(self, person: Person, decision: Decision) -> None:
        email = normal(person.told.email)
        with instance_scope():
            outcome = expected(self._provider, person.told)
        if outcome not in ("link", "create"):
            self._refuse(person, outcome)
        elif email in self._addresses:
            self._refuse(person, "two entries of the directory have this address")
        else:
            self._addresses.add(email)
            gained, _ = self._moves(decision, "")
            shown = without_nulls(**_named(person), outcome=outcome, gained=gained or None)
            self.diff.joined.append(Difference(person, decision, shown))

    def _known(self, person: Person, decision: Decision, identity: ExternalIdentity) -> None:
        with instance_scope():
            changes = following(self._provider, identity.user, person.told)
        gained, lost = self._moves(decision, identity.user_id)
        shown = without_nulls(
            **_named(person),
            userId=identity.user_id,
            outcome="return" if identity.left_at is not None else None,
            before={name: getattr(identity.user, name) for name in changes} or None,
            after=changes or None,
            gained=gained or None,
            lost=lost or None,
        )
        difference = Difference(person, decision, shown)
        if identity.left_at is not None:
            self.diff.joined.append(difference)
        elif changes or gained or lost:
            self.diff.changed.append(difference)
        else:
            self.diff.unchanged += 1

    def _moves(self, decision: Decision, user_id: str) -> tuple[Names, Names]:
        """Places that are given and taken, as `follow_groups` would; being let in without a group is one, too."""
        gained, lost = {}, {}
        for tenant, place in self._places.items():
            held = place.held.get(user_id, {})
            wanted = set(self._given(place, decision.groups.get(tenant, {})))
            is_let_in = bool(wanted) or tenant in self._everywhere
            given = sorted(wanted - held.keys())
            if given or (is_let_in and user_id not in place.inside):
                gained[tenant] = given
            taken = sorted(name for name, giver in held.items() if giver == self._provider.id and name not in wanted)
            if taken:
                lost[tenant] = taken
        return gained, lost

    def _given(self, place: _Place, names: dict[str, bool]) -> Iterator[str]:
        for name, is_template in names.items():
            group = place.groups.get(name)
            is_given = is_template if group is None else may_be_given(group, self._provider.id, is_template=is_template)
            if is_given:
                yield name

    def _refuse(self, person: Person, reason: str) -> None:
        self.diff.refused.append({**_named(person), "reason": reason})


def _is_name(name: str) -> bool:
    try:
        return check_name("group", name) == name
    except Invalid:
        return False


def _named(person: Person) -> dict[str, Any]:
    told = person.told
    name = " ".join(part for part in (told.first_name, told.last_name) if part)
    return {"subject": told.subject, "email": told.email, "name": name, "entry": person.claims["dn"]}


def _let_in_everywhere(provider: IdentityProvider) -> set[str]:
    return {provider.tenant_id} if provider.tenant_id else set(directory_settings(provider).tenants)


def _place(tenant: str, users: set[str]) -> _Place:
    with tenant_scope(tenant):
        held: dict[str, dict[str, str]] = {}
        members = GroupMember.objects.filter(user_id__isnull=False).order_by()
        members = members.filter(user_id__in=users) if len(users) <= _MOST_NAMED else members
        for user_id, name, giver in members.values_list("user_id", "group__name", "managed_by"):
            if user_id in users:
                held.setdefault(user_id, {})[name] = giver
        inside = set(TenantAccess.objects.values_list("user_id", flat=True)) & users
        return _Place({group.name: group for group in Group.objects.all()}, held, inside)


def compare(provider: IdentityProvider, everybody: Everybody) -> Diff:
    """Call it outside of any scope."""
    return Comparison(provider, everybody).run()


def leaves_too_many(diff: Diff, most_percent: int) -> bool:
    """Whether so many would leave that it looks like a mistake of the directory's, or in how it is asked."""
    is_all = len(diff.left) == diff.known > 1
    return is_all or len(diff.left) > max(10, diff.known * most_percent // 100)
