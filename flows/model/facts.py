"""Conditions decided with the expression language."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from flows.expressions import Environment, ExpressionError
from flows.expressions import compile as compile_expression
from plugins.contracts import PluginError


def renderer(env: Environment) -> Callable[[str, Mapping[str, Any]], Any]:
    """What `plugins.conditions.facts.Facts` renders with: typed values, and PluginError for what cannot be rendered."""

    def render(text: str, scope: Mapping[str, Any]) -> Any:
        if "{" not in text:
            return text
        try:
            return compile_expression(text).evaluate(scope, env)
        except ExpressionError as error:
            raise PluginError(error.message, retryable=False) from None

    return render
