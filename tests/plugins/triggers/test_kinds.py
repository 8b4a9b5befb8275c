"""What all triggers of a kind have in common."""

from datetime import UTC, datetime
from typing import Any

import pytest

from flows.model.parse import parse_trigger
from plugins.contracts import PluginError
from plugins.triggers.http_trigger import HttpTrigger
from plugins.triggers.kinds import ClockTrigger, PollingTrigger
from tests.plugins.facts import make_facts

NOW = datetime(2024, 5, 1, tzinfo=UTC)


@pytest.mark.parametrize("call", ["first_date", "next_date", "due", "recover", "backfill_dates"])
def test_a_trigger_on_the_clock_must_say_its_dates(call):
    bare = ClockTrigger(id="c", type="test.Clock")
    moments = [NOW] if call == "first_date" else [NOW, NOW]
    with pytest.raises(PluginError, match=r"test\.Clock has no dates"):
        getattr(bare, call)(*moments, make_facts())


def test_a_polling_trigger_must_say_what_it_looks_at():
    bare = PollingTrigger(id="p", type="test.Polling")
    assert bare.interval.total_seconds() == 60
    with pytest.raises(PluginError, match="cannot be evaluated"):
        bare.evaluate(None)


class Context:
    """Renders the condition of a trigger; remembers what it was told."""

    def __init__(self, answer: bool) -> None:
        self.answer = answer
        self.seen: dict[str, Any] = {}

    def render(self, prop: Any) -> Any:
        return prop.source

    def service(self, name: str) -> Any:
        return {"ciphers": self}[name]

    def encrypt(self, text: str) -> str:
        return f"sealed {text}"

    def render_any(self, value: Any, extra: Any = None) -> Any:
        self.seen = dict(extra)
        return self.answer


@pytest.mark.parametrize(("answer", "expected"), [(True, True), (False, False)])
def test_an_http_trigger_fires_when_the_answer_is_as_hoped_for(monkeypatch, answer, expected):
    outputs = {"code": 503, "headers": {"a": ["b"]}, "body": "text", "uri": "https://example.com"}
    asked = []
    monkeypatch.setattr("plugins.triggers.http_trigger.Request.run", lambda self, ctx: asked.append(self) or outputs)
    trigger = parse_trigger({"id": "h", "type": "io.kestra.plugin.fs.http.Trigger", "uri": "https://example.com"})
    context = Context(answer)
    assert trigger.evaluate(context) == (outputs if expected else None)
    assert isinstance(trigger, HttpTrigger)
    assert context.seen == {"response": {"statusCode": 503, "body": "text", "headers": {"a": ["b"]}}}
    assert asked[0].options.allow_failed.source is True
    assert asked[0].uri.source == "https://example.com"


def test_an_http_trigger_judges_the_clear_body_and_keeps_it_sealed(monkeypatch):
    asked = []
    answer = {"code": 200, "headers": {}, "body": "text", "uri": "https://example.com"}
    monkeypatch.setattr("plugins.triggers.http_trigger.Request.run", lambda self, ctx: asked.append(self) or answer)
    trigger = parse_trigger({"id": "h", "type": HttpTrigger.TYPE, "uri": "https://example.com", "encryptBody": True})
    context = Context(True)
    assert trigger.evaluate(context) == {
        "code": 200,
        "headers": {},
        "uri": "https://example.com",
        "encryptedBody": "sealed text",
    }
    assert context.seen["response"]["body"] == "text"
