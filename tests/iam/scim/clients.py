"""Integrations for tests, and a client that speaks SCIM as one of them."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import Any

from django.test import Client

from iam.models import SecurityIntegration
from iam.services.security_integrations import create_integration
from tests.cast import ACME, Person

CONTENT = "application/scim+json"
PATCH_OP = "urn:ietf:params:scim:api:messages:2.0:PatchOp"


@dataclass
class ScimClient:
    """Calls the addresses below one integration with its token; `call` returns status and body."""

    integration: SecurityIntegration
    token: str
    tenant: str = ACME

    @property
    def base(self) -> str:
        return f"/api/v1/{self.tenant}/integrations/{self.integration.id}/scim/v2"

    def send(self, method: str, path: str, body: object = None, **headers: str):
        sent = b"" if body is None else body if isinstance(body, bytes) else json.dumps(body).encode()
        client = Client(headers={"authorization": f"Bearer {self.token}", **headers})
        return client.generic(method, f"{self.base}{path}", sent, CONTENT)

    def call(self, method: str, path: str, body: object = None, **headers: str) -> tuple[int, Any]:
        answer = self.send(method, path, body, **headers)
        return answer.status_code, json.loads(answer.content) if answer.content else None

    def make(self, path: str, body: dict[str, Any]) -> dict[str, Any]:
        status, made = self.call("POST", path, body)
        assert status == 201, (status, made)
        return made

    def get(self, path: str, **headers: str) -> Any:
        status, found = self.call("GET", path, **headers)
        assert status == 200, (status, found)
        return found

    def user(self, user_name: str, /, **more: Any) -> dict[str, Any]:
        return self.make("/Users", {"userName": user_name, **more})

    def group(self, name: str, *members: str, **more: Any) -> dict[str, Any]:
        return self.make("/Groups", {"displayName": name, "members": [{"value": each} for each in members], **more})

    def patch(self, path: str, *operations: dict[str, Any], **headers: str) -> tuple[int, Any]:
        return self.call("PATCH", path, {"schemas": [PATCH_OP], "Operations": list(operations)}, **headers)


def make_client(owner: Person, tenant: str = ACME, name: str = "directory", client: str = "GENERIC") -> ScimClient:
    integration, token = create_integration(owner.context(tenant), name=name, client=client)
    return ScimClient(integration, token, tenant)
