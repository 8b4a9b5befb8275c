"""The last calls of an integration: what was asked, answered and changed, and why it failed."""

from __future__ import annotations

import json
import logging
from collections.abc import Iterable
from typing import Any, SupportsIndex

from django.db import connection
from django.http.response import HttpResponseBase

from audit.recording.patches import patch
from control_plane.kernel.actor import Change
from control_plane.kernel.scope import tenant_scope
from control_plane.kernel.words.clock import now
from control_plane.kernel.words.ids import new_id

KEPT = 100
LONGEST = 8_000
MOST_STEPS = 50
MASK = "••••••"
_SECRET = frozenset({"password", "secret", "token", "clientsecret", "x509certificates"})
_COLUMNS = (
    *("id", "tenant_id", "integration_id", "at", "method", "path", "asked", "status", "answered", "changed"),
    *("error", "milliseconds", "request_id"),
)
# One after another, so that each has a number of its own; the number says whose place it takes.
_LOCK = "SELECT id FROM iam_security_integration WHERE id = %s AND tenant_id = %s FOR NO KEY UPDATE"
_KEEP = f"""
INSERT INTO iam_scim_call ({", ".join(_COLUMNS)}, number, slot)
SELECT {", ".join("%s::jsonb" if name == "changed" else "%s" for name in _COLUMNS)}, next.number, next.number %% {KEPT}
FROM (
    SELECT coalesce(max(number), 0) + 1 AS number FROM iam_scim_call WHERE tenant_id = %s AND integration_id = %s
) next
ON CONFLICT (tenant_id, integration_id, slot) DO UPDATE SET number = excluded.number,
    {", ".join(f"{name} = excluded.{name}" for name in _COLUMNS if name not in ("tenant_id", "integration_id"))}
"""

logger = logging.getLogger(__name__)


class Changes(list[Change]):
    """What a command tells of, remembered after the command has cleared it away."""

    def __init__(self) -> None:
        super().__init__()
        self.told: list[Change] = []

    def append(self, change: Change, /) -> None:
        self.told.append(change)
        super().append(change)

    def extend(self, changes: Iterable[Change], /) -> None:
        for change in changes:
            self.append(change)

    def insert(self, at: SupportsIndex, change: Change, /) -> None:
        self.told.append(change)
        super().insert(at, change)


def keep_call(
    tenant: str,
    integration_id: str,
    *,
    method: str,
    path: str,
    asked: Any,
    response: HttpResponseBase,
    changes: Changes,
    milliseconds: float,
    request_id: str,
) -> None:
    """Write it down, outside of every scope. That it cannot be written changes nothing about what was answered."""
    content = getattr(response, "content", b"")
    answered = _masked_text(content)
    is_refused = response.status_code >= 400
    row: dict[str, Any] = {
        "id": new_id(),
        "tenant_id": tenant,
        "integration_id": integration_id,
        "at": now(),
        "method": method[:10],
        "path": path[:1000].replace("\x00", ""),
        "asked": _shown(masked(asked)) if asked not in (None, {}, "") else "",
        "status": response.status_code,
        "answered": answered,
        "changed": json.dumps([] if is_refused else [_told(change) for change in changes.told]).replace("\\u0000", ""),
        "error": _reason(content) if is_refused else "",
        "milliseconds": round(milliseconds, 1),
        "request_id": request_id,
    }
    try:
        with tenant_scope(tenant), connection.cursor() as cursor:
            cursor.execute(_LOCK, [integration_id, tenant])
            if cursor.fetchone() is not None:
                cursor.execute(_KEEP, [*(row[name] for name in _COLUMNS), tenant, integration_id])
    except Exception:
        logger.exception("a call of the integration %s could not be written down", integration_id)


def masked(value: Any) -> Any:
    """The same without what is secret, wherever it stands."""
    if isinstance(value, dict):
        hides = str(value.get("path", "")).lower() in _SECRET
        return {
            key: MASK if key.lower() in _SECRET or (hides and key.lower() == "value") else masked(inner)
            for key, inner in value.items()
        }
    return [masked(inner) for inner in value] if isinstance(value, list) else value


def _masked_text(content: bytes) -> str:
    if not content:
        return ""
    if len(content) > 10 * LONGEST:
        return f"({len(content)} bytes)"
    try:
        return _shown(masked(json.loads(content)))
    except ValueError:
        return ""


def _shown(value: Any) -> str:
    text = value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)
    text = text.replace("\x00", "")
    return text if len(text) <= LONGEST else f"{text[:LONGEST]} …"


def _told(change: Change) -> dict[str, Any]:
    steps = patch(masked(change.before), masked(change.after))
    return {"resource": change.resource, "id": change.object_id, "patch": [_short(step) for step in steps[:MOST_STEPS]]}


def _short(step: dict[str, Any]) -> dict[str, Any]:
    """A step whose value is long is told by how long it is."""
    value = step.get("value")
    if isinstance(value, list) and len(value) > MOST_STEPS:
        return {**step, "value": f"({len(value)} values)"}
    return step


def _reason(content: bytes) -> str:
    try:
        said = json.loads(content)
    except ValueError:
        return ""
    scim_type, detail = said.get("scimType", ""), str(said.get("detail", ""))
    return (f"{scim_type}: {detail}" if scim_type else detail)[:1000].replace("\x00", "")
