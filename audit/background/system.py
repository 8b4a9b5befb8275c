"""What the scheduler and the command line of the machine do about the trail, as the system."""

from __future__ import annotations

import json
from collections.abc import Iterable
from datetime import datetime
from pathlib import Path
from typing import Any

from django.db import IntegrityError

from audit.delivery.opening import anchor_destinations
from audit.models import AuditEntry, AuditHead, AuditKey
from audit.proof.anchors import anchor, owners_to_anchor
from audit.proof.checking import check
from audit.recording.owners import scope_of
from audit.services.keys import rotate_key
from audit.services.purging import MOST_AT_ONCE, purge_entries
from audit.verifier.verify import Report
from control_plane.kernel.actor import SYSTEM, Context
from control_plane.kernel.config import config
from control_plane.kernel.scope import across_tenants, instance_scope
from control_plane.kernel.words.clock import now


def owners() -> list[str]:
    """Whose chains there are; "" is the instance's own."""
    with across_tenants("the trails of all tenants are proved"):
        return list(AuditHead.objects.order_by("tenant_id").values_list("tenant_id", flat=True))


def ensure_key() -> None:
    """Make the first key where there is none; another process may be quicker."""
    with instance_scope():
        if AuditKey.objects.exists():
            return
    try:
        rotate_key(Context(SYSTEM))
    except IntegrityError:
        return


def make_another_key() -> dict[str, Any]:
    return rotate_key(Context(SYSTEM))


def anchor_all(addresses: Iterable[str] = ()) -> int:
    """Sign every head that has moved, and bring the anchors out; how many were made."""
    ensure_key()
    destinations = anchor_destinations(addresses)
    return sum(anchor(owner, destinations) is not None for owner in owners_to_anchor())


def anchor_again() -> bool:
    """What the scheduler does; there is never more to do at once."""
    anchor_all()
    return False


def verify(tenant: str | None, anchors: Iterable[Path] = ()) -> list[Report]:
    """Check one chain, or all; `anchors` are files that were kept outside."""
    lines = (line for path in anchors for line in path.read_text(encoding="utf-8").splitlines() if line.strip())
    outside = [document for document in map(json.loads, lines) if document.get("kind") == "anchor"]
    return [check(owner, outside) for owner in ([tenant] if tenant is not None else owners())]


def purge_from_machine(tenant: str, *, end: datetime, **criteria: Any) -> int:
    """Purge all that is asked for, batch by batch; how many entries went."""
    ensure_key()
    count = gone = purge_entries(Context(SYSTEM, tenant or None), end=end, **criteria)
    while gone == MOST_AT_ONCE:
        gone = purge_entries(Context(SYSTEM, tenant or None), end=end, **criteria)
        count += gone
    return count


def purge_expired() -> bool:
    """Purge what is older than the configured retention; whether there may be more."""
    retention = config().audit.retention
    if retention is None:
        return False
    end, more = now() - retention, False
    for owner in owners():
        with scope_of(owner):
            is_due = AuditEntry.objects.filter(at__lte=end).exists()
        if is_due:
            ensure_key()
            more |= purge_entries(Context(SYSTEM, owner or None), end=end) == MOST_AT_ONCE
    return more
