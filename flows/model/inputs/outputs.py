"""The outputs of a flow: rendered when it ends, and of the types it declares."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

from control_plane.kernel.words.errors import Invalid, Violation
from flows.expressions import Environment, ExpressionError
from flows.expressions import compile as compile_expression
from flows.model.inputs.convert import Unfit, as_text, convert
from flows.model.inputs.definitions import Output
from flows.model.inputs.nesting import nested
from flows.model.inputs.ports import NO_KEEPERS, Keepers


class InvalidOutputs(Invalid):
    """Some outputs of the flow cannot be given; each violation names one."""

    code = "invalid_outputs"


Forgo = Callable[[str], None]
"""Told why an output that is not required is left out."""


def resolve_outputs(
    outputs: Sequence[Output],
    *,
    scope: Mapping[str, Any],
    env: Environment,
    keepers: Keepers = NO_KEEPERS,
    forgo: Forgo | None = None,
) -> dict[str, Any]:
    """The outputs by id, those that are null left out.

    Raises InvalidOutputs with everything that cannot be rendered or is of another type; one with `required: false`
    is left out instead, and `forgo` hears the reason.
    """
    return _collected(outputs, lambda output: render_value(output.value, scope, env), keepers, forgo)


def typed_outputs(outputs: Sequence[Output], rendered: Mapping[str, Any], forgo: Forgo | None = None) -> dict[str, Any]:
    """The same of values that somebody else has rendered."""
    return _collected(outputs, lambda output: rendered.get(output.id), NO_KEEPERS, forgo)


def _collected(
    outputs: Sequence[Output], render: Callable[[Output], Any], keepers: Keepers, forgo: Forgo | None
) -> dict[str, Any]:
    values: dict[str, Any] = {}
    errors: list[Violation] = []
    for output in outputs:
        try:
            value = _typed(output, render(output), keepers)
        except (Unfit, ExpressionError) as error:
            reason = _reason(output, error)
            if output.required is not False:
                errors.append(Violation(reason, path=output.id))
            elif forgo is not None:
                forgo(reason)
        else:
            values |= {} if value is None else {output.id: value}
    if errors:
        raise InvalidOutputs("\n".join(error.message for error in errors), violations=errors)
    return nested(values)


def _reason(output: Output, error: Unfit | ExpressionError) -> str:
    if isinstance(error, ExpressionError):
        return str(error)
    return f"Invalid value for output `{output.id}`. Cause: {error}"


def _typed(output: Output, rendered: Any, keepers: Keepers) -> Any:
    if rendered is None or (rendered == "" and output.type not in _TEXTS):
        if output.required:
            raise Unfit("a value is required, but it is null")
        return None
    if output.type in ("JSON", "YAML", "ION") and not isinstance(rendered, str):
        return without_nulls(rendered)
    if output.type == "EMAIL":
        return as_text(rendered)
    return convert(output.type, rendered, None, keepers, output.id)


_TEXTS = ("STRING", "ENUM", "SELECT", "EMAIL", "SECRET")


def without_nulls(value: Any) -> Any:
    """Maps without the entries that are null, however deep; lists keep theirs."""
    if isinstance(value, dict):
        return {key: without_nulls(item) for key, item in value.items() if item is not None}
    return [without_nulls(item) for item in value] if isinstance(value, list) else value


def render_value(value: Any, scope: Mapping[str, Any], env: Environment) -> Any:
    """The value with every expression in it evaluated; one that is a single expression keeps its type."""
    if isinstance(value, str):
        return compile_expression(value).evaluate(scope, env) if "{" in value else value
    if isinstance(value, dict):
        return {key: render_value(item, scope, env) for key, item in value.items()}
    if isinstance(value, list):
        return [render_value(item, scope, env) for item in value]
    return value
