"""Reading a stream of server-sent events."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any, ClassVar

from control_plane.kernel.words.durations import format_duration
from plugins.contracts import PluginError, Property, RunContext
from plugins.contracts.dynamic import default
from plugins.contracts.outputs import Outputs, address, listed, text, whole
from plugins.tasks.http.counting import asked_of, tags_of
from plugins.tasks.http.exchange import HttpTask

MAX_BYTES = 10 * 1024 * 1024


class SseRequest(HttpTask):
    """Send an HTTP request and read the server-sent events of its answer until the server ends it.

    The output `events` holds them in order, each with its `data` (JSON where it is JSON). With `concatJqExpression`
    what the expression finds in the data of each event is joined to the text `result`, as language models stream it.
    """

    TYPE: ClassVar[str] = "io.kestra.plugin.core.http.SseRequest"
    TITLE: ClassVar[str] = "Read server-sent events over HTTP"
    OUTPUTS: ClassVar[Outputs] = {
        "events": listed("The events in order.", {"type": "object"}),
        "result": text("What `concatJqExpression` found, joined."),
        "size": whole("How many events there were."),
        "uri": address("The address that was asked."),
    }
    EXAMPLES: ClassVar[tuple[str, ...]] = (
        """
id: read_a_stream
namespace: company.team
tasks:
  - id: stream
    type: io.kestra.plugin.core.http.SseRequest
    uri: https://sse.example.com/answers
    method: POST
    body: '{"question": "why?", "stream": true}'
    concatJqExpression: .choices[0].delta.content
    failedOnMissingJq: false
""",
    )

    concat_jq_expression: Property[str] | None = None
    """A jq expression that finds in the data of each event what is joined to `result`."""
    failed_on_missing_jq: Property[bool] = default(True)
    """Fail when the expression finds nothing in an event."""

    def run(self, ctx: RunContext) -> Mapping[str, Any]:
        with self.exchange(ctx) as answer:
            if not self.is_allowed(ctx, answer.status_code):
                raise PluginError(
                    f"Failed http request with response code '{answer.status_code}'",
                    retryable=answer.status_code >= 500 or answer.status_code in (408, 425, 429),
                )
            events = list(read_events(_bounded(answer.iter_lines())))
        ctx.counter("response.length", len(events), tags_of(answer))
        outputs: dict[str, Any] = {"events": events, "size": len(events), "uri": str(asked_of(answer).url)}
        if self.concat_jq_expression is not None:
            outputs["result"] = self._joined(ctx, ctx.render(self.concat_jq_expression), events)
        return outputs

    def _joined(self, ctx: RunContext, expression: str, events: Iterable[Mapping[str, Any]]) -> str:
        must_find = ctx.render(self.failed_on_missing_jq)
        parts: list[str] = []
        for event in events:
            found = _found(ctx, expression, event.get("data"))
            if not found and must_find:
                raise PluginError(f"`{expression}` finds nothing in an event", retryable=False)
            parts += [part if isinstance(part, str) else json.dumps(part) for part in found]
        return "".join(parts)


@dataclass(slots=True)
class _Event:
    data: list[str] = field(default_factory=list)
    fields: dict[str, Any] = field(default_factory=dict)

    def take(self, line: str) -> None:
        name, _, value = line.partition(":")
        value = value.removeprefix(" ")
        if name == "data":
            self.data.append(value)
        elif name == "event":
            self.fields["name"] = value
        elif name == "id" and "\0" not in value:
            self.fields["id"] = value
        elif name == "retry" and value.isascii() and value.isdigit():
            self.fields["retry"] = format_duration(timedelta(milliseconds=int(value[:15])))
        elif not name:
            self.fields["comment"] = value

    def shown(self) -> dict[str, Any] | None:
        """None for one that says nothing."""
        data = {"data": _value("\n".join(self.data))} if self.data else {}
        return {**self.fields, **data} or None


def read_events(lines: Iterable[str]) -> Iterator[dict[str, Any]]:
    """The events a stream of lines says; an empty line ends one. What the end of the stream cuts off is dropped."""
    event = _Event()
    for line in lines:
        if line:
            event.take(line.lstrip("\ufeff"))
            continue
        shown = event.shown()
        event = _Event()
        if shown is not None:
            yield shown


def _bounded(lines: Iterable[str]) -> Iterator[str]:
    size = 0
    for line in lines:
        size += len(line) + 1
        if size > MAX_BYTES:
            raise PluginError("The stream of events is larger than 10 MB", retryable=False)
        yield line


def _value(text: str) -> Any:
    try:
        return json.loads(text)
    except (ValueError, RecursionError):
        return text


def _found(ctx: RunContext, expression: str, data: Any) -> list[Any]:
    """What the expression finds that is not null; text that is no JSON holds nothing."""
    if isinstance(data, str) or data is None:
        return []
    try:
        found = json.loads(ctx.render_any("{{ it | jq(wanted) | toJson }}", {"it": data, "wanted": expression}))
    except ValueError as error:
        raise PluginError(f"`{expression}` cannot be used: {error}", retryable=False) from error
    return [item for item in found if item is not None] if isinstance(found, list) else [found]
