"""A worker that runs tasks for real and speaks to the control plane without a network between them."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any, BinaryIO
from unittest.mock import patch

import msgspec

from control_plane.kernel.words.egress import EgressPolicy
from control_plane.kernel.words.errors import ControlPlaneError
from tests.executions.ground import FakeWorker
from workers.runtime import protocol
from workers.runtime.api import Refused
from workers.runtime.jobs import JobRunner
from workers.runtime.local_paths import LocalPaths
from workers.runtime.reporter import _item
from workers.runtime.running import claimed_job
from workers.worker_api import job_services


class _AtHand:
    """The client of a worker, answered by the functions behind the worker API."""

    def __init__(self, url: str, token: str, timeout: float) -> None:
        self._token = token

    def post(self, path: str, body: msgspec.Struct, answer: type[Any]) -> Any:
        _, address, what, *rest = path.split("/")
        sent = msgspec.to_builtins(body)
        with _refusals():
            if what == "found":
                job_services.take_found(self._token, address, _over_the_wire(body))
                return protocol.Empty()
            if what == "resolve":
                values, secrets = job_services.resolve(self._token, address, sent["names"])
                return _over_the_wire(protocol.Resolved(values=values, secrets=secrets))
            value = job_services.call(self._token, address, rest[0], sent["method"], sent["arguments"])
            return _over_the_wire(protocol.ServiceAnswer(value=value))

    def upload(self, path: str, source: BinaryIO, answer: type[Any], query: Mapping[str, str]) -> Any:
        with _refusals():
            return job_services.keep_file(
                self._token, path.split("/")[1], query["name"], query.get("taskRunId"), source
            )

    def download(self, path: str, query: Mapping[str, str]) -> BinaryIO:
        with _refusals():
            return job_services.open_file(self._token, path.split("/")[1], query["uri"])

    def close(self) -> None:
        """Nothing is open."""


@contextmanager
def _refusals() -> Iterator[None]:
    try:
        yield
    except ControlPlaneError as error:
        raise Refused(error.status, error.code, error.message) from error


def _over_the_wire(message: Any) -> Any:
    return msgspec.json.decode(msgspec.json.encode(message, enc_hook=str), type=type(message))


def work_for_real(
    worker: FakeWorker, directory: Path, *, egress: EgressPolicy | None = None, local_paths: tuple[Path, ...] = ()
) -> int:
    """Run everything that can be had; how many jobs that were."""
    runner = JobRunner("http://nowhere", egress or EgressPolicy(), directory, local=LocalPaths(local_paths))
    done = 0
    with patch("workers.runtime.jobs.ControlPlane", _AtHand):
        while jobs := worker.claim(1):
            (job,) = jobs
            running = claimed_job(_over_the_wire(job), lambda running: None)
            runner.work(running)
            running.has_begun = running.is_finished = True
            item = _item(running, 1 << 30)
            assert item is not None
            worker.report(_over_the_wire(item))
            done += 1
    return done
