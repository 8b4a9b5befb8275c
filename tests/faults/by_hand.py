"""Workers started by hand beside an instance: a token file, an address, and nothing else in their environment."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import psutil

from tests.bench.instance import Instance

ORRERY = [sys.executable, "-m", "control_plane.cli.main"]
ROOT = Path(__file__).resolve().parents[2]
PASSED_ON = ("PATH", "HOME", "LANG", "PYTHONPATH")


@dataclass
class HandWorker:
    """One process. Its lines are in `log`."""

    process: subprocess.Popen[bytes]
    folder: Path
    group: str

    @property
    def pid(self) -> int:
        return self.process.pid

    @property
    def log(self) -> str:
        return (self.folder / "log.txt").read_text()

    @property
    def token_file(self) -> Path:
        return self.folder / "token"

    def has_joined(self) -> bool:
        assert self.process.poll() is None, self.log
        return "serves the group" in self.log

    def stop(self, seconds: float = 30.0) -> int:
        """SIGTERM; the exit code."""
        self.process.send_signal(signal.SIGTERM)
        return self.process.wait(seconds)

    def kill(self) -> None:
        if self.process.poll() is None:
            with_children = psutil.Process(self.pid).children(recursive=True)
            self.process.kill()
            self.process.wait()
            psutil.wait_procs(with_children, 5)


def start_worker(
    instance: Instance, folder: Path, token: str, group: str, prefix: Sequence[str] = (), **knobs: str
) -> HandWorker:
    """As somebody would type it. `knobs` are settings of a worker: `slots="1"`; others bear their whole name."""
    folder.mkdir(mode=0o700)
    file = folder / "token"
    file.touch(0o600)
    file.write_text(token)
    command = [*prefix, *ORRERY, "server", "worker", "--group", group]
    command += ["--server", address(instance), "--token-file", str(file)]
    passed = {name: os.environ[name] for name in PASSED_ON if name in os.environ}
    told = {
        name if name.startswith("ORRERY_") else f"ORRERY_WORKER_{name.upper()}": value for name, value in knobs.items()
    }
    with (folder / "log.txt").open("wb") as log:
        process = subprocess.Popen(
            command, cwd=ROOT, env=passed | told | {"ORRERY_CONFIG": os.devnull}, stdout=log, stderr=log
        )
    return HandWorker(process, folder, group)


def address(instance: Instance) -> str:
    return f"http://127.0.0.1:{instance.port}"


def platform_token(instance: Instance, group: str) -> str:
    """A token of a worker that stands beside the broker, as the command line prints it."""
    kept = {name: value for name, value in os.environ.items() if not name.startswith("ORRERY_")}
    told = {"ORRERY_DATA_DIR": str(instance.folder), "ORRERY_WEB_PORT": str(instance.port), "ORRERY_CONFIG": os.devnull}
    command = [*ORRERY, "worker-token", group]
    done = subprocess.run(command, cwd=ROOT, env=kept | told, capture_output=True, text=True, check=True)
    return done.stdout.strip()


def remote_token(instance: Instance, group: str) -> tuple[str, str]:
    """A token that people make for workers elsewhere, and its id."""
    made = instance.ask("POST", f"/api/v1/instance/worker-groups/{group}/tokens", {"name": "by-hand"})
    return made["token"], made["details"]["uid"]
