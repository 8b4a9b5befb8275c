"""A client that compares each answer with what the API's description says of it."""

from __future__ import annotations

import json
import re
from functools import cache
from typing import Any

from django.conf import settings
from django.test import Client
from django.urls import resolve
from jsonschema import Draft202012Validator

from control_plane.kernel.api.openapi import document
from control_plane.kernel.words.paths import Unreadable, decoded

_PLACE = re.compile(r"<[^>]*>|{[^}]*}")


class DescribedClient(Client):
    """Speaks the API; an answer that the description does not foresee is an error."""

    def _get_path(self, parsed: Any) -> str:
        """As the server's side of the house reads it: an encoded slash parts nothing."""
        try:
            return decoded(parsed.path.encode()).encode().decode("latin-1")
        except Unreadable:
            return super()._get_path(parsed)  # type: ignore[misc,no-any-return]  # the stubs lack it

    def request(self, **request: Any) -> Any:
        response = super().request(**request)
        method, path = request.get("REQUEST_METHOD", "GET"), request.get("PATH_INFO", "/")
        if method != "HEAD" and 200 <= response.status_code < 300:
            wrong = differences(method, path, response)
            assert not wrong, f"{method} {path} differs from its description: {wrong}"
        return response


def differences(method: str, path: str, response: Any) -> list[str]:
    """What an answer has or lacks against its description; nothing when the two agree."""
    operation = _operation(method, resolve(path).route)
    if operation is None or operation["tags"] == ["tests"]:
        return []
    declared = operation["responses"].get(str(response.status_code))
    if declared is None:
        return [] if response.status_code == 206 else [f"status {response.status_code} is not declared"]
    media = response.headers.get("Content-Type", "").partition(";")[0]
    content = declared.get("content", {})
    if not content:
        return ["a body is not declared"] if _body(response) else []
    if media not in content:
        return [f"{media or 'no body'} is not declared"]
    if media != "application/json":
        return []
    validator = _validator(settings.ROOT_URLCONF, operation["operationId"], str(response.status_code))
    errors = validator.iter_errors(json.loads(response.content))
    return [f"{error.json_path}: {error.message[:300]}" for error in errors]


def _body(response: Any) -> bytes:
    return b"" if response.streaming else response.content


def _operation(method: str, route: str) -> dict[str, Any] | None:
    return _operations(settings.ROOT_URLCONF).get((method.lower(), _shape(f"/{route}")))


@cache
def _operations(urlconf: str) -> dict[tuple[str, str], dict[str, Any]]:
    paths = document()["paths"].items()
    return {(method, _shape(path)): operation for path, methods in paths for method, operation in methods.items()}


def _shape(path: str) -> str:
    return _PLACE.sub("{}", path)


@cache
def _validator(urlconf: str, operation_id: str, status: str) -> Draft202012Validator:
    operation = next(each for each in _operations(urlconf).values() if each["operationId"] == operation_id)
    schema = operation["responses"][status]["content"]["application/json"]["schema"]
    schemas = {name: _closed(each) for name, each in document()["components"].get("schemas", {}).items()}
    return Draft202012Validator({**_closed(schema), "components": {"schemas": schemas}})


def _closed(schema: Any) -> Any:
    """The same, but an object has no properties other than those described, unless it says so."""
    if isinstance(schema, list):
        return [_closed(each) for each in schema]
    if not isinstance(schema, dict):
        return schema
    closed = {key: _closed(value) for key, value in schema.items()}
    is_object = schema.get("type") == "object" and isinstance(schema.get("properties"), dict)
    return {"additionalProperties": False, **closed} if is_object else closed
