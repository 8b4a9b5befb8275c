"""The words that engine, worker and plugins share: tasks, properties, states and what a run may reach."""

from __future__ import annotations

import enum
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta, tzinfo
from pathlib import Path
from typing import Any, BinaryIO, ClassVar, Generic, Literal, Protocol, TypeVar, get_args

from pydantic import AliasChoices, BaseModel, ConfigDict, Field, GetCoreSchemaHandler, TypeAdapter
from pydantic.alias_generators import to_camel
from pydantic_core import CoreSchema, core_schema

from control_plane.kernel.words.durations import Duration, format_duration

T = TypeVar("T")


class State(enum.StrEnum):
    """Where an execution, a task run or an attempt is in its life."""

    CREATED = "CREATED"
    SUBMITTED = "SUBMITTED"
    RUNNING = "RUNNING"
    PAUSED = "PAUSED"
    RESTARTED = "RESTARTED"
    KILLING = "KILLING"
    SUCCESS = "SUCCESS"
    WARNING = "WARNING"
    FAILED = "FAILED"
    KILLED = "KILLED"
    CANCELLED = "CANCELLED"
    QUEUED = "QUEUED"
    RETRYING = "RETRYING"
    RETRIED = "RETRIED"
    SKIPPED = "SKIPPED"
    BREAKPOINT = "BREAKPOINT"
    RESUBMITTED = "RESUBMITTED"

    @property
    def is_terminal(self) -> bool:
        return self in TERMINAL

    @property
    def is_failed(self) -> bool:
        return self is State.FAILED


TERMINAL = frozenset(
    {
        State.SUCCESS,
        State.WARNING,
        State.FAILED,
        State.KILLED,
        State.CANCELLED,
        State.RETRIED,
        State.SKIPPED,
        State.RESUBMITTED,
    }
)


class LogLevel(enum.StrEnum):
    TRACE = "TRACE"
    DEBUG = "DEBUG"
    INFO = "INFO"
    WARN = "WARN"
    ERROR = "ERROR"

    @property
    def rank(self) -> int:
        return list(LogLevel).index(self)


class PluginError(Exception):
    """A task could not do its work: the one exception plugins raise. `outputs` keeps what was made before it."""

    def __init__(self, message: str, *, retryable: bool = True, outputs: Mapping[str, Any] | None = None) -> None:
        self.retryable = retryable
        self.outputs = dict(outputs or {})
        super().__init__(message)


class Property(Generic[T]):
    """A value that may be an expression: a T, or a text the worker renders and converts to T just before `run`.

    `source` is exactly what the author wrote. Read it with `RunContext.render`; a plugin never evaluates it itself.
    """

    __slots__ = ("adapter", "source")

    def __init__(self, source: Any, adapter: TypeAdapter[Any] | None = None) -> None:
        self.source = source
        self.adapter = adapter

    @property
    def is_dynamic(self) -> bool:
        """Whether anything in it must be rendered: a text with `{{` or `{%`, however deep."""
        return _has_expression(self.source)

    def convert(self, rendered: Any) -> T:
        """The rendered value as a T. Raises pydantic's ValidationError, which names what was expected."""
        if self.adapter is None:
            return rendered  # type: ignore[no-any-return]  # an unparametrised Property promises nothing
        return self.adapter.validate_python(rendered)  # type: ignore[no-any-return]  # the adapter was built for T

    @classmethod
    def __get_pydantic_core_schema__(cls, source: Any, handler: GetCoreSchemaHandler) -> CoreSchema:
        (inner,) = get_args(source) or (Any,)
        inner = Duration if inner is timedelta else inner
        adapter: TypeAdapter[Any] = TypeAdapter(inner)

        def build(value: Any) -> Property[Any]:
            if isinstance(value, Property):
                return value
            if not _has_expression(value):
                adapter.validate_python(value)
            return cls(value, adapter)

        return core_schema.no_info_plain_validator_function(
            build,
            serialization=core_schema.plain_serializer_function_ser_schema(lambda prop: prop.source),
            metadata={
                "pydantic_js_functions": [lambda _schema, js: _or_expression(js(handler.generate_schema(inner)))]
            },
        )

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Property) and self.source == other.source

    def __hash__(self) -> int:
        return hash(repr(self.source))

    def __repr__(self) -> str:
        return f"Property({self.source!r})"


def _or_expression(schema: dict[str, Any]) -> dict[str, Any]:
    """The JSON schema of a value that may also be given as an expression."""
    if schema == {} or (schema.get("type") == "string" and not {"enum", "pattern", "format"} & set(schema)):
        return schema
    return {"anyOf": [schema, {"type": "string", "pattern": r"\{[{%]", "title": "an expression"}], "x-dynamic": True}


