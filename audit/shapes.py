"""Entries as the API shows them."""

from __future__ import annotations

import json
from typing import Any

from audit.models import AuditEntry
from audit.recording.patches import patch
from control_plane.kernel.actor import ActorKind
from control_plane.kernel.api.bodies import without_nulls
from control_plane.kernel.words.clock import iso

_USER_TYPES = {ActorKind.USER.value: "STANDARD", ActorKind.SERVICE_ACCOUNT.value: "SERVICE_ACCOUNT"}


def entry_shape(entry: AuditEntry) -> dict[str, Any]:
    body = json.loads(entry.body)
    log = without_nulls(
        id=entry.id,
        tenantId=entry.tenant_id or None,
        type=entry.action,
        detail=_detail(entry, body),
        date=iso(entry.at),
        userId=entry.actor_id,
        ipAddress=entry.ip,
        appliedPatch=patch(body["before"], body["after"]),
        revertPatch=patch(body["after"], body["before"]),
    )
    return {"auditLog": log, "user": _user(entry)}


def _detail(entry: AuditEntry, body: dict[str, Any]) -> dict[str, Any]:
    """What else the command told comes first, so that it cannot hide what the entry is about."""
    credential = body.get("credential") or {}
    told = without_nulls(
        type=entry.resource,
        resource=entry.resource,
        resourceType=entry.resource,
        id=entry.object_id,
        namespace=entry.namespace,
        refused=entry.is_refused or None,
        impersonator=body.get("impersonator"),
        command=str(body.get("command", "")).rpartition(".")[2] or None,
        signedInBy=credential.get("kind"),
        credential=credential.get("id") or None,
    )
    return {**body["detail"], **told}


def _user(entry: AuditEntry) -> dict[str, Any]:
    name = entry.actor_name or entry.actor_kind.lower()
    return {
        "id": entry.actor_id,
        "type": _USER_TYPES.get(entry.actor_kind, entry.actor_kind),
        "username": name,
        "email": name if "@" in name else "",
    }


def option_shape(entry: AuditEntry) -> dict[str, Any]:
    return {"id": entry.id, "date": iso(entry.at), "username": entry.actor_name or entry.actor_kind.lower()}


def states(entry: AuditEntry) -> tuple[str, str]:
    """The object before and after, as texts that can be laid side by side."""
    body = json.loads(entry.body)
    return _text(body["before"]), _text(body["after"])


def _text(state: Any) -> str:
    return "" if state is None else json.dumps(state, indent=2, sort_keys=True, ensure_ascii=False)
