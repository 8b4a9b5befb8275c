"""What the command line of the machine may do, as the system."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import datetime
from typing import Any

from audit.models import AuditEntry
from control_plane.kernel.actor import SYSTEM, Context
from control_plane.kernel.config import config
from control_plane.kernel.scope import instance_scope, tenant_scope
from control_plane.kernel.words.clock import iso
from control_plane.kernel.words.errors import Conflict, NotFound
from iam.as_code.document import parse, written
from iam.as_code.planning import Planner
from iam.as_code.state import read_state
from iam.authentication.cache import actor_of
from iam.authentication.sign_in import normal
from iam.authorization.catalogue import ADMIN
from iam.authorization.explaining import Kind
from iam.authorization.past import rights_at
from iam.models import User
from iam.record.rights import NewBinding
from iam.services.as_code import apply_document
from iam.services.bindings import create_bindings
from iam.services.users import create_user, set_password, unlock_user, update_user
from tenants.models import Tenant
from tenants.services.tenants import create_tenant

MOST_DEEDS = 1_000


def create_user_from_machine(*, username: str, password: str, superadmin: bool = False) -> User:
    return create_user(Context(SYSTEM), email=username, password=password, is_superadmin=superadmin)


def create_tenant_from_machine(tenant_id: str, *, name: str, admin: str, password: str | None = None) -> None:
    """Create a tenant with an admin, who is made too where a password is given. NotFound without such a user."""
    user = _user(admin)
    if user is None and password is not None:
        user = create_user_from_machine(username=admin, password=password)
    if user is None:
        raise NotFound(f"there is no user {admin}")
    create_tenant(Context(replace(actor_of(user), is_superadmin=True)), tenant_id=tenant_id, name=name)


def set_superadmin_from_machine(username: str, *, is_superadmin: bool) -> None:
    """Grant or take what a superadmin may do. The last one stays."""
    update_user(Context(SYSTEM), user_id=_known(username).id, changes={"is_superadmin": is_superadmin})


def set_password_from_machine(username: str, *, password: str) -> None:
    set_password(Context(SYSTEM), user_id=_known(username).id, password=password)


def unlock_from_machine(username: str) -> None:
    unlock_user(Context(SYSTEM), user_id=_known(username).id)


def provide_superadmin() -> bool:
    """Make the configured superadmin and their tenants, unless there is a user of that name; whether it was done."""
    wanted = config().superadmin
    if wanted.username is None or wanted.password is None or _user(wanted.username) is not None:
        return False
    try:
        user = create_user_from_machine(
            username=wanted.username, password=wanted.password.get_secret_value(), superadmin=True
        )
    except Conflict:
        return False  # another process that started with this one was quicker
    for tenant_id in wanted.tenants:
        with instance_scope():
            is_there = Tenant.objects.filter(id=tenant_id).exists()
        if is_there:
            admin = NewBinding("USER", user.id, f"{ADMIN.lower()}_{tenant_id}")
            create_bindings(Context(SYSTEM, tenant_id), wanted=[admin])
        else:
            create_tenant(Context(actor_of(user)), tenant_id=tenant_id, name=tenant_id)
    return True


def context_of_user(username: str, tenant_id: str | None = None) -> Context:
    """Act in the name of an existing user, with the rights that user has. NotFound without such a user."""
    return Context(actor_of(_known(username)), tenant_id)


def _user(username: str) -> User | None:
    with instance_scope():
        return User.objects.filter(email=normal(username), home="").first()


def _known(username: str) -> User:
    user = _user(username)
    if user is None:
        raise NotFound(f"there is no user {username}")
    return user


def export_access(tenant_id: str) -> str:
    """The rights of a tenant as a document."""
    with _known_tenant(tenant_id):
        return written(read_state().as_document())


def plan_access(tenant_id: str, text: str, *, is_pruning: bool) -> list[dict[str, Any]]:
    with _known_tenant(tenant_id):
        steps = Planner(Context(SYSTEM, tenant_id), read_state(), parse(text), is_pruning).plan()
        return [step.shape for step in steps]


def apply_access(tenant_id: str, text: str, *, is_pruning: bool) -> list[dict[str, Any]]:
    return apply_document(Context(SYSTEM, tenant_id), text=text, is_pruning=is_pruning)


def past_of(tenant_id: str, kind: Kind, identity: str, moment: datetime) -> tuple[dict[str, Any], list[str]]:
    """What somebody could do at a moment, and the last of what they had done until then, oldest first."""
    with tenant_scope(tenant_id):
        done = AuditEntry.objects.filter(actor_id=identity, at__lte=moment).order_by("-seq")[:MOST_DEEDS]
        deeds = [
            f"{iso(each.at)} {each.action} {each.resource} {each.object_id}" + (" refused" if each.is_refused else "")
            for each in reversed(done)
        ]
        return rights_at(kind, identity, moment), deeds


@contextmanager
def _known_tenant(tenant_id: str) -> Iterator[None]:
    with tenant_scope(tenant_id):
        if not Tenant.objects.filter(id=tenant_id).exists():
            raise NotFound(f"there is no tenant {tenant_id}")
        yield
