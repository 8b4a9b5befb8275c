"""A control plane for tests: it speaks the worker API over real HTTP and remembers everything it was told."""

import http.server
import socket
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any
from urllib.parse import parse_qs, urlsplit

import msgspec

from workers.runtime import protocol


class FakeControlPlane:
    """Jobs are offered to whoever claims; reports are kept. `on_report` may change the answer to an item."""

    def __init__(self) -> None:
        self.lock = threading.Condition()
        self.waiting: list[protocol.Job] = []
        self.claimed: dict[str, protocol.Job] = {}
        self.items: list[protocol.Item] = []
        self.ends: dict[str, protocol.Item] = {}
        self.logs: dict[str, list[protocol.LogLine]] = {}
        self.requests: list[tuple[str, dict[str, Any]]] = []
        self.answers: dict[str, bytes] = {}
        self.released: list[str] = []
        self.begun: list[str] = []
        """Handed back after they were begun."""
        self.said_goodbye = False
        self.orders: list[protocol.Order] = []
        self.gone: set[str] = set()
        self.killed: set[str] = set()
        self.files: dict[str, bytes] = {}
        self.namespace_files: dict[tuple[str, str], bytes] = {}
        self.variables: dict[str, Any] = {}
        self.found: dict[str, list[protocol.Found]] = {}
        self.services: dict[tuple[str, str], Callable[..., Any]] = {}
        self.broken: Callable[[str], bool] = lambda path: False
        self.lost: Callable[[str], bool] = lambda path: False
        self.refused: Callable[[str], int] = lambda path: 0
        """Status with which a path is refused; 0 when it is not."""
        self.broker: protocol.Broker | None = None
        self.lease_seconds = 30.0
        self.heartbeat_seconds = 5.0
        self.poll_seconds = 5.0
        self.longest_wait = 1.0
        self.egress = protocol.EgressRules(allow_private=True)
        self.url = ""

    # what tests do

    def offer(self, *jobs: protocol.Job) -> None:
        with self.lock:
            self.waiting.extend(jobs)
            self.lock.notify_all()

    def until(self, holds: Callable[[], bool], seconds: float = 10.0) -> None:
        """Wait for something to become true; every request wakes the wait."""
        with self.lock:
            assert self.lock.wait_for(holds, seconds), "it did not happen"

    def end_of(self, job_id: str, seconds: float = 10.0) -> protocol.End:
        self.until(lambda: job_id in self.ends, seconds)
        end = self.ends[job_id].end
        assert end is not None
        return end

    def messages(self, job_id: str) -> list[str]:
        return [line.message for line in self.logs.get(job_id, [])]

    def count(self, path: str) -> int:
        return sum(1 for asked, _ in self.requests if asked == path)

    # what the server answers

    def answer(self, method: str, path: str, query: dict[str, list[str]], body: bytes) -> tuple[int, bytes]:
        content = msgspec.json.decode(body) if body[:1] == b"{" else {}
        with self.lock:
            self.requests.append((path, content))
            self.lock.notify_all()
        request_id = content.get("requestId")
        if request_id and request_id in self.answers:
            return 200, self.answers[request_id]
        answer = msgspec.json.encode(self._handle(method, path, query, content, body))
        if request_id:
            self.answers[request_id] = answer
        with self.lock:
            self.lock.notify_all()
        return 200, answer

    def _handle(self, method: str, path: str, query: dict[str, list[str]], content: dict, body: bytes) -> Any:
        if path.startswith("jobs/"):
            _, job_id, route = path.split("/", 2)
            return self._serve(job_id, method, route, query, content, body)
        return getattr(self, f"_{path}")(content, query)

    def _register(self, content: dict, query: dict) -> Any:
        return protocol.Registered(
            worker_id="worker-1",
            group="default",
            lease_seconds=self.lease_seconds,
            heartbeat_seconds=self.heartbeat_seconds,
            poll_seconds=self.poll_seconds,
            broker=self.broker,
            egress=self.egress,
        )

    def _take(self, count: int) -> list[protocol.Job]:
        with self.lock:
            jobs, self.waiting = self.waiting[:count], self.waiting[count:]
            for job in jobs:
                self.claimed[job.id] = job
        return jobs

    def _claim(self, content: dict, query: dict) -> Any:
        claim = msgspec.convert(content, protocol.Claim)
        wait = min(claim.wait, self.longest_wait)
        if wait:
            with self.lock:
                self.lock.wait_for(lambda: bool(self.waiting), wait)
        return protocol.Claimed(jobs=self._take(claim.max))

    def _report(self, content: dict, query: dict) -> Any:
        report = msgspec.convert(content, protocol.Report)
        results = []
        for item in report.items:
            status = "gone" if item.job_id in self.gone else "killed" if item.job_id in self.killed else "ok"
            results.append(protocol.Result(job_id=item.job_id, status=status))
            if status == "gone":
                continue
            with self.lock:
                self.items.append(item)
                self.logs.setdefault(item.job_id, []).extend(item.logs)
                if item.end is not None or item.values is not None:
                    assert item.job_id not in self.ends, "an end was recorded twice"
                    self.ends[item.job_id] = item
        return protocol.Reported(results=results, jobs=self._take(report.want_jobs))

    def _heartbeat(self, content: dict, query: dict) -> Any:
        mine = [job for job in content.get("jobs", []) if job not in self.gone]
        return protocol.Beat(leases=dict.fromkeys(mine, self.lease_seconds), orders=list(self.orders))

    def _orders(self, content: dict, query: dict) -> Any:
        cursor = int(query.get("cursor", ["0"])[0])
        with self.lock:
            self.lock.wait_for(lambda: len(self.orders) > cursor, 1.0)
        return protocol.Orders(cursor=str(len(self.orders)), orders=self.orders[cursor:])

    def order(self, order: protocol.Order) -> None:
        with self.lock:
            self.orders.append(order)
            self.lock.notify_all()

    def _release(self, content: dict, query: dict) -> Any:
        self.released.extend(content.get("jobs", []))
        self.begun.extend(content.get("begun", []))
        return {}

    def _goodbye(self, content: dict, query: dict) -> Any:
        self.said_goodbye = True
        return {}

    def _serve(self, job_id: str, method: str, route: str, query: dict, content: dict, body: bytes) -> Any:
        if route == "resolve":
            found = {name: self.variables[name] for name in content["names"] if name in self.variables}
            return protocol.Resolved(values=found)
        if route == "found":
            told = msgspec.convert(content, protocol.Found)
            with self.lock:
                self.found.setdefault(job_id, []).append(told)
            return protocol.Empty()
        if route == "files" and method == "PUT":
            uri = f"kestra:///files/{query['taskRunId'][0]}/{query['name'][0]}"
            self.files[uri] = body
            return protocol.Stored(uri=uri, size=len(body))
        if route == "namespace-files" and method == "PUT":
            self.namespace_files[query.get("namespace", [""])[0], query["path"][0]] = body
            return protocol.Stored(uri=f"nsfile://{query['path'][0]}", size=len(body))
        if route.startswith("services/"):
            call = self.services[route.removeprefix("services/"), content["method"]]
            return protocol.ServiceAnswer(value=call(**content.get("arguments", {})))
        raise KeyError(route)

    def file(self, route: str, query: dict[str, list[str]]) -> bytes | None:
        if route == "files":
            return self.files.get(query["uri"][0])
        return self.namespace_files.get((query.get("namespace", [""])[0], query["path"][0]))


