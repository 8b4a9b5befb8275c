"""What a flow may ask for: one class for each type of input."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from typing import Any, ClassVar, Literal

import re2
from pydantic import AliasChoices, Field

from control_plane.kernel.words.durations import Duration
from control_plane.kernel.words.moments import parse_date, parse_moment, parse_wall_time
from plugins.contracts import Model, Problem

INPUT_ID = r"^[a-zA-Z0-9][.a-zA-Z0-9_-]*$"
LONGEST_DISPLAY_NAME = 64


class DependsOn(Model):
    """When an input is asked for: after those it names, and only while its condition renders to true."""

    inputs: list[str] = Field(default_factory=list)
    condition: str | None = None


class Input(Model):
    """A value that a flow is given when it starts, and what may be given."""

    DEPRECATED: ClassVar[str] = ""
    """What to use instead of this type."""

    id: str = Field(pattern=INPUT_ID, validation_alias=AliasChoices("id", "name"))
    type: str
    description: str | None = None
    display_name: str | None = Field(default=None, max_length=LONGEST_DISPLAY_NAME)
    required: bool = True
    defaults: Any = None
    prefill: Any = None
    depends_on: DependsOn | None = None

    def problems(self) -> Iterable[Problem]:
        if self.defaults is not None and self.prefill is not None:
            yield Problem("`prefill` cannot be used together with `defaults`", "prefill")


class TextInput(Input):
    """An input whose default is a text as the author wrote it."""

    defaults: str | None = None
    prefill: str | None = None


class StringInput(TextInput):
    """Any text, or one that matches `validator` as a whole."""

    type: Literal["STRING"]
    validator: str | None = None

    def problems(self) -> Iterable[Problem]:
        yield from super().problems()
        yield from pattern_problems(self.validator, "validator")


class UriInput(TextInput):
    """An address."""

    type: Literal["URI"]


class EmailInput(TextInput):
    """An e-mail address."""

    type: Literal["EMAIL"]


class SecretInput(TextInput):
    """A text that is kept encrypted and masked."""

    type: Literal["SECRET"]
    validator: str | None = None

    def problems(self) -> Iterable[Problem]:
        yield from super().problems()
        yield from pattern_problems(self.validator, "validator")


class IntInput(Input):
    """A whole number between `min` and `max`."""

    type: Literal["INT"]
    min: int | None = None
    max: int | None = None

    def problems(self) -> Iterable[Problem]:
        yield from super().problems()
        yield from order_problems(self.min, self.max, "min", "max")


class FloatInput(Input):
    """A number between `min` and `max`."""

    type: Literal["FLOAT"]
    min: float | None = None
    max: float | None = None

    def problems(self) -> Iterable[Problem]:
        yield from super().problems()
        yield from order_problems(self.min, self.max, "min", "max")


class BooleanInput(Input):
    """True or false, shown as a choice of true, false or undefined."""

    DEPRECATED: ClassVar[str] = "use BOOL"

    type: Literal["BOOLEAN"]


class BoolInput(Input):
    """True or false, shown as a switch."""

    type: Literal["BOOL"]


class TemporalInput(TextInput):
    """A point in time, between `after` and `before`."""

    READ: ClassVar[Callable[[str], Any]] = parse_moment

    after: str | None = None
    before: str | None = None

    def problems(self) -> Iterable[Problem]:
        yield from super().problems()
        for name, limit in (("after", self.after), ("before", self.before)):
            try:
                type(self).READ(limit) if limit is not None else None
            except ValueError as error:
                yield Problem(str(error), name)


class DateTimeInput(TemporalInput):
    """A moment with its zone, between `after` and `before`."""

    type: Literal["DATETIME"]


class DateInput(TemporalInput):
    """A day, between `after` and `before`."""

    READ: ClassVar[Callable[[str], Any]] = parse_date

    type: Literal["DATE"]


class TimeInput(TemporalInput):
    """A time of day, between `after` and `before`."""

    READ: ClassVar[Callable[[str], Any]] = parse_wall_time

    type: Literal["TIME"]


class DurationInput(TextInput):
    """A length of time between `min` and `max`."""

    type: Literal["DURATION"]
    min: Duration | None = None
    max: Duration | None = None

    def problems(self) -> Iterable[Problem]:
        yield from super().problems()
        yield from order_problems(self.min, self.max, "min", "max")


class FileInput(TextInput):
    """An uploaded file, or the address of one in the internal storage."""

    type: Literal["FILE"]
    extension: str | None = None
    accept: list[str] | None = None
    allowed_file_extensions: list[str] | None = None


class JsonInput(Input):
    """JSON text."""

    type: Literal["JSON"]


class YamlInput(Input):
    """YAML text."""

    type: Literal["YAML"]


class IonInput(Input):
    """Amazon Ion text: JSON, with timestamps and exact numbers besides."""

    type: Literal["ION"]


class ArrayInput(Input):
    """A list whose items are all of `itemType`."""

    type: Literal["ARRAY"]
    item_type: str

    def problems(self) -> Iterable[Problem]:
        yield from super().problems()
        yield from item_type_problems(self.item_type)


class EnumInput(TextInput):
    """One of `values`."""

    DEPRECATED: ClassVar[str] = "use SELECT"

    type: Literal["ENUM"]
    values: list[str] = Field(min_length=1)


class SelectInput(TextInput):
    """One of `values`, or of what `expression` renders to; any other text too with `allowCustomValue`."""

    type: Literal["SELECT"]
    values: list[str] | None = None
    expression: str | None = None
    allow_custom_value: bool = False
    allow_input: bool = False
    is_radio: bool = False
    auto_select_first: bool = False

    def problems(self) -> Iterable[Problem]:
        yield from super().problems()
        yield from choice_problems(self.values, self.expression)


class MultiselectInput(Input):
    """Any number of `values`, or of what `expression` renders to."""

    type: Literal["MULTISELECT"]
    values: list[str] | None = None
    options: list[str] | None = Field(default=None, json_schema_extra={"deprecated": True})
    expression: str | None = None
    item_type: str = "STRING"
    allow_custom_value: bool = False
    allow_input: bool = False
    auto_select_first: bool = False

    def problems(self) -> Iterable[Problem]:
        yield from super().problems()
        yield from choice_problems(self.values or self.options, self.expression)
        yield from item_type_problems(self.item_type)


class GroupInput(Input):
    """An input without a value of its own: others stand in it, under its id."""

    defaults: None = None
    prefill: None = None


class FormInput(GroupInput):
    """Inputs that belong together: `a` in the form `f` is `inputs.f.a`."""

    type: Literal["FORM"]
    inputs: list[Input] = Field(min_length=1)


class ReusableInputsInput(GroupInput):
    """Inputs that are kept once for many flows: `ref` names them, in the namespace of the flow or in `namespace`."""

    type: Literal["REUSABLE_INPUTS"]
    ref: str = Field(min_length=1)
    namespace: str | None = None
    revision: int | None = Field(default=None, ge=1)


def pattern_problems(pattern: str | None, field: str) -> Iterable[Problem]:
    """A regular expression that the linear-time engine cannot read."""
    if pattern is None:
        return
    try:
        re2.compile(pattern, options=quiet_patterns())
    except re2.error as error:
        reason = error.args[0] if error.args else ""
        reason = reason.decode(errors="replace") if isinstance(reason, bytes) else str(reason)
        yield Problem(f"invalid pattern [{pattern}]", field)


def quiet_patterns() -> Any:
    """Options of the pattern engine: bounded memory, and nothing written to stderr."""
    options = re2.Options()
    options.log_errors = False
    options.max_mem = 8 * 1024 * 1024
    return options


def order_problems(low: Any, high: Any, low_name: str, high_name: str) -> Iterable[Problem]:
    if low is not None and high is not None and low > high:
        yield Problem(f"`{low_name}` must not be greater than `{high_name}`", low_name)


def choice_problems(values: list[str] | None, expression: str | None) -> Iterable[Problem]:
    if values is not None and expression is not None:
        yield Problem("must define either `values` or `expression`, not both")


def item_type_problems(item_type: str) -> Iterable[Problem]:
    if item_type in ("ARRAY", "MULTISELECT"):
        yield Problem(f"`itemType` cannot be `{item_type}`", "itemType")
    elif item_type not in VALUE_TYPES:
        yield Problem(f"must be one of {', '.join(sorted(VALUE_TYPES))}, but is `{item_type}`", "itemType")


INPUT_TYPES: Mapping[str, type[Input]] = {
    "STRING": StringInput,
    "ENUM": EnumInput,
    "SELECT": SelectInput,
    "MULTISELECT": MultiselectInput,
    "INT": IntInput,
    "FLOAT": FloatInput,
    "BOOLEAN": BooleanInput,
    "BOOL": BoolInput,
    "DATETIME": DateTimeInput,
    "DATE": DateInput,
    "TIME": TimeInput,
    "DURATION": DurationInput,
    "FILE": FileInput,
    "JSON": JsonInput,
    "YAML": YamlInput,
    "ION": IonInput,
    "URI": UriInput,
    "SECRET": SecretInput,
    "ARRAY": ArrayInput,
    "EMAIL": EmailInput,
    "FORM": FormInput,
    "REUSABLE_INPUTS": ReusableInputsInput,
}
VALUE_TYPES: Mapping[str, type[Input]] = {
    name: model for name, model in INPUT_TYPES.items() if not issubclass(model, GroupInput)
}
"""Those that have a value."""
Input.VARIANTS = INPUT_TYPES


class Output(Model):
    """A value that a flow gives back when it ends."""

    KNOWN_TYPES: ClassVar[Mapping[str, type[Input]]] = VALUE_TYPES

    id: str = Field(pattern=INPUT_ID)
    type: str
    value: Any
    description: str | None = None
    display_name: str | None = Field(default=None, max_length=LONGEST_DISPLAY_NAME)
    required: bool | None = None

    def problems(self) -> Iterable[Problem]:
        if self.type not in VALUE_TYPES:
            yield Problem(f"Invalid type: {self.type}", "type")
