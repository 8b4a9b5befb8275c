"""Task types that only corpora use, built from what a corpus says they do."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, ClassVar

from flows.expressions.encryption import ENCRYPTED, encrypt
from plugins.contracts import LogLevel, Property, RunContext, RunnableTask, State, Task
from plugins.contracts.plans import ChildSpec, Plan
from plugins.flowables.sequential import Sequential
from plugins.flowables.subflow import Subflow

KEY: list[bytes | None] = [None]
"""The key of the case that runs, for the task that encrypts."""
EXECUTION: list[Any] = [None]
"""The execution of the case that runs, for the task that shows it."""


class TaskWithAlias(RunnableTask):
    TYPE: ClassVar[str] = "io.kestra.core.runners.test.TaskWithAlias"
    ALIASES: ClassVar[tuple[str, ...]] = ("io.kestra.core.runners.test.task.Alias",)

    message: Property[str] | None = None

    def run(self, ctx: RunContext) -> Mapping[str, Any]:
        if self.message is not None:
            ctx.log(LogLevel.INFO, ctx.render(self.message))
        return {}


class BadExecutable(Subflow):
    TYPE: ClassVar[str] = "io.kestra.core.tasks.test.BadExecutable"
    ALIASES: ClassVar[tuple[str, ...]] = ()

    def child(self, values: Mapping[str, Any]) -> ChildSpec:
        raise RuntimeError("An error!")


class BadSequential(Sequential):
    TYPE: ClassVar[str] = "io.kestra.core.tasks.test.BadSequential"
    ALIASES: ClassVar[tuple[str, ...]] = ()

    def settle(self, state: State) -> State:
        raise RuntimeError("An error!")


class Encrypted(RunnableTask):
    TYPE: ClassVar[str] = "io.kestra.core.tasks.test.Encrypted"

    format: Property[str]

    def run(self, ctx: RunContext) -> Mapping[str, Any]:
        text, key = ctx.render(self.format), KEY[0]
        return {"value": {"type": ENCRYPTED, "value": text if key is None else encrypt(key, text)}}


class Read(RunnableTask):
    TYPE: ClassVar[str] = "io.kestra.core.tasks.test.Read"

    path: Property[str]

    def run(self, ctx: RunContext) -> Mapping[str, Any]:
        return {"value": (ctx.workdir / ctx.render(self.path).lstrip("/")).read_text()}


class _Default(Sequential):
    ALIASES: ClassVar[tuple[str, ...]] = ()

    def_: Property[Any] | None = None

    def plan(self, values: Mapping[str, Any]) -> Plan:
        return Plan(outputs={"def": self.def_ and self.def_.source})


def _default(number: int) -> type[Task]:
    name = f"io.kestra.core.runners.PluginDefaultsCaseTest$DefaultSequential{number}"
    fields = {"__annotations__": {"TYPE": ClassVar[str], "def_": Property[Any] | None}, "TYPE": name}
    from pydantic import Field

    return type(
        f"DefaultSequential{number}",
        (_Default,),
        {**fields, "def_": Field(default=None, alias="def"), "__module__": __name__},
    )


class ListenersTestTask(RunnableTask):
    TYPE: ClassVar[str] = "io.kestra.core.runners.ListenersTestTask"

    def run(self, ctx: RunContext) -> Mapping[str, Any]:
        return {"value": f"Execution(id={ctx.execution_id}, flowId={ctx.flow_id})"}


class TooLarge(RunnableTask):
    TYPE: ClassVar[str] = "io.kestra.core.runners.test.WorkerTaskResultTooLarge"

    def run(self, ctx: RunContext) -> Mapping[str, Any]:
        return {"value": "a" * 1_100_000}


CUSTOM: tuple[type[Task], ...] = (
    TaskWithAlias,
    BadExecutable,
    BadSequential,
    Encrypted,
    Read,
    _default(1),
    _default(2),
    _default(3),
    ListenersTestTask,
    TooLarge,
)
