"""What the command line of the machine may do, as the system."""

from __future__ import annotations

from dataclasses import replace

from control_plane.kernel.actor import SYSTEM, Context
from control_plane.kernel.scope import instance_scope
from control_plane.kernel.words.errors import NotFound
from iam.authentication.cache import actor_of
from iam.authentication.sign_in import normal
from iam.models import User
from iam.services.users import create_user
from tenants.services.tenants import create_tenant


def create_user_from_machine(*, username: str, password: str, superadmin: bool = False) -> User:
    return create_user(Context(SYSTEM), email=username, password=password, is_superadmin=superadmin)


def create_tenant_from_machine(tenant_id: str, *, name: str, admin: str) -> None:
    """Create a tenant in the name of an existing user, who becomes its admin. NotFound without such a user."""
    with instance_scope():
        user = User.objects.filter(email=normal(admin)).first()
    if user is None:
        raise NotFound(f"there is no user {admin}")
    create_tenant(Context(replace(actor_of(user), is_superadmin=True)), tenant_id=tenant_id, name=name)
