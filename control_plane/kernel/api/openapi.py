"""The OpenAPI document of what is served: addresses, rights, and the shapes that handlers declare."""

from __future__ import annotations

import re
from functools import cache
from typing import Any

from drf_spectacular.generators import SchemaGenerator
from drf_spectacular.openapi import AutoSchema
from pydantic.alias_generators import to_camel

from control_plane.kernel.api.components import Json, Mode, schema_of
from control_plane.kernel.api.schema import JSON, NOTHING, Content, Parameter, Shape, parameters_of, shape_of
from control_plane.kernel.api.views import ApiView, Declared
from control_plane.kernel.permissions import Right, Rule

_SECURITY: list[dict[str, list[str]]] = [{"bearerAuth": []}, {"basicAuth": []}]
_NO_ANSWER = "Done; there is nothing to tell."
_WORDS = {"string": str, "integer": int, "boolean": bool, "array": list[str]}
_PLACE = re.compile(r"{([^}]*)}")


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
        inside = [Parameter(name, str, True, "path") for name in _PLACE.findall(self.path)]
        return [self._parameter(each) for each in (*inside, *parameters_of(self._shape))]

    def _parameter(self, given: Parameter) -> Json:
        shown = {"in": given.place, "name": given.name, "schema": self._schema(given.kind, "validation")}
        return {**shown, "required": True} if given.is_required else shown

    def _get_request_body(self, direction: str = "request") -> Json | None:
        body = self._shape.body
        if body is None:
            return None
        is_required = not isinstance(body, Content) or body.is_required
        return {**self._content(body, "validation"), **({"required": True} if is_required else {})}

    def _get_response_bodies(self, direction: str = "response") -> Json:
        shape = self._shape
        answer = self._content(shape.answer, "serialization") if shape.answer != NOTHING else {}
        return {str(shape.status): {"description": "" if answer else _NO_ANSWER, **answer}}

    def _content(self, kind: Any, mode: Mode) -> Json:
        sent = kind if isinstance(kind, Content) else Content((JSON,), dict[str, Any] if kind is None else kind)
        return {"content": {media: {"schema": self._of_media(media, sent.kind, mode)} for media in sent.media}}

    def _of_media(self, media: str, kind: Any, mode: Mode) -> Json:
        if kind is not None:
            return self._schema(kind, mode)
        is_text = media.startswith("text/") or media.endswith(("yaml", "+xml"))
        return {"type": "string"} if is_text else {"type": "string", "format": "binary"}

    def _schema(self, kind: Any, mode: Mode) -> Json:
        return schema_of(_WORDS.get(kind, kind) if isinstance(kind, str) else kind, self.registry, mode)

    def get_filter_backends(self) -> list[Any]:
        return []


class OurGenerator(SchemaGenerator):
    """Writes the parts of a path as clients know them."""

    def coerce_path(self, path: str, method: str, view: Any) -> str:
        handler = getattr(view, view.action_map[method.lower()], None)
        names = shape_of(handler).names
        return _PLACE.sub(lambda part: "{%s}" % (names.get(part[1]) or to_camel(part[1])), path)

    def get_schema(self, request: Any = None, public: bool = False) -> Json:
        found: Json = super().get_schema(request, public)  # type: ignore[no-untyped-call]  # the library has no types here
        found["components"]["securitySchemes"] = {
            "bearerAuth": {"type": "http", "scheme": "bearer"},
            "basicAuth": {"type": "http", "scheme": "basic"},
        }
        return found


@cache
def document() -> Json:
    """The whole document; it only changes with the code."""
    return OurGenerator().get_schema(public=True)  # type: ignore[no-untyped-call]  # the library has no types here
