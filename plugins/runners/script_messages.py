"""What a script says to its task on a line of its own: `::{"outputs": {...}}::`; metrics, log lines, and task runs."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any

from control_plane.kernel.words.clock import now, parse_iso
from plugins.contracts import LogLevel, ReportedRun, RunContext, State

# A line may hold several messages, with text around them; a line of nothing but openings must not cost much.
_MAX_MESSAGES = 32
_MAX_ENDINGS = 8
_OPENING = re.compile(r"::\{\s*\"")
_LEVELS = {"WARNING": LogLevel.WARN, "CRITICAL": LogLevel.ERROR, "FATAL": LogLevel.ERROR}


def opens_message(line: str) -> bool:
    """Whether a message begins on a line, complete or not."""
    return _OPENING.search(line) is not None


def messages_of(line: str) -> list[dict[str, Any]]:
    """The messages on a line, or none when it is ordinary output."""
    found: list[dict[str, Any]] = []
    start = line.find("::{")
    for _ in range(_MAX_MESSAGES):
        if start < 0:
            break
        message, end = _message_at(line, start)
        if message is not None:
            found.append(message)
        start = line.find("::{", end)
    return found


def _message_at(line: str, start: int) -> tuple[dict[str, Any] | None, int]:
    """The message that opens there and where to look on; a `}::` inside one of its texts does not end it."""
    end = start
    for _ in range(_MAX_ENDINGS):
        end = line.find("}::", end + 1)
        if end < 0:
            break
        try:
            message = json.loads(line[start + 2 : end + 1])
        except (ValueError, RecursionError):
            continue
        if isinstance(message, dict):
            return message, end + 3
    return None, start + 3


def obey(ctx: RunContext, message: Mapping[str, Any], outputs: dict[str, Any]) -> None:
    """Do what a message says: merge its outputs, count its metrics, show its task runs, write its log lines.

    Odd parts are left out.
    """
    if isinstance(given := message.get("outputs"), Mapping):
        outputs.update(given)
    for metric in _maps_of(message.get("metrics")):
        _measure(ctx, metric)
    for run in _maps_of(message.get("taskRuns")):
        _report(ctx, run)
    for line in _maps_of(message.get("logs")):
        ctx.log(_level_of(line.get("level")), str(line.get("message", "")))


def _report(ctx: RunContext, told: Mapping[str, Any]) -> None:
    """Show a part of the work as a task run: `taskId`, `state`, `startDate`, `endDate`, and a `value` if need be."""
    name, value = told.get("taskId"), told.get("value")
    try:
        state = State(str(told.get("state", State.SUCCESS)))
        started, ended = _moment(told.get("startDate")), _moment(told.get("endDate"))
    except (ValueError, OverflowError):
        state = State.CREATED
    if not isinstance(name, str) or not name or not state.is_terminal:
        ctx.log(LogLevel.WARN, "A task run was left out: it needs a `taskId`, the state it ended in, and dates")
        return
    ctx.report(ReportedRun(name, state, started, max(started, ended), None if value is None else str(value)))


def _moment(text: Any) -> datetime:
    return now() if text is None else parse_iso(str(text))


def _maps_of(value: Any) -> list[Mapping[str, Any]]:
    return [item for item in value if isinstance(item, Mapping)] if isinstance(value, list) else []


def _level_of(name: Any) -> LogLevel:
    text = str(name).upper()
    if text in LogLevel.__members__:
        return LogLevel(text)
    return _LEVELS.get(text, LogLevel.INFO)


def _measure(ctx: RunContext, metric: Mapping[str, Any]) -> None:
    name, value, tags = metric.get("name"), metric.get("value"), metric.get("tags")
    if not isinstance(name, str) or isinstance(value, bool) or not isinstance(value, int | float):
        ctx.log(LogLevel.WARN, "A metric was left out: it needs a name and a number")
        return
    plain = {str(key): str(tag) for key, tag in tags.items()} if isinstance(tags, Mapping) else {}
    try:
        if metric.get("type") == "timer":
            ctx.timer(name, timedelta(seconds=value), plain)
        else:
            ctx.counter(name, value, plain)
    except (OverflowError, ValueError):
        ctx.log(LogLevel.WARN, f"The metric `{name}` was left out: its value is out of range")
