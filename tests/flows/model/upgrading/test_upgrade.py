"""What an upgrade makes of old forms, and what it leaves with its reason."""

from __future__ import annotations

import pytest

from flows.model.errors import FlowInvalid
from flows.model.upgrading.upgrade import difference, upgrade

LOG = "io.kestra.plugin.core.log.Log"
FOR_EACH = "io.kestra.plugin.core.flow.ForEach"
LOOP = "io.kestra.plugin.core.flow.Loop"
RETURN = "io.kestra.plugin.core.debug.Return"
HEAD = "id: f\nnamespace: company\n"
TASKS = f"tasks:\n  - {{id: l, type: {LOG}, message: x}}\n"


def loop(body: str, *, values: str = '["a", "b"]', type: str = FOR_EACH, more: str = "", after: str = "") -> str:
    """A flow with one loop over `body`, the tasks in it."""
    lines = [f"tasks:\n  - id: each  # the loop\n    type: {type}", f"    values: {values}"]
    tasks = "\n".join(f"      {line}" for line in body.splitlines())
    return HEAD + "\n".join([*lines, *([more] if more else []), "    tasks:", tasks, after]) + "\n"


def say(expression: str, id: str = "say") -> str:
    return f'- id: {id}\n  type: {RETURN}\n  format: "{expression}"'


def test_a_flow_of_today_stays_as_it_is() -> None:
    found = upgrade(HEAD + TASKS)
    assert found.source == HEAD + TASKS and not found.changes and not found.left


def test_what_is_no_valid_flow_is_refused() -> None:
    with pytest.raises(FlowInvalid):
        upgrade("id: f\n")


def test_types_have_the_name_of_today() -> None:
    found = upgrade(HEAD + TASKS.replace(LOG, "io.kestra.core.tasks.log.Log"))
    assert found.source == HEAD + TASKS
    assert [(note.line, note.message) for note in found.changes] == [(4, f"io.kestra.core.tasks.log.Log is {LOG}")]


def test_inputs_have_ids_and_the_types_of_today() -> None:
    old = (
        HEAD + "inputs:\n  - name: a  # yes or no\n    type: BOOLEAN\n  - {name: e, type: ENUM, values: [x]}\n" + TASKS
    )
    new = HEAD + "inputs:\n  - id: a  # yes or no\n    type: BOOL\n  - {id: e, type: SELECT, values: [x]}\n" + TASKS
    assert upgrade(old).source == new


def test_properties_have_the_names_of_today() -> None:
    retry = "retry: {type: constant, interval: PT1S, maxAttempt: 2}\n"
    assert upgrade(HEAD + retry + TASKS).source == HEAD + retry.replace("maxAttempt", "maxAttempts") + TASKS


def test_defaults_of_plugins_are_renamed_and_told_to_stay() -> None:
    found = upgrade(HEAD + f"taskDefaults:\n  - {{type: {LOG}, values: {{level: WARN}}}}\n" + TASKS)
    assert "pluginDefaults:" in found.source
    assert [note.line for note in found.left] == [3] and "keep them with the namespace" in found.left[0].message


def test_what_echoed_logs() -> None:
    found = upgrade(HEAD + "tasks:\n  - id: e\n    type: io.kestra.plugin.core.debug.Echo\n    format: hello # loud\n")
    assert found.source == HEAD + f"tasks:\n  - id: e\n    type: {LOG}\n    message: hello # loud\n"


def test_a_pause_has_a_duration() -> None:
    pause = "tasks:\n  - {id: p, type: io.kestra.plugin.core.flow.Pause, delay: PT1S}\n"
    assert upgrade(HEAD + pause).source == HEAD + pause.replace("delay", "pauseDuration")


def test_tasks_of_a_pause_stay_and_say_so() -> None:
    pause = f"tasks:\n  - id: p\n    type: io.kestra.plugin.core.flow.Pause\n    tasks:\n      - {{id: l, type: {LOG}, message: x}}\n"
    found = upgrade(HEAD + pause)
    assert found.source == HEAD + pause and [note.line for note in found.left] == [6]


def trigger(*lines: str, type: str = "Schedule", more: str = 'cron: "0 0 * * *"') -> str:
    head = ["triggers:", "  - id: t", f"    type: io.kestra.plugin.core.trigger.{type}"]
    return (
        HEAD + TASKS + "\n".join([*head, *([f"    {more}"] if more else []), *(f"    {line}" for line in lines)]) + "\n"
    )


