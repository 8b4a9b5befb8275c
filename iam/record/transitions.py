"""The changes to users that several commands share."""

from __future__ import annotations

import re
from typing import Any

from control_plane.kernel.actor import Context
from control_plane.kernel.words.errors import Conflict, Invalid, Violation
from iam.authentication.passwords import check_password, hashed
from iam.authentication.sign_in import normal
from iam.authorization import versions
from iam.models import User

_EMAIL = re.compile(r"[^@\s\x00<>\"]+@[^@\s\x00<>\"]+")


def make_user(ctx: Context, *, email: str, password: str = "", **properties: Any) -> User:
    """Create a user. Conflict when the address is taken; without a password nobody signs in with one."""
    check_email(email)
    if password:
        check_password(password)
    if User.objects.filter(email=normal(email)).exists():
        raise Conflict(f"there is a user {normal(email)} already")
    user = User.objects.create(email=normal(email), password=hashed(password) if password else "", **properties)
    versions.move_identities()
    ctx.record("USER", user.id, after=user_facts(user))
    return user


def check_email(email: str) -> None:
    if len(email) > 255 or not _EMAIL.fullmatch(email.strip()):
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
        "passwordVersion": user.password_version,
    }
