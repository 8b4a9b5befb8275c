"""The services behind a simulated job: what tasks and expressions may ask of the world."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from datetime import datetime, timedelta
from fnmatch import fnmatchcase
from typing import Any

from executions.engine import events as ev
from executions.engine.records import TaskRun
from executions.engine.scope import told_with_state
from executions.simulator.ports import World
from executions.simulator.simulated import Line, Simulated
from flows.expressions.encryption import encrypt
from plugins.contracts import LogLevel, PluginError, State
from plugins.tasks.state.keys import state_key
from plugins.working_directory.files import NAMESPACE

Answer = Callable[..., Any]
STORAGE = "kestra://"


def answers_for(world: World, execution: Simulated, run: TaskRun | None) -> dict[str, dict[str, Answer]]:
    """Every service by name, its methods by name; `plugins.contracts.services` says what each promises."""
    return {
        "kv": _kv(world, execution),
        "secrets": {
            "read": lambda key, namespace=None: _secret(world, key),
            "credential": lambda name: {"token": _credential(world, name)},
        },
        "expressions": {
            "error_logs": lambda: list(execution.ledger.error_logs()),
            "tasks_with_state": lambda state: _with_state(execution, state),
            "file_uri": lambda uri: _file_uri(execution, uri),
        },
        "storage": _storage(world, execution),
        "files": _files(world, execution),
        "state": _state(world, execution),
        "logs": _logs(world, execution),
        "executions": _executions(world, execution),
        "ciphers": {"encrypt": lambda text: _encrypt(world, text)},
        "flows": {"purge_revisions": lambda **_: 0},
        "audit": {"purge": lambda **_: 0},
        "triggers": {"toggle": lambda **asked: world.toggled.append(asked)},
    }


def _file_uri(execution: Simulated, address: str) -> str:
    """Where a file of a namespace lies in the storage."""
    if not address.startswith(NAMESPACE):
        return address
    namespace, _, path = address.removeprefix(NAMESPACE).partition("/")
    return f"{STORAGE}/{(namespace or execution.execution.namespace).replace('.', '/')}/_files/{path}"


def _secret(world: World, key: str) -> str:
    found = world.memory_stores.secrets.get(key.upper())
    if found is None:
        raise PluginError(f"Cannot find secret for key '{key}'.", retryable=False)
    return found


def _credential(world: World, name: str) -> str:
    found = world.memory_stores.credentials.get(name)
    if found is None:
        raise PluginError(f"Cannot find credential '{name}'.", retryable=False)
    return found


def _encrypt(world: World, text: str) -> str:
    if world.encryption_key is None:
        raise PluginError("There is no encryption key", retryable=False)
    return encrypt(world.encryption_key, text)


def _kv(world: World, execution: Simulated) -> dict[str, Answer]:
    own = execution.execution.namespace
    pairs, ends = world.memory_stores.kv, world.memory_stores.kv_ends

    def is_there(place: tuple[str, str]) -> bool:
        end = ends.get(place)
        return place in pairs and (end is None or end > world.clock.now)

    def find(key: str, namespace: str | None = None) -> dict[str, Any] | None:
        place = (namespace or own, key)
        return {"value": pairs[place]} if is_there(place) else None

    def put(
        key: str,
        value: Any,
        namespace: str | None = None,
        ttl: float | None = None,
        overwrite: bool = True,
        **_: Any,
    ) -> None:
        place = (namespace or own, key)
        if not overwrite and is_there(place):
            raise PluginError(
                f"Cannot set value for key '{key}'. Key already exists and `overwrite` is set to `false`.",
                retryable=False,
            )
        pairs[place] = value
        ends[place] = world.later(ttl) if ttl is not None else None

    def delete(key: str, namespace: str | None = None) -> bool:
        return pairs.pop((namespace or own, key), None) is not None

    def keys(namespace: str | None = None, prefix: str = "") -> list[str]:
        return sorted(key for place, key in pairs if place == (namespace or own) and key.startswith(prefix))

    def purge(
        namespace: str | None = None,
        key_pattern: str | None = None,
        expired_only: bool = True,
        children: bool = False,
        namespace_pattern: str | None = None,
    ) -> int:
        def is_meant(owner: str, key: str) -> bool:
            is_in = owner == (namespace or own) or (children and owner.startswith(f"{namespace or own}."))
            is_over = not expired_only or not is_there((owner, key))
            is_like = namespace_pattern is None or fnmatchcase(owner, namespace_pattern)
            return is_in and is_over and is_like and (key_pattern is None or fnmatchcase(key, key_pattern))

        gone = [place for place in pairs if is_meant(*place)]
        for place in gone:
            del pairs[place]
        return len(gone)

    return {"find": find, "put": put, "delete": delete, "keys": keys, "purge": purge}


def _storage(world: World, execution: Simulated) -> dict[str, Answer]:
    files = world.memory_stores.files

    def purge() -> list[str]:
        return [f"{STORAGE}{path}" for path in _forget_files(world, execution)]

    return {
        "size": lambda uri: len(world.memory_stores.read(uri)),
        "exists": lambda uri: uri.removeprefix(STORAGE) in files,
        "may_read": lambda uri: _may_read(world, execution, uri),
        "delete": lambda uri: files.pop(uri.removeprefix(STORAGE), None) is not None,
        "purge_execution": purge,
        "purge_orphans": lambda **_: {"scannedCount": 0, "purgedCount": 0, "deletedFilesCount": 0},
    }


def _may_read(world: World, execution: Simulated, uri: str) -> bool:
    """Whether it lies in the folder of what stands above the execution, or of what it started."""
    folders = uri.split("/")
    owner = folders[folders.index("executions") + 1] if "executions" in folders[:-1] else ""
    return owner in _above(world, execution.id) or execution.id in _above(world, owner)


def _above(world: World, execution_id: str) -> set[str]:
    found: set[str] = set()
    waiting = [execution_id]
    while waiting:
        each = waiting.pop()
        if each in found or each not in world.executions:
            continue
        found.add(each)
        record = world.executions[each].execution
        waiting += [name for name in (record.parent_id, record.original_id) if name]
    return found


def _files(world: World, execution: Simulated) -> dict[str, Answer]:
    def of(namespace: str | None) -> dict[str, bytes]:
        return world.memory_stores.namespace_files.setdefault(namespace or execution.execution.namespace, {})

    return {
        "list": lambda namespace=None: sorted(of(namespace)),
        "delete": lambda path, namespace=None: of(namespace).pop(path, None) is not None,
        "purge": lambda **_: 0,
    }


def _state(world: World, execution: Simulated) -> dict[str, Answer]:
    record, pairs = execution.execution, world.memory_stores.kv

    def place(name: str, namespace_wide: bool, value: str | None) -> tuple[str, str]:
        return record.namespace, state_key(None if namespace_wide else record.flow_id, name, value)

    def read(name: str, namespace_wide: bool, value: str | None) -> dict[str, Any] | None:
        return pairs.get(place(name, namespace_wide, value))

    def write(name: str, data: Mapping[str, Any], namespace_wide: bool, value: str | None) -> str:
        namespace, key = place(name, namespace_wide, value)
        pairs[namespace, key] = dict(data)
        return key

    def delete(name: str, namespace_wide: bool, value: str | None) -> bool:
        return pairs.pop(place(name, namespace_wide, value), None) is not None

    return {"read": read, "write": write, "delete": delete}


def _with_state(execution: Simulated, state: str) -> list[dict[str, Any]]:
    runs = sorted(execution.runs, key=lambda run: run.task_id)
    return [told_with_state(run.task_id, run.value, run.state.value) for run in runs if run.state.value == state]


def _logs(world: World, execution: Simulated) -> dict[str, Answer]:
    def fetch(
        execution_id: str | None = None,
        task_ids: Sequence[str] = (),
        level: str | None = None,
        offset: int = 0,
        limit: int = 1000,
        **_: Any,
    ) -> list[dict[str, Any]]:
        of = world.executions.get(execution_id or execution.id, execution)
        least = LogLevel(level).rank if level else 0
        lines = [line for line in of.logs if line.level.rank >= least and (not task_ids or line.task_id in task_ids)]
        return [_shown(line) for line in lines[offset : offset + limit]]

    def purge(end_date: str | None = None, **_: Any) -> int:
        before = _moment(end_date) if end_date else None
        gone = 0
        for each in world.executions.values():
            kept = [line for line in each.logs if before is not None and line.date >= before]
            gone += len(each.logs) - len(kept)
            each.logs[:] = kept
        return gone

    return {"fetch": fetch, "purge": purge}


def _shown(line: Line) -> dict[str, Any]:
    return {
        "executionId": line.execution_id,
        "taskId": line.task_id,
        "taskRunId": line.task_run_id,
        "level": line.level.value,
        "message": line.message,
        "timestamp": line.date.isoformat(),
    }


def _executions(world: World, execution: Simulated) -> dict[str, Answer]:
    def count(flows: Sequence[Mapping[str, str]] = (), states: Sequence[str] = (), **_: Any) -> list[dict[str, Any]]:
        return [
            {**flow, "count": sum(_is_of(each, flow, states) for each in world.executions.values())} for flow in flows
        ]

    def purge(
        namespace: str | None = None,
        flow_id: str | None = None,
        start_date: str | None = None,
        end_date: str | None = None,
        states: Sequence[str] = (),
        executions: bool = True,
        logs: bool = True,
        storage: bool = True,
        **_: Any,
    ) -> dict[str, int]:
        ended = [each for each in world.executions.values() if each.is_done and each is not execution]
        gone = [
            each
            for each in ended
            if (namespace is None or _is_below(each.execution.namespace, namespace))
            and flow_id in (None, each.execution.flow_id)
            and (not states or each.state.value in states)
            and (start_date is None or each.execution.history[-1].date >= _moment(start_date))
            and (end_date is None or each.execution.history[-1].date <= _moment(end_date))
        ]
        return {
            "executionsCount": sum(world.executions.pop(each.id) is each for each in gone) if executions else 0,
            "logsCount": sum(_forget_logs(each) for each in gone) if logs else 0,
            "storagesCount": sum(len(_forget_files(world, each)) for each in gone) if storage else 0,
            "metricsCount": 0,
        }

    return {
        **_caches(world, execution),
        "purge": purge,
        "child_outputs": lambda task_id: _child_outputs(world, execution, task_id),
        "resume": lambda execution_id, inputs=None: _resume(world, execution_id, inputs),
        "count": count,
    }


def _caches(world: World, execution: Simulated) -> dict[str, Answer]:
    """One for each flow: worlds with more than one directory that caches are not needed."""
    record, files = execution.execution, world.memory_stores.files
    path = f"/{record.namespace.replace('.', '/')}/{record.flow_id}/_caches/cache.zip"

    def find(ttl: float | None) -> str | None:
        if path not in files:
            return None
        if ttl is not None and world.memory_stores.kept_at[path] + timedelta(seconds=ttl) <= world.clock.now:
            del files[path]
            return None
        return f"{STORAGE}{path}"

    def keep(uri: str) -> None:
        files[path] = files.pop(uri.removeprefix(STORAGE))
        world.memory_stores.kept_at[path] = world.clock.now

    return {"find_cache": find, "keep_cache": keep}


def _is_below(namespace: str, parent: str) -> bool:
    return namespace == parent or namespace.startswith(f"{parent}.")


def _moment(text: str) -> datetime:
    return datetime.fromisoformat(text.replace("Z", "+00:00"))


def _forget_logs(execution: Simulated) -> int:
    count = len(execution.logs)
    execution.logs.clear()
    return count


def _forget_files(world: World, execution: Simulated) -> list[str]:
    gone = [path for path in world.memory_stores.files if f"/executions/{execution.id}/" in path]
    for path in gone:
        del world.memory_stores.files[path]
    return gone


def _is_of(execution: Simulated, flow: Mapping[str, str], states: Sequence[str]) -> bool:
    record = execution.execution
    is_its = (record.namespace, record.flow_id) == (flow["namespace"], flow["flowId"])
    return is_its and (not states or record.state.value in states)


def _child_outputs(world: World, execution: Simulated, task_id: str) -> list[dict[str, Any]]:
    """What the executions of a ForEachItem brought, in the order of their batches."""
    run = execution.runs_of(task_id)[-1]
    children = sorted(
        (iteration or 0, child_id)
        for (run_id, iteration, attempt), child_id in execution.children.items()
        if run_id == run.id and attempt == len(run.attempts)
    )
    outputs = (world.executions[child_id].execution.outputs for _, child_id in children)
    return [dict(each) for each in outputs if each]


def _resume(world: World, execution_id: str, inputs: Any) -> None:
    target = world.executions.get(execution_id)
    if target is None or target.state is not State.PAUSED:
        raise PluginError(f"The execution {execution_id} is not paused", retryable=False)
    world.send(target, lambda at, seed: ev.ResumeRequested(at=at, seed=seed, inputs=dict(inputs or {})))
