"""Everything a running task may reach, for one attempt."""

from __future__ import annotations

import shutil
import tempfile
import threading
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any, BinaryIO, TypeVar

from flows import expressions
from plugins.contracts import LogLevel, PluginError, Property, ReportedRun, RunnableTask
from plugins.working_directory.files import safe_path
from workers.runtime import protocol
from workers.runtime.documents import any_task
from workers.runtime.expression_services import JobServices
from workers.runtime.journal import Journal, timestamp
from workers.runtime.log_file import LogFile
from workers.runtime.masking import Masker
from workers.runtime.rendering import Renderer
from workers.runtime.scope import Coverage, LazyMap
from workers.runtime.services import Stores
from workers.runtime.stopping import Stop, Why
from workers.runtime.text import readable

T = TypeVar("T")
MAX_REPORTED_RUNS = 1_000
"""Of one attempt."""
MAX_REPORTED_NAME = 150


@dataclass(frozen=True, slots=True)
class Attempt:
    """Which attempt this is: the job's own, or that of a child of a WorkingDirectory."""

    task_run_id: str
    number: int
    scope: Mapping[str, Any]
    timeout_seconds: float | None
    is_child: bool = False


class JobContext:
    """The run context that tasks get."""

    workdir: Path

    def __init__(
        self,
        job: protocol.Job,
        attempt: Attempt,
        *,
        stores: Stores,
        journal: Journal,
        masker: Masker,
        stop: Stop,
        coverage: Coverage,
        directories: Path,
        shared: Path | None = None,
    ) -> None:
        self.tenant = job.tenant
        self.namespace = job.namespace
        self.flow_id = job.flow_id
        self.execution_id = job.execution_id
        self.task_run_id = attempt.task_run_id
        self.attempt = attempt.number
        self.idempotency_key = f"{job.execution_id}:{attempt.task_run_id}"
        self.scope: Mapping[str, Any] = LazyMap(attempt.scope, stores.resolve, coverage)
        self.deadline = _deadline(attempt.timeout_seconds)
        self.timeout_seconds = attempt.timeout_seconds
        self._deadline = time.monotonic() + attempt.timeout_seconds if attempt.timeout_seconds else None
        self._stores = stores
        self._journal = journal
        self._line_of = attempt.task_run_id if attempt.is_child else None
        self._stop = stop
        self._log_file: LogFile | None = None
        self._writing = threading.Lock()
        self._masker = masker
        self.reported: list[ReportedRun] = []
        self._has_warned = False
        self._directories = directories
        self._shared = shared
        environment = expressions.Environment(services=JobServices(stores, masker.add, job.namespace))
        self._renderer = Renderer(self.scope, environment, masker.add)

    def __getattr__(self, name: str) -> Path:
        """`workdir` appears when it is first asked for: most tasks need none."""
        if name != "workdir":
            raise AttributeError(name)
        self.workdir = self._shared or Path(tempfile.mkdtemp(prefix="job-", dir=self._directories))
        return self.workdir

    def clean_up(self) -> None:
        """Remove the working directory, unless it is shared."""
        if self._shared is None and "workdir" in self.__dict__:
            shutil.rmtree(self.workdir, ignore_errors=True)

    def render(self, prop: Property[T]) -> T:
        return self._renderer.property(prop)

    def render_any(self, value: Any, extra: Mapping[str, Any] | None = None) -> Any:
        return self._renderer.value(value, extra)

    def evaluate(self, value: Any) -> Any:
        """A control expression with the type it has, or a whole value rendered."""
        return self._renderer.typed(value)

    def log(self, level: LogLevel, message: str) -> None:
        if self._log_file is None:
            self._journal.log(level, message, self._line_of)
        elif (text := self._journal.text_of(level, message)) is not None:
            with self._writing:
                self._log_file.write(timestamp(), level, text)

    def log_to_file(self) -> None:
        """From now on lines go to a file."""
        self._log_file = LogFile(self._directories)

    def kept_log(self) -> str | None:
        """The address of the file of the lines, stored now; None when they went elsewhere or it cannot be kept."""
        file, self._log_file = self._log_file, None
        if file is None:
            return None
        try:
            return self.store(file.content(), f"attempt-{self.attempt}.log")
        except PluginError as error:
            self.log(LogLevel.WARN, f"The log of this attempt was not kept: {error}")
            return None
        finally:
            file.close()

    def counter(self, name: str, value: float, tags: Mapping[str, str] | None = None) -> None:
        self._journal.measure("counter", name, float(value), tags or {}, self._line_of)

    def gauge(self, name: str, value: float, tags: Mapping[str, str] | None = None) -> None:
        self._journal.measure("gauge", name, float(value), tags or {}, self._line_of)

    def timer(self, name: str, value: timedelta, tags: Mapping[str, str] | None = None) -> None:
        self._journal.measure("timer", name, value.total_seconds(), tags or {}, self._line_of)

    def report(self, run: ReportedRun) -> None:
        with self._writing:
            count = len(self.reported)
            if count < MAX_REPORTED_RUNS:
                name, value = self._readable(run.task_id), self._readable(run.value)
                self.reported.append(replace(run, task_id=name or "?", value=value))
        if count == MAX_REPORTED_RUNS and not self._has_warned:
            self._has_warned = True
            self.log(LogLevel.WARN, f"Only the first {MAX_REPORTED_RUNS} reported task runs are kept")

    def _readable(self, text: str | None) -> str | None:
        return None if text is None else readable(self._masker.mask(text.replace("\x00", "\ufffd")))[:MAX_REPORTED_NAME]

    def store(self, source: Path | BinaryIO, name: str) -> str:
        safe_path(Path("/"), name)
        return self._stores.upload("files", source, {"name": name, "taskRunId": self.task_run_id}).uri

    def open(self, uri: str) -> BinaryIO:
        return self._stores.download("files", {"uri": uri})

    def is_killed(self) -> bool:
        return self._stop.is_turned

    def is_handed_on(self) -> bool:
        return self._stop.why in (Why.GONE, Why.DRAINED)

    def wait(self, seconds: float) -> bool:
        return self._stop.wait(seconds, self._deadline)

    @property
    def is_out_of_time(self) -> bool:
        return self._deadline is not None and time.monotonic() >= self._deadline

    @property
    def seconds_left(self) -> float | None:
        """Of the time of the task; None when it has no limit."""
        return None if self._deadline is None else max(0.0, self._deadline - time.monotonic())

    def on_kill(self, stop: Callable[[], object]) -> None:
        self._stop.on_turn(stop)

    def service(self, name: str) -> Any:
        try:
            return self._stores.service(name)
        except KeyError:
            raise PluginError(f"There is no service `{name}` here", retryable=False) from None

    def parse_task(self, document: str | Mapping[str, Any]) -> RunnableTask:
        return any_task(document)


def _deadline(seconds: float | None) -> datetime | None:
    return datetime.now(UTC) + timedelta(seconds=seconds) if seconds else None
