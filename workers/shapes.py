"""The fleet as the API shows it."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from typing import Any

from control_plane.kernel.words.clock import iso, iso_or_none, now
from workers.models import DEFAULT_GROUP, Worker, WorkerGroup, WorkerGroupToken
from workers.queries import Load, Service, state_of

_IDLE = Load()


def service_shape(service: Service) -> dict[str, Any]:
    return {
        "id": service.id,
        "type": service.type,
        "state": service.state,
        "server": {"id": service.id, "type": "SERVER", "version": service.version, "hostname": service.host},
        "createdAt": iso(service.started_at),
        "updatedAt": iso(service.seen_at),
    }


def active_shape(services: Iterable[Service]) -> dict[str, Any]:
    counted = Counter(service.type for service in services if service.state == "RUNNING")
    kinds = [{"type": kind, "total": total} for kind, total in sorted(counted.items())]
    return {"total": counted.total(), "services": kinds}


def group_audited(group: WorkerGroup) -> dict[str, Any]:
    return {"id": group.key, "name": group.name, "description": group.description}


def group_shape(group: WorkerGroup) -> dict[str, Any]:
    """A group takes the jobs that name it, which is to say it subscribes to the queue of its own name."""
    queue = {"id": group.key, "name": group.name or group.key, "tags": [], "allowedTenants": []}
    tokens = group.tokens.order_by("created_at", "id").prefetch_related("workers")
    return {
        "id": group.key,
        "name": group.name or group.key,
        "description": group.description,
        "subscriptions": [{"queue": queue, "reservedPercent": 100, "mode": "ELASTIC"}],
        "tokens": [token_shape(token) for token in tokens],
        "deletable": group.key != DEFAULT_GROUP,
        "createdAt": iso(group.created_at),
        "updatedAt": iso(group.updated_at),
    }


def token_shape(token: WorkerGroupToken) -> dict[str, Any]:
    is_over = token.expires_at is not None and token.expires_at <= now()
    shape = {
        "uid": token.id,
        "name": token.name,
        "description": token.description,
        "tokenPrefix": token.prefix,
        "createdAt": iso(token.created_at),
        "useCount": len(token.workers.all()),
        "revoked": token.revoked_at is not None,
        "valid": token.revoked_at is None and not is_over,
    }
    return shape if token.expires_at is None else shape | {"expiresAt": iso(token.expires_at)}


def token_audited(token: WorkerGroupToken) -> dict[str, object]:
    return {
        "id": token.id,
        "name": token.name,
        "prefix": token.prefix,
        "expiresAt": iso_or_none(token.expires_at),
        "revokedAt": iso_or_none(token.revoked_at),
    }


def worker_shape(worker: Worker, load: Load = _IDLE) -> dict[str, Any]:
    return {
        "workerId": worker.id,
        "workerName": worker.name,
        "tokenUid": worker.token_id,
        "state": state_of(worker),
        "createdAt": iso(worker.started_at),
        "registeredAt": iso(worker.started_at),
        "updatedAt": iso(worker.seen_at),
        "capacity": {"pending": load.leased, "running": load.started, "max": worker.slots},
    }


def capacity_shape(key: str, workers: Sequence[Worker], loads: Iterable[Load]) -> dict[str, Any]:
    allocated = sum(worker.slots for worker in workers)
    claimed_job = list(loads)
    used = sum(load.started for load in claimed_job)
    return {
        "workerGroupId": key,
        "totalAllocated": allocated,
        "totalUsed": used,
        "totalInflight": used + sum(load.leased for load in claimed_job),
        "subscriptions": [{"workerQueueId": key, "allocated": allocated, "used": used}],
        "shared": {"allocated": 0, "used": 0},
        "snapshotAt": iso(now()),
    }
