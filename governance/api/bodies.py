"""What clients send about switches and announcements."""

from __future__ import annotations

from typing import Annotated, Any, Literal

from pydantic import AwareDatetime, Field

from control_plane.kernel.api.bodies import Body
from control_plane.kernel.words.errors import Invalid
from governance.announcements import services as announcements
from governance.in_force.switches import Evaluation
from governance.kill_switches import services as kill_switches
from governance.policies.drafts import Draft

_MOST_EXECUTIONS = 10_000
Id = Annotated[str, Field(max_length=22)]


class KillSwitchBody(Body):
    name: str = Field(min_length=1, max_length=250)
    evaluation_type: Evaluation
    start_date: AwareDatetime
    end_date: AwareDatetime | None = None
    description: str | None = Field(None, max_length=10_000)
    tenant_id: str | None = Field(None, max_length=63)
    namespace: str | None = Field(None, max_length=150)
    flow_id: str | None = Field(None, max_length=100)
    execution_ids: list[Id] | None = Field(None, max_length=_MOST_EXECUTIONS)
    enabled: bool | None = None

    @property
    def wanted(self) -> kill_switches.Wanted:
        return kill_switches.Wanted(
            name=self.name,
            evaluation=self.evaluation_type,
            start_date=self.start_date,
            end_date=self.end_date,
            description=self.description or "",
            tenant=self.tenant_id or "",
            namespace=self.namespace or "",
            flow_id=self.flow_id or "",
            execution_ids=tuple(self.execution_ids or ()),
            is_enabled=self.enabled is not False,
        )


class BannerBody(Body):
    message: str = Field(min_length=1, max_length=10_000)
    type: Literal["INFO", "WARNING", "ERROR"] | None = None
    start_date: AwareDatetime | None = None
    end_date: AwareDatetime | None = None
    tenant_id: str | None = Field(None, max_length=63)
    active: bool | None = None

    @property
    def wanted(self) -> announcements.Wanted:
        return announcements.Wanted(
            message=self.message,
            type=self.type or "INFO",
            start_date=self.start_date,
            end_date=self.end_date,
            tenant=self.tenant_id or None,
            is_active=self.active is not False,
        )


class TargetBody(Body):
    tenants: list[str] | None = None
    namespaces: list[str] | None = None


class PolicyBody(Body):
    """Whether it makes sense is asked when it is clear who may write it."""

    id: str = Field("", max_length=63)
    display_name: str | None = Field(None, max_length=255)
    description: str | None = Field(None, max_length=10_000)
    enforcement: Literal["ACTIVE", "EVALUATE", "DISABLED", "REFERENCE"] | None = None
    target: TargetBody | None = None
    rules: list[dict[str, Any]] = []

    @property
    def draft(self) -> Draft:
        target = self.target or TargetBody()
        return Draft(
            key=self.id,
            rules=self.rules,
            display_name=self.display_name or "",
            description=self.description or "",
            enforcement=self.enforcement or "ACTIVE",
            target={"tenants": target.tenants or [], "namespaces": target.namespaces or []},
        )


class PreviewBody(Body):
    namespace: str = Field(min_length=1, max_length=150)
    source: str


def keys_in(data: Any) -> list[str]:
    """Ids of policies: a bare list."""
    if not isinstance(data, list) or len(data) > _MOST_EXECUTIONS or not all(isinstance(each, str) for each in data):
        raise Invalid("a list of ids is expected")
    return data
