"""The processes of the instance, as a superadmin sees them."""

from __future__ import annotations

from typing import Any

from rest_framework.request import Request

from control_plane.kernel.api.filter_fields import Op
from control_plane.kernel.api.filters import Condition, conditions
from control_plane.kernel.api.pages import page_of, sliced
from control_plane.kernel.api.views import InstanceView
from control_plane.kernel.permissions import SUPERADMIN
from control_plane.kernel.words.errors import BadParameter, NotFound
from workers.queries import Service, services
from workers.shapes import active_shape, instance_shape, metrics_of, service_shape

TYPES = ("EXECUTOR", "INDEXER", "SCHEDULER", "WEBSERVER", "WORKER", "CONTROLLER")
_NAMES = ("id", "q", "state", "type")
_EQUALITY = (Op.EQUALS, Op.IN, Op.NOT_EQUALS, Op.NOT_IN)
_LEGACY = {"q": ("q", Op.EQUALS)}


class ServicesView(InstanceView):
    access = {"search": SUPERADMIN, "active": SUPERADMIN, "show": SUPERADMIN, "metrics": SUPERADMIN}

    def search(self, request: Request) -> dict[str, Any]:
        found = services()
        for condition in conditions(self.query, _LEGACY):
            _check(condition)
            found = [service for service in found if _fits(service, condition.field, condition.op, condition.value)]
        return sliced([service_shape(service) for service in found], page_of(self.query))

    def active(self, request: Request) -> dict[str, Any]:
        return active_shape(services())

    def metrics(self, request: Request, service_type: str) -> list[dict[str, Any]]:
        """Of all processes of a type that are heard; none for a type that this instance has no process of."""
        if service_type not in TYPES:
            raise BadParameter(f"`serviceType` must be one of {', '.join(TYPES)}")
        running = [each for each in services() if each.type == service_type and each.state == "RUNNING"]
        return [metric for each in running for metric in metrics_of(each)]

    def show(self, request: Request, service_id: str) -> dict[str, Any]:
        found = next((service for service in services() if service.id == service_id), None)
        if found is None:
            raise NotFound(f"Service '{service_id}' was not found")
        return instance_shape(found)


def _check(condition: Condition) -> None:
    """Whether any process is there to be filtered or not."""
    name, op = condition.field, condition.op
    if name not in _NAMES:
        raise BadParameter(f"cannot filter by `{name}`: use one of {', '.join(_NAMES)}")
    if condition.key is not None:
        raise BadParameter(f"`{name}` has no keys to filter by")
    legal = (Op.EQUALS,) if name == "q" else _EQUALITY
    if op not in legal:
        raise BadParameter(f"`{name}` cannot be filtered by {op}: use one of {', '.join(legal)}")


def _fits(service: Service, field: str, op: Op, value: str | list[str]) -> bool:
    """They are few and in memory: equality and lists are all that is asked of them."""
    known = {"id": service.id, "type": service.type, "state": service.state}
    wanted = value if isinstance(value, list) else value.split(",")
    if field == "q":
        return any(str(value).lower() in text.lower() for text in (service.id, service.type, service.host))
    is_named = known[field] in wanted
    return is_named if op in (Op.EQUALS, Op.IN) else not is_named
