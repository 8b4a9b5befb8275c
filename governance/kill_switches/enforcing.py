"""Applies kill switches to what already runs, and lets go what they hold no more."""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterator
from datetime import datetime

from django.db.models import Q, QuerySet

from audit.recording.trail import Action, append
from control_plane.kernel.actor import SYSTEM, Change, Context
from control_plane.kernel.places import within
from control_plane.kernel.scope import instance_scope, tenant_scope
from control_plane.kernel.words.clock import now
from control_plane.kernel.words.errors import NotFound
from executions.engine import events as ev
from executions.models import Execution
from executions.permissions import EXECUTION
from executions.record.families import fold_and_write
from executions.record.lines import Line
from executions.record.transitions import Transition, locked
from executions.starts.held import release_all
from governance.in_force.gates import LABEL, deciding, reason_of
from governance.in_force.snapshot import snapshot
from governance.in_force.switches import Evaluation, Switch
from governance.models import KillSwitch
from plugins.contracts import LogLevel
from tenants.models import Tenant

logger = logging.getLogger(__name__)

AT_ONCE = 200
_ENDING = Q(frame__has_key="end_as")
# What is left to do in each kind; an execution that is at its end already is asked nothing more.
_STILL: dict[Evaluation, Q] = {
    Evaluation.KILL: ~Q(state="KILLING"),
    Evaluation.CANCEL: ~(_ENDING | Q(state="KILLING")),
    Evaluation.IGNORE: Q(state__in=["RUNNING", "RETRYING", "RESTARTED"]) & ~_ENDING,
}
_EVENTS: dict[Evaluation, Callable[[datetime, int], ev.Event]] = {
    Evaluation.KILL: lambda at, seed: ev.KillRequested(at=at, seed=seed),
    Evaluation.CANCEL: lambda at, seed: ev.CancelRequested(at=at, seed=seed),
    Evaluation.IGNORE: lambda at, seed: ev.PauseRequested(at=at, seed=seed),
}


class Enforcer:
    """Safe if two run at once: each execution is judged again under its lock."""

    def __init__(self) -> None:
        self._held_by: frozenset[str] | None = None

    def enforce(self) -> bool:
        """All that is to be done now was done, so there is no more: False."""
        known, at = snapshot.current(), now()
        active = [each for each in known.switches if each.holds_at(at)]
        held_by = frozenset([*(f"{each.id} {each.weight}" for each in active), *["maintenance"] * known.is_maintained])
        if held_by != self._held_by:
            _let_go()
            self._held_by = held_by
        for switch in active:
            if switch.evaluation in _STILL:
                _apply(switch)
        return False


def _apply(switch: Switch) -> None:
    for tenant in _tenants(switch.tenant):
        last = ""
        while found := _next(tenant, switch, last):
            for execution_id in found:
                _stop(tenant, execution_id, switch)
            last = found[-1]


def _next(tenant: str, switch: Switch, after: str) -> list[str]:
    with tenant_scope(tenant):
        return list(_covered(switch).filter(id__gt=after).order_by("id").values_list("id", flat=True)[:AT_ONCE])


def _covered(switch: Switch) -> QuerySet[Execution]:
    """Those that a switch of this scope still has to do something about. Turns follow their loop."""
    found = Execution.objects.filter(_STILL[switch.evaluation], end_date=None, loop_run__isnull=True)
    if switch.execution_ids:
        found = found.filter(id__in=switch.execution_ids)
    if switch.flow_id:
        found = found.filter(namespace=switch.namespace, flow_id=switch.flow_id)
    elif switch.namespace:
        found = found.filter(within("namespace", switch.namespace))
    return found


def _stop(tenant: str, execution_id: str, switch: Switch) -> None:
    """Unless a narrower switch decides about it."""
    with tenant_scope(tenant):
        transition = _locked(execution_id)
        if transition is None:
            return
        record = transition.execution
        decided = deciding(tenant, record.namespace, record.flow_id, execution_id)
        if decided is None or decided.id != switch.id:
            return
        record.labels[LABEL] = switch.id
        transition.add_lines([Line(transition.at, LogLevel.WARN.value, reason_of(switch))])
        _tell(transition, switch.id, switch.evaluation.value)
        fold_and_write(transition, _EVENTS[switch.evaluation])


def _let_go() -> None:
    """Something holds from now on, or holds no more: what is held is judged again, and goes on if nothing holds it."""
    release_all()
    with instance_scope():
        holding = list(KillSwitch.objects.filter(evaluation=Evaluation.IGNORE.value, is_lifted=False))
    for switch in holding:
        for tenant in _tenants(switch.for_tenant):
            _resume_all(tenant, switch.id)
        if not switch.is_enabled or (switch.end_date is not None and switch.end_date <= now()):
            with instance_scope():
                KillSwitch.objects.filter(id=switch.id, updated_at=switch.updated_at).update(is_lifted=True)


def _resume_all(tenant: str, switch_id: str) -> None:
    """All that this switch paused and holds no more."""
    with tenant_scope(tenant):
        held = Execution.objects.filter(labels__contains={LABEL: switch_id}, end_date=None)
        found = list(held.values_list("id", flat=True))
    for execution_id in found:
        with tenant_scope(tenant):
            transition = _locked(execution_id)
            if transition is not None:
                _resume(transition, switch_id)


def _resume(transition: Transition, switch_id: str) -> None:
    record = transition.execution
    decided = deciding(record.tenant, record.namespace, record.flow_id, record.id)
    if decided is not None and decided.id == switch_id:
        return
    record.labels.pop(LABEL, None)
    _tell(transition, switch_id, "RESUME")
    fold_and_write(transition, lambda at, seed: ev.ResumeRequested(at=at, seed=seed, is_hold_only=True))


def _tell(transition: Transition, switch_id: str, act: str) -> None:
    """What a switch does to an execution that runs is told like what a person does to it, or not done."""
    record = transition.execution
    detail = {"flowId": record.flow_id, "state": record.state.value, "killSwitch": switch_id, "act": act}
    change = Change(EXECUTION.name, record.id, record.namespace, None, None, detail)
    append(Context(SYSTEM, record.tenant), [change], action=Action.UPDATE, by="governance.kill_switches.enforcing")


def _locked(execution_id: str) -> Transition | None:
    try:
        return locked(execution_id).transition
    except NotFound:
        return None


def _tenants(only: str) -> Iterator[str]:
    if only:
        yield only
        return
    with instance_scope():
        found = list(Tenant.objects.order_by("id").values_list("id", flat=True))
    yield from found
