"""What requests about executions carry."""

from __future__ import annotations

from typing import Any

from pydantic import TypeAdapter, ValidationError

from control_plane.kernel.api.bodies import Body
from control_plane.kernel.api.errors import from_pydantic
from control_plane.kernel.words.errors import Invalid, Violation


class Label(Body):
    key: str
    value: str


class StateRequest(Body):
    """A task run and the state it is to have."""

    task_run_id: str
    state: str


class LabelsByIds(Body):
    executions_id: list[str]
    execution_labels: list[Label]


class FlowName(Body):
    namespace: str
    id: str


class Labels:
    """A list of labels, each with a key and a value."""

    _adapter = TypeAdapter(list[Label])

    @classmethod
    def read(cls, given: Any) -> dict[str, str]:
        return cls.of(read_list(cls._adapter, given))

    @staticmethod
    def of(labels: list[Label]) -> dict[str, str]:
        found: dict[str, str] = {}
        for label in labels:
            if not label.key or not label.value or "\0" in label.key + label.value:
                raise Invalid(violations=[Violation("a label needs a key and a value", "labels")])
            found[label.key] = label.value
        return found


_flows = TypeAdapter(list[FlowName])
_ids = TypeAdapter(list[str])


def flow_names(given: Any) -> list[FlowName]:
    return read_list(_flows, given)


def ids_in(given: Any) -> list[str]:
    """Ids, each once, in their order."""
    return list(dict.fromkeys(read_list(_ids, given)))


def read_list(adapter: TypeAdapter[list[Any]], given: Any) -> list[Any]:
    try:
        return adapter.validate_python(given)
    except ValidationError as error:
        raise from_pydantic(error) from None
