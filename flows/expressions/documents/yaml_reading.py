"""Read YAML within bounds: plain data only; what aliases multiply counts each time."""

from __future__ import annotations

from typing import Any

import yaml

from flows.expressions.documents.yaml_scalars import resolve
from flows.expressions.errors import EvaluationError, ExpressionLimitError
from flows.expressions.limits import Run
from flows.expressions.taint import plain_text

_SafeLoader: Any = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
EVENT_STEPS = 8
PLAIN = "!plain"
TEXT = "tag:yaml.org,2002:str"


class _Loader(_SafeLoader):  # type: ignore[misc]  # the fast loader is known only when PyYAML was built with it
    """Unquoted words mean what they mean in flows; a key is always a text."""

    def resolve(self, kind: Any, value: Any, implicit: Any) -> Any:
        if kind is yaml.ScalarNode:
            return PLAIN if implicit[0] else TEXT
        return super().resolve(kind, value, implicit)

    def construct_mapping(self, node: Any, deep: bool = False) -> dict[Any, Any]:
        return {
            key.value if isinstance(key, yaml.ScalarNode) else self._refuse(key): self.construct_object(each, deep=deep)
            for key, each in node.value
        }

    @staticmethod
    def _refuse(key: Any) -> Any:
        raise yaml.constructor.ConstructorError(None, None, "a key must be a text", key.start_mark)


_Loader.add_constructor(PLAIN, lambda loader, node: resolve(node.value))


def read(run: Run, text: str) -> Any:
    """The one document of a YAML text; raises `EvaluationError` with the place of the mistake."""
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
    """Refuse depth before anything is built."""
    depth = 0
    for event in yaml.parse(text, Loader=_SafeLoader):
        run.step(EVENT_STEPS)
        if isinstance(event, yaml.CollectionStartEvent):
            depth += 1
            if depth > run.limits.depth // 4:
                raise ExpressionLimitError(f"The YAML nests deeper than {run.limits.depth // 4} levels")
        elif isinstance(event, yaml.CollectionEndEvent):
            depth -= 1
