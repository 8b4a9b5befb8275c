"""Tenants and namespaces as the API's description names them."""

from __future__ import annotations

from typing import Any, NotRequired

from typing_extensions import TypedDict

from tenants.api.bodies import Concurrency


class KeptQuota(TypedDict):
    """How many executions may begin in a time, as it was written."""

    duration: NotRequired[str]
    limit: int
    behavior: str
    type: NotRequired[str]


class _Settings(TypedDict):
    concurrency: NotRequired[Concurrency]
    quotas: NotRequired[list[KeptQuota]]
    defaultWorkerSelector: NotRequired[dict[str, Any]]
    outputsInInternalStorage: NotRequired[bool]
    storageIsolation: NotRequired[dict[str, Any]]
    secretIsolation: NotRequired[dict[str, Any]]
    storageType: NotRequired[str]
    storageConfiguration: NotRequired[dict[str, Any]]
    secretType: NotRequired[str]
    secretReadOnly: NotRequired[bool]
    secretConfiguration: NotRequired[dict[str, Any]]


class Tenant(_Settings):
    """A tenant with the settings it was given."""

    id: str
    name: str
    deleted: bool
    logo: NotRequired[str]
    requireExistingNamespace: NotRequired[bool]
    appCatalogConfig: NotRequired[dict[str, Any]]
    settings: NotRequired[dict[str, Any]]


class Namespace(_Settings):
    """A namespace with the settings it was given."""

    id: str
    deleted: bool
    description: NotRequired[str]
    variables: NotRequired[dict[str, Any]]
    pluginDefaults: NotRequired[list[dict[str, Any]]]
    allowedNamespaces: NotRequired[list[dict[str, Any]]]


class AppsCatalogConfigResponse(TypedDict):
    """How the catalogue of apps looks."""

    title: NotRequired[str]
    titleColor: NotRequired[str]
    primaryColor: NotRequired[str]
    backgroundColor: NotRequired[str]
    tileColor: NotRequired[str]
    buttonTextColor: NotRequired[str]
    logo: NotRequired[str]


class DashboardSettings(TypedDict):
    defaultHomeDashboard: NotRequired[str]
    defaultFlowOverviewDashboard: NotRequired[str]
    defaultNamespaceOverviewDashboard: NotRequired[str]