EXPRESSION = "- type: io.kestra.plugin.core.condition.Expression"


def test_expressions_of_a_trigger_stand_under_when() -> None:
    old = trigger("conditions:", f"  {EXPRESSION}", "    expression: \"{{ a == 'b' }}\"")
    assert upgrade(old).source == trigger("when: '{{ a == ''b'' }}'")


def test_several_conditions_are_joined() -> None:
    first = [f"  {EXPRESSION}", '    expression: "{{ a }}"']
    inner = [
        f"      {EXPRESSION}",
        '        expression: "{{ b }}"',
        f"      {EXPRESSION}",
        '        expression: "{{ c }}"',
    ]
    nots = ["  - type: io.kestra.plugin.core.condition.Not", "    conditions:", *inner]
    assert "when: '{{ (a) and (not ((b) or (c))) }}'" in upgrade(trigger("conditions:", *first, *nots)).source


def test_a_condition_joins_what_stands_under_when_already() -> None:
    old = trigger('when: "{{ w }}"', "conditions:", f"  {EXPRESSION}", '    expression: "{{ a }}"')
    assert upgrade(old).source == trigger("when: '{{ (w) and (a) }}'")


def test_a_condition_on_the_calendar_stays_and_says_so() -> None:
    old = trigger("conditions:", "  - type: io.kestra.plugin.core.condition.Weekend")
    found = upgrade(old)
    assert found.source == old and "Weekend has no expression" in found.left[0].message and found.left[0].line == 9


def test_a_flow_trigger_depends_on_a_flow() -> None:
    conditions = [
        "conditions:",
        "  # only when it went well",
        "  - type: io.kestra.plugin.core.condition.ExecutionFlow",
        "    namespace: company",
        "    flowId: up",
        "  - type: io.kestra.plugin.core.condition.ExecutionStatus",
        "    in: [SUCCESS, WARNING]",
    ]
    depends = [
        "# only when it went well",
        "dependsOn:",
        "  - namespace: company",
        "    flowId: up",
        "states: [SUCCESS, WARNING]",
    ]
    assert upgrade(trigger(*conditions, type="Flow", more="")).source == trigger(*depends, type="Flow", more="")


def test_a_flow_trigger_on_outputs_stays_and_says_so() -> None:
    condition = "  - {type: io.kestra.plugin.core.condition.ExecutionOutputs, expression: '{{ trigger.outputs.a }}'}"
    old = trigger("conditions:", condition, type="Flow", more="")
    found = upgrade(old)
    assert found.source == old and "is no dependency on a flow" in found.left[0].message


def test_a_loop_reads_its_item() -> None:
    found = upgrade(loop(say("{{ taskrun.value }} {{ taskrun.iteration }} {{ taskrun.id }}")))
    assert found.source == loop(say("{{ item.value }} {{ item.index }} {{ taskrun.id }}"), type=LOOP)
    assert found.changes[-1].message == "ForEach `each` is a Loop" and not found.left and not found.cautions


def test_a_loop_reads_the_outputs_of_its_turn() -> None:
    old = "\n".join(
        [say("x", "a"), say("{{ outputs.a[taskrun.value].value }}{{ currentEachOutput(outputs.a).value }}")]
    )
    new = "\n".join([say("x", "a"), say("{{ outputs.a.value }}{{ outputs.a.value }}")])
    assert upgrade(loop(old)).source == loop(new, type=LOOP)


def test_a_loop_in_a_loop_reads_the_item_around() -> None:
    inner = f'- id: in\n  type: {FOR_EACH}\n  values: ["c"]\n  tasks:\n    - id: say\n      type: {RETURN}\n'
    old = inner + '      format: "{{ parent.taskrun.value }}{{ parents[0].taskrun.value }}{{ taskrun.value }}"'
    new = (
        inner.replace(FOR_EACH, LOOP) + '      format: "{{ item.parent.value }}{{ item.parent.value }}{{ item.value }}"'
    )
    assert upgrade(loop(old)).source == loop(new, type=LOOP)


def test_a_task_under_an_if_of_a_loop_reads_the_item() -> None:
    branch = "- id: if\n  type: io.kestra.plugin.core.flow.If\n  condition: \"{{ %s == 'a' }}\"\n  then:\n    - id: s\n"
    rest = f'      type: {RETURN}\n      format: "{{{{ %s }}}}"'
    old = branch % "taskrun.value" + rest % "parent.taskrun.value"
    new = branch % "item.value" + rest % "item.value"
    assert upgrade(loop(old)).source == loop(new, type=LOOP)


