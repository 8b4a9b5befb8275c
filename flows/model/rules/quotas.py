"""How often a flow may run, as it says itself."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from control_plane.kernel.words.durations import parse_duration
from flows.model.flow import Flow
from flows.model.reading.session import Reading

_PROPERTIES = ("duration", "limit", "behavior", "type")
_CHOICES = {"behavior": ("FAIL", "CANCEL"), "type": ("EXECUTIONS", "LOG_LINES", "STORAGE")}


def check_quotas(flow: Flow, reading: Reading) -> None:
    for place, quota in enumerate(flow.quotas or ()):
        for name, sentence in _problems(quota):
            reading.complain(sentence, ["quotas", place, name])


def _problems(quota: dict[str, Any]) -> Iterator[tuple[str, str]]:
    for name in sorted(quota.keys() - set(_PROPERTIES)):
        yield name, f"a quota has no property `{name[:60]}`: use {', '.join(_PROPERTIES)}"
    limit = quota.get("limit")
    if not isinstance(limit, int) or isinstance(limit, bool) or limit < 1:
        yield "limit", "must be a number above 0"
    for name, legal in _CHOICES.items():
        said = quota.get(name)
        if (said is not None or name == "behavior") and said not in legal:
            yield name, f"must be one of {', '.join(legal)}"
    if quota.get("type") != "STORAGE" or quota.get("duration") is not None:
        yield from _duration_problems(quota.get("duration"))


def _duration_problems(said: Any) -> Iterator[tuple[str, str]]:
    try:
        seconds = parse_duration(str(said)).total_seconds()
    except ValueError:
        seconds = 0.0
    if seconds <= 0:
        yield "duration", "must be a duration such as PT1H"
