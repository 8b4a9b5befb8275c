"""The services behind a simulated job: what tasks and expressions may ask of the world."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from executions.engine import events as ev
from executions.engine.records import TaskRun
from plugins.contracts import PluginError, State

if TYPE_CHECKING:
    from executions.engine.simulator.world import Simulated, Simulator

Answer = Callable[..., Any]


def answers_for(world: Simulator, execution: Simulated, run: TaskRun | None) -> dict[str, dict[str, Answer]]:
    """Every service by name, its methods by name."""
    return {
        "kv": _kv(world, execution),
        "secrets": {"read": lambda key, namespace=None: _secret(world, key)},
        "expressions": {
            "error_logs": lambda: list(execution.ledger.error_logs()),
            "tasks_with_state": lambda state: _with_state(execution, state),
        },
        "storage": _storage(world),
        "files": _files(world, execution),
        "state": _state(world, execution),
        "logs": {"fetch": lambda **asked: _logs(execution, **asked)},
        "executions": {
            "child_outputs": lambda task_id: _child_outputs(world, execution, task_id),
            "resume": lambda execution_id, inputs=None, **_: _resume(world, execution_id, inputs),
        },
    }


def _secret(world: Simulator, key: str) -> str:
    found = world.shelves.secrets.get(key.upper())
    if found is None:
        raise PluginError(f"Cannot find secret for key '{key}'.", retryable=False)
    return found


def _kv(world: Simulator, execution: Simulated) -> dict[str, Answer]:
    own = execution.execution.namespace
    pairs = world.shelves.kv

    def find(key: str, namespace: str | None = None) -> dict[str, Any] | None:
        place = (namespace or own, key)
        return {"value": pairs[place]} if place in pairs else None

    def put(key: str, value: Any, namespace: str | None = None, **_: Any) -> None:
        pairs[namespace or own, key] = value

    def delete(key: str, namespace: str | None = None, **_: Any) -> bool:
        return pairs.pop((namespace or own, key), None) is not None

    def keys(namespace: str | None = None, prefix: str | None = None, **_: Any) -> list[str]:
        return sorted(key for place, key in pairs if place == (namespace or own) and key.startswith(prefix or ""))

    return {"find": find, "put": put, "set": put, "delete": delete, "keys": keys}


def _storage(world: Simulator) -> dict[str, Answer]:
    return {
        "size": lambda uri: len(world.shelves.read(uri)),
        "exists": lambda uri: uri.removeprefix("kestra://") in world.shelves.files,
        "delete": lambda uri, **_: world.shelves.files.pop(uri.removeprefix("kestra://"), None) is not None,
    }


def _files(world: Simulator, execution: Simulated) -> dict[str, Answer]:
    def of(namespace: str | None) -> dict[str, bytes]:
        return world.shelves.namespace_files.setdefault(namespace or execution.execution.namespace, {})

    return {
        "list": lambda namespace=None, **_: sorted(of(namespace)),
        "delete": lambda path, namespace=None, **_: of(namespace).pop(path, None) is not None,
    }


def _state(world: Simulator, execution: Simulated) -> dict[str, Answer]:
    record = execution.execution

    def place(name: str, value: str | None, namespace: bool) -> tuple[str, ...]:
        own = (record.namespace,) if namespace else (record.namespace, record.flow_id)
        return (*own, name, value or "")

    def find(name: str = "default", value: str | None = None, namespace: bool = False, **_: Any) -> Any:
        return world.shelves.states.get(place(name, value, namespace))

    def put(data: Any, name: str = "default", value: str | None = None, namespace: bool = False, **_: Any) -> Any:
        world.shelves.states[place(name, value, namespace)] = dict(data)
        return dict(data)

    def delete(name: str = "default", value: str | None = None, namespace: bool = False, **_: Any) -> bool:
        return world.shelves.states.pop(place(name, value, namespace), None) is not None

    return {"find": find, "put": put, "delete": delete}


def _with_state(execution: Simulated, state: str) -> list[dict[str, Any]]:
    return [
        {"taskId": run.task_id, "value": run.value, "state": run.state.value}
        for run in execution.runs
        if run.state.value == state
    ]


def _logs(execution: Simulated, **asked: Any) -> list[dict[str, Any]]:
    tasks = asked.get("task_ids") or asked.get("tasks_id")
    return [
        {"taskId": line.task_id, "message": line.message, "level": line.level.value, "timestamp": line.date.isoformat()}
        for line in execution.logs
        if not tasks or line.task_id in tasks
    ]


def _child_outputs(world: Simulator, execution: Simulated, task_id: str) -> list[dict[str, Any]]:
    run = execution.runs_of(task_id)[-1]
    children = sorted(
        (iteration or 0, child_id)
        for (run_id, iteration, attempt), child_id in execution.children.items()
        if run_id == run.id and attempt == len(run.attempts)
    )
    outputs = (world.executions[child_id].execution.outputs for _, child_id in children)
    return [dict(each) for each in outputs if each]


def _resume(world: Simulator, execution_id: str, inputs: Any) -> dict[str, Any]:
    target = world.executions.get(execution_id)
    if target is None or target.state is not State.PAUSED:
        raise PluginError(f"The execution {execution_id} is not paused", retryable=False)
    world.send(target, lambda at, seed: ev.ResumeRequested(at=at, seed=seed, inputs=dict(inputs or {})))
    return {}
