"""What loops make of rendered values: the items of a list."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from typing import Any

from plugins.contracts import PluginError


def loop_values(rendered: Any) -> list[str]:
    """The values of a loop: a list, or the JSON text of one; each as text, no value twice, none of them null."""
    values = _parsed(rendered)
    nulls = sum(value is None for value in values)
    if nulls:
        shown = ", ".join(_java_text(value) for value in values)
        raise PluginError(f"Found '{nulls}' null values on Each, with values=[{shown}]", retryable=False)
    return list(dict.fromkeys(_text(value) for value in values))


def _parsed(rendered: Any) -> Sequence[Any]:
    if isinstance(rendered, str):
        try:
            rendered = json.loads(rendered)
        except ValueError as error:
            raise PluginError(f"The values are no JSON list: {error}", retryable=False) from error
        except RecursionError:
            raise PluginError("The values are nested too deep", retryable=False) from None
    if not isinstance(rendered, list):
        raise PluginError(f"The values must be a list, not {type(rendered).__name__}", retryable=False)
    return rendered


def _text(value: Any) -> str:
    if isinstance(value, str):
        return value
    return json.dumps(value, ensure_ascii=False, separators=(",", ":"), default=str)


def _java_text(value: Any) -> str:
    if value is None:
        return "null"
    if isinstance(value, Mapping):
        return "{" + ", ".join(f"{key}={_java_text(item)}" for key, item in value.items()) + "}"
    if isinstance(value, list):
        return "[" + ", ".join(_java_text(item) for item in value) + "]"
    return value if isinstance(value, str) else _text(value)
