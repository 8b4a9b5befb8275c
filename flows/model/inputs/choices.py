"""The values a SELECT or MULTISELECT may take."""

from __future__ import annotations

import json
from typing import Any

from flows.model.inputs.convert import Unfit, as_text
from flows.model.inputs.definitions import EnumInput, Input, MultiselectInput, SelectInput


def choices_of(definition: Input, rendered: Any = None) -> list[str] | None:
    """The values listed, or those its expression rendered to: a list, or the text of one. None when any will do.

    Raises Unfit when the expression gave no list.
    """
    if isinstance(definition, EnumInput):
        return definition.values
    if isinstance(definition, SelectInput | MultiselectInput) and definition.expression is not None:
        return [as_text(item) for item in _as_list(rendered)]
    if isinstance(definition, SelectInput):
        return definition.values
    return definition.values or definition.options if isinstance(definition, MultiselectInput) else None


def _as_list(rendered: Any) -> list[Any]:
    if isinstance(rendered, list | tuple):
        return list(rendered)
    try:
        items = json.loads(rendered) if isinstance(rendered, str) else None
    except (ValueError, RecursionError):
        items = None
    if not isinstance(items, list):
        raise Unfit(f"its `expression` must give a list, but gave `{as_text(rendered)}`")
    return items
