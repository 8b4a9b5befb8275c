"""What a condition is decided on, and how its texts are read."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, tzinfo
from typing import Any

from control_plane.kernel.words.moments import parse_date, parse_moment
from plugins.contracts import ConditionFacts, PluginError

TRIGGER_DATE = "{{ trigger.date }}"
"""What a condition on dates looks at unless it says otherwise."""


@dataclass(frozen=True, slots=True)
class Facts:
    """The facts of one decision.

    `execution` (None for a schedule or a webhook) has `namespace`, `flowId`, `state`, `labels` (a map), `outputs` (of
    the flow) and `attempts`: for each task run the states of its attempts. `renderer(text, variables)` renders.
    """

    renderer: Callable[[str, Mapping[str, Any]], Any]
    flow: Mapping[str, Any] = field(default_factory=dict)
    execution: Mapping[str, Any] | None = None
    scope: Mapping[str, Any] = field(default_factory=dict)
    met: Mapping[str, Iterable[str]] = field(default_factory=dict)
    zone: tzinfo = UTC

    def render(self, text: str, extra: Mapping[str, Any] | None = None) -> Any:
        return self.renderer(text, {**self.scope, **extra} if extra else self.scope)

    def multiple(self, condition_id: str) -> Iterable[str]:
        return self.met.get(condition_id, ())

    def within(self, names: Collection[str]) -> Facts:
        """The same facts with these variables alone."""
        scope = {name: value for name, value in self.scope.items() if name in names}
        return Facts(self.renderer, self.flow, self.execution, scope, self.met, self.zone)

    def with_variables(self, extra: Mapping[str, Any]) -> Facts:
        """The same facts with more variables."""
        scope = {**self.scope, **extra}
        return Facts(self.renderer, self.flow, self.execution, scope, self.met, self.zone)


def moment_of(text: str, facts: ConditionFacts) -> datetime:
    """The text rendered and read as a moment. Raises PluginError."""
    rendered = facts.render(text)
    if isinstance(rendered, datetime):
        return rendered if rendered.tzinfo else rendered.replace(tzinfo=facts.zone)
    moment: datetime = _read(lambda word: parse_moment(word, facts.zone), rendered)
    return moment


def day_of(text: str, facts: ConditionFacts) -> date:
    """The text rendered and read as a day. Raises PluginError."""
    rendered = facts.render(text)
    if isinstance(rendered, date):
        return rendered.date() if isinstance(rendered, datetime) else rendered
    day: date = _read(parse_date, rendered)
    return day


def _read(parse: Callable[[str], Any], rendered: Any) -> Any:
    try:
        return parse(str(rendered))
    except ValueError as error:
        raise PluginError(str(error), retryable=False) from None
