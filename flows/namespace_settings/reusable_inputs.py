"""Inputs that a namespace gives to its flows, those of its parents included."""

from __future__ import annotations

from django.db.models import QuerySet
from django.db.models.functions import Length

from control_plane.kernel.words.errors import NotFound
from flows.models import ReusableInputs, ReusableInputsRevision
from tenants.namespaces.inheritance import lineage


def visible_blocks(namespace: str) -> QuerySet[ReusableInputs]:
    """The reusable inputs that a namespace sees: its own, and those of its parents that nearer ones do not hide."""
    rows = ReusableInputs.objects.filter(namespace__in=lineage(namespace))
    nearest = rows.order_by("block_id", Length("namespace").desc()).distinct("block_id")
    return ReusableInputs.objects.filter(pk__in=nearest.values("pk")).order_by("block_id")


def find_block(namespace: str, block_id: str) -> ReusableInputs | None:
    """The block of that name that a namespace sees."""
    return visible_blocks(namespace).filter(block_id=block_id).first()


def get_block(namespace: str, block_id: str) -> ReusableInputs:
    """Raises NotFound."""
    found = find_block(namespace, block_id)
    if found is None:
        raise NotFound(f"Reusable inputs '{namespace}.{block_id}' were not found")
    return found


def block_revision(block: ReusableInputs, number: int) -> ReusableInputsRevision:
    """Raises NotFound."""
    found = block.revisions.filter(revision=number).first()
    if found is None:
        raise NotFound(f"Reusable inputs '{block.namespace}.{block.block_id}' have no revision {number}")
    assert isinstance(found, ReusableInputsRevision)
    return found
