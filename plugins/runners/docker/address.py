"""Which engine a task is run by: the worker's own, or one that a flow names and that the worker may reach."""

from __future__ import annotations

import os
import socket
from collections.abc import Iterator
from contextlib import contextmanager

import httpx

from plugins.contracts import PluginError, RunContext
from plugins.runners.docker.engine import Engine

_USUAL = "unix:///var/run/docker.sock"
_SCHEMES = {"tcp": "http", "http": "http", "https": "https"}


def own_host() -> str:
    """The engine of this worker, as its operator has said it."""
    return os.environ.get("DOCKER_HOST") or _USUAL


@contextmanager
def engine_at(ctx: RunContext, host: str | None) -> Iterator[Engine]:
    """The engine there. Raises PluginError for an address that a flow may not name."""
    scheme, colon, rest = (host or own_host()).partition("://")
    if not colon or not rest:
        raise PluginError(f"`host`: `{host}` is no address of an engine, as `tcp://engine:2375`", retryable=False)
    if scheme == "unix":
        client, address = _over_socket(ctx, rest, host), "http://localhost"
    elif scheme in _SCHEMES:
        address = f"{_SCHEMES[scheme]}://{rest.rstrip('/')}"
        client = httpx.Client(trust_env=False) if _is_own(host) else ctx.service("http").client()
    else:
        raise PluginError(f"`host`: `{scheme}` is not a way to an engine: use unix, tcp or https", retryable=False)
    with client:
        yield Engine(client, address)


def _over_socket(ctx: RunContext, path: str, host: str | None) -> httpx.Client:
    """A socket is a file of the worker's machine: another than its own must lie in a folder that flows may reach."""
    if not _is_own(host):
        path = str(ctx.service("local").path(name=path))
    _look_for(path)
    return httpx.Client(transport=httpx.HTTPTransport(uds=path), trust_env=False)


def _look_for(path: str) -> None:
    """httpcore leaves a socket open that could not be connected; so one is tried that is closed."""
    with socket.socket(socket.AF_UNIX) as probe:
        try:
            probe.connect(path)
        except OSError as error:
            raise PluginError(f"The container engine does not answer: {error}") from error


def _is_own(host: str | None) -> bool:
    return host is None or host == own_host()
