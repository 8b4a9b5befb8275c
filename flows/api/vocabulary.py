"""The filters and functions that expressions know."""

from __future__ import annotations

from typing import Any

from rest_framework.request import Request

from control_plane.kernel.api.bodies import without_nulls
from control_plane.kernel.api.views import InstanceView
from control_plane.kernel.permissions import AUTHENTICATED
from flows.expressions.registry import FILTERS, FUNCTIONS, REQUIRED, Operation, Parameter
from flows.expressions.vocabulary import load_vocabulary


class VocabularyView(InstanceView):
    access = {"filters": AUTHENTICATED, "functions": AUTHENTICATED}

    def filters(self, request: Request) -> list[str]:
        load_vocabulary()
        return sorted(FILTERS)

    def functions(self, request: Request) -> list[dict[str, Any]]:
        load_vocabulary()
        return [_function(FUNCTIONS[name]) for name in sorted(FUNCTIONS)]


def _function(operation: Operation) -> dict[str, Any]:
    return {"name": operation.name, "arguments": [_argument(each) for each in operation.parameters]}


def _argument(parameter: Parameter) -> dict[str, Any]:
    is_needed = parameter.default is REQUIRED or parameter.default is None
    return without_nulls(name=parameter.name, defaultValue=None if is_needed else _written(parameter.default))


def _written(default: Any) -> str:
    """As an expression would write it."""
    return str(default).lower() if isinstance(default, bool) else str(default)
