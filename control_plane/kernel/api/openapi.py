"""The OpenAPI document of what is served: addresses, rights, and the shapes that handlers declare."""

from __future__ import annotations

import re
from collections.abc import Iterable
from functools import cache
from http import HTTPStatus
from typing import Any

from django.conf import settings
from drf_spectacular.generators import SchemaGenerator
from drf_spectacular.openapi import AutoSchema
from drf_spectacular.plumbing import ComponentRegistry
from pydantic.alias_generators import to_camel

from control_plane.kernel.api.answers import Event, Refusal
from control_plane.kernel.api.components import Json, Mode, schema_of
from control_plane.kernel.api.schema import (
    JSON,
    NOTHING,
    STREAMS,
    Content,
    Parameter,
    Query,
    Shape,
    Stream,
    parameters_of,
    shape_of,
)
from control_plane.kernel.api.views import ApiView, Declared
from control_plane.kernel.permissions import Right, Rule

_SECURITY: list[dict[str, list[str]]] = [{"bearerAuth": []}, {"basicAuth": []}]
_NO_ANSWER = "Done; there is nothing to tell."
_WORDS = {"string": str, "integer": int, "boolean": bool, "array": list[str]}
_STREAMED = "streams"
_PLACE = re.compile(r"{([^}]*)}")


def _parameters(path: str, query: Query, registry: ComponentRegistry) -> list[Json]:
    inside = [Parameter(name, str, True, "path") for name in _PLACE.findall(path)]
    return [_parameter(each, registry) for each in (*inside, *parameters_of(query))]


def _parameter(given: Parameter, registry: ComponentRegistry) -> Json:
    kind = _WORDS.get(given.kind, given.kind) if isinstance(given.kind, str) else given.kind
    shown = {"in": given.place, "name": given.name, "schema": schema_of(kind, registry, "validation")}
    return {**shown, "required": True} if given.is_required else shown


_REFUSALS = (400, 401, 403, 404, 409, 422)


def _refusals(statuses: Iterable[int]) -> Json:
    return {str(status): {"$ref": f"#/components/responses/{_refusal(status)}"} for status in statuses}


def _refusal(status: int) -> str:
    return HTTPStatus(status).phrase.replace(" ", "")


def _described_refusals(registry: ComponentRegistry) -> Json:
    content = {JSON: {"schema": schema_of(Refusal, registry)}}
    return {_refusal(status): {"description": HTTPStatus(status).phrase, "content": content} for status in _REFUSALS}


