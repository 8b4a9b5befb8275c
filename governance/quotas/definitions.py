"""Quotas as tenants, namespaces and flows say them, and the limits of what may run at once."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import timedelta
from enum import StrEnum
from typing import Any

from control_plane.kernel.words.durations import parse_duration


class Kind(StrEnum):
    """What is counted: executions that begin and log lines within a duration, bytes that are stored, and, said by
    `concurrency` rather than by a quota, executions that run at once."""

    EXECUTIONS = "EXECUTIONS"
    LOG_LINES = "LOG_LINES"
    STORAGE = "STORAGE"
    CONCURRENCY = "CONCURRENCY"


@dataclass(frozen=True, slots=True)
class Quota:
    """`namespace` empty is the whole tenant, `flow_id` empty the whole namespace. `behavior` is FAIL, CANCEL, or, of
    what may run at once, QUEUE."""

    kind: Kind
    limit: int
    behavior: str
    seconds: float = 0.0
    duration: str = ""
    namespace: str = ""
    flow_id: str = ""

    @property
    def key(self) -> str:
        return f"{self.kind.value}:{self.duration}" if self.duration else self.kind.value

    @property
    def place(self) -> tuple[str, str, str]:
        """What its count is kept under; the order in which counts are locked."""
        return self.namespace, self.flow_id, self.key

    @property
    def told(self) -> str:
        """As a sentence says it."""
        where = (
            f"flow `{self.flow_id}`"
            if self.flow_id
            else f"namespace `{self.namespace}`"
            if self.namespace
            else "tenant"
        )
        what = {
            Kind.EXECUTIONS: f"{self.limit} executions in {self.duration}",
            Kind.LOG_LINES: f"{self.limit} log lines in {self.duration}",
            Kind.STORAGE: f"{self.limit} bytes of storage",
            Kind.CONCURRENCY: f"{self.limit} executions at once",
        }[self.kind]
        return f"the quota of the {where}, {what}"


def quotas_in(said: Any, namespace: str = "", flow_id: str = "") -> Iterator[Quota]:
    """What a list of quotas says; what is no quota is left out, for it was refused when it was saved."""
    for each in said if isinstance(said, list) else ():
        quota = _quota(each, namespace, flow_id) if isinstance(each, Mapping) else None
        if quota is not None:
            yield quota


def concurrency_in(said: Any, namespace: str = "") -> Iterator[Quota]:
    if isinstance(said, Mapping) and isinstance(said.get("limit"), int):
        yield Quota(Kind.CONCURRENCY, said["limit"], str(said.get("behavior") or "QUEUE"), namespace=namespace)


def in_settings(settings: Iterable[tuple[str, Mapping[str, Any]]]) -> tuple[Quota, ...]:
    """Of a tenant ("") and of namespaces, each with its settings."""
    found: list[Quota] = []
    for namespace, each in settings:
        found += concurrency_in(each.get("concurrency"), namespace)
        found += quotas_in(each.get("quotas"), namespace)
    return tuple(found)


def _quota(said: Mapping[str, Any], namespace: str, flow_id: str) -> Quota | None:
    kind = str(said.get("type") or Kind.EXECUTIONS.value)
    limit, duration = said.get("limit"), said.get("duration")
    if kind not in (Kind.EXECUTIONS, Kind.LOG_LINES, Kind.STORAGE) or not isinstance(limit, int):
        return None
    seconds = _seconds(duration)
    if kind != Kind.STORAGE and not seconds:
        return None
    if kind == Kind.STORAGE:
        seconds, duration = 0.0, ""
    behavior = str(said.get("behavior") or "FAIL")
    return Quota(Kind(kind), limit, behavior, seconds, str(duration), namespace, flow_id)


def _seconds(duration: Any) -> float:
    if isinstance(duration, timedelta):
        return duration.total_seconds()
    try:
        return parse_duration(str(duration)).total_seconds()
    except ValueError:
        return 0.0
