"""Exit: end the execution here."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, ClassVar

from plugins.contracts import PluginError, Property, State
from plugins.contracts.plans import EndingTask

_STATES = {state.value: state for state in (State.SUCCESS, State.WARNING, State.FAILED, State.KILLED, State.CANCELLED)}


class Exit(EndingTask):
    """End the execution in a state of its own. Nothing more begins but what stands in `afterExecution`.

    Tasks that run beside it are let end. In a turn of a Loop it ends the turn alone.
    """

    TYPE: ClassVar[str] = "io.kestra.plugin.core.execution.Exit"
    TITLE: ClassVar[str] = "End the execution"
    EXAMPLES: ClassVar[tuple[str, ...]] = (
        """
id: exit_early
namespace: company.team
inputs:
  - id: go_on
    type: BOOL
    defaults: false
tasks:
  - id: enough
    type: io.kestra.plugin.core.execution.Exit
    runIf: "{{ not inputs.go_on }}"
  - id: more
    type: io.kestra.plugin.core.log.Log
    message: "Going on"
""",
    )

    state: Property[str] = Property("SUCCESS")
    """SUCCESS, WARNING, FAILED, KILLED or CANCELLED."""

    def control(self) -> Mapping[str, Any]:
        return {"state": self.state.source}

    def end_state(self, values: Mapping[str, Any]) -> State:
        state = _STATES.get(str(values["state"]))
        if state is None:
            known = ", ".join(_STATES)
            raise PluginError(f"`state` must be one of {known}, but is `{values['state']}`", retryable=False)
        return state
