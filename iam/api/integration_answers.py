"""Integrations of a tenant's directory as the API's description names them."""

from __future__ import annotations

from typing import Any, Literal, NotRequired

from typing_extensions import TypedDict


class SecurityIntegration(TypedDict):
    """A directory that pushes people and groups into the tenant."""

    id: str
    name: str
    type: Literal["SCIM"]
    description: str
    tenantId: str
    enabled: bool
    deleted: bool
    client: Literal["GENERIC", "OKTA", "ENTRA", "KEYCLOAK", "AUTHENTIK"]
    endpoint: str
    tokenPrefix: str
    createdAt: str
    rotatedAt: NotRequired[str]
    formerTokenEndsAt: NotRequired[str]
    lastCalledAt: NotRequired[str]
    calls: int


class NewSecurityIntegration(SecurityIntegration):
    """The only time that the token is told."""

    token: str


class ChangeStep(TypedDict):
    op: str
    path: str
    value: NotRequired[Any]


class IntegrationChange(TypedDict):
    """One thing that a call changed, as a JSON patch."""

    resource: str
    id: str
    patch: list[ChangeStep]


class IntegrationCall(TypedDict):
    """One of the last calls of an integration."""

    id: str
    at: str
    method: str
    path: str
    asked: NotRequired[str]
    status: int
    answered: NotRequired[str]
    changed: list[IntegrationChange]
    error: NotRequired[str]
    milliseconds: float
    requestId: str


class IntegrationCalls(TypedDict):
    results: list[IntegrationCall]
    total: int


class SecurityIntegrations(TypedDict):
    results: list[SecurityIntegration]
    total: int