class ServiceRefusal(Exception):
    """What a service of the fake raises to refuse."""


class _Handler(http.server.BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    fake: FakeControlPlane
    wbufsize = -1
    disable_nagle_algorithm = True

    def _answer(self) -> None:
        parts = urlsplit(self.path)
        path = parts.path.removeprefix(protocol.BASE)
        body = self._body()
        if self.fake.broken(path):
            self.close_connection = True
            return
        if status := self.fake.refused(path):
            with self.fake.lock:
                self.fake.requests.append((path, {}))
                self.fake.lock.notify_all()
            self._send(status, msgspec.json.encode({"message": "not any more", "code": "refused"}))
            return
        if self.command == "GET" and path.startswith("jobs/"):
            content = self.fake.file(path.split("/", 2)[2], parse_qs(parts.query))
            if content is None:
                self._send(404, msgspec.json.encode({"message": "There is no such file"}))
            else:
                self._send(200, content)
            return
        try:
            status, content = self.fake.answer(self.command, path, parse_qs(parts.query), body)
        except ServiceRefusal as error:
            status, content = 404, msgspec.json.encode({"message": str(error)})
        if self.fake.lost(path):
            self.close_connection = True
            return
        self._send(status, content)

    do_GET = do_POST = do_PUT = _answer

    def _body(self) -> bytes:
        if self.headers.get("Transfer-Encoding") == "chunked":
            parts = []
            while size := int(self.rfile.readline().split(b";")[0], 16):
                parts.append(self.rfile.read(size))
                self.rfile.readline()
            self.rfile.readline()
            return b"".join(parts)
        return self.rfile.read(int(self.headers.get("Content-Length", 0)))

    def _send(self, status: int, content: bytes) -> None:
        self.send_response_only(status)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(content)))
        self.end_headers()
        self.wfile.write(content)
        self.wfile.flush()

    def log_message(self, *args: Any) -> None:
        pass


class _Server(http.server.ThreadingHTTPServer):
    daemon_threads = True
    request_queue_size = 64

    def handle_error(self, request: Any, client_address: Any) -> None:
        pass


@contextmanager
def control_plane() -> Iterator[FakeControlPlane]:
    fake = FakeControlPlane()
    handler = type("Handler", (_Handler,), {"fake": fake})
    server = _Server(("127.0.0.1", 0), handler)
    fake.url = f"http://127.0.0.1:{server.server_address[1]}"
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True)
    thread.start()
    try:
        yield fake
    finally:
        server.shutdown()
        server.server_close()
        thread.join()


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


def job(job_id: str, task: dict[str, Any] | None = None, **over: Any) -> protocol.Job:
    """A job that logs its id, unless it is told otherwise."""
    document = {"id": "t", "type": "io.kestra.plugin.core.log.Log", "message": f"job {job_id}"}
    given = {
        "tenant": "main",
        "namespace": "company.team",
        "flow_id": "flow",
        "execution_id": "execution",
        "task_run_id": f"run-{job_id}",
        "token": f"token-{job_id}",
    }
    return protocol.Job(id=job_id, task=task or document, **{**given, **over})


def now() -> float:
    return time.monotonic()
