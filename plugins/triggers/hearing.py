"""A Flow trigger hears of an execution of another flow: whether it fires now, and what it remembers of it."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime

from control_plane.kernel.words.moments import zone
from plugins.conditions.windows import WindowRecord, note
from plugins.triggers.dependencies import Dependencies
from plugins.triggers.flow import Flow, Remembering, least_of, needed_by


@dataclass(frozen=True, slots=True)
class Heard:
    """`records` are what each of its windows remembers from now on, by their ids."""

    fires: bool
    records: Mapping[str, WindowRecord] = field(default_factory=dict)


def hear(
    trigger: Flow, met: Mapping[str, Collection[str]], records: Mapping[str, WindowRecord], now: datetime
) -> Heard:
    """`met` says by window what the execution meets of it, as `executions.engine.flow_triggers.judge` has found.

    It fires when all of its windows are complete at once; then those that reset begin anew.
    """
    kept: dict[str, WindowRecord] = {}
    fires = True
    windows = list(trigger.windows())
    for window in windows:
        moment = now.astimezone(zone(_zone_of(window)))
        needed, least = needed_by(window), least_of(window)
        known = records.get(window.id)
        noted = note(window.span, known, met[window.id], needed, moment, resets=False, least=least)
        kept[window.id] = noted.record
        fires = fires and noted.is_complete
    if fires:
        kept = {window.id: _after_firing(window, kept[window.id]) for window in windows}
    return Heard(fires, kept)


def _after_firing(window: Remembering, record: WindowRecord) -> WindowRecord:
    resets = True if isinstance(window, Dependencies) else window.reset_on_success
    return replace(record, met={}) if resets else record


def _zone_of(window: Remembering) -> str:
    named = window.window.timezone if isinstance(window, Dependencies) and window.window is not None else None
    return named or "UTC"
