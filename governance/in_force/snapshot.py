"""What holds now, as this process knows it: read again after a second, so a start costs no query of its own."""

from __future__ import annotations

import time
from collections.abc import Callable
from contextlib import nullcontext
from dataclasses import dataclass
from threading import Lock

from control_plane.kernel.scope import instance_scope, may_read_instance, tenant_or_none
from governance.in_force.switches import Evaluation, Switch
from governance.models import KillSwitch, Maintenance

SECONDS = 1.0
"""How long a change made by another process may stay unseen."""


@dataclass(frozen=True, slots=True)
class InForce:
    """All switches that are enabled, those to come included, and whether the instance is in maintenance."""

    switches: tuple[Switch, ...] = ()
    is_maintained: bool = False


class Snapshot:
    """One thread reads at a time; the others go on with what is known. Where nothing can be read, so does everybody:
    whoever asks inside a look across tenants asks once before it, too."""

    def __init__(self, read: Callable[[], InForce], clock: Callable[[], float] = time.monotonic) -> None:
        self._read = read
        self._clock = clock
        self._lock = Lock()
        self._known = InForce()
        self._until = 0.0

    def current(self) -> InForce:
        if self._clock() < self._until or not may_read_instance():
            return self._known
        if not self._lock.acquire(blocking=self._until == 0.0):
            return self._known
        try:
            if self._clock() >= self._until:
                self._known = self._read()
                self._until = self._clock() + SECONDS
            return self._known
        finally:
            self._lock.release()

    def forget(self) -> None:
        """The next question reads: something was changed by this process."""
        self._until = 0.0


def _read() -> InForce:
    with nullcontext() if tenant_or_none() else instance_scope():
        rows = KillSwitch.objects.filter(is_enabled=True, is_deleted=False)
        return InForce(tuple(_switch(row) for row in rows), Maintenance.objects.exists())


def _switch(row: KillSwitch) -> Switch:
    return Switch(
        id=row.id,
        name=row.name,
        evaluation=Evaluation(row.evaluation),
        start=row.start_date,
        end=row.end_date,
        tenant=row.for_tenant,
        namespace=row.namespace,
        flow_id=row.flow_id,
        execution_ids=frozenset(row.execution_ids),
        description=row.description,
    )


snapshot = Snapshot(_read)
