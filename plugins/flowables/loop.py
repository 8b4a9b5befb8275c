"""Loop: the same tasks for each of many values, every turn an execution of its own."""

from __future__ import annotations

import io
import json
from collections.abc import Iterable, Mapping, Sequence
from typing import Any, ClassVar, Literal

from pydantic import Field, field_validator

from plugins.contracts import PluginError, Problem, Property, Task
from plugins.contracts.plans import LoopTask, Turn, Turns
from plugins.formats.ion import rows_of

_JAVA = {bool: "java.lang.Boolean", int: "java.lang.Integer", float: "java.lang.Double", list: "java.util.ArrayList"}


class Loop(LoopTask):
    """Run the tasks once for each value: of a list, of a map, or for each line of an ION file.

    `{{ item.value }}` is the value as text, `{{ item.index }}` its number from 0, `{{ item.key }}` its key in a map;
    `{{ item.parent }}` is the turn around it when loops are nested. Every turn is an execution of kind LOOP: what it
    sets stays in it. `{{ outputs.<id>.outputs }}` lists what the turns gave, as `outputs` declares it.
    """

    TYPE: ClassVar[str] = "io.kestra.plugin.core.flow.Loop"
    TITLE: ClassVar[str] = "Run tasks for each value, each time in an execution of its own"
    EXAMPLES: ClassVar[tuple[str, ...]] = (
        """id: loop_over_regions
namespace: company.team
tasks:
  - id: regions
    type: io.kestra.plugin.core.flow.Loop
    values: ["north", "south"]
    concurrencyLimit: 2
    outputs:
      - id: greeting
        type: STRING
        value: "{{ outputs.greet.value }}"
    tasks:
      - id: greet
        type: io.kestra.plugin.core.debug.Return
        format: "Hello {{ item.value }}"
  - id: show
    type: io.kestra.plugin.core.log.Log
    message: "{{ outputs.regions.outputs[0].outputs.greeting }}"
""",
    )

    values: Property[Any]
    concurrency_limit: int = Field(default=1, ge=0)
    transmit_failed: bool = True
    outputs: list[dict[str, Any]] = Field(default_factory=list)
    fetch_type: Literal["AUTO", "FETCH", "STORE"] = "AUTO"
    tasks: list[Task] = Field(min_length=1)

    @field_validator("concurrency_limit", mode="before")
    @classmethod
    def _one_by_one(cls, value: Any) -> Any:
        return 1 if value is None else value

    def problems(self) -> Iterable[Problem]:
        if self.values.source is None:
            yield Problem("must not be null", "values")

    def branches(self) -> Mapping[str, Sequence[Task]]:
        return {"tasks": self.tasks}

    def control(self) -> Mapping[str, Any]:
        return {"values": self.values.source}

    def turn_outputs(self) -> Sequence[Mapping[str, Any]]:
        return self.outputs

    def turns(self, values: Mapping[str, Any]) -> Turns:
        source, rendered = self.values.source, values["values"]
        if isinstance(source, str):
            return self._of_text(rendered)
        if isinstance(source, Mapping):
            return self._over(_of_map(rendered))
        if isinstance(source, list):
            _check_elements(source)
            return self._over(_of_list(rendered, source))
        raise PluginError(f"Unknown value type: class {_java_class(source)}", retryable=False)

    def turns_of_lines(self, text: str) -> Turns:
        content = text.encode()
        turns = [Turn(_text(row)) for row in rows_of(io.BytesIO(content))]
        is_stored = self.fetch_type != "FETCH"
        return self._over(turns, is_stored=is_stored, outputs={"nextOffset": len(content)})

    def _of_text(self, rendered: Any) -> Turns:
        if isinstance(rendered, str) and rendered.startswith("kestra://"):
            return self._over((), uri=rendered)
        parsed = _parsed(rendered)
        if isinstance(parsed, Mapping):
            return self._over(_of_map(parsed))
        if isinstance(parsed, list):
            return self._over(_of_list(parsed, rendered))
        shown = "" if rendered is None else _text(rendered)
        raise PluginError(
            f"The `values` must be a list, a map, or an expression that renders to one, but got: '{shown}'.",
            retryable=False,
        )

    def _over(self, turns: Sequence[Turn], **over: Any) -> Turns:
        settings = {"is_stored": self.fetch_type == "STORE", **over}
        limit, transmits = self.concurrency_limit, self.transmit_failed
        return Turns(turns=turns, limit=limit, transmits_failure=transmits, **settings)


def _parsed(rendered: Any) -> Any:
    if not isinstance(rendered, str):
        return rendered
    try:
        return json.loads(rendered)
    except (ValueError, RecursionError):
        return None


def _check_elements(elements: Sequence[Any]) -> None:
    """What is written out in the flow may be texts, numbers and maps."""
    for element in elements:
        if isinstance(element, bool | list):
            raise PluginError(f"Unknown value element type: class {_java_class(element)}", retryable=False)


def _of_list(elements: Sequence[Any], source: Any) -> list[Turn]:
    """Equal values have one turn, in the place of the first."""
    if any(element is None for element in elements):
        shown = json.dumps(source, ensure_ascii=False, separators=(",", ":"), default=str)
        raise PluginError(f"Found a null value inside the iteration values={shown}", retryable=False)
    return [Turn(text) for text in dict.fromkeys(map(_text, elements))]


def _of_map(entries: Mapping[str, Any]) -> list[Turn]:
    if any(value is None for value in entries.values()):
        shown = json.dumps(entries, ensure_ascii=False, separators=(",", ":"), default=str)
        raise PluginError(f"Found a null value inside the iteration values={shown}", retryable=False)
    return [Turn(_text(value), str(key)) for key, value in entries.items()]


def _text(value: Any) -> str:
    if isinstance(value, str):
        return value
    return json.dumps(value, ensure_ascii=False, separators=(",", ":"), default=str)


def _java_class(value: Any) -> str:
    """What the flow language calls the class of a value."""
    return _JAVA.get(type(value), "java.lang.Object")
