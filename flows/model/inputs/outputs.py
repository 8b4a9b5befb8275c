"""The outputs of a flow: rendered when it ends, and of the types it declares."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
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


def resolve_outputs(
    outputs: Sequence[Output], *, scope: Mapping[str, Any], env: Environment, keepers: Keepers = NO_KEEPERS
) -> dict[str, Any]:
    """The outputs by id. Raises InvalidOutputs with everything that cannot be rendered or is of another type."""
    values: dict[str, Any] = {}
    errors: list[Violation] = []
    for output in outputs:
        try:
            values[output.id] = _value(output, scope, env, keepers)
        except (Unfit, ExpressionError) as error:
            errors.append(Violation(f"Invalid output for `{output.id}`, {error}", path=output.id))
    if errors:
        raise InvalidOutputs("\n".join(error.message for error in errors), violations=errors)
    return nested(values)


def _value(output: Output, scope: Mapping[str, Any], env: Environment, keepers: Keepers) -> Any:
    rendered = render_value(output.value, scope, env)
    if rendered is None or (rendered == "" and output.type not in _TEXTS):
        if output.required:
            raise Unfit("missing required output, but received `null`")
        return None
    if output.type in ("JSON", "YAML") and not isinstance(rendered, str):
        return rendered
    try:
        return convert(output.type, rendered, None, keepers, output.id)
    except Unfit as unfit:
        raise Unfit(f"{unfit}, but received `{as_text(rendered)}`") from None


_TEXTS = ("STRING", "ENUM", "SELECT", "EMAIL", "SECRET")


def render_value(value: Any, scope: Mapping[str, Any], env: Environment) -> Any:
    """The value with every expression in it evaluated; one that is a single expression keeps its type."""
    if isinstance(value, str):
        return compile_expression(value).evaluate(scope, env) if "{" in value else value
    if isinstance(value, dict):
        return {key: render_value(item, scope, env) for key, item in value.items()}
    if isinstance(value, list):
        return [render_value(item, scope, env) for item in value]
    return value
