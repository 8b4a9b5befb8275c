"""No task reaches the instance's own servers: not over HTTP, not by a redirect, an expression or a database driver."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path
from urllib.parse import urlsplit

import pytest
from pydantic import ValidationError

from control_plane.embedded.postgres import Postgres
from control_plane.embedded.valkey import Valkey
from control_plane.kernel.config import config, override
from control_plane.kernel.words.egress import EgressPolicy, EgressRefused
from flows.expressions import Environment, ServiceError, compile
from plugins.contracts import PluginError
from tests.plugins.tasks.memory import MemoryContext, run
from workers.runtime.expression_services import JobServices
from workers.runtime.protocol import Registered
from workers.runtime.services import Way
from workers.runtime.worker import Settings, egress_policy
from workers.worker_api.egress_rules import egress_rules

REFUSED = "server of this platform"


def told(**settings: object) -> EgressPolicy:
    """The policy of a worker that joined, on a machine where everything else is allowed."""
    registered = Registered(worker_id="w", group="g", egress=egress_rules(config()))
    return egress_policy(registered, Settings(url="http://127.0.0.1:1", token="t", **settings))  # type: ignore[arg-type]


@pytest.fixture(params=["tcp", "socket", "operator", "worker", "valkey"])
def server(
    request: pytest.FixtureRequest, postgres: Postgres, valkey_server: Valkey
) -> Iterator[tuple[EgressPolicy, int]]:
    """The policy, and the port on this machine that one of our servers listens at."""
    port = postgres.port
    redis = urlsplit(valkey_server.url).port or 0
    settings: dict[str, object] = {}
    knobs: dict[str, object] = {"database_url": None, "redis_url": None}
    if request.param == "tcp":
        knobs["database_url"] = f"postgresql://a:b@localhost:{port}/orrery"
    elif request.param == "socket":
        knobs["database_url"] = f"postgresql://a:b@/orrery?host=/run/orrery&port={port}"
    elif request.param == "operator":
        knobs["egress"] = {"allow_private": True, "allow_self": True, "refused": (f"127.0.0.1:{port}",)}
    elif request.param == "worker":
        settings["refused"] = (f"127.0.0.1:{port}",)
    else:
        knobs["redis_url"] = valkey_server.url if redis else f"redis://127.0.0.1:{port}"
        port = redis or port
    with override(**knobs):
        yield told(**settings), port


@pytest.fixture
def context(server: tuple[EgressPolicy, int], tmp_path: Path) -> MemoryContext:
    made = MemoryContext(tmp_path)
    made.services["http"] = Way(server[0])
    return made


@pytest.fixture
def redirect(server: tuple[EgressPolicy, int]) -> Iterator[str]:
    """A site that sends everybody on to our server."""

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            self.send_response(302)
            self.send_header("Location", f"http://127.0.0.1:{server[1]}/")
            self.end_headers()

        def log_message(self, *_: object) -> None:
            """Nothing."""

    site = HTTPServer(("127.0.0.1", 0), Handler)
    thread = threading.Thread(target=site.serve_forever)
    thread.start()
    yield f"http://127.0.0.1:{site.server_port}/"
    site.shutdown()
    thread.join()
    site.server_close()


@pytest.mark.parametrize("host", ["127.0.0.1", "localhost", "127.0.0.2", "[::1]", "0x7f000001"])
def test_it_is_refused_by_every_name_of_this_machine(server: tuple[EgressPolicy, int], host: str):
    with pytest.raises(EgressRefused):
        server[0].resolve(host, server[1])
    assert server[0].resolve("127.0.0.1", 9)


@pytest.mark.parametrize("task", ["Request", "Download"])
def test_no_request_reaches_it(context: MemoryContext, server: tuple[EgressPolicy, int], redirect: str, task: str):
    for uri in (f"http://127.0.0.1:{server[1]}/", redirect):
        with pytest.raises(PluginError, match=REFUSED):
            run(context, f"io.kestra.plugin.core.http.{task}", uri=uri)


@pytest.mark.parametrize("task", ["Query", "Queries"])
def test_no_database_task_reaches_it(context: MemoryContext, server: tuple[EgressPolicy, int], task: str):
    with pytest.raises(PluginError, match=REFUSED):
        run(
            context,
            f"io.kestra.plugin.jdbc.postgresql.{task}",
            url=f"jdbc:postgresql://127.0.0.1:{server[1]}/orrery",
            username="a",
            password="b",
            sql="SELECT 1",
        )


def test_no_expression_reaches_it(server: tuple[EgressPolicy, int], redirect: str):
    class OnlyHttp:
        service: Callable[[str], Way] = staticmethod(lambda name: Way(server[0]))

    services = JobServices(OnlyHttp(), lambda secrets: None, "company.team")  # type: ignore[arg-type]
    for uri in (f"http://127.0.0.1:{server[1]}/", redirect):
        with pytest.raises(ServiceError, match=REFUSED):
            compile(f"{{{{ http('{uri}') }}}}").evaluate({}, Environment(services=services))


@pytest.mark.parametrize("wrong", ["nowhere", "host:", "host:0", "host:99999", "http://host:1", "user@host:1", "h:1/p"])
def test_what_is_no_server_is_refused_as_a_setting(wrong: str):
    with pytest.raises((ValidationError, ValueError), match="refused"), override(egress={"refused": (wrong,)}):
        raise AssertionError("unreachable")
