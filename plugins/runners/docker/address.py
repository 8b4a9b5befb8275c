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
    if host is None or host == own_host():
        with own_engine() as engine:
            yield engine
        return
    scheme, rest = _parts(host)
    if scheme == "unix":
        # A socket is a file of the worker's machine: it must lie in a folder that flows may reach.
        client = _over_socket(str(ctx.service("local").path(name=rest)))
    else:
        client = ctx.service("http").client()
    with client:
        yield Engine(client, _address(scheme, rest))


@contextmanager
def own_engine() -> Iterator[Engine]:
    """The engine of this worker. Raises PluginError when it cannot be there."""
    scheme, rest = _parts(own_host())
    with _over_socket(rest) if scheme == "unix" else httpx.Client(trust_env=False) as client:
        yield Engine(client, _address(scheme, rest))


def _parts(host: str) -> tuple[str, str]:
    scheme, colon, rest = host.partition("://")
    if not colon or not rest:
        raise PluginError(f"`host`: `{host}` is no address of an engine, as `tcp://engine:2375`", retryable=False)
    if scheme != "unix" and scheme not in _SCHEMES:
        raise PluginError(f"`host`: `{scheme}` is not a way to an engine: use unix, tcp or https", retryable=False)
    return scheme, rest


def _address(scheme: str, rest: str) -> str:
    return "http://localhost" if scheme == "unix" else f"{_SCHEMES[scheme]}://{rest.rstrip('/')}"


def _over_socket(path: str) -> httpx.Client:
    _look_for(path)
    return httpx.Client(transport=httpx.HTTPTransport(uds=path), trust_env=False)


def _look_for(path: str) -> None:
    """httpcore leaves a socket open that could not be connected; so one is tried that is closed."""
    with socket.socket(socket.AF_UNIX) as probe:
        try:
            probe.connect(path)
        except OSError as error:
            raise PluginError(f"The container engine does not answer: {error}") from error
