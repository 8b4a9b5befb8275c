"""Whose chain is meant: a tenant's by its id, the instance's own by an empty one."""

from __future__ import annotations

from contextlib import AbstractContextManager

from control_plane.kernel.scope import instance_scope, tenant_scope


def scope_of(owner: str) -> AbstractContextManager[None]:
    return tenant_scope(owner) if owner else instance_scope()
