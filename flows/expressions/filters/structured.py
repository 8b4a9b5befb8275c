"""Filters between values and JSON, YAML, Ion, and the `jq` language."""

from __future__ import annotations

from typing import Any

from flows.expressions.documents import ion_writing, json_reading, yaml_writing
from flows.expressions.filters.arguments import text_argument
from flows.expressions.frame import Frame
from flows.expressions.jq import queries
from flows.expressions.registry import Taint, filter_
from flows.expressions.text import json_text


@filter_("toJson", "json", taint=Taint.EXACT)
def to_json(frame: Frame, value: Any) -> str:
    """The value as JSON. `{{ [1, 'a'] | toJson }}` = `[1,"a"]`"""
    return json_text(value, frame.run)


@filter_("toIon")
def to_ion(frame: Frame, value: Any) -> str:
    """The value as Ion text. `{{ {'a': [1]} | toIon }}` = `{a:[1]}`"""
    frame.run.room_for(frame.run.measure(value))
    return frame.run.made_text(ion_writing.ion_text(value))


@filter_("yaml")
def yaml(frame: Frame, value: Any) -> Any:
    """The value as YAML. `{{ {'a': 1} | yaml }}` = `a: 1\n`"""
    return yaml_writing.write(frame.run, value)


@filter_("jq")
def jq(frame: Frame, value: Any, expression: Any) -> Any:
    """Every result of a jq program, always as a list. `{{ {'a': [1, 2]} | jq('.a[1]') }}` = `[2]`"""
    program = text_argument("expression", expression)
    if value is None:
        return None
    source = json_reading.read(frame.run, value) if isinstance(value, str) else value
    return queries.results(frame, program, source)
