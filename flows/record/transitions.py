"""The only writer of flows and their revisions."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from django.db import IntegrityError, transaction

from control_plane.kernel.actor import Context
from control_plane.kernel.words.errors import Invalid, Violation
from control_plane.kernel.words.ids import new_id
from flows.hooks import FlowChanged, tell
from flows.model.parse import ParsedFlow
from flows.models import Flow, FlowRevision
from flows.namespace_settings.surroundings import as_kept


@dataclass(frozen=True, slots=True)
class Saved:
    """What saving did. `is_changed` is False when the source was the one already kept: no revision was made."""

    flow: Flow
    revision: FlowRevision
    before: dict[str, Any] | None
    after: dict[str, Any]
    is_changed: bool


@dataclass(frozen=True, slots=True)
class Draft:
    """What is to be saved: a source that parses, by whom, and whether it is only a draft, as the source may say too."""

    parsed: ParsedFlow
    source: str
    author: str
    is_draft: bool = False

    def __post_init__(self) -> None:
        object.__setattr__(self, "is_draft", self.is_draft or self.parsed.flow.draft)

    def document(self, revision: int) -> dict[str, Any]:
        """What the API will show of it."""
        return {**self.parsed.flow.to_api(revision=revision), "deleted": False, "draft": self.is_draft}


def create(draft: Draft) -> Saved:
    """Save the first revision, or the next one of a flow that was deleted. Invalid when the flow exists."""
    namespace, flow_id = draft.parsed.flow.namespace, draft.parsed.flow.id
    kept = locked(namespace, flow_id)
    if kept is not None and not kept.is_deleted:
        raise _duplicate()
    if kept is not None:
        return _append(kept, draft, before=None)
    try:
        with transaction.atomic():
            return _first(draft)
    except IntegrityError as clash:
        raise _duplicate() from clash


def update(flow: Flow, draft: Draft) -> Saved:
    """Save the next revision. The same source makes none."""
    latest = flow.revisions.order_by("-revision").first()
    assert latest is not None, "a flow has at least one revision"
    if latest.source == draft.source and latest.is_draft == draft.is_draft and not flow.is_deleted:
        return Saved(flow, latest, flow.document, flow.document, is_changed=False)
    return _append(flow, draft, before=None if flow.is_deleted else flow.document)


def delete(flow: Flow, author: str) -> FlowRevision:
    """Write the tombstone: a further revision, marked deleted. What ran goes on running from its own revision."""
    document = {**flow.document, "revision": flow.revision + 1, "deleted": True}
    tombstone = FlowRevision.objects.create(
        flow=flow,
        revision=flow.revision + 1,
        source=flow.source,
        document=document,
        is_deleted=True,
        created_by=author,
    )
    flow.revision, flow.document, flow.is_deleted = tombstone.revision, document, True
    flow.save(update_fields=["revision", "document", "is_deleted", "updated_at"])
    _tell(flow, None)
    return tombstone


def locked(namespace: str, flow_id: str) -> Flow | None:
    """The flow, deleted or not, held until the end of the transaction."""
    return Flow.objects.select_for_update().filter(namespace=namespace, flow_id=flow_id).first()


def _first(draft: Draft) -> Saved:
    document = draft.document(1)
    flow = Flow(namespace=document["namespace"], flow_id=document["id"], revision=1)
    _take(flow, draft, document, revision_id=new_id())
    flow.is_draft = draft.is_draft
    flow.save(force_insert=True)
    revision = _revision(flow, draft, document, flow.revision_id)
    _tell(flow, draft)
    return Saved(flow, revision, None, document, is_changed=True)


def _append(flow: Flow, draft: Draft, before: dict[str, Any] | None) -> Saved:
    number = flow.revision + 1
    document = draft.document(number)
    revision_id = new_id()
    if draft.is_draft and not flow.is_deleted:
        flow.revision = number
        flow.save(update_fields=["revision", "updated_at"])
    else:
        _take(flow, draft, document, revision_id)
        flow.revision, flow.is_deleted, flow.is_draft = number, False, draft.is_draft
        flow.save()
    revision = _revision(flow, draft, document, revision_id)
    _tell(flow, draft)
    return Saved(flow, revision, before, document, is_changed=True)


def _take(flow: Flow, draft: Draft, document: dict[str, Any], revision_id: str) -> None:
    """Let the row show this revision."""
    flow.revision_id = revision_id
    flow.description = document.get("description") or ""
    flow.labels = draft.parsed.flow.label_map
    flow.is_disabled = bool(document.get("disabled"))
    flow.source, flow.document = draft.source, document


def _revision(flow: Flow, draft: Draft, document: dict[str, Any], revision_id: str) -> FlowRevision:
    return FlowRevision.objects.create(
        id=revision_id,
        flow=flow,
        revision=document["revision"],
        source=draft.source,
        document=document,
        plugin_defaults=as_kept(draft.parsed.flow.read_under),
        is_draft=draft.is_draft,
        created_by=draft.author,
    )


def _tell(flow: Flow, draft: Draft | None) -> None:
    """A draft that does not run changes nothing for anybody else."""
    if draft is None or not draft.is_draft:
        parsed = draft.parsed.flow if draft else None
        tell(FlowChanged(flow.namespace, flow.flow_id, flow.revision_id, flow.revision, parsed))


def _duplicate() -> Invalid:
    return Invalid("Flow id already exists", violations=[Violation("Flow id already exists", path="flow.id")])


def record(ctx: Context, saved: Saved) -> None:
    """Tell the audit trail; saving what was already there is no change."""
    if saved.is_changed:
        flow = saved.flow
        ctx.record(
            "FLOW", flow.id, namespace=flow.namespace, before=saved.before, after=saved.after, flowId=flow.flow_id
        )
