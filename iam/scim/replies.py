"""Answers as SCIM clients read them."""

from __future__ import annotations

import logging
from typing import Any

from django.http import HttpResponse
from django_scim.constants import SCIM_CONTENT_TYPE, SchemaURI
from django_scim.exceptions import SCIMException

from control_plane.kernel.api.errors import Bug, error_response, translate
from control_plane.kernel.api.json import encode
from control_plane.kernel.config import config
from control_plane.kernel.words.errors import ControlPlaneError
from iam.scim.refusals import scim_type_of, status_of

logger = logging.getLogger(__name__)


def base_of(tenant: str, integration_id: str) -> str:
    """The address that clients are told."""
    return f"{config().origin}/api/v1/{tenant}/integrations/{integration_id}/scim/v2"


def reply(data: Any, status: int = 200, **headers: str) -> HttpResponse:
    response = HttpResponse(encode(data), content_type=SCIM_CONTENT_TYPE, status=status)
    for name, value in headers.items():
        if value:
            response.headers[name] = value
    return response


def list_of(resources: list[dict[str, Any]], total: int, start: int = 1) -> dict[str, Any]:
    return {
        "schemas": [SchemaURI.LIST_RESPONSE],
        "totalResults": total,
        "startIndex": start,
        "itemsPerPage": len(resources),
        "Resources": resources,
    }


def refusal(error: Exception, path: str, request_id: str) -> HttpResponse:
    """Any error, in SCIM's words. What was not raised on purpose is a bug: logged, and nothing of it told."""
    plain = error_response(error, path, request_id)
    told = translate(error) or Bug()
    response = reply(error_document(told), status_of(told))
    for name in ("Retry-After", "WWW-Authenticate", "Allow"):
        if name in plain.headers:
            response.headers[name] = plain.headers[name]
    return response


def error_document(error: ControlPlaneError) -> dict[str, Any]:
    status = status_of(error)
    said = SCIMException(error.message, status=status, scim_type=scim_type_of(error) or None).to_dict()
    return {**said, "status": str(status)}
