"""Functions that read JSON, YAML and Ion."""

from __future__ import annotations

from typing import Any

from flows.expressions.documents import ion_reading, json_reading, yaml_reading
from flows.expressions.filters.arguments import text_argument, yes_or_no
from flows.expressions.frame import Frame
from flows.expressions.registry import function


@function("fromJson", "json")
def from_json(frame: Frame, json: Any) -> Any:
    """The value of a JSON text. `{{ fromJson('[1, 2]')[0] }}` = `1`"""
    return (
        json
        if json is None or isinstance(json, dict | list)
        else json_reading.read(frame.run, text_argument("json", json))
    )


@function("yaml")
def yaml(frame: Frame, yaml: Any) -> Any:
    """The value of a YAML text. `{{ yaml('foo: [666, 1]').foo[0] }}` = `666`"""
    return None if yaml is None else yaml_reading.read(frame.run, text_argument("yaml", yaml))


@function("fromIon")
def from_ion(frame: Frame, ion: Any, all_rows: Any = False) -> Any:
    """The first value of an Ion text, or all of them. `{{ fromIon('{a:1}').a }}` = `1`"""
    if ion is None:
        return None
    rows = ion_reading.read(frame.run, text_argument("ion", ion), only_first=not yes_or_no("allRows", all_rows))
    return rows if all_rows else (rows[0] if rows else None)
