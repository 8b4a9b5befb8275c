"""What clients send about worker groups and queues."""

from __future__ import annotations

from datetime import datetime
from typing import Literal

from pydantic import Field, field_validator

from control_plane.kernel.api.bodies import Body
from control_plane.kernel.words.clock import now
from workers.services.queues import Wanted
from workers.services.subscriptions import ELASTIC, WantedQueue
from workers.services.tokens import PLATFORM


class Subscription(Body):
    worker_queue_id: str = Field(min_length=1)
    reserved_percent: int | None = Field(None, ge=0, le=100)
    mode: Literal["STRICT", "ELASTIC"] | None = None

    @property
    def wanted(self) -> WantedQueue:
        return WantedQueue(self.worker_queue_id, self.reserved_percent or 0, self.mode or ELASTIC)


class ReservationBody(Body):
    reserved_percent: int | None = Field(None, ge=0, le=100)


class GroupUpdate(Body):
    name: str = Field(min_length=1, max_length=255)
    description: str | None = Field(None, max_length=10_000)
    subscriptions: list[Subscription]

    @property
    def queues(self) -> list[WantedQueue]:
        return [each.wanted for each in self.subscriptions]


class QueueBody(Body):
    id: str = Field(min_length=1, max_length=63)
    name: str | None = Field(None, max_length=255)
    description: str | None = Field(None, max_length=10_000)
    tags: list[str] = Field(min_length=1)
    allowed_tenants: list[str] | None = None

    @property
    def wanted(self) -> Wanted:
        return Wanted(self.tags, self.name or "", self.description or "", self.allowed_tenants or ())


class GroupBody(GroupUpdate):
    id: str = Field(min_length=1, max_length=63)


class TokenBody(Body):
    name: str = Field(min_length=1, max_length=100)
    description: str | None = Field(None, max_length=10_000)
    expires_at: datetime | None = None

    @field_validator("name")
    @classmethod
    def _is_not_ours(cls, name: str) -> str:
        if name == PLATFORM:
            raise ValueError(f"`{PLATFORM}` is the name of tokens that the instance makes for its own workers")
        return name

    @field_validator("expires_at")
    @classmethod
    def _lies_ahead(cls, moment: datetime | None) -> datetime | None:
        if moment is not None and (moment.tzinfo is None or moment <= now()):
            raise ValueError("a time to come, with its offset, is needed")
        return moment
