"""Many operations in one request (RFC 7644, 3.7): each is a call of its own, with its own transaction and answer."""

from __future__ import annotations

import json
import re
from dataclasses import dataclass, field
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.urls import resolve
from rest_framework.request import Request

from control_plane.kernel.api.json import encode
from control_plane.kernel.words.errors import TooLarge
from iam.permissions import USER as USERS
from iam.scim.refusals import InvalidSyntax, InvalidValue
from iam.scim.replies import error_document, reply
from iam.scim.views import ScimView

MOST_OPERATIONS = 1_000
LARGEST = 1_048_576
_RESPONSE = "urn:ietf:params:scim:api:messages:2.0:BulkResponse"
_PLACE = re.compile(r"/(Users|Groups)(/[A-Za-z0-9:_.-]+)?")
_REFERENCE = re.compile(r"bulkId:(.+)", re.S)
_METHODS = ("POST", "PUT", "PATCH", "DELETE")


@dataclass(frozen=True, slots=True)
class Part:
    """One operation; `names` are the references to what others make."""

    method: str
    path: str
    data: Any
    bulk_id: str
    version: str
    names: frozenset[str] = field(default_factory=frozenset)


class BulkView(ScimView):
    """The operations run one after another once the request is let in; one that fails undoes none of the others."""

    access = {"create": USERS.LIST}
    _parts: list[Part]
    _most_errors: int = 0

    def create(self, request: Request) -> HttpResponse:
        if int(request.META.get("CONTENT_LENGTH") or 0) > LARGEST:
            raise TooLarge(f"a bulk request has at most {LARGEST} bytes")
        named = {str(key).lower(): value for key, value in self.said.items()}
        said = named.get("operations")
        if not isinstance(said, list):
            raise InvalidSyntax("`Operations` must be a list of operations")
        if len(said) > MOST_OPERATIONS:
            raise TooLarge(f"a bulk request has at most {MOST_OPERATIONS} operations")
        most = named.get("failonerrors") or 0
        if isinstance(most, bool) or not isinstance(most, int):
            raise InvalidValue("`failOnErrors` must be a whole number")
        self._most_errors = most
        self._parts = [_part(each) for each in said]
        return reply({})

    def served(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        let_in = super().served(request, *args, **kwargs)
        if let_in.status_code >= 400:
            return let_in
        return reply({"schemas": [_RESPONSE], "Operations": self._run(request)})

    def _run(self, request: HttpRequest) -> list[dict[str, Any]]:
        """Each after those that make what it names."""
        made: dict[str, str] = {}
        answers: list[dict[str, Any]] = []
        left, errors = list(self._parts), 0
        while left and not (self._most_errors and errors >= self._most_errors):
            at = next((at for at, part in enumerate(left) if part.names <= made.keys()), 0)
            part = left.pop(at)
            answer = self._answer(request, part, made)
            errors += int(answer["status"]) >= 400
            answers.append(answer)
        return answers

    def _answer(self, request: HttpRequest, part: Part, made: dict[str, str]) -> dict[str, Any]:
        told: dict[str, Any] = {"method": part.method, **({"bulkId": part.bulk_id} if part.bulk_id else {})}
        unknown = part.names - made.keys()
        if unknown:
            error = InvalidValue(f"nothing was made for bulkId {min(unknown)[:60]}")
            return {**told, "status": "400", "response": error_document(error)}
        response = _call(request, part, made)
        told["status"] = str(response.status_code)
        for name, header in (("location", "Location"), ("version", "ETag")):
            if header in response.headers:
                told[name] = response.headers[header]
        content = json.loads(getattr(response, "content", b"") or "{}")
        if response.status_code >= 400:
            told["response"] = content
        elif part.bulk_id and "id" in content:
            made[part.bulk_id] = content["id"]
        return told


def _part(said: Any) -> Part:
    if not isinstance(said, dict):
        raise InvalidSyntax("an operation must be an object")
    method, path, data = str(said.get("method", "")).upper(), said.get("path"), said.get("data")
    bulk_id, version = said.get("bulkId") or "", said.get("version") or ""
    if method not in _METHODS or not isinstance(path, str) or not _PLACE.fullmatch(path):
        raise InvalidSyntax("an operation needs a `method` and the `path` of users or groups")
    if not isinstance(bulk_id, str) or not isinstance(version, str) or (method == "POST") == (path.count("/") > 1):
        raise InvalidSyntax("an operation makes something at a kind of resource, and changes one resource")
    return Part(method, path, data, bulk_id, version, frozenset(_names([path.rpartition("/")[2], data])))


def _names(value: Any) -> list[str]:
    if isinstance(value, str):
        match = _REFERENCE.fullmatch(value)
        return [match[1]] if match else []
    inner = value.values() if isinstance(value, dict) else value if isinstance(value, list) else ()
    return [name for each in inner for name in _names(each)]


def _filled(value: Any, made: dict[str, str]) -> Any:
    if isinstance(value, str):
        match = _REFERENCE.fullmatch(value)
        return made[match[1]] if match else value
    if isinstance(value, dict):
        return {key: _filled(inner, made) for key, inner in value.items()}
    return [_filled(inner, made) for inner in value] if isinstance(value, list) else value


def _call(request: HttpRequest, part: Part, made: dict[str, str]) -> HttpResponseBase:
    """The operation as a request of its own, with the credentials of the whole."""
    home = request.path_info.removesuffix("/Bulk")
    place = "/".join(_filled(each, made) for each in part.path.split("/"))
    body = b"" if part.data is None else encode(_filled(part.data, made))
    inner = HttpRequest()
    inner.method, inner.path, inner.path_info = part.method, home + place, home + place
    inner.META = {
        **{key: value for key, value in request.META.items() if isinstance(value, str)},
        "REQUEST_METHOD": part.method,
        "PATH_INFO": home + place,
        "QUERY_STRING": "",
        "CONTENT_TYPE": "application/scim+json",
        "CONTENT_LENGTH": str(len(body)),
        "HTTP_IF_MATCH": part.version,
    }
    inner.COOKIES = request.COOKIES
    inner._body = body
    inner._read_started = True  # type: ignore[attr-defined]  # so that the body that is here is read, and no stream
    match = resolve(home + place)
    response: HttpResponseBase = match.func(inner, *match.args, **match.kwargs)
    return response
