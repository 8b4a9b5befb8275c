"""What requests about triggers say."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

from pydantic import Field, field_validator

from control_plane.kernel.api.bodies import Body, read
from control_plane.kernel.words.errors import Invalid, Violation
from triggers.services.backfilling import Wanted
from triggers.services.targets import Name


class TriggerId(Body):
    """A trigger by its name."""

    namespace: str = Field(min_length=1, max_length=150)
    flow_id: str = Field(min_length=1, max_length=100)
    trigger_id: str = Field(min_length=1, max_length=256)

    @field_validator("*")
    @classmethod
    def _no_nul(cls, value: Any) -> Any:
        if isinstance(value, str) and "\0" in value:
            raise ValueError("holds a NUL character")
        return value

    @property
    def name(self) -> Name:
        return Name(self.namespace, self.flow_id, self.trigger_id)


class DisableTrigger(TriggerId):
    disabled: bool


class SetDisabled(Body):
    triggers: list[TriggerId] = Field(min_length=1)
    disabled: bool


class GivenLabel(Body):
    key: str = Field(min_length=1, max_length=255)
    value: str = Field(min_length=1, max_length=4096)


class GivenBackfill(Body):
    start: datetime
    end: datetime | None = None
    inputs: dict[str, Any] | None = None
    labels: list[GivenLabel] | None = None


class CreateBackfill(TriggerId):
    backfill: GivenBackfill

    @property
    def wanted(self) -> Wanted:
        given = self.backfill
        labels = {label.key: label.value for label in given.labels or ()}
        return Wanted(
            _aware(given.start), _aware(given.end) if given.end is not None else None, given.inputs or {}, labels
        )


def names_in(body: Any) -> list[Name]:
    """A list of names; at least one."""
    if not isinstance(body, list) or not body:
        told = "a list of triggers is expected, each with `namespace`, `flowId` and `triggerId`"
        raise Invalid(told, violations=[Violation(told)])
    return [read(TriggerId, each).name for each in body]


def _aware(moment: datetime) -> datetime:
    return moment if moment.tzinfo is not None else moment.replace(tzinfo=UTC)
