"""A step of a flow."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import timedelta
from typing import Any, ClassVar

from pydantic import Field

from plugins.contracts.pieces import Plugin
from plugins.contracts.properties import Property
from plugins.contracts.retry import Retry
from plugins.contracts.running import Outcome, PluginError, RunContext
from plugins.contracts.states import LogLevel


class Task(Plugin):
    """A step of a flow: what every task has, runnable or flowable."""

    CHANGES_VARIABLES: ClassVar[bool] = False
    """Whether its outcome may change the variables of the execution."""

    CHANGES_EXECUTION: ClassVar[bool] = False
    """Whether it does nothing but change the record of its execution, so that one that is refused never ran."""

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
    worker_group: dict[str, Any] | None = Field(default=None, json_schema_extra={"deprecated": True})
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