def _has_expression(value: Any) -> bool:
    if isinstance(value, str):
        return "{{" in value or "{%" in value
    if isinstance(value, Mapping):
        return any(_has_expression(key) or _has_expression(item) for key, item in value.items())
    return isinstance(value, list) and any(_has_expression(item) for item in value)


@dataclass(frozen=True, slots=True)
class Problem:
    """Something wrong with a piece of a flow document that no single field shows; `field` is its name outside."""

    message: str
    field: str = ""


class Model(BaseModel):
    """A piece of a flow document: camelCase outside, unknown properties refused, never changed after parsing."""

    VARIANTS: ClassVar[Mapping[str, type[Model]]] = {}
    """Which class stands for which `type`, when a piece comes in several kinds that are no plugins."""

    model_config = ConfigDict(
        alias_generator=to_camel,
        populate_by_name=True,
        extra="forbid",
        frozen=True,
        arbitrary_types_allowed=True,
        ignored_types=(Property,),
    )

    def problems(self) -> Iterable[Problem]:
        """What is wrong although each field is right by itself. The parser reports it with its line."""
        return ()


class Plugin(Model):
    """Anything found by its `type`. `TYPE` is what flows store: never renamed. `ALIASES` are older names, accepted."""

    TYPE: ClassVar[str] = ""
    ALIASES: ClassVar[tuple[str, ...]] = ()
    TITLE: ClassVar[str] = ""
    EXAMPLES: ClassVar[tuple[str, ...]] = ()
    """Whole flows in YAML, shown in the documentation and run by the conformance suite of plugins."""
    DEPRECATED: ClassVar[str] = ""

    type: str


class Retry(Model):
    """How often and when a failed attempt is tried again; `maxAttempts` counts the first attempt too."""

    type: Literal["constant", "exponential", "random"]
    interval: Duration | None = None
    min_interval: Duration | None = None
    max_interval: Duration | None = None
    delay_factor: float = 2.0
    max_attempts: int | None = Field(
        default=None,
        ge=1,
        validation_alias=AliasChoices("maxAttempts", "maxAttempt"),
        json_schema_extra={"x-equal-names": True},
    )
    max_duration: Duration | None = None
    warning_on_retry: bool = False
    behavior: Literal["RETRY_FAILED_TASK", "CREATE_NEW_EXECUTION"] = "RETRY_FAILED_TASK"

    def problems(self) -> Iterable[Problem]:
        yield from self._missing_intervals()
        yield from self._must_be_less("interval", self.interval, "maxDuration", self.max_duration)
        if self.type == "exponential":
            yield from self._must_be_less("interval", self.interval, "maxInterval", self.max_interval)
        if self.type == "random":
            yield from self._must_be_less("minInterval", self.min_interval, "maxInterval", self.max_interval)
            if self.min_interval is None or self.max_duration is None or self.min_interval < self.max_duration:
                yield from self._must_be_less("maxInterval", self.max_interval, "maxDuration", self.max_duration)
            else:
                yield from self._must_be_less("minInterval", self.min_interval, "maxDuration", self.max_duration)

    def _missing_intervals(self) -> Iterable[Problem]:
        needed = {
            "constant": {"interval": self.interval},
            "exponential": {"interval": self.interval, "maxInterval": self.max_interval},
            "random": {"minInterval": self.min_interval, "maxInterval": self.max_interval},
        }[self.type]
        for name, value in needed.items():
            if value is None:
                yield Problem("must not be null", name)

    def _must_be_less(
        self, name: str, value: timedelta | None, limit_name: str, limit: timedelta | None
    ) -> Iterable[Problem]:
        if value is not None and limit is not None and value >= limit:
            yield Problem(f"'{name}' must be less than '{limit_name}' but is {format_duration(value)}", name)


class Task(Plugin):
    """A step of a flow: what every task has, runnable or flowable."""

    id: str = Field(pattern=r"^[a-zA-Z0-9][a-zA-Z0-9_-]*$", max_length=256)
    description: str | None = None
    disabled: Property[bool] | None = None
    run_if: str | None = None
    retry: Retry | None = None
    timeout: Property[timedelta] | None = None
    allow_failure: bool = False
    allow_warning: bool = False
    log_level: LogLevel | None = None
    log_to_file: bool = False
    worker_group: dict[str, Any] | None = None
    worker_selector: dict[str, Any] | None = None
    version: str | None = None
    policy_refs: list[str] = Field(default_factory=list)
    task_cache: dict[str, Any] | None = None
    assets: dict[str, Any] | None = None


class RunnableTask(Task):
    """A task that a worker runs."""

    def run(self, ctx: RunContext) -> Mapping[str, Any] | Outcome | None:
        """Do the work and return the outputs. Raises PluginError; anything else is reported as a bug of the plugin.

        Called at least once per task run: `ctx.idempotency_key` is the same for every attempt of it.
        """
        raise PluginError(f"{self.type} cannot run")


