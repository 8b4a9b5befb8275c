"""The fleet as the API shows it."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from control_plane.kernel.words.clock import iso, iso_or_none, now
from workers.models import DEFAULT_GROUP, Subscription, Worker, WorkerGroup, WorkerGroupToken, WorkerQueue
from workers.queries import Load, Loads, Service, state_of
from workers.queue.lines import line_of, reserved_slots

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


def instance_shape(service: Service) -> dict[str, Any]:
    """A process on its own, with what it says of itself."""
    shape = service_shape(service)
    metrics, props = metrics_of(service), dict(service.configuration)
    events = [{"ts": iso(service.started_at), "value": "started", "type": "state", "state": "RUNNING"}]
    if service.state == "DISCONNECTED":
        silent = {"ts": iso(service.seen_at), "value": "last heard", "type": "state", "state": "DISCONNECTED"}
        events.append(silent)
    server = shape["server"] | {"metrics": metrics, "props": props}
    return shape | {"server": server, "metrics": metrics, "events": events, "props": props}


def metrics_of(service: Service) -> list[dict[str, Any]]:
    """The load of a process, each figure with the unit that its name ends in."""
    tags = [{"key": "service_id", "value": service.id}, {"key": "service_type", "value": service.type}]
    return [
        {
            "name": name,
            "type": "GAUGE",
            "description": name.replace(".", " "),
            "baseUnit": name.rpartition(".")[2],
            "tags": tags,
            "value": value,
        }
        for name, value in sorted(service.load.items())
    ]


def active_shape(services: Iterable[Service]) -> dict[str, Any]:
    counted = Counter(service.type for service in services if service.state == "RUNNING")
    kinds = [{"type": kind, "total": total} for kind, total in sorted(counted.items())]
    return {"total": counted.total(), "services": kinds}


def group_audited(group: WorkerGroup) -> dict[str, Any]:
    edges = group.subscriptions.order_by("queue_id").values_list("queue_id", "reserved_percent", "mode")
    queues = [{"queue": queue, "reservedPercent": percent, "mode": mode} for queue, percent, mode in edges]
    return {"id": group.key, "name": group.name, "description": group.description, "subscriptions": queues}


def group_shape(group: WorkerGroup) -> dict[str, Any]:
    """Beside the queues it subscribes to, a group takes the jobs that name its key."""
    return {
        "id": group.key,
        "name": group.name or group.key,
        "description": group.description,
        "subscriptions": [_subscription_shape(edge) for edge in group.subscriptions.all()],
        "tokens": [token_shape(token) for token in group.tokens.all()],
        "deletable": group.key != DEFAULT_GROUP,
        "createdAt": iso(group.created_at),
        "updatedAt": iso(group.updated_at),
    }


def _subscription_shape(edge: Subscription) -> dict[str, Any]:
    queue = edge.queue
    summary = {"id": queue.id, "name": queue.name or queue.id, "tags": queue.tags}
    shown = summary | {"allowedTenants": queue.allowed_tenants}
    return {"queue": shown, "reservedPercent": edge.reserved_percent, "mode": edge.mode}


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
        "credentialId": worker.id,
        "tokenUid": worker.token_id,
        "state": state_of(worker),
        "createdAt": iso(worker.started_at),
        "registeredAt": iso(worker.started_at),
        "updatedAt": iso(worker.seen_at),
        "capacity": {
            "pending": load.leased,
            "running": load.started,
            "max": worker.slots,
            "endedRate": round(worker.ended_rate, 3),
        },
    }


def credential_shape(worker: Worker) -> dict[str, Any]:
    """A worker shows its group's token; what stands for it alone is its id."""
    return {
        "id": worker.id,
        "workerId": worker.id,
        "workerName": worker.name,
        "tokenUid": worker.token_id,
        "createdAt": iso(worker.started_at),
        "lastSeenAt": iso(worker.seen_at),
    }


def total(loads: Iterable[Load]) -> Load:
    known = list(loads)
    return Load(sum(load.started for load in known), sum(load.leased for load in known))


def capacity_shape(group: WorkerGroup, workers: Sequence[Worker], found: Loads) -> dict[str, Any]:
    """How the slots of a group are kept and used. What a queue uses beyond its own is used of what all share."""
    edges = list(group.subscriptions.all())
    kept = [sum(reserved_slots(edge.reserved_percent, worker.slots) for worker in workers) for edge in edges]
    used = [_started(found.values(), line_of(edge.queue_id)) for edge in edges]
    in_hand = total(load for loads in found.values() for load in loads.values())
    allocated = sum(worker.slots for worker in workers)
    own = [min(each, most) for each, most in zip(used, kept, strict=True)]
    return {
        "workerGroupId": group.key,
        "totalAllocated": allocated,
        "totalUsed": in_hand.started,
        "totalInflight": in_hand.started + in_hand.leased,
        "subscriptions": [
            {"workerQueueId": edge.queue_id, "allocated": most, "used": each}
            for edge, most, each in zip(edges, kept, used, strict=True)
        ],
        "shared": {"allocated": max(0, allocated - sum(kept)), "used": max(0, in_hand.started - sum(own))},
        "totalEndedRate": round(sum(worker.ended_rate for worker in workers), 3),
        "snapshotAt": iso(now()),
    }


def _started(found: Iterable[Mapping[str, Load]], line: str) -> int:
    return sum(loads[line].started for loads in found if line in loads)


def queue_audited(queue: WorkerQueue) -> dict[str, Any]:
    return {
        "id": queue.id,
        "name": queue.name,
        "description": queue.description,
        "tags": queue.tags,
        "allowedTenants": queue.allowed_tenants,
    }


def queue_shape(queue: WorkerQueue) -> dict[str, Any]:
    return queue_audited(queue) | {"name": queue.name or queue.id}
