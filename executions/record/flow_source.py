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
from executions.record.rows import Kept
from flows.model.defaults import Defaults
from flows.model.errors import FlowInvalid
from flows.model.flow import Flow as FlowDocument
from flows.model.parse import SAVED, with_defaults
from flows.namespace_settings.surroundings import Around, surroundings_of
from flows.queries import parsed_revision

logger = logging.getLogger(__name__)

_KEPT = 512
CHECKED_EVERY = 5.0
"""Seconds for which a process goes by the namespace's settings as it last read them."""


def _compiled(flow: FlowDocument, around: Around) -> CompiledFlow:
    """With the namespace's plugin defaults of now; as it was saved where they do not fit: an execution must end."""
    now = Defaults(namespace=around.defaults)
    if now != flow.read_under:
        try:
            flow = with_defaults(flow, now, SAVED)
        except FlowInvalid as error:
            logger.warning("plugin defaults of namespace %s do not fit flow %s: %s", flow.namespace, flow.id, error)
    surroundings = replace(_of_the_instance(), namespace=around.variables)
    return compile_flow(flow, max_losses=config().worker.max_losses, surroundings=surroundings)


def _of_the_instance() -> Surroundings:
    """What the operator gives to every flow."""
    given = config()
    kestra = {"environment": given.variables.environment, "url": given.origin}
    known = {name: value for name, value in kestra.items() if value is not None}
    return Surroundings(envs=given.variables.envs(), globals=given.variables.globals, kestra=known)


class RunningFlow:
    """A compiled revision, with what claims need of its tasks, found once each."""

    def __init__(self, compiled: CompiledFlow, around: Around) -> None:
        self.compiled = compiled
        self.around = around
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
        around = surroundings_of(flow.namespace)
        if known is not None and known.around == around:
            known.checked_at = monotonic()
            return known
        running = RunningFlow(_compiled(flow, around), around)
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
