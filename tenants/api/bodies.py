"""What clients send about tenants and namespaces. What is not used yet is refused, rather than forgotten."""

from __future__ import annotations

from typing import Any, Literal, Self

from pydantic import Field, field_validator, model_validator

from control_plane.kernel.api.bodies import Body
from control_plane.kernel.words.durations import Duration
from plugins.contracts.worker_selectors import is_dynamic, problems


class Concurrency(Body):
    limit: int = Field(ge=1)
    behavior: Literal["QUEUE", "CANCEL", "FAIL"]


class Quota(Body):
    """Of executions, unless it says otherwise. What is stored is counted at all times, the rest in a duration."""

    duration: Duration | None = None
    limit: int = Field(ge=1)
    behavior: Literal["FAIL", "CANCEL"]
    type: Literal["EXECUTIONS", "LOG_LINES", "STORAGE"] | None = None

    @model_validator(mode="after")
    def _has_its_time(self) -> Self:
        if self.duration is None and self.type != "STORAGE":
            raise ValueError("`duration` is missing")
        return self


class Settings(Body):
    """Kept as sent, once it has been understood."""

    concurrency: Concurrency | None = None
    quotas: list[Quota] | None = None
    default_worker_selector: dict[str, Any] | None = None
    outputs_in_internal_storage: bool | None = None
    secret_type: str | None = Field(None, max_length=100)
    storage_type: str | None = Field(None, max_length=100)
    storage_configuration: dict[str, Any] | None = None
    secret_read_only: bool | None = None
    secret_configuration: dict[str, Any] | None = None

    @field_validator("default_worker_selector")
    @classmethod
    def _chooses_workers(cls, said: dict[str, Any] | None) -> dict[str, Any] | None:
        for _, sentence in problems("defaultWorkerSelector", said):
            raise ValueError(sentence)
        if is_dynamic(said):
            raise ValueError("an expression has no value here")
        return said

    @model_validator(mode="before")
    @classmethod
    def _refuses_what_is_not_kept(cls, data: Any) -> Any:
        if isinstance(data, dict):
            for name in ("sdkDefaultAuthentication",):
                if data.get(name):
                    raise ValueError(f"{name} is not supported")
        return data

    def kept(self, sent: Any) -> dict[str, Any]:
        """The settings among what was sent, word for word: clients compare what they read with what they wrote."""
        names = [field.alias or name for name, field in type(self).model_fields.items() if name not in IDENTITY]
        return {name: sent[name] for name in names if sent.get(name) is not None}


IDENTITY = frozenset({"id", "name", "description", "variables"})


class TenantBody(Settings):
    id: str
    name: str = Field("", max_length=255)
    require_existing_namespace: bool | None = None
    app_catalog_config: dict[str, Any] | None = None
    settings: dict[str, Any] | None = None
    storage_isolation: dict[str, Any] | None = None
    secret_isolation: dict[str, Any] | None = None


class NamespacePluginDefault(Body):
    """Values for every task of a type in the namespace and below."""

    type: str = Field(min_length=1)
    values: dict[str, Any] | None = None
    forced: bool | None = None


class NamespaceBody(Settings):
    id: str
    description: str | None = None
    variables: dict[str, Any] | None = None
    plugin_defaults: list[NamespacePluginDefault] | None = None
    allowed_namespaces: list[dict[str, Any]] | None = None
    storage_isolation: dict[str, Any] | None = None
    secret_isolation: dict[str, Any] | None = None


class AppsCatalog(Body):
    """What the pages of the catalogue say and which colours they have."""

    title: str | None = Field(None, max_length=255)
    title_color: str | None = Field(None, max_length=64)
    primary_color: str | None = Field(None, max_length=64)
    background_color: str | None = Field(None, max_length=64)
    tile_color: str | None = Field(None, max_length=64)
    button_text_color: str | None = Field(None, max_length=64)


class Dashboards(Body):
    default_home_dashboard: str | None = None
    default_flow_overview_dashboard: str | None = None
    default_namespace_overview_dashboard: str | None = None


class NamespaceAutocomplete(Body):
    q: str | None = None
    ids: list[str] | None = None
    existing_only: bool | None = None
