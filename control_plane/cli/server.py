"""Run one role of an instance: web, scheduler or worker."""

from __future__ import annotations

import argparse
import ctypes
import errno
import logging
import os
import resource
import signal
import socket
import sys
import threading
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from setproctitle import setproctitle

from control_plane.cli.command import Refused, require, set_up_django
from control_plane.kernel.config import Config, config
from control_plane.kernel.presence import announced
from control_plane.log_format import JsonFormatter

PR_SET_PDEATHSIG = 1

logger = logging.getLogger(__name__)


def add_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("role", choices=("web", "scheduler", "worker"))
    parser.add_argument("--supervised-by", type=int, metavar="PID", help="end when this parent ends")
    parser.add_argument("--group", default="default", help="worker: key of its worker group")
    parser.add_argument("--server", help="worker: address of the instance; ORRERY_PUBLIC_URL when absent")
    token = parser.add_mutually_exclusive_group()
    token.add_argument("--token-file", type=Path, help="worker: file that holds the group's token")
    token.add_argument("--token-fd", type=int, help="worker: open file that the token can be read from")


def run(args: argparse.Namespace) -> int:
    if args.supervised_by is not None:
        end_with_parent(args.supervised_by)
    knobs = config()
    if knobs.owner_database_url is not None:
        raise Refused("ORRERY_OWNER_DATABASE_URL: a server must not know it; give it to `orrery migrate` alone")
    setproctitle(f"orrery {args.role}")
    return {"web": _web, "scheduler": _scheduler, "worker": _worker}[args.role](args, knobs)


def end_with_parent(parent: int) -> None:
    """Have the kernel send SIGTERM when the parent dies, however it dies."""
    if sys.platform == "linux":
        ctypes.CDLL(None, use_errno=True).prctl(PR_SET_PDEATHSIG, signal.SIGTERM)
    if os.getppid() != parent:
        raise Refused("the parent is gone already")


def _web(args: argparse.Namespace, knobs: Config) -> int:
    require(knobs, "database_url", "redis_url", "secret_key", "encryption_key")
    import uvicorn

    from control_plane.http_server import HttpProtocol

    _refuse_busy(knobs.web_host, knobs.web_port)
    set_up_django()
    _provide_superadmin()
    _open_as_many_as_allowed()
    with announced("web"):
        uvicorn.run(
            "control_plane.asgi:application",
            host=knobs.web_host,
            port=knobs.web_port,
            loop="uvloop",
            http=HttpProtocol,
            ws="control_plane.websocket_server:WebSocketProtocol",
            ws_max_size=1024 * 1024,
            # Compressing each small message for each watcher would cost more than everything else about it.
            ws_per_message_deflate=False,
            lifespan="on",
            log_config=None,
            access_log=False,
            server_header=False,
            proxy_headers=bool(knobs.trusted_proxies),
            forwarded_allow_ips=list(knobs.trusted_proxies),
            # Longer than a reverse proxy keeps an idle connection, so that it never sends into a closing one.
            timeout_keep_alive=75,
            timeout_graceful_shutdown=3,
            backlog=2048,
        )
    return 0


def _provide_superadmin() -> None:
    from iam.background.system import provide_superadmin

    if provide_superadmin():
        logger.info("the configured superadmin was made")


def _open_as_many_as_allowed() -> None:
    """Each connection is an open file, and the limit that shells start with is for programs of another kind."""
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    if soft < hard:
        resource.setrlimit(resource.RLIMIT_NOFILE, (hard, hard))


def _refuse_busy(host: str, port: int) -> None:
    """Before a second of loading, and with the key's name. A name may stand for addresses that are not all ours."""
    try:
        found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM, flags=socket.AI_PASSIVE)
    except OSError as error:
        raise Refused(f"ORRERY_WEB_HOST: cannot listen on {host}: {error.strerror or error}") from error
    failures = [failure for each in found if (failure := _cannot_listen(each[0], each[4])) is not None]
    taken = [failure for failure in failures if failure.errno in (errno.EADDRINUSE, errno.EACCES)]
    if taken or len(failures) == len(found):
        key, first = ("ORRERY_WEB_PORT", taken[0]) if taken else ("ORRERY_WEB_HOST", failures[0])
        raise Refused(f"{key}: cannot listen on {host} port {port}: {first.strerror or first}")


def _cannot_listen(family: int, address: Any) -> OSError | None:
    try:
        with socket.socket(family, socket.SOCK_STREAM) as probe:
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            if family == socket.AF_INET6:
                probe.setsockopt(socket.IPPROTO_IPV6, socket.IPV6_V6ONLY, 1)
            probe.bind(address)
    except OSError as error:
        return error
    return None


def _scheduler(args: argparse.Namespace, knobs: Config) -> int:
    require(knobs, "database_url", "redis_url", "secret_key", "encryption_key")
    set_up_django()
    import control_plane.celery  # noqa: F401  (tickets are sent through the current application)
    from executions.maintenance.loops import run_loops, services
    from triggers.scheduling.loops import services as services_of_triggers

    asked = _asked_to_stop()
    logger.info("the scheduler has started")
    with announced("scheduler"):
        run_loops(asked, [*services(), *services_of_triggers()])
    logger.info("the scheduler has stopped")
    return 0


def _worker(args: argparse.Namespace, knobs: Config) -> int:
    """No Django here: a worker knows an address, a token and its own machine."""
    server = args.server or knobs.origin
    if urlsplit(server).scheme not in ("http", "https") or not urlsplit(server).hostname:
        raise Refused(f"--server: {server} is no address like https://flows.example.com")
    token = _token(args)
    _log_as(knobs)
    from workers.runtime.process import run_worker

    return run_worker(server=server, group=args.group, token=token, knobs=knobs)


def _log_as(knobs: Config) -> None:
    """As Django would set it up from the same knobs."""
    plain = logging.Formatter("%(asctime)s %(levelname)s %(name)s: %(message)s")
    handler = logging.StreamHandler()
    handler.setFormatter(JsonFormatter() if knobs.log_format == "json" else plain)
    logging.basicConfig(level=knobs.log_level, handlers=[handler])


def _token(args: argparse.Namespace) -> str:
    if args.token_fd is None and args.token_file is None:
        raise Refused("a worker needs --token-file or --token-fd: neither arguments nor environments keep a secret")
    try:
        token = _read_once(args.token_fd) if args.token_fd is not None else str(args.token_file.read_text())
    except (OSError, UnicodeDecodeError) as error:
        raise Refused(f"the worker's token cannot be read: {error}") from error
    if not token.strip():
        raise Refused("the worker's token is empty")
    return token.strip()


def _read_once(number: int) -> str:
    """What the open file holds. Nothing leads to it afterwards, and no other file gets the number of a standard one."""
    with os.fdopen(number, closefd=False) as opened:
        text = opened.read()
    nowhere = os.open(os.devnull, os.O_RDWR)
    os.dup2(nowhere, number, inheritable=number <= 2)
    os.close(nowhere)
    return text


def _asked_to_stop() -> threading.Event:
    asked = threading.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: asked.set())
    return asked
