"""Where filters, functions and tests say their names: one decorator each, no list to edit."""

from __future__ import annotations

import importlib
import inspect
import pkgutil
from collections.abc import Callable
from dataclasses import dataclass
from enum import Enum
from types import ModuleType
from typing import Any, TypeVar

from flows.expressions.errors import ArgumentError


class Taint(Enum):
    """How a result relates to secret arguments."""

    SPREADS = "a secret anywhere in the arguments taints the whole result"
    PASSES = "parts are handed on as they are; only a text or number that is itself secret taints the result"
    DROPS = "the result does not contain the arguments"
    EXACT = "the function marks its result itself"


class Needs(Enum):
    """What a function reaches besides its arguments."""

    NOTHING = "nothing"
    CLOCK = "the clock"
    CHANCE = "chance"
    SERVICES = "the services port"


@dataclass(frozen=True, slots=True)
class Parameter:
    """One argument: by its name in camelCase, or as it is spelt in Python."""

    name: str
    spelling: str
    default: Any
    rest: bool = False


REQUIRED: Any = object()


@dataclass(frozen=True, slots=True)
class Operation:
    """A filter, function or test: its parameters (after the filtered value) and how it behaves."""

    kind: str
    name: str
    run: Callable[..., Any]
    parameters: tuple[Parameter, ...]
    wants_frame: bool
    taint: Taint
    needs: Needs
    touches: tuple[str, ...]
    takes_undefined: bool
    free_names: bool

    def bind(self, positional: list[Any], named: dict[str, Any]) -> tuple[list[Any], dict[str, Any]]:
        """Arguments in the order of the parameters, the rest by name; raises `ArgumentError`."""
        if self.parameters and self.parameters[-1].rest:
            return positional, self._only_free(named)
        if len(positional) > len(self.parameters):
            raise ArgumentError(f"The {self.kind} `{self.name}` takes at most {len(self.parameters)} arguments")
        values = list(positional)
        left = dict(named)
        for parameter in self.parameters[len(positional) :]:
            given = left.pop(parameter.spelling, parameter.default)
            values.append(left.pop(parameter.name, given))
            if values[-1] is REQUIRED:
                raise ArgumentError(f"The {self.kind} `{self.name}` expects an argument `{parameter.name}`")
        return values, self._only_free(left)

    def _only_free(self, named: dict[str, Any]) -> dict[str, Any]:
        if named and not self.free_names:
            raise ArgumentError(f"The {self.kind} `{self.name}` has no argument `{next(iter(named))}`")
        return named


FILTERS: dict[str, Operation] = {}
FUNCTIONS: dict[str, Operation] = {}
TESTS: dict[str, Operation] = {}
_TABLES = {"filter": FILTERS, "function": FUNCTIONS, "test": TESTS}

Implementation = TypeVar("Implementation", bound=Callable[..., Any])


def filter_(
    *names: str, taint: Taint = Taint.SPREADS, needs: Needs = Needs.NOTHING, takes_undefined: bool = False
) -> Callable[[Implementation], Implementation]:
    """Register `function([frame,] value, *arguments)` under these names; parameters are named in camelCase."""
    return _register("filter", names, 1, taint, needs, (), takes_undefined)


def function(
    *names: str, taint: Taint = Taint.SPREADS, needs: Needs = Needs.NOTHING, touches: tuple[str, ...] = ()
) -> Callable[[Implementation], Implementation]:
    """Register `function([frame,] *arguments)`; `touches` are the variables it reads by itself."""
    return _register("function", names, 0, taint, needs, touches, False)


def test(name: str, *, takes_undefined: bool = False) -> Callable[[Implementation], Implementation]:
    """Register a test `function(value, *arguments) -> bool`."""
    return _register("test", (name,), 1, Taint.DROPS, Needs.NOTHING, (), takes_undefined)


def _register(
    kind: str,
    names: tuple[str, ...],
    leading: int,
    taint: Taint,
    needs: Needs,
    touches: tuple[str, ...],
    takes_undefined: bool,
) -> Callable[[Implementation], Implementation]:
    def register(implementation: Implementation) -> Implementation:
        declared = list(inspect.signature(implementation).parameters.values())
        wants_frame = bool(declared) and declared[0].name == "frame"
        rest = declared[wants_frame + leading :]
        parameters = tuple(_parameter(each) for each in rest if each.kind is not each.VAR_KEYWORD)
        free = any(each.kind is each.VAR_KEYWORD for each in rest)
        for name in names:
            operation = Operation(
                kind, name, implementation, parameters, wants_frame, taint, needs, touches, takes_undefined, free
            )
            if _TABLES[kind].setdefault(name, operation) is not operation:
                raise ValueError(f"two {kind}s are named {name}")
        return implementation

    return register


def _parameter(declared: inspect.Parameter) -> Parameter:
    default = REQUIRED if declared.default is declared.empty else declared.default
    return Parameter(camel_case(declared.name), declared.name, default, declared.kind is declared.VAR_POSITIONAL)


def camel_case(name: str) -> str:
    first, *others = name.strip("_").split("_")
    return first + "".join(other.capitalize() for other in others)


def discover(package: ModuleType) -> None:
    """Import every module of a package, so that what it declares is registered."""
    for module in pkgutil.iter_modules(package.__path__, package.__name__ + "."):
        importlib.import_module(module.name)
