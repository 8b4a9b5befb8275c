"""The only writer of reusable inputs and their revisions."""

from __future__ import annotations

from django.db import connection

from control_plane.kernel.scope import current_tenant
from flows.model.inputs.blocks import ParsedBlock
from flows.models import ReusableInputs, ReusableInputsRevision


def locked(namespace: str, block_id: str) -> ReusableInputs | None:
    """The block, held until the end of the transaction. Two first writes of one come one after the other."""
    with connection.cursor() as cursor:
        name = f"reusable-inputs:{current_tenant()}:{namespace}:{block_id}"
        cursor.execute("SELECT pg_advisory_xact_lock(hashtextextended(%s, 0))", [name])
    return ReusableInputs.objects.select_for_update().filter(namespace=namespace, block_id=block_id).first()


def save(
    kept: ReusableInputs | None, namespace: str, parsed: ParsedBlock, source: str, author: str
) -> tuple[ReusableInputs, bool]:
    """The next revision, and whether there is one: the same source again makes none."""
    if kept is not None and kept.source == source:
        return kept, False
    block = kept or ReusableInputs(namespace=namespace, block_id=parsed.block.id, revision=0)
    block.revision += 1
    block.source = source
    block.document = {**parsed.document, "id": parsed.block.id, "namespace": namespace}
    block.save()
    ReusableInputsRevision.objects.create(
        block=block, revision=block.revision, source=source, document=block.document, created_by=author
    )
    return block, True


def delete(block: ReusableInputs) -> None:
    """With all its revisions."""
    block.revisions.all().delete()
    ReusableInputs.objects.filter(pk=block.pk).delete()
