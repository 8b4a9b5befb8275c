"""From what was given to the values an execution starts with: defaults, dependencies, types and rules."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from control_plane.kernel.words.errors import Invalid, Violation
from flows.expressions import Environment, ExpressionError
from flows.expressions import compile as compile_expression
from flows.model.inputs.choices import choices_of
from flows.model.inputs.convert import Unfit, as_text, convert
from flows.model.inputs.definitions import (
    ArrayInput,
    Input,
    JsonInput,
    MultiselectInput,
    SelectInput,
    YamlInput,
)
from flows.model.inputs.nesting import nested
from flows.model.inputs.ports import NO_KEEPERS, Keepers, Upload
from flows.model.inputs.validate import validate

MISSING = "missing required input"


class InvalidInputs(Invalid):
    """Some inputs do not fit; each violation names one."""

    code = "invalid_inputs"


@dataclass(frozen=True, slots=True)
class ResolvedInput:
    """One input after resolving. Not `enabled`: its condition, or one it depends on, rules it out.

    `choices` are the values it may take, where they are limited.
    """

    definition: Input
    value: Any = None
    enabled: bool = True
    is_default: bool = False
    error: str | None = None
    choices: Sequence[str] | None = None

    @property
    def is_usable(self) -> bool:
        return self.enabled and self.error is None


@dataclass(frozen=True, slots=True)
class Resolved:
    """Every input, in the order of the flow."""

    inputs: list[ResolvedInput]

    @property
    def values(self) -> dict[str, Any]:
        """What expressions see as `inputs`: ids with dots as nested maps, optional ones without a value as null."""
        return nested({entry.definition.id: entry.value for entry in self.inputs if entry.is_usable})

    @property
    def errors(self) -> list[Violation]:
        return [Violation(entry.error, path=entry.definition.id) for entry in self.inputs if entry.error]

    def require(self) -> dict[str, Any]:
        """The values. Raises InvalidInputs with every error when there is one."""
        errors = self.errors
        if errors:
            raise InvalidInputs("\n".join(error.message for error in errors), violations=errors)
        return self.values


def resolve_inputs(
    definitions: Sequence[Input],
    given: Mapping[str, Any],
    *,
    scope: Mapping[str, Any],
    env: Environment,
    keepers: Keepers = NO_KEEPERS,
) -> Resolved:
    """Resolve them all, those that others depend on first; what was given for no input is ignored.

    `given` is flat (`{"a.b": 1}`) or nested (`{"a": {"b": 1}}`); files come as Upload or as their address.
    """
    return _Resolver(definitions, given, scope, env, keepers).run()


@dataclass(slots=True)
class _Resolver:
    definitions: Sequence[Input]
    given: Mapping[str, Any]
    scope: Mapping[str, Any]
    env: Environment
    keepers: Keepers
    done: dict[str, ResolvedInput] = field(default_factory=dict)

    def run(self) -> Resolved:
        known = {definition.id: definition for definition in self.definitions}
        for definition in self.definitions:
            self._with_dependencies(definition, known)
        return Resolved([self.done[definition.id] for definition in known.values()])

    def _with_dependencies(self, definition: Input, known: Mapping[str, Input]) -> None:
        """Those it depends on, then itself, by a stack of its own: a long chain is no recursion."""
        stack, entered = [definition], set[str]()
        while stack:
            current = stack[-1]
            waiting = [known[name] for name in _needs(current) if name in known and name not in self.done]
            waiting = [other for other in waiting if other.id not in entered]
            if current.id in self.done or not waiting:
                stack.pop()
                if current.id not in self.done:
                    self.done[current.id] = self._resolve(current)
                continue
            entered.add(current.id)
            stack.extend(reversed(waiting))

    def _resolve(self, definition: Input) -> ResolvedInput:
        needed = [self.done[name] for name in _needs(definition) if name in self.done]
        if any(not other.enabled for other in needed):
            return ResolvedInput(definition, enabled=False)
        value = self._given(definition.id)
        try:
            if not self._holds(definition, needed):
                return ResolvedInput(definition, enabled=False)
            return self._value_of(definition, value)
        except Unfit as unfit:
            return ResolvedInput(definition, error=_message(definition.id, str(unfit), value))
        except ExpressionError as error:
            return ResolvedInput(definition, error=_message(definition.id, error.message, value))

    def _holds(self, definition: Input, needed: Iterable[ResolvedInput]) -> bool:
        condition = definition.depends_on.condition if definition.depends_on else None
        if condition is None:
            return True
        visible = nested({other.definition.id: other.value for other in needed if other.is_usable})
        return self._evaluate(condition, {**self.scope, "inputs": visible}) is True

    def _value_of(self, definition: Input, value: Any) -> ResolvedInput:
        scope = {**self.scope, "inputs": self._so_far()}
        choices = self._choices(definition, scope)
        is_default = value is None
        if value is None:
            value = self._default(definition, scope, choices)
        if value is None:
            error = _message(definition.id, MISSING, None) if definition.required else None
            return ResolvedInput(definition, error=error, choices=choices)
        is_whole = is_default and isinstance(definition, JsonInput | YamlInput) and not isinstance(value, str)
        converted = value if is_whole else self._convert(definition, value)
        validate(definition, converted, value, choices)
        return ResolvedInput(definition, converted, is_default=is_default, choices=choices)

    def _convert(self, definition: Input, value: Any) -> Any:
        item_type = definition.item_type if isinstance(definition, ArrayInput | MultiselectInput) else None
        return convert(definition.type, value, item_type, self.keepers, definition.id)

    def _default(self, definition: Input, scope: Mapping[str, Any], choices: Sequence[str] | None) -> Any:
        default = definition.defaults
        if default is None and getattr(definition, "auto_select_first", False) and choices:
            return choices[0] if isinstance(definition, SelectInput) else [choices[0]]
        return self._evaluate(default, scope)

    def _choices(self, definition: Input, scope: Mapping[str, Any]) -> list[str] | None:
        expression = getattr(definition, "expression", None)
        rendered = self._evaluate(expression, scope) if expression else None
        return choices_of(definition, rendered)

    def _evaluate(self, value: Any, scope: Mapping[str, Any]) -> Any:
        if isinstance(value, str) and "{" in value:
            return compile_expression(value).evaluate(scope, self.env)
        if isinstance(value, list):
            return [self._evaluate(item, scope) for item in value]
        if isinstance(value, dict):
            return {key: self._evaluate(item, scope) for key, item in value.items()}
        return value

    def _so_far(self) -> dict[str, Any]:
        return nested({name: entry.value for name, entry in self.done.items() if entry.is_usable})

    def _given(self, name: str) -> Any:
        if name in self.given:
            return self.given[name]
        current: Any = self.given
        for step in name.split("."):
            current = current.get(step) if isinstance(current, Mapping) else None
        return current


def _needs(definition: Input) -> list[str]:
    return definition.depends_on.inputs if definition.depends_on else []


def _message(name: str, reason: str, value: Any) -> str:
    shown = "null" if value is None else value.name if isinstance(value, Upload) else as_text(value)
    return f"Invalid input for `{name}`, {reason}, but received `{shown}`"
