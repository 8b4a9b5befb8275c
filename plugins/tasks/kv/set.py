"""Writing a value to the key-value store."""

from __future__ import annotations

import json
from collections.abc import Mapping
from datetime import timedelta
from typing import Any, ClassVar, Literal

from plugins.contracts import PluginError, Property, RunContext, RunnableTask
from plugins.contracts.dynamic import default
from plugins.contracts.services import KeyValues

KvType = Literal["STRING", "NUMBER", "BOOLEAN", "DATETIME", "DATE", "DURATION", "JSON"]


class Set(RunnableTask):
    """Store a value under a key of a namespace, for every execution that comes after.

    The value keeps the type its expression gives it, unless `kvType` says another.
    """

    TYPE: ClassVar[str] = "io.kestra.plugin.core.kv.Set"
    TITLE: ClassVar[str] = "Set a key-value pair"
    EXAMPLES: ClassVar[tuple[str, ...]] = (
        """
id: kv_set
namespace: company.team
tasks:
  - id: set
    type: io.kestra.plugin.core.kv.Set
    key: last_run
    value: "{{ execution.startDate }}"
    kvType: DATETIME
    ttl: P30D
""",
    )

    key: Property[str]
    """The key."""
    value: Property[Any]
    """The value: a text, or whatever an expression gives. A map or a list that is written out becomes its JSON text."""
    namespace: Property[str] = default("{{ flow.namespace }}")
    """The namespace it belongs to."""
    overwrite: Property[bool] = default(True)
    """Replace a value that is there; otherwise an existing key fails the task."""
    ttl: Property[timedelta] | None = None
    """How long the value is kept."""
    kv_type: Property[KvType] | None = None
    """The type to store it with."""
    kv_description: Property[str] | None = None
    """What the key is for."""

    def run(self, ctx: RunContext) -> Mapping[str, Any]:
        kind: str | None = None
        if self.kv_type is not None:
            chosen = ctx.render(self.kv_type)
            kind = chosen
        pairs: KeyValues = ctx.service("kv")
        pairs.put(
            key=ctx.render(self.key),
            value=typed(stored(ctx, self.value), kind),
            namespace=ctx.render(self.namespace),
            type=kind,
            ttl=ctx.render(self.ttl).total_seconds() if self.ttl is not None else None,
            overwrite=ctx.render(self.overwrite),
            description=ctx.render(self.kv_description) if self.kv_description is not None else None,
        )
        return {}


def stored(ctx: RunContext, value: Property[Any]) -> Any:
    """What an expression gives keeps its type; a map or a list in the document itself is text."""
    rendered = ctx.render(value)
    if isinstance(value.source, dict | list):
        return json.dumps(rendered, ensure_ascii=False, separators=(",", ":"))
    return rendered


def typed(value: Any, kind: str | None) -> Any:
    """A text read as the type that was asked for. Texts of dates and durations stay as they are written."""
    if kind == "STRING" and not isinstance(value, str):
        return json.dumps(value)
    if not isinstance(value, str):
        return value
    try:
        if kind == "NUMBER":
            return json.loads(value, parse_constant=_no_constant)
        if kind == "BOOLEAN":
            return {"true": True, "false": False}[value.strip().lower()]
        if kind == "JSON":
            return json.loads(value, parse_constant=_no_constant)
    except (ValueError, KeyError, RecursionError):
        raise PluginError(f"`{value[:100]}` is no {kind}", retryable=False) from None
    return value


def _no_constant(name: str) -> Any:
    raise ValueError(name)
