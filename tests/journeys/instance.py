"""A whole instance as `make run` starts it, on ports and in a folder of its own."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from urllib.error import HTTPError
from urllib.request import Request, urlopen

from control_plane.embedded.ports import free_port

ROOT = Path(__file__).resolve().parents[2]
READY_WITHIN = 120
STOPPED_WITHIN = 40


@dataclass
class Instance:
    """`output` is what its terminal showed so far."""

    url: str
    data_dir: Path
    process: subprocess.Popen[str]
    output: list[str] = field(default_factory=list)

    @property
    def ui(self) -> str:
        return f"{self.url}/ui/"

    def call(self, method: str, path: str, body: Any = None, *, token: str | None = None, **headers: str) -> Any:
        """One API call, decoded. Raises HTTPError."""
        data = body.encode() if isinstance(body, str) else None if body is None else json.dumps(body).encode()
        headers.setdefault("Content-Type", "application/x-yaml" if isinstance(body, str) else "application/json")
        if token:
            headers["Authorization"] = f"Bearer {token}"
        try:
            with urlopen(Request(self.url + path, data, headers, method=method), timeout=60) as answer:
                text = answer.read().decode()
        except HTTPError as refused:
            refused.close()  # it holds the connection, whoever keeps it
            raise
        return json.loads(text) if text[:1] in ("{", "[", '"') else text

    def stop(self) -> int:
        """Ctrl-C, and how it ended."""
        self.process.send_signal(signal.SIGINT)
        return self.process.wait(STOPPED_WITHIN)


@contextmanager
def running(data_dir: Path, port: int | None = None, **settings: str) -> Iterator[Instance]:
    """An instance that answers, with `ORRERY_...` settings. It is stopped at the end, if the test has not done it."""
    port = port or free_port()
    environment = {**os.environ, **settings, "ORRERY_WEB_PORT": str(port), "ORRERY_DATA_DIR": str(data_dir)}
    command = [sys.executable, "-m", "control_plane.cli.main", "up"]
    process = subprocess.Popen(
        command, cwd=ROOT, env=environment, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True
    )
    instance = Instance(f"http://localhost:{port}", data_dir, process)
    ready = threading.Event()
    reader = threading.Thread(target=_read, args=(instance, ready), daemon=True)
    reader.start()
    try:
        if not ready.wait(READY_WITHIN) or process.poll() is not None:
            raise AssertionError("the instance did not become ready:\n" + "".join(instance.output[-80:]))
        yield instance
    finally:
        if process.poll() is None:
            instance.stop()
        reader.join(5)
        if process.stdout:
            process.stdout.close()


def _read(instance: Instance, ready: threading.Event) -> None:
    assert instance.process.stdout is not None
    for line in instance.process.stdout:
        instance.output.append(line)
        if "ready: " in line:
            ready.set()
    ready.set()


@dataclass(frozen=True)
class Founder:
    """The first user of an instance."""

    email: str = "olga@acme.test"
    password: str = "Correct-Horse-7-Battery"
    tenant: str = "acme"


def set_up(instance: Instance, founder: Founder = Founder()) -> str:
    """Create the first user and tenant; return an API token of hers."""
    instance.call(
        "POST",
        "/api/v1/setup",
        {
            "username": founder.email,
            "password": founder.password,
            "tenant": {"id": founder.tenant, "name": "Acme"},
        },
    )
    basic = _basic(founder)
    answer = instance.call("POST", "/api/v1/me/api-tokens", {"name": "journey", "maxAge": "P1D"}, Authorization=basic)
    return str(answer["fullToken"])


def _basic(founder: Founder) -> str:
    from base64 import b64encode

    return "Basic " + b64encode(f"{founder.email}:{founder.password}".encode()).decode()


def until(look: Any, within: float = 30, pause: float = 0.1) -> Any:
    """Look until something true is seen: for what has no signal a test could wait for, across processes."""
    deadline = time.monotonic() + within
    while True:
        seen = look()
        if seen:
            return seen
        if time.monotonic() > deadline:
            raise AssertionError(f"not seen within {within} s")
        threading.Event().wait(pause)


__all__ = ["Founder", "HTTPError", "Instance", "running", "set_up", "until"]
