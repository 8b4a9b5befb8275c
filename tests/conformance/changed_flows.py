"""The next revision of a flow, told by what changes."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

from flows.model.documents.compose import compose

Json = Mapping[str, Any]


CHANGE_WORDS = (
    "replace",
    "task",
    "set_task",
    "update_task",
    "replace_task",
    "task_id",
    "with",
    "new_task",
    "changes",
    "set",
)
_TASK_WORDS = ("set_task", "update_task", "replace_task", "new_task", "with", "task", "replace", "set")


def changed_source(source: str, step: Json) -> str:
    """`replace` texts, put a task in the place of the one of its id, set properties of the flow (`changes`)."""
    name, task = _task_in(step)
    if task is not None:
        document = compose(source)
        assert _replace_task(document, {"id": name, **task}), f"the flow has no task {name or task.get('id')}"
        return json.dumps({**document, **(step.get("changes") or {})}, default=str)
    for old, new in (step.get("replace") or {}).items():
        assert old in source, f"the flow has no {old!r}"
        source = source.replace(old, new)
    more = step.get("changes") or step.get("set")
    return json.dumps({**compose(source), **more}, default=str) if more else source


def _task_in(step: Json) -> tuple[str | None, Json | None]:
    """The id of a task and what replaces it: a map with an id, or one beside the id."""
    given = step.get("task_id", step.get("task"))
    name = given if isinstance(given, str) else None
    for word in _TASK_WORDS:
        task = step.get(word)
        if isinstance(task, Mapping) and (name is not None or "id" in task):
            return name or task.get("id"), task
    assert name is None, f"nothing replaces the task {name}"
    return None, None


def _replace_task(node: Any, task: Json) -> bool:
    """Put a task in the place of the one of its id, however deep; whether there was one."""
    if isinstance(node, list):
        for place, each in enumerate(node):
            if isinstance(each, dict) and each.get("id") == task.get("id") and "type" in each:
                node[place] = {**each, **task}
                return True
        return any(_replace_task(each, task) for each in node)
    return isinstance(node, dict) and any(_replace_task(each, task) for each in node.values())
