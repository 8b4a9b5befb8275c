"""The flow that an execution runs, ready for the engine."""

from __future__ import annotations

import logging
from collections import OrderedDict
from dataclasses import replace
from threading import Lock
from time import monotonic
from typing import Any

from control_plane.kernel.config import config
from control_plane.kernel.scope import current_tenant
from executions.engine.compiled import CompiledFlow, Surroundings, compile_flow
from executions.engine.control import Needs
from executions.engine.scope import references_of
from executions.engine.turns import around
from executions.hooks import Overlay, flow_overlays
from executions.record.rows import Kept
from flows.model.defaults import Defaults
from flows.model.errors import FlowInvalid
from flows.model.flow import Flow as FlowDocument
from flows.model.parse import SAVED, parse_document
from flows.namespace_settings.surroundings import Around, surroundings_of
from flows.queries import parsed_revision

logger = logging.getLogger(__name__)

_KEPT = 512
CHECKED_EVERY = 5.0
"""Seconds for which a process goes by the namespace's settings as it last read them."""


def _compiled(flow: FlowDocument, around: Around, overlay: Overlay | None) -> tuple[CompiledFlow, str | None]:
    """With the namespace's plugin defaults and policies of now; and why it may not begin, if so."""
    flow, refusal = _as_it_runs(flow, Defaults(namespace=around.defaults), overlay)
    surroundings = replace(_of_the_instance(), namespace=around.variables)
    limit, losses = config().limits.execution_bytes, config().worker.max_losses
    return compile_flow(flow, max_losses=losses, message_limit=limit, surroundings=surroundings), refusal


def _as_it_runs(flow: FlowDocument, now: Defaults, overlay: Overlay | None) -> tuple[FlowDocument, str | None]:
    """As it was saved where what surrounds it does not fit it: an execution must end."""
    document, refusal = overlay.lay_over(flow.document, now) if overlay is not None else (flow.document, None)
    is_changed = overlay is not None and document != flow.document
    if not is_changed and now == flow.read_under:
        return flow, refusal
    try:
        return parse_document(document, defaults=now, options=SAVED).flow, refusal
    except FlowInvalid as error:
        logger.warning("what surrounds flow %s of namespace %s does not fit it: %s", flow.id, flow.namespace, error)
        return flow, refusal or (f"the policies do not fit the flow: {error}" if is_changed else None)


def _of_the_instance() -> Surroundings:
    """What the operator gives to every flow."""
    given = config()
    kestra = {"environment": given.variables.environment, "url": given.origin}
    known = {name: value for name, value in kestra.items() if value is not None}
    return Surroundings(envs=given.variables.envs(), globals=given.variables.globals, kestra=known)


class RunningFlow:
    """A compiled revision, with what claims need of its tasks, found once each. `refusal` says why it may not begin."""

    def __init__(
        self, compiled: CompiledFlow, around: Around, overlay: Overlay | None = None, refusal: str | None = None
    ) -> None:
        self.compiled = compiled
        self.around = around
        self.overlay = overlay
        self.refusal = refusal
        self.checked_at = monotonic()
        self._documents: dict[str, dict[str, Any]] = {}
        self._needs: dict[str, Needs] = {}
        self._turns: dict[str, RunningFlow] = {}

    def turn(self, task_id: str) -> RunningFlow:
        """What a turn of one of its loops runs."""
        known = self._turns.get(task_id)
        if known is None:
            known = self._turns[task_id] = RunningFlow(self.compiled.turns[task_id], self.around)
        return known

    def document(self, task_id: str) -> dict[str, Any]:
        """The task as a worker parses it."""
        known = self._documents.get(task_id)
        if known is None:
            known = self._documents[task_id] = self.compiled.document(task_id)
        return known

    def needs(self, task_id: str) -> Needs:
        """The variables its properties may touch."""
        known = self._needs.get(task_id)
        if known is None:
            known = self._needs[task_id] = references_of(self.compiled, self.compiled.task(task_id))
        return known


class _Running:
    """Revisions of all tenants. A revision never changes; the least used leave."""

    def __init__(self) -> None:
        self._flows: OrderedDict[tuple[str, str], RunningFlow] = OrderedDict()
        self._lock = Lock()

    def get(self, revision_id: str) -> RunningFlow:
        key = (current_tenant(), revision_id)
        with self._lock:
            known = self._flows.get(key)
            if known is not None and known.checked_at + CHECKED_EVERY > monotonic():
                self._flows.move_to_end(key)
                return known
        flow = parsed_revision(revision_id)
        around, overlay = surroundings_of(flow.namespace), flow_overlays.of(flow.namespace)
        if known is not None and known.around == around and known.overlay == overlay:
            known.checked_at = monotonic()
            return known
        compiled, refusal = _compiled(flow, around, overlay)
        running = RunningFlow(compiled, around, overlay, refusal)
        with self._lock:
            self._flows[key] = running
            while len(self._flows) > _KEPT:
                self._flows.popitem(last=False)
        return running


_running = _Running()


def running_flow(kept: Kept) -> RunningFlow:
    """What an execution runs: its revision, or of a turn the part of it that its loop holds."""
    running = running_revision(kept.revision_id)
    loop_run = kept.record.loop_run
    for each in reversed(list(around(loop_run)) if loop_run is not None else []):
        running = running.turn(each["taskId"])
    return running


def running_revision(revision_id: str) -> RunningFlow:
    """One revision of the open scope's tenant. NotFound when it was deleted."""
    return _running.get(revision_id)
