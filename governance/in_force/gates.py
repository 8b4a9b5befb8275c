"""The rules that the rooms below ask before something begins."""

from __future__ import annotations

from control_plane.kernel.words.clock import now
from executions.engine.records import Execution
from executions.hooks import Verdict
from flows.model.flow import Flow
from governance.in_force.snapshot import snapshot
from governance.in_force.switches import Evaluation, Switch, decisive
from plugins.contracts import State

LABEL = "system.killSwitch"
"""Names, on an execution, the switch that stopped or holds it."""
_ENDS = {Evaluation.KILL: State.KILLED, Evaluation.CANCEL: State.CANCELLED}


def judge_start(execution: Execution, flow: Flow) -> Verdict | None:
    """What a kill switch or the maintenance of the instance means for an execution that would begin."""
    known = snapshot.current()
    if not known.switches and not known.is_maintained:
        return None
    switch = deciding(execution.tenant, execution.namespace, execution.flow_id, execution.id)
    if switch is not None and switch.evaluation in _ENDS:
        return Verdict(reason_of(switch), _ENDS[switch.evaluation], {LABEL: switch.id})
    if switch is not None and switch.evaluation is Evaluation.IGNORE:
        return Verdict(reason_of(switch))
    if known.is_maintained:
        return Verdict("The instance is in maintenance: the execution begins when that is over.")
    return None


def deciding(tenant: str, namespace: str, flow_id: str, execution_id: str) -> Switch | None:
    return decisive(
        snapshot.current().switches,
        now(),
        tenant=tenant,
        namespace=namespace,
        flow_id=flow_id,
        execution_id=execution_id,
    )


def reason_of(switch: Switch) -> str:
    """What the log of an execution says of the switch that applies to it."""
    verb = {Evaluation.KILL: "killed", Evaluation.CANCEL: "cancelled"}.get(switch.evaluation, "held")
    because = f": {switch.description}" if switch.description else "."
    return f"The execution is {verb} by the kill switch `{switch.name}`{because}"


def is_maintained() -> bool:
    return snapshot.current().is_maintained