@dataclass(frozen=True, slots=True)
class Outcome:
    """What a run brought when outputs alone do not say it: a final state of its own, labels for the execution."""

    outputs: Mapping[str, Any] = field(default_factory=dict)
    state: State = State.SUCCESS
    labels: Mapping[str, str] | None = None
    message: str | None = None


class RunContext(Protocol):
    """Everything a running task may reach. It belongs to one attempt and dies with it."""

    tenant: str
    namespace: str
    flow_id: str
    execution_id: str
    task_run_id: str
    attempt: int
    idempotency_key: str
    """The same for every attempt of a task run, so that a target can make an effect once."""
    workdir: Path
    """A directory of this attempt alone, removed afterwards."""
    scope: Mapping[str, Any]
    """The variables that the task's expressions may touch."""
    deadline: datetime | None

    def render(self, prop: Property[T]) -> T:
        """Render and convert. Raises PluginError naming the property and the expression."""

    def render_any(self, value: Any, extra: Mapping[str, Any] | None = None) -> Any:
        """Render a text, list or map however deep; `extra` adds variables for this call."""

    def log(self, level: LogLevel, message: str) -> None:
        """Add one line to the task run's log, in order, secrets masked."""

    def counter(self, name: str, value: float, tags: Mapping[str, str] | None = None) -> None: ...

    def timer(self, name: str, value: timedelta, tags: Mapping[str, str] | None = None) -> None: ...

    def store(self, source: Path | BinaryIO, name: str) -> str:
        """Keep a file in the internal storage of this task run; return its `kestra://` address."""

    def open(self, uri: str) -> BinaryIO:
        """Read a file of the internal storage that this execution may see, as a stream."""

    def is_killed(self) -> bool: ...

    def wait(self, seconds: float) -> bool:
        """Sleep at most that long; return True at once when the task is killed or its time is up."""

    def on_kill(self, stop: Any) -> None:
        """Register a callable that stops the work at once; called from another thread."""

    def service(self, name: str) -> Any:
        """A store behind the worker API: `kv`, `secrets`, `files`, `state`, `logs`, `executions`, `http`, `flows`."""

    def parse_task(self, document: str | Mapping[str, Any]) -> RunnableTask:
        """Build a task from YAML text or a map, as the flow parser would (TemplatedTask)."""


class Runner(Plugin):
    """Where the commands of a script task run."""

    def run_commands(self, ctx: RunContext, command: ScriptCommand) -> ScriptResult:
        """Run to the end, or until killed. Raises PluginError with the exit code on failure."""
        raise PluginError(f"{self.type} cannot run commands")


@dataclass(frozen=True, slots=True)
class ScriptCommand:
    argv: Sequence[str]
    env: Mapping[str, str]
    workdir: Path
    timeout: timedelta | None = None


@dataclass(slots=True)
class ScriptResult:
    exit_code: int
    vars: dict[str, Any] = field(default_factory=dict)
    stdout_lines: int = 0
    stderr_lines: int = 0


class Condition(Plugin):
    """Says yes or no about a trigger or an execution. Pure: all it may know is in `facts`."""

    def holds(self, facts: ConditionFacts) -> bool:
        """Raises PluginError when it cannot be decided."""
        raise PluginError(f"{self.type} cannot be decided")


class ConditionFacts(Protocol):
    """What a condition may know. `plugins.conditions.facts.Facts` says what the maps hold."""

    @property
    def flow(self) -> Mapping[str, Any]: ...

    @property
    def execution(self) -> Mapping[str, Any] | None: ...

    @property
    def scope(self) -> Mapping[str, Any]: ...

    @property
    def zone(self) -> tzinfo:
        """The zone of dates that name none."""

    def render(self, text: str, extra: Mapping[str, Any] | None = None) -> Any:
        """Render; `extra` adds variables for this call."""

    def multiple(self, condition_id: str) -> Iterable[str]:
        """Names of the sub-conditions of a multiple condition already met in its window."""


class Trigger(Plugin):
    """What starts executions by itself."""

    id: str = Field(pattern=r"^[a-zA-Z0-9][a-zA-Z0-9_-]*$", max_length=256)
    description: str | None = None
    disabled: bool = False
    when: str | None = None
    conditions: list[Condition] = Field(default_factory=list)
    labels: dict[str, str] | list[dict[str, str]] | None = None
    inputs: dict[str, Any] = Field(default_factory=dict)
    stop_after: list[State] = Field(default_factory=list)
    log_level: LogLevel | None = None
    log_to_file: bool = False
    worker_group: dict[str, Any] | None = None
    worker_selector: dict[str, Any] | None = None
    version: str | None = None
    policy_refs: list[str] = Field(default_factory=list)
    assets: dict[str, Any] | None = None
