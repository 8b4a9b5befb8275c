"""A RabbitMQ of our own, where one is installed: a Debian package of the same name as its command, `rabbitmq-server`."""

from __future__ import annotations

import contextlib
import os
import pwd
import shutil
import signal
import socket
import subprocess
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import amqp

from tests.workers.runtime.control_plane import free_port

SERVER = Path("/usr/lib/rabbitmq/bin/rabbitmq-server")
TICKETS = "orrery.default"
TRIES = 3
SECONDS_TO_START = 60


class Rabbit:
    """One server, asked over a connection of its own."""

    def __init__(self, port: int) -> None:
        self.url = f"amqp://guest:guest@127.0.0.1:{port}//"
        self.port = port

    def open(self) -> bool:
        try:
            socket.create_connection(("127.0.0.1", self.port)).close()
        except ConnectionRefusedError:
            return False
        self._connection = amqp.Connection(f"127.0.0.1:{self.port}", userid="guest", password="guest")
        self._connection.connect()
        return True

    def close(self) -> None:
        self._connection.close()

    def messages(self, queue: str = TICKETS) -> int:
        """Those that nobody has been sent."""
        return self._seen(queue)[0]

    def listeners(self, queue: str = TICKETS) -> int:
        return self._seen(queue)[1]

    def put(self, queue: str, *contents: str, **properties: Any) -> None:
        """Make the queue and send these to it."""
        with self._connection.channel() as channel:
            channel.queue_declare(queue, auto_delete=False)
            for content in contents:
                channel.basic_publish(amqp.Message(content, **properties), routing_key=queue)

    def drop(self, queue: str) -> None:
        with self._connection.channel() as channel:
            channel.queue_delete(queue)

    def has_exchange(self, name: str) -> bool:
        with self._connection.channel() as channel:
            try:
                channel.exchange_declare(name, "fanout", passive=True)
            except amqp.exceptions.NotFound:
                return False
        return True

    def _seen(self, queue: str) -> tuple[int, int]:
        """Messages that wait and consumers; nothing while nobody has made the queue."""
        channel = self._connection.channel()
        try:
            told = channel.queue_declare(queue, passive=True)
        except amqp.exceptions.NotFound:
            return 0, 0
        channel.close()
        return told.message_count, told.consumer_count


def started_rabbit(until_the_end: contextlib.ExitStack) -> Rabbit:
    """A port that is free when it is chosen may be taken when it is used: then the server is started once more."""
    for attempt in range(TRIES):
        with contextlib.ExitStack() as mine:
            process, port = mine.enter_context(_server(attempt))
            made = Rabbit(port)
            deadline = time.monotonic() + SECONDS_TO_START
            while process.poll() is None and time.monotonic() < deadline:
                if made.open():
                    mine.callback(made.close)
                    until_the_end.push(mine.pop_all())
                    return made
                time.sleep(0.05)
    raise AssertionError(f"RabbitMQ did not start in {TRIES} tries")


@contextlib.contextmanager
def _server(attempt: int) -> Iterator[tuple[subprocess.Popen[bytes], int]]:
    name = f"orrery-rabbit-{os.getpid()}-{attempt}"
    folder = Path("/tmp") / name
    folder.mkdir(mode=0o700)
    ports = [free_port() for _ in range(3)]
    environment = {
        "PATH": os.environ["PATH"],
        "HOME": str(folder),
        "RABBITMQ_NODENAME": f"{name}@localhost",
        "RABBITMQ_NODE_IP_ADDRESS": "127.0.0.1",
        "RABBITMQ_NODE_PORT": str(ports[0]),
        "RABBITMQ_DIST_PORT": str(ports[1]),
        "ERL_EPMD_PORT": str(ports[2]),
        "RABBITMQ_MNESIA_BASE": str(folder),
        "RABBITMQ_LOG_BASE": str(folder),
        "RABBITMQ_ENABLED_PLUGINS_FILE": str(folder / "plugins"),
        "RABBITMQ_SERVER_ADDITIONAL_ERL_ARGS": "+S 1:1",
    }
    command = [str(SERVER)]
    if os.geteuid() == 0:
        user = pwd.getpwnam("rabbitmq")
        os.chown(folder, user.pw_uid, user.pw_gid)
        command = ["setpriv", "--reuid=rabbitmq", "--regid=rabbitmq", "--clear-groups", *command]
    with (folder / "out").open("wb") as out:
        process = subprocess.Popen(command, env=environment, cwd=folder, stdout=out, stderr=out, start_new_session=True)
    try:
        yield process, ports[0]
    finally:
        with contextlib.suppress(ProcessLookupError):
            os.killpg(process.pid, signal.SIGTERM)
        process.wait(30)
        subprocess.run(["epmd", "-kill"], env=environment, capture_output=True, check=False)
        shutil.rmtree(folder, ignore_errors=True)
