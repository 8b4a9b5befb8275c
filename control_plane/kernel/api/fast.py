"""Hot endpoints: a plain function behind the same endpoint, without the view machinery."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, TypeVar, cast, get_type_hints

from django.http import HttpRequest
from django.http.response import HttpResponseBase
from pydantic import BaseModel

from control_plane.kernel.actor import Context
from control_plane.kernel.api.bodies import read
from control_plane.kernel.api.by_method import answered_elsewhere
from control_plane.kernel.api.dispatch import Planned, serve
from control_plane.kernel.api.errors import wrong_method
from control_plane.kernel.api.json import decode
from control_plane.kernel.api.listing import Listing
from control_plane.kernel.api.views import Access, ApiView, answer, endpoint_right
from control_plane.kernel.words.paths import parts

B = TypeVar("B", bound=BaseModel)


class FastView:
    """One route whose methods are plain functions `handler(request, ctx, **path)`, each with its access."""

    csrf_exempt = True

    def __init__(self, methods: Mapping[str, tuple[Access, Callable[..., object]]]) -> None:
        self.methods = {method.upper(): served for method, served in methods.items()}
        self.rights = {method: endpoint_right(access) for method, (access, _) in self.methods.items()}
        self.lists = {method for method, (_, handler) in self.methods.items() if _is_listing(handler)}
        self.access = {handler.__name__: access for access, handler in self.methods.values()}
        self.__name__ = self.__qualname__ = "/".join(self.access)
        # What the API's description looks for: the same routes as a class of actions.
        self.cls = type("Fast", (ApiView,), {**_actions(self.methods), "access": self.access})
        self.cls.__module__ = next(iter(self.methods.values()))[1].__module__
        self.actions = {method.lower(): handler.__name__ for method, (_, handler) in self.methods.items()}
        self.initkwargs: dict[str, Any] = {}

    def __call__(self, request: HttpRequest, tenant: str | None = None, **path: Any) -> HttpResponseBase:
        method = "GET" if request.method == "HEAD" else request.method or ""
        served = self.methods.get(method)
        if served is None:
            return answered_elsewhere(request) or wrong_method(request, list(self.methods))
        _, handler = served
        path = parts(path)

        def plan(ctx: Context) -> Planned:
            return cast(Listing, handler(request, ctx, **path)).asked()

        def handle(ctx: Context) -> HttpResponseBase:
            return answer(handler(request, ctx, **path))

        return serve(request, self.rights[method], tenant, handle, plan if method in self.lists else None)


def _is_listing(handler: Callable[..., object]) -> bool:
    """A handler that returns a Listing reads nothing itself, so its question can be foreseen."""
    return get_type_hints(handler).get("return") is Listing


def _actions(methods: Mapping[str, tuple[Access, Callable[..., object]]]) -> dict[str, Any]:
    return {handler.__name__: staticmethod(handler) for _, handler in methods.values()}


def fast_view(**methods: tuple[Access, Callable[..., object]]) -> FastView:
    """`path(..., fast_view(get=(EXECUTION.VIEW, show), post=(create_execution, create)))`."""
    return FastView(methods)


def json_body(request: HttpRequest, model: type[B]) -> B:
    """The JSON body as its model, or Invalid."""
    return read(model, decode(request.body) if request.body else {})
