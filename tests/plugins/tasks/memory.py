"""A run context in memory: tasks run against it as they would in a worker, with the same rendering."""

import io
import itertools
from collections.abc import Callable, Mapping, Sequence
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any, BinaryIO

from control_plane.kernel.words.egress import EgressPolicy
from flows import expressions
from plugins.contracts import LogLevel, Outcome, PluginError, Property, ReportedRun, RunnableTask
from plugins.working_directory.files import safe_path
from workers.runtime.documents import any_task, runnable
from workers.runtime.local_paths import LocalPaths
from workers.runtime.rendering import Renderer
from workers.runtime.services import Way
from workers.runtime.stopping import Stop, Why


class MemoryFiles:
    """Namespace files."""

    def __init__(self) -> None:
        self.kept: dict[tuple[str | None, str], bytes] = {}

    def list(self, *, namespace: str | None = None) -> list[str]:
        return sorted(path for owner, path in self.kept if owner == namespace)

    def open(self, *, path: str, namespace: str | None = None) -> BinaryIO:
        if (namespace, path) not in self.kept:
            raise PluginError(f"There is no file {path}", retryable=False)
        return io.BytesIO(self.kept[namespace, path])

    def put(self, *, path: str, source: Path | BinaryIO, namespace: str | None = None) -> str:
        self.kept[namespace, path] = source.read_bytes() if isinstance(source, Path) else source.read()
        return f"nsfile://{namespace or ''}{path}"

    def delete(self, *, path: str, namespace: str | None = None) -> bool:
        return self.kept.pop((namespace, path), None) is not None


class MemoryStorage:
    """Internal storage."""

    def __init__(self) -> None:
        self.kept: dict[str, bytes] = {}

    def size(self, *, uri: str) -> int:
        if uri not in self.kept:
            raise PluginError(f"There is no file {uri}", retryable=False)
        return len(self.kept[uri])

    def exists(self, *, uri: str) -> bool:
        return uri in self.kept

    def delete(self, *, uri: str) -> bool:
        return self.kept.pop(uri, None) is not None

    def purge_execution(self) -> list[str]:
        gone, self.kept = sorted(self.kept), {}
        return gone


class MemoryKeyValues:
    def __init__(self) -> None:
        self.kept: dict[tuple[str | None, str], dict[str, Any]] = {}

    def find(self, *, key: str, namespace: str | None = None) -> Mapping[str, Any] | None:
        return self.kept.get((namespace, key))

    def put(self, *, key: str, value: Any, namespace: str | None = None, overwrite: bool = True, **about: Any) -> None:
        if not overwrite and (namespace, key) in self.kept:
            raise PluginError(f"The key `{key}` exists", retryable=False)
        self.kept[namespace, key] = {"value": value, **about}

    def delete(self, *, key: str, namespace: str | None = None) -> bool:
        return self.kept.pop((namespace, key), None) is not None

    def keys(self, *, namespace: str | None = None, prefix: str = "") -> list[str]:
        return sorted(key for owner, key in self.kept if owner == namespace and key.startswith(prefix))

    def purge(self, **criteria: Any) -> int:
        self.purged = criteria
        gone, self.kept = len(self.kept), {}
        return gone


class MemoryStates:
    def __init__(self) -> None:
        self.kept: dict[tuple[str, bool, str | None], dict[str, Any]] = {}

    def read(self, *, name: str, namespace_wide: bool, value: str | None) -> dict[str, Any] | None:
        return self.kept.get((name, namespace_wide, value))

    def write(self, *, name: str, data: Mapping[str, Any], namespace_wide: bool, value: str | None) -> str:
        self.kept[name, namespace_wide, value] = dict(data)
        return f"kestra:///states/{name}"

    def delete(self, *, name: str, namespace_wide: bool, value: str | None) -> bool:
        return self.kept.pop((name, namespace_wide, value), None) is not None


class MemoryStarts:
    """What a trigger starts: nothing more once `refuses` is set."""

    def __init__(self, pairs: MemoryKeyValues) -> None:
        self.begun: list[dict[str, Any]] = []
        self.refuses = False
        self._pairs = pairs

    def begin(
        self, *, found: Sequence[Mapping[str, Any]], key: str | None = None, value: Any = None, ttl: float | None = None
    ) -> None:
        if self.refuses:
            raise PluginError("nothing begins")
        self.begun += [dict(each) for each in found]
        if key is not None:
            self._pairs.put(key=key, value=value, namespace="company.team", ttl=ttl)


