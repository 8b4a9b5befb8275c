"""A webhook that waits answers when its execution has ended."""

from __future__ import annotations

import asyncio
import io
import json
import threading
from typing import Any, cast

import pytest

from control_plane.embedded.valkey import Valkey
from tests.cast import ACME, Cast
from tests.executions.ground import FakeWorker, ended, save
from tests.triggers.ground import executions_of
from triggers.api.held_back import async_routes

pytestmark = pytest.mark.django_db

HOOKED = """
id: hooked
namespace: prod.data
tasks:
  - {{id: say, type: io.kestra.plugin.core.debug.Return, format: x}}
outputs:
  - {{id: said, type: STRING, value: "{{{{ outputs.say.value }}}}"}}
triggers:
  - {{id: hook, type: io.kestra.plugin.core.trigger.Webhook, key: the-key, wait: true{more}}}
"""


class Caller:
    """Somebody who asks, on an event loop of its own."""

    def __init__(self, path: str = "/executions/webhook/prod.data/hooked/the-key") -> None:
        self.status = 0
        self.body = b""
        self._scope: dict[str, Any] = {
            "type": "http",
            "method": "POST",
            "path": f"/api/v1/{ACME}{path}",
            "query_string": b"",
            "headers": [(b"host", b"orrery.test")],
            "body": io.BytesIO(b"{}"),
            "caller": "address of a test",
        }
        self._thread = threading.Thread(target=lambda: asyncio.run(self._ask()))
        self._thread.start()

    async def _ask(self) -> None:
        (route,) = async_routes
        parameters = route.match(cast(Any, self._scope))
        scope = {**self._scope, "path_params": parameters}
        await route.app(cast(Any, scope), self._receive, self._send)  # type: ignore[arg-type]

    async def _receive(self) -> dict[str, Any]:
        await asyncio.Event().wait()
        return {"type": "http.disconnect"}

    async def _send(self, message: dict[str, Any]) -> None:
        self.status = message.get("status", self.status)
        self.body += message.get("body", b"")

    def answer(self) -> bytes:
        self._thread.join(15)
        assert not self._thread.is_alive(), "it was never answered"
        return self.body


def called() -> tuple[Caller, bytes]:
    """The caller and what it is told, once a worker has done the work."""
    caller, worker = Caller(), FakeWorker()
    done = 0
    while not done:
        done = worker.work_off(lambda job: ended(job, value="x"))
    return caller, caller.answer()


def test_it_answers_with_the_end_and_keeps_outputs_back(people: Cast, valkey: Valkey) -> None:
    save(people, HOOKED.format(more=""))
    caller, body = called()
    told = json.loads(body)
    assert caller.status == 200
    assert (told["id"], told["state"]["current"]) == (executions_of("hooked")[0].id, "SUCCESS")
    assert "outputs" not in told


def test_it_gives_outputs_where_the_flow_says_so(people: Cast, valkey: Valkey) -> None:
    save(people, HOOKED.format(more=", returnOutputs: true, responseCode: 201"))
    caller, body = called()
    assert (caller.status, json.loads(body)["outputs"]) == (201, {"said": "x"})


def test_as_text_it_gives_the_one_output_there_is(people: Cast, valkey: Valkey) -> None:
    save(people, HOOKED.format(more=", returnOutputs: true, responseContentType: text/plain"))
    assert called()[1] == b"x"
