"""Server-sent events are read to their end."""

import httpx
import pytest

from plugins.contracts import PluginError
from plugins.tasks.http.sse_request import MAX_BYTES, read_events
from tests.plugins.tasks.memory import run

SSE = "io.kestra.plugin.core.http.SseRequest"
STREAM = (
    'id: 1\nevent: delta\ndata: {"a": {"b": "Hel"}}\n\n: keep alive\n\n'
    'retry: 1500\ndata: {"a": {"b": "lo"}}\n\ndata: [DONE]\n\ndata: cut off'
)


class Streaming:
    """A way out to a server that answers with a stream."""

    def __init__(self, text: str = STREAM, status: int = 200) -> None:
        self.text, self.status = text, status
        self.asked: list[httpx.Request] = []

    def client(self, **_: object) -> httpx.Client:
        def answer(request: httpx.Request) -> httpx.Response:
            self.asked.append(request)
            return httpx.Response(self.status, text=self.text, headers={"content-type": "text/event-stream"})

        return httpx.Client(transport=httpx.MockTransport(answer))


def stream(ctx, text: str = STREAM, status: int = 200, **properties):
    ctx.services["http"] = Streaming(text, status)
    return run(ctx, SSE, uri="http://sse.example.com/a", **properties)


def test_the_events_are_told_in_order(ctx):
    outputs = stream(ctx, method="POST", body="{}")
    assert outputs["events"] == [
        {"id": "1", "name": "delta", "data": {"a": {"b": "Hel"}}},
        {"comment": "keep alive"},
        {"retry": "PT1.5S", "data": {"a": {"b": "lo"}}},
        {"data": "[DONE]"},
    ]
    assert (outputs["size"], outputs["uri"]) == (4, "http://sse.example.com/a")
    assert "result" not in outputs
    assert ctx.services["http"].asked[0].headers["content-type"] == "application/json; charset=UTF-8"


def test_what_an_expression_finds_is_joined(ctx):
    outputs = stream(ctx, concatJqExpression=".a.b", failedOnMissingJq=False)
    assert outputs["result"] == "Hello"
    with pytest.raises(PluginError, match="finds nothing"):
        stream(ctx, concatJqExpression=".a.b")
    with pytest.raises(PluginError):
        stream(ctx, concatJqExpression=".a[")


def test_a_failed_answer_fails(ctx):
    with pytest.raises(PluginError, match="503") as failed:
        stream(ctx, status=503)
    assert failed.value.retryable
    assert stream(ctx, "", 404, options={"allowFailed": True})["size"] == 0


def test_a_stream_has_a_limit(ctx):
    with pytest.raises(PluginError, match="10 MB"):
        stream(ctx, f"data: {'x' * MAX_BYTES}\n\n")


@pytest.mark.parametrize(
    ("lines", "events"),
    [
        (["data: a", "data:b", ""], [{"data": "a\nb"}]),
        (["data", ""], [{"data": ""}]),
        (["", "", "unknown: x", ""], []),
        (["data: 1", "", "data: 2"], [{"data": 1}]),
    ],
)
def test_lines_are_read_as_the_standard_says(lines, events):
    assert list(read_events(lines)) == events