class OurSchema(AutoSchema):
    """Reads our views: their access, and the shapes of their handlers."""

    @property
    def _ours(self) -> ApiView:
        assert isinstance(self.view, ApiView)
        return self.view

    @property
    def _handler(self) -> Any:
        return getattr(self._ours, self._ours.action, None)

    @property
    def _shape(self) -> Shape:
        return shape_of(self._handler)

    def get_operation_id(self) -> str:
        view = type(self._ours)
        path = re.sub(r"\W+", "_", self.path).strip("_")
        return f"{view.__module__.split('.')[0]}_{self.method.lower()}_{path}"

    def get_tags(self) -> list[str]:
        return [type(self._ours).__module__.split(".")[0]]

    def get_auth(self) -> list[dict[str, Any]]:
        return [] if self._right() is Rule.PUBLIC else _SECURITY

    def get_description(self) -> str:  # type: ignore[override]  # the library's own override differs from its base too
        right = self._right()
        told = (self._handler.__doc__ or "").strip()
        return f"{told}\n\nNeeds: {right.value if isinstance(right, Rule) else right}".strip()

    def _right(self) -> Right | None:
        declared = self._ours.access.get(self._ours.action)
        return declared.right if isinstance(declared, Declared) else declared

    def _get_parameters(self) -> list[Json]:
        return _parameters(self.path, self._shape.query, self.registry)

    def _get_request_body(self, direction: str = "request") -> Json | None:
        body = self._shape.body
        if body is None:
            return None
        is_required = not isinstance(body, Content) or body.is_required
        return {**self._content(body, "validation"), **({"required": True} if is_required else {})}

    def _get_response_bodies(self, direction: str = "response") -> Json:
        shape = self._shape
        answer = self._content(shape.answer, "serialization") if shape.answer != NOTHING else {}
        done = {str(shape.status): {"description": "" if answer else _NO_ANSWER, **answer}}
        empty = {str(status): {"description": _NO_ANSWER} for status in shape.empty}
        return {**done, **empty, **_refusals(self._statuses())}

    def _statuses(self) -> list[int]:
        """With which the operation may be refused."""
        right, is_write = self._right(), isinstance(self._ours.access.get(self._ours.action), Declared)
        is_asked = bool(self._shape.query) or self._shape.body is not None
        applies = {
            400: is_asked,
            401: right is not Rule.PUBLIC,
            403: right not in (Rule.PUBLIC, Rule.AUTHENTICATED),
            404: "{" in self.path,
            409: is_write,
            422: self._shape.body is not None,
        }
        return [status for status, does in applies.items() if does]

    def _content(self, kind: Any, mode: Mode) -> Json:
        sent = kind if isinstance(kind, Content) else Content((JSON,), dict[str, Any] if kind is None else kind)
        return {"content": {media: {"schema": self._of_media(media, sent.kind, mode)} for media in sent.media}}

    def _of_media(self, media: str, kind: Any, mode: Mode) -> Json:
        if kind is not None:
            return schema_of(kind, self.registry, mode)
        is_text = media.startswith("text/") or media.endswith(("yaml", "+xml"))
        return {"type": "string"} if is_text else {"type": "string", "format": "binary"}

    def get_filter_backends(self) -> list[Any]:
        return []


class OurGenerator(SchemaGenerator):
    """Writes the parts of a path as clients know them."""

    def coerce_path(self, path: str, method: str, view: Any) -> str:
        handler = getattr(view, view.action_map[method.lower()], None)
        names = shape_of(handler).names
        return _PLACE.sub(lambda part: "{%s}" % (names.get(part[1]) or to_camel(part[1])), path)

    def parse(self, input_request: Any, public: bool) -> Json:
        """What Django serves, and the streams, which it does not."""
        paths: Json = super().parse(input_request, public)  # type: ignore[no-untyped-call]  # the library has no types here
        self._described = _described_refusals(self.registry)
        return {**paths, **{stream.path: {"get": self._stream(stream)} for stream in STREAMS}}

    def _stream(self, stream: Stream) -> Json:
        event = schema_of(Event[stream.event], self.registry)  # type: ignore[name-defined]  # the type is a value here
        name = re.sub(r"\W+", "_", stream.path).strip("_")
        return {
            "operationId": f"{_STREAMED}_{name}",
            "description": f"{stream.told}\n\nNeeds: {stream.right}",
            "parameters": _parameters(stream.path, stream.query, self.registry),
            "tags": [_STREAMED],
            "security": _SECURITY,
            "responses": {
                "200": {"description": "", "content": {"text/event-stream": {"schema": event}}},
                **_refusals((401, 403, 404)),
            },
        }

    def get_schema(self, request: Any = None, public: bool = False) -> Json:
        found: Json = super().get_schema(request, public)  # type: ignore[no-untyped-call]  # the library has no types here
        found["components"]["responses"] = self._described
        found["components"]["securitySchemes"] = {
            "bearerAuth": {"type": "http", "scheme": "bearer"},
            "basicAuth": {"type": "http", "scheme": "basic"},
        }
        return found


def document() -> Json:
    """The whole document; it only changes with the code."""
    return _document(settings.ROOT_URLCONF)


@cache
def _document(urlconf: str) -> Json:
    return OurGenerator(urlconf=urlconf).get_schema(public=True)  # type: ignore[no-untyped-call]  # the library has no types here
