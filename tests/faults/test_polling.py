"""A worker that dies while it looks at a trigger is followed by another one, and what it looked for starts once."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest

from tests.faults.conftest import Cluster

pytestmark = pytest.mark.faults


class Hanging:
    """A server that never answers the first request, and all others at once."""

    def __init__(self) -> None:
        self.asked = 0
        self.is_over = threading.Event()
        outer = self

        class Handler(BaseHTTPRequestHandler):
            def do_GET(self) -> None:
                outer.asked += 1
                if outer.asked == 1:
                    outer.is_over.wait(60)
                self.send_response(200)
                self.send_header("Content-Length", "2")
                self.end_headers()
                self.wfile.write(b"ok")

            def log_message(self, format: str, *args: object) -> None:
                pass

        self._server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.url = f"http://127.0.0.1:{self._server.server_port}/"
        self._thread = threading.Thread(target=self._server.serve_forever)
        self._thread.start()

    def close(self) -> None:
        self.is_over.set()
        self._server.shutdown()
        self._thread.join()
        self._server.server_close()


@pytest.fixture
def server() -> Iterator[Hanging]:
    made = Hanging()
    made._server.handle_error = lambda *_: None  # type: ignore[method-assign]  # whoever hung up has died
    yield made
    made.close()


def test_a_worker_that_dies_in_the_middle_of_a_look_starts_nothing_twice(cluster: Cluster, server: Hanging) -> None:
    drill, flow_id = cluster.drill, f"{cluster.key}-polls"
    first = cluster.hire(slots="1", ORRERY_EGRESS_ALLOW_PRIVATE="true")
    drill.instance.hang_up()
    drill.instance.save(
        f"id: {flow_id}\nnamespace: bench\nworkerGroup: {{key: {cluster.key}}}\n"
        "tasks:\n  - {id: a, type: io.kestra.plugin.core.log.Log, message: a}\n"
        "triggers:\n  - id: t\n    type: io.kestra.plugin.core.http.Trigger\n"
        f"    uri: {server.url}\n    interval: PT1S\n    stopAfter: [SUCCESS]\n"
    )
    drill.wait(lambda: server.asked == 1)
    first.kill()
    cluster.hire(slots="1", ORRERY_EGRESS_ALLOW_PRIVATE="true")
    ended = "SELECT count(*) FROM execution WHERE flow_id = %s AND state = 'SUCCESS'"
    drill.wait(lambda: drill.one(ended, flow_id) == 1)
    drill.wait(lambda: drill.one("SELECT is_disabled FROM flow_trigger WHERE flow_id = %s", flow_id))
    assert drill.one("SELECT count(*) FROM execution WHERE flow_id = %s", flow_id) == 1
    assert server.asked == 2
    drill.assert_whole()
