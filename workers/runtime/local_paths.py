"""What of this machine a flow may reach: the folders that its operator names, and nothing besides."""

from __future__ import annotations

from pathlib import Path

from plugins.contracts import PluginError


class LocalPaths:
    """The service `local`. A path counts as what it leads to, links followed."""

    def __init__(self, allowed: tuple[Path, ...] = (), *, trusts_containers: bool = False) -> None:
        self._trusts_containers = trusts_containers
        self._allowed = tuple(path.resolve() for path in allowed)

    def path(self, *, name: str) -> Path:
        """Where it really lies. Raises PluginError for anything outside of the folders."""
        given = Path(name.removeprefix("file://"))
        if "\x00" in name or not given.is_absolute():
            raise PluginError(f"`{name[:200]}` is no path that begins at the root of the file system", retryable=False)
        try:
            real = given.resolve()
        except (OSError, RuntimeError):
            real = None
        if real is None or not any(real.is_relative_to(folder) for folder in self._allowed):
            raise PluginError(
                f"The path {name[:200]} is not authorized: the operator of the worker has not allowed it",
                retryable=False,
            )
        return real

    def open_to_containers(self, *, asked: str) -> None:
        """Raises PluginError for what gives a container the machine, unless the operator trusts flows with it."""
        if not self._trusts_containers:
            raise PluginError(
                f"`{asked}` is not authorized: the operator of the worker does not trust containers with the machine",
                retryable=False,
            )
