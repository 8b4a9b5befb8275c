"""The outputs of a flow that a worker rendered, given the types the flow declares."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from control_plane.kernel.words.errors import Violation
from flows.model.inputs.convert import Unfit, as_text, convert
from flows.model.inputs.definitions import Output
from flows.model.inputs.nesting import nested
from flows.model.inputs.outputs import InvalidOutputs
from flows.model.inputs.ports import NO_KEEPERS


def typed_outputs(outputs: Sequence[Output], rendered: Mapping[str, Any]) -> dict[str, Any]:
    """The outputs by id. Raises InvalidOutputs with everything that is of another type."""
    values: dict[str, Any] = {}
    errors: list[Violation] = []
    for output in outputs:
        try:
            values[output.id] = _typed(output, rendered.get(output.id))
        except Unfit as unfit:
            errors.append(Violation(f"Invalid output for `{output.id}`, {unfit}", path=output.id))
    if errors:
        raise InvalidOutputs("\n".join(error.message for error in errors), violations=errors)
    return nested(values)


def _typed(output: Output, value: Any) -> Any:
    if value is None:
        if output.required:
            raise Unfit("missing required output, but received `null`")
        return None
    if output.type in ("JSON", "YAML") and not isinstance(value, str):
        return value
    try:
        return convert(output.type, value, None, NO_KEEPERS, output.id)
    except Unfit as unfit:
        raise Unfit(f"{unfit}, but received `{as_text(value)}`") from None