def test_sequential_and_parallel_loops_are_loops() -> None:
    old = loop(say("{{ taskrun.value }}"), type="io.kestra.plugin.core.flow.EachParallel").replace("values:", "value:")
    new = loop(say("{{ item.value }}"), type=f"{LOOP}\n    concurrencyLimit: 0")
    assert upgrade(old).source == new
    old = old.replace("EachParallel", "EachSequential")
    assert upgrade(old).source == loop(say("{{ item.value }}"), type=LOOP)


def test_values_that_are_only_known_later_are_a_caution() -> None:
    found = upgrade(loop(say("x"), values='"{{ inputs.list }}"'))
    assert LOOP in found.source and "runs equal values of a list once" in found.cautions[0].message


STAYS = {
    "read of another turn": loop("\n".join([say("x", "a"), say("{{ outputs.a.b.value }}")])),
    "read of all turns": loop("\n".join([say("x", "a"), say("{{ outputs.a }}")])),
    "are read outside of it": loop(
        say("x"), after=f'  - id: z\n    type: {RETURN}\n    format: "{{{{ outputs.say.a.value }}}}"'
    ),
    "read as a whole": loop(say("{{ parents }}")),
    "equal values once": loop(say("x"), values='["a", "a"]'),
    "takes no null": loop(say("x"), values="'[1, null]'"),
    "`retry` has another meaning": loop(say("x"), more="    retry: {type: constant, interval: PT1S, maxAttempts: 2}"),
    "does not end in WARNING": loop(say("x") + "\n  allowFailure: true"),
    "stay in it": loop("- {id: l, type: io.kestra.plugin.core.execution.Labels, labels: {a: b}}"),
    "rendered again": loop(say("{{ render(vars.a) }}")),
    "is a number": loop(say("x"), more='    concurrencyLimit: "{{ 2 }}"'),
}


@pytest.mark.parametrize("reason", list(STAYS))
def test_a_loop_that_would_do_something_else_stays_and_says_why(reason: str) -> None:
    found = upgrade(STAYS[reason])
    assert found.source == STAYS[reason] and not found.changes
    assert any(reason in note.message and note.line == 4 for note in found.left), found.left


def test_a_loop_over_batches_stays_and_says_why() -> None:
    body = "items: kestra:///a.ion, namespace: company, flowId: sub"
    old = HEAD + f"tasks:\n  - {{id: i, type: io.kestra.plugin.core.flow.ForEachItem, {body}}}\n"
    found = upgrade(old)
    assert found.source == old and "a file for each batch" in found.left[0].message


def test_old_tasks_without_a_newer_form_are_told_with_their_line() -> None:
    found = upgrade(HEAD + TASKS + "  - {id: s, type: io.kestra.plugin.core.state.Get}\n")
    assert [note.line for note in found.left] == [5]


def test_a_difference_is_told_line_by_line() -> None:
    assert (
        difference("a\nb\n", "a\nc\n", "f.yaml") == "--- f.yaml (old)\n+++ f.yaml (new)\n@@ -1,2 +1,2 @@\n a\n-b\n+c\n"
    )
    assert difference("a\n", "a\n") == ""


def test_outputs_of_a_loop_are_no_tasks() -> None:
    declared = '    outputs: [{id: a, type: STRING, value: "{{ outputs.say.value }}"}]'
    new = loop(say("{{ item.value }}"), type=LOOP, more=declared)
    assert upgrade(new).source == new
    outer = f"  - id: z\n    type: {RETURN}\n    format: \"{{{{ outputs.a.value ?? '' }}}}\""
    old = loop(say("{{ taskrun.value }}"), after=outer)
    assert upgrade(old).source == loop(say("{{ item.value }}"), type=LOOP, after=outer)


def test_a_worker_group_stays_and_says_what_is_newer() -> None:
    task = f"tasks:\n  - {{id: l, type: {LOG}, message: x, workerGroup: {{key: gpu}}}}\n"
    found = upgrade(HEAD + "workerGroup: {key: own}\n" + task)
    assert found.source == HEAD + "workerGroup: {key: own}\n" + task
    assert [(note.line, "`workerSelector`" in note.message) for note in found.left] == [(3, True), (5, True)]
