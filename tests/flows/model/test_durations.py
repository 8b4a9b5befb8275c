"""One reader of durations, wherever a flow may have one."""

from __future__ import annotations

import pytest

from flows.model.parse import parse_flow

FLOW = """
id: waits
namespace: company.team
tasks:
  - {{id: p, type: io.kestra.plugin.core.flow.Pause, delay: {given}}}
  - id: until
    type: io.kestra.plugin.core.flow.LoopUntil
    condition: "{{{{ true }}}}"
    checkFrequency: {{interval: {given}, maxDuration: {given}}}
    tasks: [{{id: a, type: io.kestra.plugin.core.log.Log, message: a, timeout: {given}}}]
  - id: w
    type: io.kestra.plugin.core.flow.WorkingDirectory
    cache: {{patterns: [x], ttl: {given}}}
    tasks: [{{id: b, type: io.kestra.plugin.core.log.Log, message: b}}]
"""


@pytest.mark.parametrize("given", ["PT1S", "pt1s", "PT5m", "1s", "P1DT2H"])
def test_each_spelling_is_understood_at_each_place(given: str) -> None:
    flow = parse_flow(FLOW.format(given=given))
    assert [task.id for task in flow.flow.tasks] == ["p", "until", "w"]
