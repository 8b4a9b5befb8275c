"""The stores as a running job may use them, called by name: each act is the command of people, done as the job."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from audit.recording.reads import note_read
from control_plane.kernel.actor import Context
from control_plane.kernel.authorization import require
from control_plane.kernel.crypto import encrypt
from control_plane.kernel.scope import current_tenant
from control_plane.kernel.words.errors import BadParameter
from plugins.tasks.state.keys import state_key
from stores.credentials.use import token_for
from stores.jobs.later import Later
from stores.kv import queries as pairs
from stores.kv.services import delete_pairs, purge_pairs, put_pair
from stores.kv.values import TypedValue, typed
from stores.models import KvEntry
from stores.permissions import KVSTORE, SECRET
from stores.secrets.reading import Reading, reading


@dataclass(frozen=True, slots=True)
class JobPlace:
    """Where a job stands and as whom it acts: nothing it asks for can lead out of its tenant's scope, which must be
    open."""

    ctx: Context
    flow_id: str

    @property
    def namespace(self) -> str:
        if self.ctx.actor.namespace is None:
            raise TypeError("only a job stands anywhere")
        return self.ctx.actor.namespace


def call(place: JobPlace, service: str, method: str, arguments: Mapping[str, Any]) -> Any:
    """Run one method of one store. BadParameter names what is not served or not understood."""
    function = SERVED.get((service, method))
    if function is None:
        raise BadParameter(f"no store serves `{service}.{method}`")
    try:
        return function(place, **arguments)
    except TypeError as error:
        raise BadParameter(f"`{service}.{method}` was called with other arguments than it takes") from error


def _kv_find(place: JobPlace, *, key: str, namespace: str | None = None) -> dict[str, Any] | None:
    require(place.ctx, KVSTORE.VIEW, namespace or place.namespace)
    if namespace is None:
        entry = pairs.find_inherited(place.namespace, key)
    else:
        entry = pairs.living_entries().filter(namespace=namespace, key=key).first()
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
    put_pair(
        place.ctx,
        namespace=namespace or place.namespace,
        key=key,
        value=typed(value, type),
        ttl=timedelta(seconds=ttl) if ttl is not None else None,
        description=description,
        overwrite=overwrite,
    )


def _kv_delete(place: JobPlace, *, key: str, namespace: str | None = None) -> bool:
    return bool(delete_pairs(place.ctx, namespace=namespace or place.namespace, keys=[key]))


def _kv_keys(place: JobPlace, *, namespace: str | None = None, prefix: str = "") -> list[str]:
    require(place.ctx, KVSTORE.LIST, namespace or place.namespace)
    rows = pairs.living_entries().filter(namespace=namespace or place.namespace, key__startswith=prefix)
    return list(rows.order_by("key").values_list("key", flat=True))


def _kv_purge(
    place: JobPlace,
    *,
    namespace: str | None,
    key_pattern: str | None,
    expired_only: bool,
    children: bool,
    namespace_pattern: str | None = None,
) -> int:
    return purge_pairs(
        place.ctx,
        namespace=namespace or place.namespace,
        key_pattern=key_pattern,
        expired_only=expired_only,
        includes_children=children,
        namespace_pattern=namespace_pattern,
    )


def _secret_read(place: JobPlace, *, key: str, namespace: str | None = None) -> str | Reading:
    """Who may know a secret by its name in a place gets its value there, as a job and only as one.

    A value that is kept elsewhere is fetched once the scope is closed; that it was read is noted before.
    """
    require(place.ctx, SECRET.LIST, namespace or place.namespace)
    value = reading(namespace or place.namespace, key)
    note_read(place.ctx, SECRET.name, key.upper(), namespace or place.namespace)
    return value


def _credential(place: JobPlace, *, name: str) -> dict[str, Any] | Later:
    """`{"token": ...}`, or `{"wait": seconds, "why": text}` for whoever is to ask again."""
    answer = token_for(place.ctx, place.namespace, name)
    return answer if isinstance(answer, dict) else Later(answer)


def _state_key(place: JobPlace, name: str, namespace_wide: bool, value: str | None) -> str:
    return state_key(None if namespace_wide else place.flow_id, name, value)


def _state_read(place: JobPlace, *, name: str, namespace_wide: bool, value: str | None) -> dict[str, Any] | None:
    require(place.ctx, KVSTORE.VIEW, place.namespace)
    key = _state_key(place, name, namespace_wide, value)
    entry = KvEntry.objects.filter(namespace=place.namespace, key=key).first()
    return dict(entry.value) if entry else None


def _state_write(
    place: JobPlace, *, name: str, data: Mapping[str, Any], namespace_wide: bool, value: str | None
) -> str:
    key = _state_key(place, name, namespace_wide, value)
    put_pair(place.ctx, namespace=place.namespace, key=key, value=TypedValue("JSON", dict(data)))
    return key


def _state_delete(place: JobPlace, *, name: str, namespace_wide: bool, value: str | None) -> bool:
    key = _state_key(place, name, namespace_wide, value)
    return bool(delete_pairs(place.ctx, namespace=place.namespace, keys=[key]))


def _encrypt(place: JobPlace, *, text: str) -> str:
    return json.dumps({"type": "encrypted", "value": encrypt(text.encode(), belongs_to=("cipher", current_tenant()))})


SERVED: dict[tuple[str, str], Callable[..., Any]] = {
    ("kv", "find"): _kv_find,
    ("kv", "put"): _kv_put,
    ("kv", "delete"): _kv_delete,
    ("kv", "keys"): _kv_keys,
    ("kv", "purge"): _kv_purge,
    ("secrets", "read"): _secret_read,
    ("secrets", "credential"): _credential,
    ("state", "read"): _state_read,
    ("state", "write"): _state_write,
    ("state", "delete"): _state_delete,
    ("ciphers", "encrypt"): _encrypt,
}
