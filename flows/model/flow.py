"""A flow as a typed model: what its document says, and quick ways to find a task in it."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime
from functools import cached_property
from typing import Any

from pydantic import AliasChoices, Field, PrivateAttr

from flows.model.defaults import NO_DEFAULTS, Defaults
from flows.model.inputs.definitions import Input, Output
from flows.model.inputs.forms import asked
from flows.model.labels import Labels, label_list, label_map
from flows.model.parts import Check, Concurrency, Listener, PluginDefault, Sla
from flows.model.walk import Walked, walk_tasks
from plugins.contracts import Model, Retry, Task, Trigger

FLOW_ID = r"^[a-zA-Z0-9][a-zA-Z0-9._-]*$"
NAMESPACE = r"^[a-z0-9][a-z0-9_-]*(?:\.[a-z0-9_-]+)*$"
LONGEST_ID = 100
LONGEST_NAMESPACE = 150


class Flow(Model):
    """What a flow is before it runs.

    `tasks`, `triggers` and the rest carry the plugin defaults the flow was parsed with; `document` is what its author
    wrote, without them.
    """

    id: str = Field(pattern=FLOW_ID, max_length=LONGEST_ID)
    namespace: str = Field(pattern=NAMESPACE, max_length=LONGEST_NAMESPACE)
    tenant_id: str | None = None
    revision: int | None = Field(default=None, ge=1)
    updated: datetime | None = None
    description: str | None = None
    labels: Labels | None = None
    inputs: list[Input] = Field(default_factory=list)
    outputs: list[Output] = Field(default_factory=list)
    variables: dict[str, Any] = Field(default_factory=dict)
    tasks: list[Task] = Field(default_factory=list)
    errors: list[Task] = Field(default_factory=list)
    finally_: list[Task] = Field(default_factory=list, alias="finally")
    after_execution: list[Task] = Field(default_factory=list)
    listeners: list[Listener] | None = Field(default=None, json_schema_extra={"deprecated": True})
    triggers: list[Trigger] = Field(default_factory=list)
    plugin_defaults: list[PluginDefault] = Field(
        default_factory=list,
        validation_alias=AliasChoices("pluginDefaults", "taskDefaults"),
        json_schema_extra={"deprecated": True},
    )
    concurrency: Concurrency | None = None
    retry: Retry | None = None
    sla: list[Sla] = Field(default_factory=list)
    checks: list[Check] = Field(default_factory=list)
    disabled: bool = False
    deleted: bool = False
    draft: bool = False
    worker_group: dict[str, Any] | None = Field(default=None, json_schema_extra={"deprecated": True})
    worker_selector: dict[str, Any] | None = None
    policy_refs: list[str] = Field(default_factory=list)
    quotas: list[dict[str, Any]] | None = None

    _document: dict[str, Any] = PrivateAttr(default_factory=dict)
    _read_under: Defaults = PrivateAttr(default=NO_DEFAULTS)

    @property
    def document(self) -> dict[str, Any]:
        """What the author wrote, as JSON would hold it. Not to be changed."""
        return self._document

    @property
    def read_under(self) -> Defaults:
        """The plugin defaults of its surroundings it was parsed with: without them it may lack what it needs."""
        return self._read_under

    @cached_property
    def label_map(self) -> dict[str, str]:
        return label_map(self.labels)

    @cached_property
    def asked(self) -> list[Input]:
        """Every input, those of forms by their full ids; what is kept beside the flow is not looked up."""
        return asked(self.inputs)

    @cached_property
    def _walked(self) -> dict[str, Walked]:
        return {walked.task.id: walked for walked in walk_tasks(self)}

    def walk(self) -> Iterator[Walked]:
        """Every task with where it stands, parents before children, in the order of the document."""
        return iter(self._walked.values())

    def task(self, task_id: str) -> Task | None:
        """The task of that id, however deep it stands."""
        walked = self._walked.get(task_id)
        return walked.task if walked else None

    def place(self, task_id: str) -> Walked | None:
        """The task of that id with its path, its parent and its branch."""
        return self._walked.get(task_id)

    def trigger(self, trigger_id: str) -> Trigger | None:
        return next((trigger for trigger in self.triggers if trigger.id == trigger_id), None)

    def to_api(self, *, revision: int | None = None) -> dict[str, Any]:
        """The flow as the API shows it: as authored, labels as a list, the switches always there."""
        shown = {key: value for key, value in self._document.items() if value is not None}
        if isinstance(shown.get("inputs"), list):
            shown["inputs"] = [_with_id(entry) for entry in shown["inputs"]]
        shown["id"], shown["namespace"] = self.id, self.namespace
        number = revision or self.revision
        if number is not None:
            shown["revision"] = number
        shown["disabled"], shown["deleted"], shown["draft"] = self.disabled, self.deleted, self.draft
        if self.labels:
            shown["labels"] = label_list(self.label_map)
        return shown


def _with_id(entry: Any) -> Any:
    """An input by its id too where its author used the older word for it."""
    if isinstance(entry, dict) and "name" in entry and "id" not in entry:
        return {"id": entry["name"], **entry}
    return entry
