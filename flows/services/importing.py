"""Bring in flows that were exported or written elsewhere."""

from __future__ import annotations

from dataclasses import dataclass

from audit.commands import Target, command
from control_plane.kernel.actor import Context
from flows.archive import unpack
from flows.documents import read_documents
from flows.model.parse import ParsedFlow
from flows.permissions import FLOW
from flows.services.bulk import Wanted, save, wanted_flow


@dataclass(frozen=True, slots=True)
class Imported:
    """What came in, as `namespace.id`, and the sentence for each document that did not."""

    flows: list[str]
    refused: list[str]


def uploaded_flows(ctx: Context, *, content: bytes, fails_on_error: bool) -> list[Target]:
    """Each readable document, with the right it needs beside IMPORT: create or update."""
    readable, _ = _read(content, fails_on_error)
    wanted = [wanted_flow(source, parsed) for source, parsed in readable]
    imports = [Target(None, each.parsed.flow.namespace, each.exists) for each in wanted]
    saves = [Target(each, each.parsed.flow.namespace, each.exists, each.right) for each in wanted]
    return imports + saves


@command(FLOW.IMPORT, on=uploaded_flows)
def import_flows(ctx: Context, *, content: bytes, fails_on_error: bool) -> Imported:
    """Create or update every flow of a zip or of YAML documents.

    With `fails_on_error` one that is invalid refuses all, else it is left out and named.
    """
    _, refused = _read(content, fails_on_error)
    saved = [save(ctx, each) for each in ctx.target if isinstance(each, Wanted)]  # type: ignore[attr-defined]  # a list
    return Imported([f"{each.flow.namespace}.{each.flow.flow_id}" for each in saved], refused)


def _read(content: bytes, fails_on_error: bool) -> tuple[list[tuple[str, ParsedFlow]], list[str]]:
    readable: list[tuple[str, ParsedFlow]] = []
    refused: list[str] = []
    for text in unpack(content):
        for source, outcome in read_documents(text):
            if isinstance(outcome, ParsedFlow):
                readable.append((source, outcome))
            elif fails_on_error:
                raise outcome
            else:
                refused.append(outcome.message)
    return sorted(readable, key=lambda each: (each[1].flow.namespace, each[1].flow.id)), refused
