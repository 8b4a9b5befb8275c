"""In which places the files of a tenant lie: what its settings and those of its namespaces say, known for a moment."""

from __future__ import annotations

import json
import threading
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Any

from control_plane.kernel.config import config
from control_plane.kernel.egress import policy_of
from control_plane.kernel.scope import tenant_scope
from control_plane.kernel.storage_knobs import Storage
from control_plane.kernel.words.egress import EgressPolicy
from plugins.storage.azure import AzureStorage
from plugins.storage.gcs import GcsStorage
from plugins.storage.local import LocalStorage
from plugins.storage.port import ObjectStorage
from plugins.storage.s3 import S3Storage
from plugins.storage.settings import TYPE, storage_settings
from tenants.models import Namespace, Tenant
from tenants.namespaces.configured_storage import BEFORE, opened_storage
from tenants.namespaces.inheritance import lineage

KNOWN_SECONDS = 5.0
"""After a change of settings a process may go on for so long as they were: what it writes is found, and moved."""
_MOST_TENANTS = 10_000


@dataclass(frozen=True)
class Layout:
    """`places` by namespace, "" for the tenant: where it keeps files now, then where some may still be."""

    places: Mapping[str, Sequence[ObjectStorage]]
    instance: ObjectStorage
    """What the operator had configured then."""
    known_at: float

    def owner(self, namespace: str) -> str:
        """The nearest namespace that says something, else "": the tenant."""
        return next((name for name in lineage(namespace) if name in self.places), "")

    def of(self, namespace: str) -> Sequence[ObjectStorage]:
        return self.places[self.owner(namespace)]


_layouts: dict[str, Layout] = {}
_lock = threading.Lock()


def layout_of(tenant: str) -> Layout:
    """In the tenant's scope, in none, or in the instance's."""
    known = _layouts.get(tenant)
    instance = instance_storage()
    if known is not None and known.instance is instance and time.monotonic() - known.known_at < KNOWN_SECONDS:
        return known
    with tenant_scope(tenant):
        settings = Tenant.objects.filter(id=tenant).values_list("settings", flat=True).first() or {}
        own = dict(Namespace.objects.filter(settings__has_any_keys=[TYPE, BEFORE]).values_list("name", "settings"))
    found = Layout(_places(tenant, settings, own), instance, time.monotonic())
    with _lock:
        if len(_layouts) >= _MOST_TENANTS:
            _layouts.clear()
        _layouts[tenant] = found
    return found


def forget_layouts() -> None:
    """Ask again, at once, in this process."""
    with _lock:
        _layouts.clear()


def _places(
    tenant: str, settings: Mapping[str, Any], own: Mapping[str, Mapping[str, Any]]
) -> dict[str, Sequence[ObjectStorage]]:
    """Outermost first: what a namespace does not say is what stands above it."""
    places: dict[str, Sequence[ObjectStorage]] = {"": _chain(tenant, "", settings, (instance_storage(),))}
    for name in sorted(own, key=lambda each: each.count(".")):
        above = next(places[each] for each in (*lineage(name)[1:], "") if each in places)
        places[name] = _chain(tenant, name, own[name], above)
    return places


def _chain(
    tenant: str, namespace: str, settings: Mapping[str, Any], above: Sequence[ObjectStorage]
) -> Sequence[ObjectStorage]:
    found: list[ObjectStorage] = []
    for said in (settings, *settings.get(BEFORE, ())):
        found += [_opened_by(tenant, namespace, said)] if said.get(TYPE) else above
    return list(dict.fromkeys(found))


def _opened_by(tenant: str, namespace: str, said: Mapping[str, Any]) -> ObjectStorage:
    configuration = json.dumps(opened_storage(said, tenant, namespace), sort_keys=True)
    return _of_tenant(str(said[TYPE]), configuration, policy_of(config()))


@lru_cache(maxsize=256)
def _of_tenant(kind: str, configuration: str, policy: EgressPolicy) -> ObjectStorage:
    """Opened once for each way it is configured. A tenant's storage is reached as its tasks reach anything."""
    return storage_settings(kind, json.loads(configuration)).open(policy)


def instance_storage() -> ObjectStorage:
    """The storage that the operator has configured, opened once for each way it is."""
    knobs = config()
    return _of_instance(knobs.storage, str(knobs.storage_path))


@lru_cache(maxsize=4)
def _of_instance(chosen: Storage, path: str) -> ObjectStorage:
    """The operator names it, so it may stand in a private network."""

    def text(name: str) -> str | None:
        value = getattr(chosen, name)
        return value.get_secret_value() if value is not None else None

    shared: dict[str, Any] = {
        "prefix": chosen.prefix,
        "endpoint": chosen.endpoint,
        "seconds": chosen.timeout_seconds,
    }
    if chosen.type == "s3":
        return S3Storage(
            bucket=chosen.bucket or "",
            region=chosen.region,
            access_key=chosen.access_key,
            secret_key=text("secret_key"),
            path_style=chosen.path_style,
            encryption=chosen.encryption,
            kms_key=chosen.kms_key,
            **shared,
        )
    if chosen.type == "gcs":
        return GcsStorage(
            bucket=chosen.bucket or "", service_account=text("service_account"), kms_key=chosen.kms_key, **shared
        )
    if chosen.type == "azure":
        return AzureStorage(
            account=chosen.account or "",
            container=chosen.container or "",
            account_key=text("account_key"),
            sas_token=text("sas_token"),
            encryption_scope=chosen.encryption_scope,
            **shared,
        )
    return LocalStorage(Path(path))
