"""How an endpoint is written: actions, each with the right it asks for, inside one scope."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, ClassVar, Protocol, TypeVar, runtime_checkable

from django.core.exceptions import ImproperlyConfigured
from django.http import HttpRequest, HttpResponse, QueryDict
from django.http.response import HttpResponseBase
from pydantic import BaseModel
from rest_framework.request import Request
from rest_framework.viewsets import ViewSet

from control_plane.kernel.actor import Context
from control_plane.kernel.api.bodies import read
from control_plane.kernel.api.by_method import answered_elsewhere
from control_plane.kernel.api.dispatch import serve
from control_plane.kernel.api.errors import error_response, wrong_method
from control_plane.kernel.api.json import encode
from control_plane.kernel.api.listing import Listing
from control_plane.kernel.api.parsing import PARSERS, AnyAnswer
from control_plane.kernel.permissions import Permission, Right, Rule
from control_plane.kernel.words.paths import parts

B = TypeVar("B", bound=BaseModel)


@runtime_checkable
class Declared(Protocol):
    """A command: it carries its right and asks for it itself."""

    right: Right


Access = Permission | Rule | Declared


@dataclass(frozen=True, slots=True)
class Answer:
    """What a handler returns when 200 is not meant."""

    data: Any = None
    status: int = 200


class ApiView(ViewSet):
    """A handler is a method `name(self, request, **path)`; `access` says for each what is asked for.

    It returns data (rendered as JSON), None (204), an Answer or a response. `self.ctx` is the request's context.
    """

    access: ClassVar[Mapping[str, Access]] = {}
    is_sign_in: ClassVar[bool] = False
    """Proves who somebody is, at a price: served by threads that nothing else needs."""
    parser_classes = PARSERS
    content_negotiation_class = AnyAnswer
    request: Request
    ctx: Context

    @classmethod
    def as_view(cls, actions: dict[str, Any] | None = None, **initkwargs: Any) -> Any:
        """Refuse, while the routes are built, an action whose access is not declared."""
        for action in (actions or {}).values():
            if not isinstance(cls.access.get(action), Permission | Rule | Declared):
                raise ImproperlyConfigured(f"{cls.__name__}.{action} does not declare its access")
        for action in cls.access:
            if not callable(getattr(cls, action, None)):
                raise ImproperlyConfigured(f"{cls.__name__} declares access for {action}, which it does not have")
        return super().as_view(actions, **initkwargs)

    def dispatch(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        action = self._action(request)
        if action is None:
            return self.without_action(request)
        path = parts(kwargs)
        tenant = path.pop("tenant", None)
        right = endpoint_right(self.access[action])
        return serve(request, right, tenant, lambda ctx: self.handled(ctx, request, action, path), told=self.refused)

    def without_action(self, request: HttpRequest) -> HttpResponseBase:
        """The answer to a method that this view does not serve; another one may."""
        allowed = [method.upper() for method in self.action_map]
        return answered_elsewhere(request) or self.wrong_method(request, allowed)

    def wrong_method(self, request: HttpRequest, allowed: Sequence[str]) -> HttpResponse:
        """How a method is refused that is not served here."""
        return wrong_method(request, allowed)

    def refused(self, error: Exception, path: str, request_id: str) -> HttpResponse:
        """How an error is told."""
        return error_response(error, path, request_id)

    def _action(self, request: HttpRequest) -> str | None:
        method = (request.method or "").lower()
        action: str | None = self.action_map.get("get" if method == "head" else method)
        return action

    def handled(self, ctx: Context, request: HttpRequest, action: str, path: dict[str, Any]) -> HttpResponseBase:
        self.ctx = ctx
        self.action = action
        self.args, self.kwargs = (), path
        self.format_kwarg = None
        self.request = self.initialize_request(request)
        return answer(getattr(self, action)(self.request, **path))

    def body(self, model: type[B]) -> B:
        """The JSON body as its model."""
        return read(model, self.request.data)

    @property
    def query(self) -> QueryDict:
        return self.request.query_params


def endpoint_right(declared: Access) -> Right | None:
    """What the endpoint asks for. A command asks by itself for what is not open to everybody."""
    if not isinstance(declared, Declared):
        return declared
    return declared.right if declared.right is Rule.PUBLIC else None


class TenantView(ApiView):
    """An endpoint under `/api/v1/{tenant}/...`; its route has a part named `tenant`."""


class InstanceView(ApiView):
    """An endpoint of the instance, outside of any tenant."""


def answer(result: object) -> HttpResponseBase:
    if isinstance(result, HttpResponseBase):
        return result
    if isinstance(result, Listing):
        result = result.read()
    if result is None:
        return HttpResponse(status=204)
    data, status = (result.data, result.status) if isinstance(result, Answer) else (result, 200)
    if data is None:
        return HttpResponse(status=status)
    return HttpResponse(encode(data), content_type="application/json", status=status)
