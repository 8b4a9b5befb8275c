"""The flow that an execution runs, ready for the engine."""

from __future__ import annotations

from collections import OrderedDict
from threading import Lock
from typing import Any

from control_plane.kernel.config import config
from control_plane.kernel.scope import current_tenant
from executions.engine.compiled import CompiledFlow, compile_flow
from executions.engine.control import Needs
from executions.engine.scope import references_of
from flows.queries import parsed_revision

_KEPT = 512


class RunningFlow:
    """A compiled revision, with what claims need of its tasks, found once each."""

    def __init__(self, compiled: CompiledFlow) -> None:
        self.compiled = compiled
        self._documents: dict[str, dict[str, Any]] = {}
        self._needs: dict[str, Needs] = {}

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
            if known is not None:
                self._flows.move_to_end(key)
                return known
        running = RunningFlow(compile_flow(parsed_revision(revision_id), max_losses=config().worker.max_losses))
        with self._lock:
            self._flows[key] = running
            while len(self._flows) > _KEPT:
                self._flows.popitem(last=False)
        return running


_running = _Running()


def running_revision(revision_id: str) -> RunningFlow:
    """One revision of the open scope's tenant. NotFound when it was deleted."""
    return _running.get(revision_id)
