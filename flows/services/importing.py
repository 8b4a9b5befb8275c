"""Bring in flows that were exported or written elsewhere."""

from __future__ import annotations

from dataclasses import dataclass, field

from audit.recording.commands import Target, command
from control_plane.kernel.actor import Context
from control_plane.kernel.words.errors import Invalid
from flows.access import defaults_for
from flows.exchange.archive import unpack
from flows.exchange.documents import read_documents
from flows.model.errors import FlowInvalid
from flows.model.parse import ParsedFlow
from flows.permissions import FLOW
from flows.services.bulk import Wanted, save, wanted_flow


@dataclass(slots=True)
class Upload:
    """Flows as a zip or as YAML documents. Read once: the rights it needs and what is saved come of one reading.

    With `fails_on_error` one that is invalid refuses all, else it is left out and named in `refused`.
    """

    content: bytes
    fails_on_error: bool = False
    refused: list[str] = field(default_factory=list)

    def read(self, ctx: Context) -> list[tuple[str, ParsedFlow]]:
        """Every valid document with its text, in the order in which flows are locked."""
        readable: list[tuple[str, ParsedFlow]] = []
        self.refused = []
        defaults = defaults_for(ctx)
        for entry, text in unpack(self.content):
            documents = list(read_documents(text, defaults))
            for number, (source, outcome) in enumerate(documents, 1):
                if isinstance(outcome, ParsedFlow):
                    readable.append((source, outcome))
                    continue
                told = f"{_place(entry, number, len(documents))}: {outcome.message}"
                if self.fails_on_error:
                    raise Invalid(told, violations=outcome.violations)
                self.refused.append(told)
        return sorted(readable, key=lambda each: (each[1].flow.namespace, each[1].flow.id))


def _place(entry: str, number: int, count: int) -> str:
    """Where a document stands: the entry of the archive, and which of several documents."""
    document = f"document {number}" if count > 1 or not entry else ""
    return ", ".join(filter(None, (entry, document)))


@dataclass(frozen=True, slots=True)
class Imported:
    """What came in, as `namespace.id`, and the sentence for each document that did not."""

    flows: list[str]
    refused: list[str]


def uploaded_flows(ctx: Context, *, upload: Upload) -> list[Target]:
    """Each readable document, with the right it needs beside IMPORT: create or update."""
    wanted = [wanted_flow(source, parsed) for source, parsed in upload.read(ctx)]
    imports = [Target(None, each.parsed.flow.namespace, exists=False) for each in wanted]
    saves = [each.target for each in wanted]
    return imports + saves


@command(FLOW.IMPORT, on=uploaded_flows)
def import_flows(ctx: Context, *, upload: Upload) -> Imported:
    """Create or update every flow of the upload. One that may not be saved is treated as one that is invalid."""
    saved = []
    for each in ctx.target:  # type: ignore[attr-defined]  # `uploaded_flows` returns a list
        if not isinstance(each, Wanted):
            continue
        try:
            saved.append(save(ctx, each))
        except FlowInvalid as refused:
            if upload.fails_on_error:
                raise
            upload.refused.append(f"{each.parsed.flow.namespace}.{each.parsed.flow.id}: {refused.message}")
    return Imported([f"{each.flow.namespace}.{each.flow.flow_id}" for each in saved], upload.refused)
