"""The expressions that somebody who writes a flow may use in it, for an editor to offer."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import takewhile

from control_plane.kernel.actor import Context
from control_plane.kernel.authorization import authorizer
from flows.expressions.registry import FILTERS, FUNCTIONS
from flows.expressions.vocabulary import load_vocabulary
from flows.model.flow import Flow
from flows.namespace_settings.surroundings import variables_around
from stores.files.queries import files_of
from stores.kv.queries import living_entries
from stores.permissions import KVSTORE, NAMESPACE_FILE, SECRET
from stores.secrets.queries import inherited_keys
from tenants.namespaces.inheritance import lineage

MOST = 1_000
"""Names of one kind."""

_CONTEXT = (
    *("execution.id", "execution.startDate", "execution.originalId", "execution.state", "execution.outputs"),
    *("flow.id", "flow.namespace", "flow.revision", "flow.tenantId", "labels", "envs", "globals", "namespace"),
    *("task.id", "task.type", "taskrun.id", "taskrun.startDate", "taskrun.attemptsCount", "taskrun.value"),
)


def available(ctx: Context, flow: Flow, task_id: str | None = None) -> dict[str, list[str]]:
    """By kind. Outputs are those of the tasks that stand before this one, of all when none is named."""
    load_vocabulary()
    return {
        "taskOutputs": list(_outputs(flow, task_id)),
        "executionContext": [*map(_shown, _CONTEXT), *_of_triggers(flow)],
        "inputs": [_shown(f"inputs.{each.id}") for each in flow.inputs],
        "variables": [_shown(f"vars.{name}") for name in _variables(flow)],
        "secrets": [_shown(f"secret('{name}')") for name in _secrets(ctx, flow.namespace)],
        "kvPairs": [_shown(f"kv('{name}')") for name in _pairs(ctx, flow.namespace)],
        "namespaceFiles": [_shown(f"read('{name}')") for name in _files(ctx, flow.namespace)],
        "filters": sorted(FILTERS),
        "functions": sorted(FUNCTIONS),
        "appContext": [],
    }


def _shown(expression: str) -> str:
    return f"{{{{ {expression} }}}}"


def _outputs(flow: Flow, task_id: str | None) -> Iterator[str]:
    before = takewhile(lambda walked: walked.task.id != task_id, flow.walk())
    for walked in before:
        for name in type(walked.task).OUTPUTS:
            yield _shown(f"outputs.{walked.task.id}.{name}")


def _of_triggers(flow: Flow) -> list[str]:
    names = dict.fromkeys(name for trigger in flow.triggers for name in type(trigger).OUTPUTS)
    return [_shown(f"trigger.{name}") for name in names]


def _variables(flow: Flow) -> list[str]:
    inherited = (each.name for each in variables_around(flow.namespace))
    return list(dict.fromkeys([*(flow.variables or {}), *inherited]))[:MOST]


def _secrets(ctx: Context, namespace: str) -> list[str]:
    if not authorizer().may(ctx, SECRET.LIST, namespace):
        return []
    return list(dict.fromkeys(key for keys in inherited_keys(namespace).values() for key in keys))[:MOST]


def _pairs(ctx: Context, namespace: str) -> list[str]:
    """With those it inherits."""
    if not authorizer().may(ctx, KVSTORE.LIST, namespace):
        return []
    rows = living_entries().filter(namespace__in=lineage(namespace)).order_by("key")
    return list(dict.fromkeys(rows.values_list("key", flat=True)[:MOST]))


def _files(ctx: Context, namespace: str) -> list[str]:
    if not authorizer().may(ctx, NAMESPACE_FILE.LIST, namespace):
        return []
    paths = files_of(namespace).order_by("path").values_list("path", flat=True)[:MOST]
    return [path.removeprefix("/") for path in paths]
