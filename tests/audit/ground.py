"""Chains to be proved, exported, shipped and tampered with."""

from __future__ import annotations

from pathlib import Path

from django.db.models import Q

from audit.background.system import ensure_key
from audit.delivery.file import File
from audit.exporting.trail import ndjson
from audit.models import AuditEntry
from audit.proof.anchors import anchor
from audit.recording.owners import scope_of
from audit.recording.trail import append
from control_plane.kernel.actor import SYSTEM, Change, Context


def write(owner: str, *names: str, namespace: str | None = "prod", **detail: object) -> None:
    """An entry for each name, in one transaction."""
    ctx = Context(SYSTEM, tenant_id=owner or None, ip="10.0.0.1")
    changes = [Change("FLOW", name, namespace, None, {"id": name, "größe": 1.5}, dict(detail)) for name in names]
    with scope_of(owner):
        append(ctx, changes, action=None, by="test")


def anchored(owner: str, file: Path, counts: tuple[int, ...] = (7, 5)) -> None:
    """A chain that was anchored in a file after each of these numbers of entries."""
    ensure_key()
    for part, count in enumerate(counts):
        write(owner, *(f"flow-{part}-{number}" for number in range(count)))
        assert anchor(owner, [File(file)]) is not None


def exported(owner: str, path: Path, condition: Q | None = None, *, with_proof: bool = False) -> Path:
    path.write_text("".join(ndjson(owner, condition or Q(), with_proof=with_proof)))
    return path


def entries(owner: str) -> list[AuditEntry]:
    with scope_of(owner):
        return list(AuditEntry.objects.order_by("seq"))
