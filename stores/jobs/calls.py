"""The stores as a running job may use them: bound to its tenant, namespace and flow, called by name."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from control_plane.kernel.crypto import encrypt
from control_plane.kernel.scope import current_tenant
from control_plane.kernel.words.errors import BadParameter, Forbidden
from stores.kv import queries as pairs
from stores.kv import transitions as kv
from stores.kv.values import TypedValue, typed
from stores.models import KvEntry
from stores.secrets.queries import reveal
from tenants.namespaces.inheritance import is_in_line


@dataclass(frozen=True, slots=True)
class JobPlace:
    """Where a job stands: nothing it asks for can lead out of its tenant's scope, which must be open."""

    namespace: str
    flow_id: str
    execution_id: str

    def namespace_or_own(self, asked: str | None) -> str:
        """A job reaches its own namespace, those above it and those below. Raises Forbidden for any other."""
        if asked is None or asked == self.namespace:
            return self.namespace
        if not is_in_line(self.namespace, asked):
            raise Forbidden(f"namespace '{asked}' may not be used from namespace '{self.namespace}'")
        return asked


def call(place: JobPlace, service: str, method: str, arguments: Mapping[str, Any]) -> Any:
    """Run one method of one store. BadParameter names what is not served or not understood."""
    function = _SERVED.get((service, method))
    if function is None:
        raise BadParameter(f"no store serves `{service}.{method}`")
    try:
        return function(place, **arguments)
    except TypeError as error:
        raise BadParameter(f"`{service}.{method}` was called with other arguments than it takes") from error


def _kv_find(place: JobPlace, *, key: str, namespace: str | None = None) -> dict[str, Any] | None:
    if namespace is None:
        entry = pairs.find_inherited(place.namespace, key)
    else:
        entry = pairs.living_entries().filter(namespace=place.namespace_or_own(namespace), key=key).first()
    return {"value": entry.value, "type": entry.type} if entry else None


def _kv_put(
    place: JobPlace,
    *,
    key: str,
    value: Any,
    namespace: str | None = None,
    type: str | None = None,
    ttl: float | None = None,
    overwrite: bool = True,
    description: str | None = None,
) -> None:
    kv.put(
        place.namespace_or_own(namespace),
        key,
        typed(value, type),
        ttl=timedelta(seconds=ttl) if ttl is not None else None,
        description=description,
        overwrite=overwrite,
    )


def _kv_delete(place: JobPlace, *, key: str, namespace: str | None = None) -> bool:
    return kv.is_alive(kv.delete(place.namespace_or_own(namespace), key))


def _kv_keys(place: JobPlace, *, namespace: str | None = None, prefix: str = "") -> list[str]:
    rows = pairs.living_entries().filter(namespace=place.namespace_or_own(namespace), key__startswith=prefix)
    return list(rows.order_by("key").values_list("key", flat=True))


def _kv_purge(
    place: JobPlace, *, namespace: str | None, key_pattern: str | None, expired_only: bool, children: bool
) -> int:
    return kv.purge(
        place.namespace_or_own(namespace), key_pattern, expired_only=expired_only, includes_children=children
    )


def _secret_read(place: JobPlace, *, key: str, namespace: str | None = None) -> str:
    return reveal(place.namespace_or_own(namespace), key)


def _state_key(place: JobPlace, name: str, namespace_wide: bool, value: str | None) -> str:
    parts = ["states", *([] if namespace_wide else [place.flow_id]), name, *([value] if value else [])]
    return "_".join("".join(c if c.isalnum() or c in "._-" else "-" for c in part) for part in parts)


def _state_read(place: JobPlace, *, name: str, namespace_wide: bool, value: str | None) -> dict[str, Any] | None:
    key = _state_key(place, name, namespace_wide, value)
    entry = KvEntry.objects.filter(namespace=place.namespace, key=key).first()
    return dict(entry.value) if entry else None


def _state_write(
    place: JobPlace, *, name: str, data: Mapping[str, Any], namespace_wide: bool, value: str | None
) -> str:
    key = _state_key(place, name, namespace_wide, value)
    kv.put(place.namespace, key, TypedValue("JSON", dict(data)))
    return key


def _state_delete(place: JobPlace, *, name: str, namespace_wide: bool, value: str | None) -> bool:
    return kv.delete(place.namespace, _state_key(place, name, namespace_wide, value)) is not None


def _encrypt(place: JobPlace, *, text: str) -> str:
    return json.dumps({"type": "encrypted", "value": encrypt(text.encode(), belongs_to=("cipher", current_tenant()))})


_SERVED: dict[tuple[str, str], Callable[..., Any]] = {
    ("kv", "find"): _kv_find,
    ("kv", "put"): _kv_put,
    ("kv", "delete"): _kv_delete,
    ("kv", "keys"): _kv_keys,
    ("kv", "purge"): _kv_purge,
    ("secrets", "read"): _secret_read,
    ("state", "read"): _state_read,
    ("state", "write"): _state_write,
    ("state", "delete"): _state_delete,
    ("ciphers", "encrypt"): _encrypt,
}
