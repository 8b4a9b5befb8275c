"""Pieces of the Docker runner as flows write them, and as the Engine's API takes them."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from control_plane.kernel.words.sizes import parse_size
from plugins.contracts import Model, PluginError, Property, RunContext
from plugins.contracts.dynamic import default

_OF_THE_HUB = ("https://index.docker.io/v1/", "index.docker.io")
_PORT = re.compile(
    r"(?:(?P<ip>[0-9.]+|\[[0-9a-fA-F:]+\]):)?(?:(?P<host>\d{1,5}):)?(?P<inner>\d{1,5}(?:/(?:tcp|udp|sctp))?)"
)


class Cpu(Model):
    """Processor time of the container."""

    cpus: float | None = None
    """How many processors' worth, as 1.5."""


class Memory(Model):
    """Memory of the container; each a size such as 512MB."""

    memory: Property[str] | None = None
    """The most it may use."""
    memory_reservation: Property[str] | None = None
    """What it keeps when the machine runs short."""
    memory_swap: Property[str] | None = None
    """Memory and swap together; -1 for any amount of swap."""
    memory_swappiness: Property[str] | None = None
    """How readily it is swapped out, from 0 to 100."""
    kernel_memory: Property[str] | None = None
    """The most the kernel may use for it; recent engines know it no more."""
    oom_kill_disable: bool | None = None
    """Let it wait instead of ending it when memory is used up."""


class Credentials(Model):
    """How to sign in at the registry of the image."""

    registry: Property[str] | None = None
    """Address of the registry."""
    username: Property[str] | None = None
    """Name of the account."""
    password: Property[str] | None = None
    """Its password."""
    auth: Property[str] | None = None
    """Name and password as one text in base64, instead of both."""
    identity_token: Property[str] | None = None
    """A token to sign in with."""
    registry_token: Property[str] | None = None
    """A token that the registry takes as it is."""


class DeviceRequest(Model):
    """Devices such as graphics processors, asked of a driver of the engine."""

    driver: Property[str] | None = None
    """Name of the driver, as nvidia."""
    count: int | None = None
    """How many; -1 for all."""
    device_ids: Property[list[str]] = default([])
    """Which ones."""
    capabilities: Property[list[list[str]]] = default([])
    """What they must be able to do: one of these lists."""
    options: Property[dict[str, str]] = default({})
    """Options for the driver."""

    def rendered(self, ctx: RunContext) -> dict[str, Any]:
        return {
            "Driver": ctx.render(self.driver) if self.driver else "",
            "Count": self.count or 0,
            "DeviceIDs": ctx.render(self.device_ids) or None,
            "Capabilities": ctx.render(self.capabilities),
            "Options": ctx.render(self.options),
        }


def memory_of(ctx: RunContext, memory: Memory | None) -> dict[str, Any]:
    """The limits of memory as the engine's API names them. Raises PluginError."""
    if memory is None:
        return {}
    sizes = {
        "Memory": size(ctx, memory.memory, "memory.memory"),
        "MemoryReservation": size(ctx, memory.memory_reservation, "memory.memoryReservation"),
        "MemorySwap": size(ctx, memory.memory_swap, "memory.memorySwap"),
        "KernelMemory": size(ctx, memory.kernel_memory, "memory.kernelMemory"),
        "MemorySwappiness": size(ctx, memory.memory_swappiness, "memory.memorySwappiness"),
        "OomKillDisable": memory.oom_kill_disable,
    }
    return {name: value for name, value in sizes.items() if value is not None}


def size(ctx: RunContext, prop: Property[str] | None, name: str) -> int | None:
    """Bytes, or -1 for no end. Raises PluginError naming the property."""
    if prop is None:
        return None
    text = ctx.render(prop)
    try:
        return -1 if text.strip() == "-1" else parse_size(text)
    except ValueError as error:
        raise PluginError(f"`{name}`: {error}", retryable=False) from error


def ports_of(bindings: list[str]) -> tuple[dict[str, Any], dict[str, Any]]:
    """`8080:80`, `127.0.0.1:8080:80/udp`: what is exposed, and where it is bound. Raises PluginError."""
    exposed: dict[str, Any] = {}
    bound: dict[str, Any] = {}
    for text in bindings:
        found = _PORT.fullmatch(text.strip())
        if found is None:
            raise PluginError(f"`portBindings`: `{text[:60]}` is not of the form `8080:80`", retryable=False)
        inner = found["inner"] if "/" in found["inner"] else f"{found['inner']}/tcp"
        exposed[inner] = {}
        place = {"HostIp": (found["ip"] or "").strip("[]"), "HostPort": found["host"] or ""}
        bound.setdefault(inner, []).append(place)
    return exposed, bound


def registry_of(image: str) -> str:
    """The registry an image comes from: its first part where that is a host."""
    first, slash, _rest = image.partition("/")
    return first if slash and ("." in first or ":" in first or first == "localhost") else "docker.io"


def login_of(config: Mapping[str, Any], registry: str) -> dict[str, Any] | None:
    """What a `config.json` of Docker says about the registry."""
    known = config.get("auths")
    names = (
        (registry, f"https://{registry}", *_OF_THE_HUB)
        if registry == "docker.io"
        else (registry, f"https://{registry}")
    )
    for name in names:
        login = known.get(name) if isinstance(known, Mapping) else None
        if isinstance(login, Mapping):
            return {**login, "serveraddress": name}
    return None
