"""From what was given to the values an execution starts with: defaults, dependencies, types and rules."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from control_plane.kernel.words.errors import Invalid, Violation
from flows.expressions import Environment, ExpressionError
from flows.expressions import compile as compile_expression
from flows.model.inputs.choices import choices_of
from flows.model.inputs.convert import Unfit, convert
from flows.model.inputs.definitions import (
    ArrayInput,
    GroupInput,
    Input,
    IonInput,
    JsonInput,
    MultiselectInput,
    ReusableInputsInput,
    SecretInput,
    SelectInput,
    StringInput,
    YamlInput,
)
from flows.model.inputs.forms import Blocks, asked, no_blocks
from flows.model.inputs.nesting import nested
from flows.model.inputs.ports import NO_KEEPERS, Keepers, Upload
from flows.model.inputs.validate import validate


class InvalidInputs(Invalid):
    """Some inputs do not fit; each violation names one."""

    code = "invalid_inputs"


@dataclass(frozen=True, slots=True)
class ResolvedInput:
    """One input after resolving. Not `enabled`: its condition, or one it depends on, rules it out, or cannot be told.

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
        """What expressions see as `inputs`: ids with dots as nested maps, those without a value left out."""
        return _visible(self.inputs)

    @property
    def errors(self) -> list[Violation]:
        """What stands in the way of a start: an input that is not asked for does not."""
        return [Violation(each.error, path=each.definition.id) for each in self.inputs if each.error and each.enabled]

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
    blocks: Blocks = no_blocks,
) -> Resolved:
    """Resolve them all, those that others depend on first; what was given for no input is ignored.

    `given` is flat (`{"a.b": 1}`) or nested (`{"a": {"b": 1}}`); files come as Upload or as their address. `blocks`
    finds the inputs that a REUSABLE_INPUTS refers to.
    """
    entries = asked(definitions, blocks)
    missing = {each.id for each in entries if isinstance(each, ReusableInputsInput) and blocks(each) is None}
    return _Resolver(entries, given, scope, env, keepers, missing).run()


@dataclass(slots=True)
class _Resolver:
    definitions: Sequence[Input]
    given: Mapping[str, Any]
    scope: Mapping[str, Any]
    env: Environment
    keepers: Keepers
    unknown_blocks: set[str] = field(default_factory=set)
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
        try:
            if not self._holds(definition, needed):
                return ResolvedInput(definition, enabled=False)
        except ExpressionError as error:
            return ResolvedInput(definition, enabled=False, error=_invalid(definition.id, error.message))
        value = self._given(definition.id)
        try:
            return self._value_of(definition, value)
        except Unfit as unfit:
            return ResolvedInput(definition, value=_shown(definition, value), error=_invalid(definition.id, str(unfit)))
        except ExpressionError as error:
            return ResolvedInput(
                definition, value=_shown(definition, value), error=_invalid(definition.id, error.message)
            )

    def _holds(self, definition: Input, needed: Iterable[ResolvedInput]) -> bool:
        condition = definition.depends_on.condition if definition.depends_on else None
        if condition is None:
            return True
        return self._evaluate(condition, {**self.scope, "inputs": _visible(needed)}) is True

    def _value_of(self, definition: Input, value: Any) -> ResolvedInput:
        if isinstance(definition, GroupInput):
            return self._group(definition)
        scope = {**self.scope, "inputs": self._so_far()}
        choices = self._choices(definition, scope)
        is_default = value is None
        if value is None:
            value = self._default(definition, scope, choices)
        if value is None:
            error = f"Missing required input:{definition.id}" if definition.required else None
            return ResolvedInput(definition, error=error, choices=choices)
        is_parsed = isinstance(definition, JsonInput | YamlInput | IonInput) and not isinstance(value, str)
        converted = value if is_default and is_parsed else self._convert(definition, value)
        validate(definition, converted, value, choices)
        return ResolvedInput(definition, converted, is_default=is_default, choices=choices)

    def _group(self, definition: GroupInput) -> ResolvedInput:
        if definition.id not in self.unknown_blocks:
            return ResolvedInput(definition)
        ref = definition.ref if isinstance(definition, ReusableInputsInput) else definition.id
        return ResolvedInput(definition, error=_invalid(definition.id, f"there are no reusable inputs `{ref}`"))

    def _convert(self, definition: Input, value: Any) -> Any:
        item_type = definition.item_type if isinstance(definition, ArrayInput | MultiselectInput) else None
        return convert(definition.type, value, item_type, self.keepers, definition.id)

    def _default(self, definition: Input, scope: Mapping[str, Any], choices: Sequence[str] | None) -> Any:
        default = definition.defaults
        if default is None and getattr(definition, "auto_select_first", False) and choices:
            return choices[0] if isinstance(definition, SelectInput) else [choices[0]]
        rendered = self._evaluate(default, scope)
        return None if rendered == "" and not isinstance(definition, StringInput) else rendered

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
        return _visible(self.done.values())

    def _given(self, name: str) -> Any:
        """None when nothing was given: an empty text is nothing."""
        current: Any = self.given
        if name in self.given:
            current = self.given[name]
        else:
            for step in name.split("."):
                current = current.get(step) if isinstance(current, Mapping) else None
        return None if current == "" else current


def _needs(definition: Input) -> list[str]:
    return definition.depends_on.inputs if definition.depends_on else []


def _visible(inputs: Iterable[ResolvedInput]) -> dict[str, Any]:
    return nested({each.definition.id: each.value for each in inputs if each.is_usable and each.value is not None})


def _shown(definition: Input, value: Any) -> Any:
    """What was given, for whoever gave it to correct; a secret is not shown again."""
    if isinstance(definition, SecretInput):
        return None
    return value.name if isinstance(value, Upload) else value


def _invalid(name: str, reason: str) -> str:
    return f"Invalid value for input `{name}`. Cause: {reason}"
