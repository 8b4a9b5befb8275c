"""What quotas mean for an execution that would begin."""

from __future__ import annotations

import math
import time
from threading import Lock

from control_plane.kernel.words.errors import QuotaExceeded
from executions.engine.records import Execution
from executions.engine.start import FROM
from executions.hooks import Verdict
from flows.model.flow import Flow
from governance.quotas.counting import Counted, count_one, locked_counts
from governance.quotas.definitions import Kind, Quota, in_settings, quotas_in
from plugins.contracts import State
from tenants.queries import namespace_settings, tenant_settings

SECONDS = 2.0
"""How long a change of quotas may stay unseen."""
_MOST_KNOWN = 4096
_ENDS = {"FAIL": State.FAILED, "CANCEL": State.CANCELLED}


class Known:
    """The quotas of tenants and namespaces, as they were read a moment ago: a start costs no query of its own."""

    def __init__(self) -> None:
        self._known: dict[tuple[str, str], tuple[float, tuple[Quota, ...]]] = {}
        self._lock = Lock()

    def of(self, tenant: str, namespace: str) -> tuple[Quota, ...]:
        """In the tenant's scope."""
        key, at = (tenant, namespace), time.monotonic()
        with self._lock:
            until, found = self._known.get(key, (0.0, ()))
        if at < until:
            return found
        settings = [("", tenant_settings()), *((each.name, each.settings) for each in namespace_settings(namespace))]
        found = in_settings(settings)
        with self._lock:
            if len(self._known) >= _MOST_KNOWN:
                self._known.clear()
            self._known[key] = (at + SECONDS, found)
        return found

    def forget(self) -> None:
        with self._lock:
            self._known.clear()


known = Known()


def judge_quotas(execution: Execution, flow: Flow) -> Verdict | None:
    """The first that is used up decides; an execution that begins is counted in all of them.

    Raises QuotaExceeded for one that somebody asks for over the API, where a tenant or a namespace has no more room.
    """
    quotas = [
        *known.of(execution.tenant, execution.namespace),
        *quotas_in(flow.quotas, flow.namespace, flow.id),
    ]
    if not quotas:
        return None
    counted = locked_counts(execution.tenant, quotas, execution.id)
    used_up = next((each for each in counted if each.is_used_up), None)
    if used_up is None:
        count_one(execution.tenant, counted)
        return None
    return _verdict(used_up, execution)


def _verdict(used_up: Counted, execution: Execution) -> Verdict:
    quota = used_up.quota
    reason = f"{quota.told}, is used up"
    if quota.behavior == "QUEUE":
        return Verdict(f"The execution waits: {reason}")
    if quota.behavior == "FAIL" and not quota.flow_id and execution.labels.get(FROM) == "api":
        seconds = max(1, math.ceil(used_up.seconds_left)) if quota.kind is Kind.EXECUTIONS else 60
        raise QuotaExceeded(f"{reason[0].upper()}{reason[1:]}", retry_after=seconds)
    return Verdict(f"{reason[0].upper()}{reason[1:]}", _ENDS.get(quota.behavior, State.FAILED))
