"""The changes to users that several commands share."""

from __future__ import annotations

import re
from collections.abc import Iterator
from contextlib import contextmanager, nullcontext
from typing import Any

from pydantic.alias_generators import to_camel

from control_plane.kernel.actor import Context
from control_plane.kernel.scope import tenant_scope
from control_plane.kernel.words.errors import Conflict, Invalid, Violation
from control_plane.kernel.words.names import check_name
from iam.authentication.passwords import check_password, hashed
from iam.authentication.sign_in import normal
from iam.authorization import versions
from iam.models import PasswordReset, Session, User
from iam.queries import has_admin, tenant_ids_of

_EMAIL = re.compile(r"[\x21-\x7e]+@[A-Za-z0-9](?:[A-Za-z0-9.-]*[A-Za-z0-9])?")
_NOT_IN_ADDRESSES = frozenset('<>"(),:;[\\]')


def make_user(ctx: Context, *, email: str, password: str = "", **properties: Any) -> User:
    """Create a user. Conflict when the address is taken; without a password nobody signs in with one."""
    check_email(email)
    for name in ("first_name", "last_name"):
        properties[name] = check_name(to_camel(name), properties.get(name, ""))
    if password:
        check_password(password)
    if User.objects.filter(email=normal(email), home=properties.get("home", "")).exists():
        raise Conflict(f"there is a user {normal(email)} already")
    user = User.objects.create(email=normal(email), password=hashed(password) if password else "", **properties)
    if password:
        # The name with this password may be remembered; without one there is nothing that could be.
        versions.move_identities()
    ctx.record("USER", user.id, after=user_facts(user))
    return user


def check_email(email: str) -> None:
    """Plain ASCII: nothing that is not seen, or looks like another letter, is in an address."""
    address = email.strip()
    if len(email) > 255 or not _EMAIL.fullmatch(address) or address.count("@") != 1 or _NOT_IN_ADDRESSES & set(address):
        message = "an e-mail address is expected"
        raise Invalid(f"email: {message}", violations=[Violation(message, "email")])


def user_facts(user: User) -> dict[str, Any]:
    """What the audit trail keeps of a user."""
    return {
        "id": user.id,
        "email": user.email,
        "firstName": user.first_name,
        "lastName": user.last_name,
        "superAdmin": user.is_superadmin,
        "restricted": user.is_restricted,
        "disabled": user.is_disabled,
        "home": user.home,
        "passwordVersion": user.password_version,
        "preferences": user.preferences,
    }


CHANGEABLE = frozenset(
    {"email", "first_name", "last_name", "is_superadmin", "is_restricted", "is_disabled", "is_address_claimed"}
    | {"preferences"}
)


def change_user(ctx: Context, user: User, changes: dict[str, Any]) -> None:
    before = user_facts(user)
    for name, value in changes.items():
        if name not in CHANGEABLE:
            raise ValueError(f"{name} is not changed this way")
        setattr(user, name, check_name(to_camel(name), value) if name.endswith("_name") else value)
    user.email = normal(user.email)
    check_email(user.email)
    if User.objects.filter(email=user.email, home=user.home).exclude(id=user.id).exists():
        raise Conflict(f"there is a user {user.email} already")
    _keep_one_superadmin(user, before)
    with admins_kept(user) if user.is_disabled and not before["disabled"] else nullcontext():
        user.save(update_fields=list(CHANGEABLE))
    versions.move_identities()
    ctx.record("USER", user.id, before=before, after=user_facts(user))


def _keep_one_superadmin(user: User, before: dict[str, Any]) -> None:
    governs = user.is_superadmin and not user.is_disabled
    if before["superAdmin"] and not governs and not others_govern(user):
        raise Conflict("the last superadmin cannot be taken away")


def others_govern(user: User) -> bool:
    return User.objects.filter(is_superadmin=True, is_disabled=False).exclude(id=user.id).exists()


@contextmanager
def admins_kept(user: User) -> Iterator[None]:
    """Round whatever keeps a user from signing in: each tenant they may enter keeps its last admin."""
    had = []
    for tenant_id in tenant_ids_of(user.id):
        with tenant_scope(tenant_id):
            versions.move_tenant(tenant_id)
            if has_admin():
                had.append(tenant_id)
    yield
    for tenant_id in had:
        with tenant_scope(tenant_id):
            if not has_admin():
                raise Conflict(f"the last admin of {tenant_id} cannot be taken away")


def put_password(ctx: Context, user: User, password: str, keep_session: str = "") -> None:
    check_password(password)
    before = user_facts(user)
    user.password, user.password_version = hashed(password), user.password_version + 1
    user.save(update_fields=["password", "password_version"])
    Session.objects.filter(user=user).exclude(id=keep_session).delete()
    PasswordReset.objects.filter(user=user).delete()
    versions.move_identities()
    ctx.record("USER", user.id, before=before, after=user_facts(user))
