"""Real engines of this machine, each with nothing but a socket of its own, and an image made from one program."""

from __future__ import annotations

import io
import os
import shutil
import signal
import socket
import subprocess
import tarfile
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path

import httpx
import pytest

IMAGE = "localhost/orrery-test:latest"
_READY_WITHIN = 30.0
_HOW = {
    "dockerd": "apt-get install docker.io",
    "podman": "apt-get install podman conmon netavark runc",
    "busybox": "apt-get install busybox-static",
}
_PODMAN = """
[containers]
default_ulimits = ["nofile=1024:1024", "nproc=2048:2048"]
[engine]
runtime = "runc"
cgroup_manager = "cgroupfs"
events_logger = "file"
"""


def program(name: str) -> str:
    found = shutil.which(name, path=f"{os.environ['PATH']}:/usr/sbin:/sbin")
    if found is None or os.geteuid() != 0:
        pytest.skip(f"{name} is not here, or nobody may start it: as root, {_HOW[name]}")
    return found


@contextmanager
def docker(folder: Path) -> Iterator[str]:
    """The Docker Engine without networks: it touches no rule of this machine's."""
    at = folder / "docker.sock"
    without = ["--bridge=none", "--iptables=false", "--ip6tables=false", "--ip-forward=false", "--ip-masq=false"]
    places = [f"--data-root={folder}/data", f"--exec-root={folder}/exec", f"--pidfile={folder}/pid"]
    names = ["--containerd-namespace=orrery-test", "--containerd-plugins-namespace=orrery-test-plugins"]
    limits = ["--default-ulimit=nofile=1024:1024", "--log-level=error"]
    with _serving([program("dockerd"), f"--host=unix://{at}", *places, *names, *limits, *without], at, folder, {}):
        yield f"unix://{at}"
    for mounted in (folder / "data", folder / "exec"):
        subprocess.run(["umount", "--recursive", mounted], stderr=subprocess.DEVNULL, check=False)


@contextmanager
def podman(folder: Path) -> Iterator[str]:
    """Podman's service, which speaks the same API."""
    at = folder / "podman.sock"
    (folder / "containers.conf").write_text(_PODMAN)
    storage = f'[storage]\ndriver = "vfs"\ngraphroot = "{folder}/graph"\nrunroot = "{folder}/run"\n'
    (folder / "storage.conf").write_text(storage)
    told = {
        "TMPDIR": str(folder),
        "CONTAINERS_CONF": str(folder / "containers.conf"),
        "CONTAINERS_STORAGE_CONF": str(folder / "storage.conf"),
    }
    with _serving([program("podman"), "system", "service", "--time=0", f"unix://{at}"], at, folder, told):
        yield f"unix://{at}"


@contextmanager
def _serving(command: Sequence[str], at: Path, folder: Path, told: Mapping[str, str]) -> Iterator[None]:
    with (folder / "output").open("wb") as output:
        process = subprocess.Popen(
            command, stdout=output, stderr=output, env={**os.environ, **told}, start_new_session=True
        )
    try:
        _wait_for(at, process, folder)
        with client(f"unix://{at}") as engine:
            query = {"fromSrc": "-", "repo": IMAGE.rpartition(":")[0], "tag": "latest"}
            head = {"Content-Type": "application/x-tar"}
            engine.post("/images/create", params=query, content=root(), headers=head).raise_for_status()
        yield
    finally:
        process.terminate()
        try:
            process.wait(15)
        except subprocess.TimeoutExpired:
            os.killpg(process.pid, signal.SIGKILL)
            process.wait()


def _wait_for(at: Path, process: subprocess.Popen[bytes], folder: Path) -> None:
    ends_at = time.monotonic() + _READY_WITHIN
    while time.monotonic() < ends_at and process.poll() is None:
        with socket.socket(socket.AF_UNIX) as probe:
            try:
                probe.connect(str(at))
            except OSError:
                time.sleep(0.05)
                continue
        return
    raise AssertionError(f"{process.args} did not start: {(folder / 'output').read_text()[-2000:]}")


def client(host: str) -> httpx.Client:
    """The engine's API as it is, for what tests look up."""
    transport = httpx.HTTPTransport(uds=host.removeprefix("unix://"))
    return httpx.Client(transport=transport, base_url="http://localhost", timeout=60)


def root() -> bytes:
    """The root of an image: a shell and the usual commands, all of them one program."""
    busybox = program("busybox")
    names = subprocess.run([busybox, "--list"], capture_output=True, text=True, check=True).stdout.split()
    written = io.BytesIO()
    with tarfile.open(fileobj=written, mode="w") as root:
        for folder, mode in (("bin", 0o755), ("etc", 0o755), ("tmp", 0o1777)):
            entry = tarfile.TarInfo(folder)
            entry.type, entry.mode = tarfile.DIRTYPE, mode
            root.addfile(entry)
        root.add(busybox, arcname="bin/busybox")
        for name in set(names) - {"busybox"}:
            entry = tarfile.TarInfo(f"bin/{name}")
            entry.type, entry.linkname = tarfile.SYMTYPE, "busybox"
            root.addfile(entry)
    return written.getvalue()
