"""The first user and the first tenant of an instance."""

from __future__ import annotations

from django.db import connection

from audit.recording.commands import command
from control_plane.kernel.actor import Context
from control_plane.kernel.permissions import PUBLIC
from control_plane.kernel.words.errors import NotAllowed
from iam.authentication.cache import actor_of
from iam.models import User
from iam.queries import any_user
from iam.record.transitions import make_user
from tenants.record.transitions import make_tenant

_LOCK = 0x0AA5E7  # any number that nothing else locks


@command(PUBLIC, instance=True)
def set_up(ctx: Context, *, username: str, password: str, tenant_id: str, tenant_name: str) -> User:
    """Make the first superadmin and a tenant they administer. NotAllowed once there is any user."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(%s)", [_LOCK])
    if any_user():
        raise NotAllowed("the instance is set up already")
    user = make_user(ctx, email=username, password=password, is_superadmin=True)
    ctx.actor = actor_of(user)
    make_tenant(ctx, tenant_id=tenant_id, name=tenant_name, settings={})
    return user
