"""Write and delete files of a namespace.

The entry is committed before the file is touched, as storage knows no transaction: one that tells of a change that
then failed can be explained, a change that nobody told of cannot.
"""

from __future__ import annotations

from typing import Any

from audit.recording.commands import Target, command
from control_plane.kernel.actor import Context
from control_plane.kernel.scope import current_tenant
from plugins.storage.port import StoredObject
from stores.permissions import NAMESPACE_FILE
from stores.storage.keys import namespace_file_key
from stores.storage.place import storage
from tenants.namespaces.names import check_namespace


def file_to_put(ctx: Context, *, namespace: str, path: str) -> Target:
    """UPDATE for a file that is there, else CREATE."""
    found = storage().stat(namespace_file_key(current_tenant(), namespace, path))
    permission = NAMESPACE_FILE.CREATE if found is None else NAMESPACE_FILE.UPDATE
    return Target(found, namespace, exists=found is not None, permission=permission)


@command(NAMESPACE_FILE.CREATE, on=file_to_put)
def tell_file_put(ctx: Context, *, namespace: str, path: str, size: int) -> str:
    """Tell that a file is about to be written; the key it is written under from now on."""
    check_namespace(namespace)
    before = _shown(path, ctx.target.size) if isinstance(ctx.target, StoredObject) else None
    ctx.record(NAMESPACE_FILE.name, _name(path), namespace=namespace, before=before, after=_shown(path, size))
    return namespace_file_key(current_tenant(), namespace, path)


@command(NAMESPACE_FILE.DELETE, on="{namespace}")
def tell_file_deleted(ctx: Context, *, namespace: str, path: str) -> str | None:
    """Tell that a file is about to be deleted; its key, or None when there is none."""
    key = namespace_file_key(current_tenant(), namespace, path)
    found = storage().stat(key)
    if found is None:
        return None
    ctx.record(NAMESPACE_FILE.name, _name(path), namespace=namespace, before=_shown(path, found.size))
    return key


def _name(path: str) -> str:
    return "/" + path.lstrip("/")


def _shown(path: str, size: int) -> dict[str, Any]:
    return {"path": _name(path), "size": size}
