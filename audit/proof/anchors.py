"""Signed heads: what a tenant's chain was at a moment, kept where whoever rewrites the chain cannot reach."""

from __future__ import annotations

import json
import logging
from collections.abc import Iterator

from django.db import IntegrityError

from audit.delivery.destinations import Batch, DeliveryFailed, Destination
from audit.models import AuditAnchor, AuditHead
from audit.proof.keys import Document, SigningKey, key_documents, newest_key
from audit.recording.owners import scope_of
from audit.verifier.verify import canonical
from control_plane.kernel.pipeline import Pipeline
from control_plane.kernel.scope import across_tenants, current_owner
from control_plane.kernel.words.clock import iso, now

logger = logging.getLogger(__name__)
# Chains that have moved since they were signed last, and those whose anchors have not reached every place.
_MOVED = """
SELECT h.tenant_id FROM audit_head h
LEFT JOIN LATERAL (
    SELECT a.seq, a.is_outside FROM audit_anchor a WHERE a.tenant_id = h.tenant_id ORDER BY a.number DESC LIMIT 1
) a ON true
WHERE a.seq IS DISTINCT FROM h.seq OR NOT a.is_outside
ORDER BY h.tenant_id
"""
MOST_AT_ONCE = 500


def owners_to_anchor() -> list[str]:
    with across_tenants("heads of all tenants that have moved since they were signed"):
        pipeline = Pipeline()
        place = pipeline.add(_MOVED)
        return [row[0] for row in pipeline.run()[place]]


def anchor(owner: str, destinations: list[Destination]) -> Document | None:
    """Sign the head of one chain if it has moved, and bring it to every place. The anchor made, if any.

    Safe if two do it at once: the number is taken once. What could not be brought is brought the next time.
    """
    with scope_of(owner):
        key = newest_key()
    if key is None:
        return None
    try:
        with scope_of(owner):
            made = _signed_head(key)
    except IntegrityError:
        made = None
    _bring_out(owner, destinations)
    return made


def _signed_head(key: SigningKey) -> Document | None:
    owner = current_owner()
    head = AuditHead.objects.filter(tenant_id=owner).first()
    last = AuditAnchor.objects.order_by("-number").first()
    if head is None or (last is not None and last.seq == head.seq):
        return None
    number, at = (last.number if last is not None else 0) + 1, now()
    told = {"kind": "anchor", "tenant": owner, "number": number, "seq": head.seq, "hash": head.hash, "at": iso(at)}
    document = key.signed(told)
    AuditAnchor.objects.create(number=number, seq=head.seq, at=at, document=canonical(document))
    return document


def _bring_out(owner: str, destinations: list[Destination]) -> None:
    with scope_of(owner):
        waiting = list(AuditAnchor.objects.filter(is_outside=False).order_by("number")[:MOST_AT_ONCE])
        keys = key_documents()
    if not waiting:
        return
    lines = [*map(canonical, keys), *(row.document for row in waiting)]
    batch = Batch("anchors", owner, waiting[0].number, waiting[-1].number, lines)
    for destination in destinations:
        try:
            destination.send(batch)
        except DeliveryFailed as error:
            logger.warning("anchors of %s did not reach %s: %s", owner or "the instance", destination.name, error)
            return
    with scope_of(owner):
        AuditAnchor.objects.filter(id__in=[row.id for row in waiting]).update(is_outside=True)


def anchor_documents() -> Iterator[Document]:
    """All anchors of the open scope's chain, in order."""
    for text in AuditAnchor.objects.order_by("number").values_list("document", flat=True).iterator():
        yield json.loads(text)
