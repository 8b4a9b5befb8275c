"""A real Active Directory domain controller (Samba) on this machine: as root, on the ports that it insists on."""

from __future__ import annotations

import os
import shutil
import signal
import socket
import subprocess
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

SUFFIX = "DC=orrery,DC=test"
ADMIN, ADMIN_PASSWORD = "administrator@orrery.test", "Passw0rd!x"
PASSWORD = "Correct-horse-1"
_NEEDED = ("samba", "samba-tool")
_PORTS = (389, 636)


class Samba:
    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._run(
            *("samba-tool", "domain", "provision", f"--targetdir={folder}", "--realm=ORRERY.TEST", "--domain=ORRERY"),
            *(f"--adminpass={ADMIN_PASSWORD}", "--server-role=dc", "--dns-backend=NONE", "--host-name=dc1"),
            *("--use-rfc2307", "--host-ip=127.0.0.1"),
        )
        config = folder / "etc" / "smb.conf"
        loopback = "\tinterfaces = lo\n\tbind interfaces only = yes\n\tldap server require strong auth = no\n"
        config.write_text(config.read_text().replace("[global]\n", f"[global]\n\tserver services = ldap\n{loopback}"))
        self._config = str(config)
        self._process = subprocess.Popen(
            ["samba", "-F", "--no-process-group", f"--configfile={self._config}"],
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            start_new_session=True,
        )
        self._wait()

    def _wait(self) -> None:
        deadline = time.monotonic() + 60
        while time.monotonic() < deadline:
            try:
                socket.create_connection(("127.0.0.1", 389), timeout=1).close()
                return
            except OSError:
                if self._process.poll() is not None:
                    raise RuntimeError(f"samba ended with {self._process.returncode}") from None
        raise RuntimeError("samba does not answer")

    def tool(self, *words: str) -> None:
        """What an administrator types, such as `user create`."""
        database = f"{self._folder}/private/sam.ldb"
        self._run("samba-tool", *words, "-H", database, f"--configfile={self._config}")

    def _run(self, *command: str) -> None:
        done = subprocess.run(command, capture_output=True, text=True, timeout=180)
        assert done.returncode == 0, done.stderr[-2000:]

    def close(self) -> None:
        """It has children, which write until they end."""
        os.killpg(self._process.pid, signal.SIGKILL)
        self._process.wait(20)


@contextmanager
def running_samba() -> Iterator[Samba]:
    """Skips, saying what lacks, where there can be none."""
    if not all(map(shutil.which, _NEEDED)):
        pytest.skip("Samba is not installed (apt-get install samba-ad-dc samba samba-ad-provision samba-dsdb-modules)")
    if os.geteuid() != 0 or any(_is_taken(port) for port in _PORTS):
        pytest.skip("a domain controller needs root, and the ports 389 and 636")
    with tempfile.TemporaryDirectory(prefix="samba-", ignore_cleanup_errors=True) as folder:
        server = Samba(Path(folder))
        try:
            yield server
        finally:
            server.close()


def _is_taken(port: int) -> bool:
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind(("127.0.0.1", port))
        except OSError:
            return True
    return False
