"""The keys that wrap the keys of a tenant's secrets: a new key of the instance has only these to wrap again."""

from __future__ import annotations

import os
import threading
from collections import OrderedDict

from control_plane.kernel.crypto import CannotDecrypt, WrappingKey, decrypt, encrypt
from control_plane.kernel.name_locks import hold_name
from control_plane.kernel.scope import current_tenant
from stores.models import TenantKey

_PREFIX = "tenant:"
_BYTES = 32
_MOST_KNOWN = 1024

_lock = threading.Lock()
_known: OrderedDict[tuple[str, str], bytes] = OrderedDict()
"""By tenant and id: what a key is never changes, only what it is wrapped with."""


def is_of_a_tenant(key_id: str) -> bool:
    return key_id.startswith(_PREFIX)


def present_key() -> WrappingKey:
    """The one that new secrets of the open tenant are set under; made with the first of them."""
    newest = _newest()
    if newest is None:
        hold_name("tenant-key", current_tenant(), "")
        newest = _newest() or _made()
    return WrappingKey(_PREFIX + newest.id, _opened(newest))


def tenant_key(key_id: str) -> WrappingKey:
    """One of the open tenant by its id. Raises CannotDecrypt."""
    found = _remembered(key_id)
    if found is None:
        row = TenantKey.objects.filter(id=key_id.removeprefix(_PREFIX)).first()
        if row is None:
            raise CannotDecrypt()
        found = _opened(row)
    return WrappingKey(key_id, found)


def _newest() -> TenantKey | None:
    return TenantKey.objects.order_by("-number").first()


def _made() -> TenantKey:
    made = TenantKey(number=1)
    made._stamp()
    made.sealed = encrypt(os.urandom(_BYTES), belongs_to=made.belongs_to)
    made.save()
    return made


def _opened(row: TenantKey) -> bytes:
    found = _remembered(_PREFIX + row.id)
    if found is None:
        found = decrypt(row.sealed, belongs_to=row.belongs_to)
        with _lock:
            _known[row.tenant_id, _PREFIX + row.id] = found
            if len(_known) > _MOST_KNOWN:
                _known.popitem(last=False)
    return found


def _remembered(key_id: str) -> bytes | None:
    with _lock:
        return _known.get((current_tenant(), key_id))
