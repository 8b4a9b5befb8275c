"""A file of a namespace for tests, written as people write one."""

from __future__ import annotations

from io import BytesIO

from control_plane.kernel.actor import Context
from control_plane.kernel.scope import tenant_scope
from stores.files.contents import keeping
from stores.files.services import put_file


def write_file(ctx: Context, namespace: str, path: str, content: bytes) -> None:
    assert ctx.tenant_id is not None
    with tenant_scope(ctx.tenant_id), keeping(ctx.tenant_id, namespace) as contents:
        put_file(ctx, namespace=namespace, path=path, content=contents.put(path, BytesIO(content)))
