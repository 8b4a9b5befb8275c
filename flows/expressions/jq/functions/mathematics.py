"""Functions of jq that compute with numbers."""

from __future__ import annotations

import math
from collections.abc import Callable
from fractions import Fraction
from typing import Any

from flows.expressions.jq.errors import JqError
from flows.expressions.jq.natives import value
from flows.expressions.jq.values import LARGEST, kind_of, settled, shown
from flows.expressions.limits import Run

SMALLEST_NORMAL = 2.2250738585072014e-308


def number(run: Run, given: Any) -> float:
    if kind_of(given) != "number":
        raise JqError(f"{shown(given, run)} number required")
    return float(given)


def _rounded(given: float) -> float:
    """Half away from zero."""
    return math.copysign(math.floor(abs(given) + 0.5), given)


def _quietly(compute: Callable[..., float]) -> Callable[..., float]:
    """What has no value is none, what is too large is infinite."""

    def run(*given: float) -> float:
        try:
            return float(compute(*given))
        except ValueError:
            return math.nan
        except (OverflowError, ZeroDivisionError):
            return math.inf

    return run


def _whole(compute: Callable[[float], float]) -> Callable[[float], float]:
    return lambda given: given if not math.isfinite(given) else float(compute(given))


def _logarithm(compute: Callable[[float], float]) -> Callable[[float], float]:
    return lambda given: -math.inf if given == 0 else compute(given)


def _cube_root(given: float) -> float:
    """The double next to the true root, which the library of the machine may miss by one."""
    found = math.cbrt(given)
    if not math.isfinite(found):
        return found
    near = (math.nextafter(found, -math.inf), found, math.nextafter(found, math.inf))
    return min(near, key=lambda root: abs(Fraction(root) ** 3 - Fraction(given)))


DOUBLES: dict[str, Callable[[float], float]] = {
    "floor": _whole(math.floor),
    "ceil": _whole(math.ceil),
    "round": _whole(_rounded),
    "trunc": _whole(math.trunc),
    "rint": _whole(round),
    "nearbyint": _whole(round),
    "sqrt": math.sqrt,
    "cbrt": _cube_root,
    "exp": math.exp,
    "exp2": lambda given: 2.0**given,
    "exp10": lambda given: 10.0**given,
    "pow10": lambda given: 10.0**given,
    "expm1": math.expm1,
    "log": _logarithm(math.log),
    "log2": _logarithm(math.log2),
    "log10": _logarithm(math.log10),
    "log1p": math.log1p,
    "fabs": math.fabs,
    "sin": math.sin,
    "cos": math.cos,
    "tan": math.tan,
    "asin": math.asin,
    "acos": math.acos,
    "atan": math.atan,
    "sinh": math.sinh,
    "cosh": math.cosh,
    "tanh": math.tanh,
    "asinh": math.asinh,
    "acosh": math.acosh,
    "atanh": math.atanh,
    "gamma": math.lgamma,
    "lgamma": math.lgamma,
    "tgamma": math.gamma,
    "significand": lambda given: given if given == 0 or not math.isfinite(given) else math.frexp(given)[0] * 2,
    "logb": lambda given: -math.inf if given == 0 else math.frexp(given)[1] - 1.0,
}


def _double(compute: Callable[[float], float]) -> Callable[[Run, Any], float]:
    quiet = _quietly(compute)
    return lambda run, given: quiet(number(run, given))


for _name, _compute in DOUBLES.items():
    value(_name)(_double(_compute))

PAIRS: dict[str, Callable[[float, float], float]] = {
    "pow": math.pow,
    "atan2": math.atan2,
    "fmod": math.fmod,
    "fmin": min,
    "fmax": max,
    "ldexp": lambda one, other: math.ldexp(one, int(other)),
    "scalb": lambda one, other: math.ldexp(one, int(other)),
    "drem": math.remainder,
}


def _pair(compute: Callable[[float, float], float]) -> Callable[[Run, Any, Any, Any], int | float]:
    quiet = _quietly(compute)
    return lambda run, given, one, other: settled(quiet(number(run, one), number(run, other)))


for _name, _pair_compute in PAIRS.items():
    value(_name, 2)(_pair(_pair_compute))


@value("abs")
def absolute(run: Run, given: Any) -> Any:
    number(run, given)
    return abs(given)


@value("frexp")
def frexp(run: Run, given: Any) -> Any:
    mantissa, exponent = math.frexp(number(run, given))
    return [mantissa, exponent]


@value("modf")
def modf(run: Run, given: Any) -> Any:
    return [*math.modf(number(run, given))]


@value("infinite")
def infinite(run: Run, given: Any) -> float:
    return math.inf


@value("nan")
def nan(run: Run, given: Any) -> float:
    return math.nan


@value("isnan")
def isnan(run: Run, given: Any) -> bool:
    return math.isnan(number(run, given))


@value("isinfinite")
def isinfinite(run: Run, given: Any) -> bool:
    return math.isinf(number(run, given))


@value("isnormal")
def isnormal(run: Run, given: Any) -> bool:
    return SMALLEST_NORMAL <= abs(number(run, given)) <= LARGEST
