"""Read and write YAML: plain data only, no aliases that multiply, no surprises about what a word means."""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import date, datetime, time, timedelta
from decimal import Decimal
from typing import Any

import yaml

from flows.expressions.errors import EvaluationError, ExpressionLimitError
from flows.expressions.limits import Run
from flows.expressions.numbers import bounded, is_number, number_text
from flows.expressions.taint import plain_text
from flows.expressions.text import text_of

_SafeLoader: Any = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
_SafeDumper: Any = getattr(yaml, "CSafeDumper", yaml.SafeDumper)
EVENT_STEPS = 8
WIDEST = 2**31 - 1


class _Loader(_SafeLoader):  # type: ignore[misc]  # the fast loader is known only when PyYAML was built with it
    """Only null, true, false, decimal numbers and texts; a date or `NO` stays a text."""


_Loader.yaml_implicit_resolvers = {}
_Loader.add_implicit_resolver("tag:yaml.org,2002:null", re.compile(r"(?:~|null|Null|NULL|)$"), ["~", "n", "N", ""])
_Loader.add_implicit_resolver(
    "tag:yaml.org,2002:bool", re.compile(r"(?:true|True|TRUE|false|False|FALSE)$"), list("tTfF")
)
_Loader.add_implicit_resolver(
    "tag:yaml.org,2002:int", re.compile(r"[-+]?(?:0|[1-9][0-9]{0,999})$"), list("-+0123456789")
)
_Loader.add_implicit_resolver(
    "tag:yaml.org,2002:float",
    re.compile(r"[-+]?(?:[0-9]+\.[0-9]*|\.[0-9]+|[0-9]+(?=[eE]))(?:[eE][-+]?[0-9]{1,3})?$"),
    list("-+0123456789."),
)


def _float(loader: _Loader, node: yaml.ScalarNode) -> float:
    return float(node.value)


def _int(loader: _Loader, node: yaml.ScalarNode) -> int:
    return int(node.value)


_Loader.add_constructor("tag:yaml.org,2002:float", _float)
_Loader.add_constructor("tag:yaml.org,2002:int", _int)


def read(run: Run, text: str) -> Any:
    """The first document of a YAML text; raises `EvaluationError` with the place of the mistake."""
    plain = plain_text(text)
    run.room_for(4 * len(plain))
    try:
        _check(run, plain)
        value = yaml.load(plain, Loader=_Loader)
    except yaml.MarkedYAMLError as error:
        mark = error.problem_mark
        place = f" at line {mark.line + 1}, column {mark.column + 1}" if mark else ""
        raise EvaluationError(f"Invalid YAML: {error.problem}{place}") from None
    except (yaml.YAMLError, ValueError, RecursionError, TypeError):
        raise EvaluationError("Invalid YAML: it holds something that cannot be read") from None
    run.measure(value)
    return value


def _check(run: Run, text: str) -> None:
    """Refuse depth and multiplied aliases before anything is built."""
    depth = 0
    for event in yaml.parse(text, Loader=_SafeLoader):
        run.step(EVENT_STEPS)
        if isinstance(event, yaml.CollectionStartEvent):
            depth += 1
            if depth > run.limits.depth // 4:
                raise ExpressionLimitError(f"The YAML nests deeper than {run.limits.depth // 4} levels")
        elif isinstance(event, yaml.CollectionEndEvent):
            depth -= 1


class _Dumper(_SafeDumper):  # type: ignore[misc]  # as above
    def ignore_aliases(self, data: Any) -> bool:
        return True


def write(run: Run, value: Any) -> str:
    """Block style, keys in their order, no quotes where none are needed, a newline at the end."""
    count = run.measure(value)
    run.room_for(count)
    run.step(count * EVENT_STEPS)
    plain = _plain(value, run)
    text = yaml.dump(plain, Dumper=_Dumper, default_flow_style=False, sort_keys=False, allow_unicode=True, width=WIDEST)
    return run.made_text(text.removesuffix("...\n"))


def _plain(value: Any, run: Run) -> Any:
    if isinstance(value, Mapping):
        return {_plain(key, run): _plain(each, run) for key, each in value.items()}
    if isinstance(value, list | tuple | set | frozenset):
        return [_plain(each, run) for each in value]
    if value is None or isinstance(value, bool):
        return value
    if isinstance(value, str):
        return plain_text(value)
    if is_number(value):
        return _Exact(number_text(bounded(value)))
    if isinstance(value, datetime | date | time | timedelta | Decimal):
        return text_of(value, run)
    return text_of(value, run)


class _Exact(str):
    """A number that is already spelt as it must stand."""


WORDS = re.compile(r"y|yes|n|no|on|off|[-+.\d][-+.:\d_eE]*|0[xXoObB]\w+", re.IGNORECASE)


def _text(dumper: Any, value: str) -> Any:
    """Plain where it reads back as the same text everywhere, several lines as a block, otherwise in quotes."""
    style = None
    if dumper.resolve(yaml.ScalarNode, value, (True, False)) != "tag:yaml.org,2002:str" or WORDS.fullmatch(value):
        style = '"'
    elif "\n" in value:
        style = "|"
    return dumper.represent_scalar("tag:yaml.org,2002:str", value, style=style)


def _exact(dumper: Any, value: _Exact) -> Any:
    kind = "float" if "." in value or "E" in value else "int"
    return dumper.represent_scalar(f"tag:yaml.org,2002:{kind}", str(value))


_Dumper.yaml_implicit_resolvers = _Loader.yaml_implicit_resolvers
_Dumper.add_representer(_Exact, _exact)
_Dumper.add_representer(str, _text)
