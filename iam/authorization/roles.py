"""What a role holds: a managed one what this version of the catalogue says, any other what was written into it."""

from __future__ import annotations

from iam.authorization.catalogue import MANAGED, Permissions
from iam.models import Role


def permissions_of(role: Role) -> Permissions:
    """What whoever has the role may do."""
    return held_by(role.name, role.is_managed, role.permissions)


def held_by(name: str, is_managed: bool, stored: Permissions) -> Permissions:
    """The same of a role by its columns."""
    return MANAGED.get(name, stored) if is_managed else stored
