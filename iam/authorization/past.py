"""The rights that somebody had at a moment, rebuilt from the trail of the open tenant: no present row is asked."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from audit.models import AuditEntry, AuditTombstone
from control_plane.kernel.api.bodies import without_nulls
from control_plane.kernel.scope import current_tenant
from control_plane.kernel.words.clock import iso
from iam.authorization.catalogue import MANAGED, Permissions
from iam.authorization.explaining import Kind
from iam.authorization.grants import Grants, Held, compile_grants
from iam.authorization.roles import held_by

TOLD_BY = ("BINDING", "ROLE", "GROUP", "TENANT_ACCESS", "SERVICE_ACCOUNT")
Facts = dict[str, Any]


@dataclass
class Past:
    """What the trail says of a tenant's rights up to a moment."""

    bindings: dict[str, Facts] = field(default_factory=dict)
    roles: dict[str, Facts] = field(default_factory=dict)
    groups: dict[str, Facts] = field(default_factory=dict)
    places: dict[tuple[str, str], Facts] = field(default_factory=dict)
    """By group and member."""
    members: dict[str, Facts] = field(default_factory=dict)
    accounts: dict[str, Facts] = field(default_factory=dict)

    def take(self, resource: str, object_id: str, at: datetime, told: Mapping[str, Any]) -> None:
        """One entry, in order."""
        after: Facts | None = {**told["after"], "since": iso(at)} if told["after"] is not None else None
        member = told["detail"].get("member")
        if resource == "GROUP" and member:
            _put(self.places, (object_id, member), after)
        elif resource == "SERVICE_ACCOUNT" and told["detail"].get("token"):
            return
        else:
            kept: dict[str, dict[Any, Facts]] = {
                "BINDING": self.bindings,
                "ROLE": self.roles,
                "GROUP": self.groups,
                "TENANT_ACCESS": self.members,
                "SERVICE_ACCOUNT": self.accounts,
            }
            if told["before"] is None and after is None:
                return
            _put(kept[resource], object_id, after)
            if after is None:
                self._end(resource, object_id)

    def _end(self, resource: str, object_id: str) -> None:
        """With a role, a group, an account or an access goes what hangs on it."""
        column = {
            "ROLE": "roleId",
            "GROUP": "groupId",
            "TENANT_ACCESS": "userId",
            "SERVICE_ACCOUNT": "serviceAccountId",
        }
        if resource in column:
            gone = [name for name, facts in self.bindings.items() if facts.get(column[resource]) == object_id]
            for name in gone:
                del self.bindings[name]
        place = 0 if resource == "GROUP" else 1
        if resource != "ROLE":
            self.places = {key: facts for key, facts in self.places.items() if key[place] != object_id}

    def held(self, kind: Kind, identity: str) -> Iterator[Facts]:
        """The bindings of somebody, their groups' included."""
        groups = {group for group, member in self.places if member == identity}
        own = {"USER": "userId", "GROUP": "groupId", "SERVICE_ACCOUNT": "serviceAccountId"}[kind]
        for facts in self.bindings.values():
            if facts.get(own) == identity or (kind != "GROUP" and facts.get("groupId") in groups):
                yield facts

    def role(self, role_id: str) -> tuple[str, Permissions]:
        """Name and permissions; a managed role came with the tenant and has no entry."""
        facts = self.roles.get(role_id)
        if facts is not None:
            name = str(facts["name"])
            return name, held_by(name, bool(facts.get("isManaged")), facts["permissions"])
        return _managed().get(role_id, (role_id, {}))

    def knows(self, kind: Kind, identity: str) -> bool:
        return identity in {"USER": self.members, "GROUP": self.groups, "SERVICE_ACCOUNT": self.accounts}[kind]


def _put(kept: dict[Any, Facts], key: object, after: Facts | None) -> None:
    if after is None:
        kept.pop(key, None)
    else:
        kept[key] = after


def _managed() -> dict[str, tuple[str, Permissions]]:
    return {f"{name.lower()}_{current_tenant()}": (name, permissions) for name, permissions in MANAGED.items()}


def past_at(moment: datetime) -> Past:
    past = Past()
    entries = AuditEntry.objects.filter(resource__in=TOLD_BY, at__lte=moment, is_refused=False).order_by("seq")
    for resource, object_id, at, body in entries.values_list("resource", "object_id", "at", "body").iterator():
        past.take(resource, object_id, at, json.loads(body))
    return past


def is_complete() -> bool:
    """Whether nothing was purged, so that nothing that was given can be missing."""
    return not AuditTombstone.objects.exists()


def rights_at(kind: Kind, identity: str, moment: datetime) -> dict[str, Any]:
    """What they could do then, and by which bindings."""
    past = past_at(moment)
    facts = list(past.held(kind, identity))
    is_suspended = kind == "USER" and bool(past.members.get(identity, {}).get("suspended"))
    held: Iterable[Held] = [(each.get("namespace"), past.role(each["roleId"])[1]) for each in facts if not is_suspended]
    grants = compile_grants(held, is_member=past.knows(kind, identity))
    return {
        "at": iso(moment),
        "isComplete": is_complete(),
        "isMember": grants.is_member or bool(facts),
        "permissions": _permissions(grants),
        "bindings": [_binding(past, each) for each in facts],
    }


def _permissions(grants: Grants) -> list[dict[str, Any]]:
    """`namespaces` is left out where it held in the whole tenant."""
    everywhere = [{"permission": f"{resource}.{action}"} for resource, action in sorted(grants.everywhere)]
    within = [
        {"permission": f"{resource}.{action}", "namespaces": sorted(names)}
        for (resource, action), names in sorted(grants.within.items())
        if (resource, action) not in grants.everywhere
    ]
    return [*everywhere, *within]


def _binding(past: Past, facts: Facts) -> dict[str, Any]:
    group = facts.get("groupId")
    return without_nulls(
        id=facts["id"],
        role={"id": facts["roleId"], "name": past.role(facts["roleId"])[0]},
        group={"id": group, "name": past.groups.get(group, {}).get("name", group)} if group else None,
        namespace=facts.get("namespace"),
        since=facts["since"],
    )
