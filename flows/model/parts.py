"""The smaller pieces of a flow: concurrency, service levels, checks, defaults of plugins, listeners."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Any, Literal

from pydantic import Field

from control_plane.kernel.words.durations import Duration
from flows.model.labels import Labels, forbidden_system_labels, label_map
from plugins.contracts import Condition, Model, Problem, Task


class Concurrency(Model):
    """How many executions of the flow may run at once, and what becomes of one too many."""

    limit: int = Field(ge=1)
    behavior: Literal["QUEUE", "CANCEL", "FAIL"] = "QUEUE"


class Sla(Model):
    """A promise about an execution, and what happens when it is broken."""

    id: str = Field(min_length=1)
    type: str
    behavior: Literal["FAIL", "CANCEL", "NONE"]
    labels: Labels | None = None

    def problems(self) -> Iterable[Problem]:
        for message in forbidden_system_labels(label_map(self.labels)):
            yield Problem(message, "labels")


class MaxDurationSla(Sla):
    """The execution ends within `duration`."""

    type: Literal["MAX_DURATION"]
    duration: Duration


class ExecutionAssertionSla(Sla):
    """`assert` renders to true at every change of the execution."""

    type: Literal["EXECUTION_ASSERTION"]
    assert_: str = Field(alias="assert")


Sla.VARIANTS = {"MAX_DURATION": MaxDurationSla, "EXECUTION_ASSERTION": ExecutionAssertionSla}


class Check(Model):
    """A condition looked at before an execution is created."""

    when: str | None = None
    condition: str | None = Field(default=None, json_schema_extra={"deprecated": True})
    message: str = Field(min_length=1)
    style: Literal["ERROR", "SUCCESS", "WARNING", "INFO"] = "INFO"
    behavior: Literal["BLOCK_EXECUTION", "FAIL_EXECUTION", "CREATE_EXECUTION"] = "BLOCK_EXECUTION"

    def problems(self) -> Iterable[Problem]:
        if self.expression is None:
            yield Problem("must not be null", "when")

    @property
    def expression(self) -> str | None:
        """The condition by whichever name it was given."""
        return self.when if self.when is not None else self.condition


class PluginDefault(Model):
    """Values for every plugin of a type, or of types that begin with it."""

    type: str = Field(min_length=1)
    forced: bool = False
    values: dict[str, Any]

    def problems(self) -> Iterable[Problem]:
        for key in _null_keys(self.values):
            yield Problem(f"`{key}` must not be null", "values")


def _null_keys(values: Any, above: str = "") -> Iterator[str]:
    for key, value in values.items() if isinstance(values, dict) else ():
        if value is None:
            yield f"{above}{key}"
        yield from _null_keys(value, f"{above}{key}.")


class Listener(Model):
    """Tasks that run after the execution when the conditions hold. Superseded by `afterExecution`."""

    description: str | None = None
    conditions: list[Condition] = Field(default_factory=list)
    tasks: list[Task] = Field(min_length=1)
