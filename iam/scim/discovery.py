"""What a client may ask this service about itself."""

from __future__ import annotations

from typing import Any

from django.http import HttpResponse
from django_scim.constants import SchemaURI
from django_scim.models import SCIMServiceProviderConfig
from rest_framework.request import Request

from control_plane.kernel.permissions import AUTHENTICATED
from control_plane.kernel.words.errors import Forbidden, NotFound
from iam.permissions import SECURITY_INTEGRATION
from iam.scim.attributes import KINDS, SCHEMAS, Kind
from iam.scim.bulk import LARGEST, MOST_OPERATIONS
from iam.scim.listing import MOST
from iam.scim.refusals import NotSupported
from iam.scim.replies import list_of, reply
from iam.scim.views import ScimView


class ServiceProviderConfig(SCIMServiceProviderConfig):  # type: ignore[misc]  # the library has no types
    """What of SCIM is served."""

    def __init__(self, base: str) -> None:
        super().__init__()
        self._base = base

    @property
    def location(self) -> str:
        return f"{self._base}/ServiceProviderConfig"

    def to_dict(self) -> dict[str, Any]:
        served: dict[str, Any] = super().to_dict()
        served.pop("documentationUri")
        return {
            **served,
            "bulk": {"supported": True, "maxOperations": MOST_OPERATIONS, "maxPayloadSize": LARGEST},
            "filter": {"supported": True, "maxResults": MOST},
            "changePassword": {"supported": False},
            "sort": {"supported": True},
            "etag": {"supported": True},
        }


class DiscoveryView(ScimView):
    access = {
        "config": SECURITY_INTEGRATION.VIEW,
        "resource_types": SECURITY_INTEGRATION.VIEW,
        "one_type": SECURITY_INTEGRATION.VIEW,
        "schemas": SECURITY_INTEGRATION.VIEW,
        "one_schema": SECURITY_INTEGRATION.VIEW,
    }

    def config(self, request: Request) -> HttpResponse:
        self._refuse_filters()
        return reply(ServiceProviderConfig(self.base).to_dict())

    def resource_types(self, request: Request) -> HttpResponse:
        self._refuse_filters()
        shown = [self._type(kind) for kind in KINDS.values()]
        return reply(list_of(shown, len(shown)))

    def one_type(self, request: Request, resource_type: str) -> HttpResponse:
        if resource_type not in KINDS:
            raise NotFound(f"there is no resource type {resource_type[:60]}")
        return reply(self._type(KINDS[resource_type]))

    def schemas(self, request: Request) -> HttpResponse:
        self._refuse_filters()
        shown = [self._schema(urn) for urn in sorted(SCHEMAS)]
        return reply(list_of(shown, len(shown)))

    def one_schema(self, request: Request, uri: str) -> HttpResponse:
        if uri not in SCHEMAS:
            raise NotFound(f"there is no schema {uri[:200]}")
        return reply(self._schema(uri))

    def _refuse_filters(self) -> None:
        if self.query.get("filter"):
            raise Forbidden("this is not filtered")

    def _type(self, kind: Kind) -> dict[str, Any]:
        return {
            "schemas": [SchemaURI.RESOURCE_TYPE],
            "id": kind.name,
            "name": kind.name,
            "endpoint": f"/{kind.endpoint}",
            "description": kind.description,
            "schema": kind.schema,
            "schemaExtensions": [{"schema": urn, "required": False} for urn in kind.extensions],
            "meta": {"resourceType": "ResourceType", "location": f"{self.base}/ResourceTypes/{kind.name}"},
        }

    def _schema(self, urn: str) -> dict[str, Any]:
        return {
            **SCHEMAS[urn],
            "schemas": ["urn:ietf:params:scim:schemas:core:2.0:Schema"],
            "meta": {"resourceType": "Schema", "location": f"{self.base}/Schemas/{urn}"},
        }


class ElsewhereView(ScimView):
    """Addresses of SCIM that are not served, each refused in its words."""

    access = {"me": AUTHENTICATED, "nothing": AUTHENTICATED}

    def me(self, request: Request, rest: str = "") -> HttpResponse:
        raise NotSupported("/Me means a person who is signed in; this is the door of a directory")

    def nothing(self, request: Request, rest: str = "") -> HttpResponse:
        raise NotFound("there is no such address")