class MemoryContext:
    """Keeps everything a task does: `lines`, `metrics`, and what its stores hold."""

    def __init__(self, workdir: Path, scope: Mapping[str, Any] | None = None) -> None:
        self.tenant, self.namespace, self.flow_id = "main", "company.team", "flow"
        self.execution_id, self.task_run_id, self.attempt = "execution", "run", 1
        self.idempotency_key = "execution:run"
        self.workdir = workdir
        self.scope = {"flow": {"id": "flow", "namespace": "company.team"}, **(scope or {})}
        self.deadline: datetime | None = None
        self.lines: list[tuple[str, str]] = []
        self.metrics: list[tuple[str, str, float, dict[str, str]]] = []
        self.reported: list[ReportedRun] = []
        self.stop = Stop()
        self.secrets: set[str] = set()
        self.storage = MemoryStorage()
        self.services: dict[str, Any] = {
            "files": MemoryFiles(),
            "storage": self.storage,
            "kv": MemoryKeyValues(),
            "state": MemoryStates(),
            "http": Way(EgressPolicy(allow_private=True)),
            "local": LocalPaths((workdir.parent / "shared",)),
        }
        self.starts = self.services["starts"] = MemoryStarts(self.services["kv"])
        self._numbers = itertools.count()
        environment = expressions.Environment(services=_Reads(self))
        self._renderer = Renderer(self.scope, environment, self.secrets.update)

    def render(self, prop: Property[Any]) -> Any:
        return self._renderer.property(prop)

    def render_any(self, value: Any, extra: Mapping[str, Any] | None = None) -> Any:
        return self._renderer.value(value, extra)

    def log(self, level: LogLevel, message: str) -> None:
        self.lines.append((str(level), message))

    def report(self, run: ReportedRun) -> None:
        self.reported.append(run)

    def counter(self, name: str, value: float, tags: Mapping[str, str] | None = None) -> None:
        self.metrics.append(("counter", name, value, dict(tags or {})))

    def gauge(self, name: str, value: float, tags: Mapping[str, str] | None = None) -> None:
        self.metrics.append(("gauge", name, value, dict(tags or {})))

    def timer(self, name: str, value: timedelta, tags: Mapping[str, str] | None = None) -> None:
        self.metrics.append(("timer", name, value.total_seconds(), dict(tags or {})))

    def store(self, source: Path | BinaryIO, name: str) -> str:
        safe_path(Path("/"), name)
        uri = f"kestra:///company/team/flow/executions/execution/tasks/t/run{next(self._numbers)}/{name}"
        self.storage.kept[uri] = source.read_bytes() if isinstance(source, Path) else source.read()
        return uri

    def keep(self, content: bytes | str, name: str = "file.txt") -> str:
        """A file that was stored before the task began."""
        return self.store(io.BytesIO(content.encode() if isinstance(content, str) else content), name)

    def open(self, uri: str) -> BinaryIO:
        if uri not in self.storage.kept:
            raise PluginError(f"There is no file {uri}", retryable=False)
        return io.BytesIO(self.storage.kept[uri])

    def text(self, uri: str) -> str:
        return self.storage.kept[uri].decode()

    def is_killed(self) -> bool:
        return self.stop.is_turned

    def is_handed_on(self) -> bool:
        return self.stop.why in (Why.GONE, Why.DRAINED)

    def kill(self) -> None:
        self.stop.turn(Why.KILLED)

    def wait(self, seconds: float) -> bool:
        return self.stop.wait(seconds)

    def on_kill(self, stop: Callable[[], object]) -> None:
        self.stop.on_turn(stop)

    def service(self, name: str) -> Any:
        return self.services[name]

    def parse_task(self, document: str | Mapping[str, Any]) -> RunnableTask:
        return any_task(document)

    @property
    def messages(self) -> list[str]:
        return [message for _, message in self.lines]


class _Reads(expressions.NoServices):
    """Expressions may read stored files and secrets."""

    def __init__(self, context: MemoryContext) -> None:
        self._context = context

    def read(self, path: str, namespace: str | None = None) -> str:
        return self._context.text(path)

    def secret(self, key: str, namespace: str | None = None, subkey: str | None = None) -> str:
        return f"value-of-{key}"


def run(context: MemoryContext, type_name: str, **properties: Any) -> dict[str, Any]:
    """Run a task of that type; return its outputs."""
    return outcome(context, type_name, **properties).outputs


def outcome(context: MemoryContext, type_name: str, **properties: Any) -> Outcome:
    """Run a task of that type; names with a dash at the end lose it (`from_`)."""
    document = {"id": "t", "type": type_name} | {name.rstrip("_"): value for name, value in properties.items()}
    result = runnable(document).run(context)
    return result if isinstance(result, Outcome) else Outcome(outputs=dict(result or {}))
