"""The next revision of a flow, told by what changes."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

from flows.model.documents.compose import compose

Json = Mapping[str, Any]


def changed_source(source: str, step: Json) -> str:
    """`replace` texts, put a `task` in the place of the one of its id, set properties of the flow (`changes`)."""
    for old, new in (step.get("replace") or {}).items():
        assert old in source, f"the flow has no {old!r}"
        source = source.replace(old, new)
    changed, more = step.get("task") or step.get("set_task"), step.get("changes") or step.get("set")
    if changed is None and not more:
        return source
    document = compose(source)
    if changed is not None:
        assert _replace_task(document, changed), f"the flow has no task {changed.get('id')}"
    return json.dumps({**document, **(more or {})}, default=str)


def _replace_task(node: Any, task: Json) -> bool:
    """Put a task in the place of the one of its id, however deep; whether there was one."""
    if isinstance(node, list):
        for place, each in enumerate(node):
            if isinstance(each, dict) and each.get("id") == task.get("id") and "type" in each:
                node[place] = {**each, **task}
                return True
        return any(_replace_task(each, task) for each in node)
    return isinstance(node, dict) and any(_replace_task(each, task) for each in node.values())
