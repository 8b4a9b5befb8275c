"""The same tickets over AMQP, against a RabbitMQ of its own where one is installed."""

import contextlib
import os
import pwd
import shutil
import signal
import socket
import subprocess
import time
from collections import Counter
from collections.abc import Callable, Iterator
from pathlib import Path

import amqp
import pytest

from tests.workers.runtime.control_plane import free_port, job
from workers.queue.tickets import Sender
from workers.runtime import protocol

SERVER = Path("/usr/lib/rabbitmq/bin/rabbitmq-server")
SLEEP = {"id": "s", "type": "io.kestra.plugin.core.flow.Sleep", "duration": "PT60S"}
GROUP = "orrery.default"
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

    def messages(self) -> int:
        return self._seen()[0]

    def listeners(self) -> int:
        return self._seen()[1]

    def has_exchange(self, name: str) -> bool:
        with self._connection.channel() as channel:
            try:
                channel.exchange_declare(name, "fanout", passive=True)
            except amqp.exceptions.NotFound:
                return False
        return True

    def _seen(self) -> tuple[int, int]:
        """Messages that wait and consumers; nothing while nobody has made the queue."""
        channel = self._connection.channel()
        try:
            told = channel.queue_declare(GROUP, passive=True)
        except amqp.exceptions.NotFound:
            return 0, 0
        channel.close()
        return told.message_count, told.consumer_count


@pytest.fixture(scope="module")
def rabbit() -> Iterator[Rabbit]:
    if not SERVER.exists():
        pytest.skip("no RabbitMQ is installed here")
    with contextlib.ExitStack() as started:
        yield _started(started)


def _started(until_the_end: contextlib.ExitStack) -> Rabbit:
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


@pytest.fixture
def broker(rabbit, plane):
    """Slots do not ask by themselves, so nothing but a ticket wakes them."""
    plane.broker = protocol.Broker(url=rabbit.url, queue=GROUP)
    plane.poll_seconds = 600.0
    _until(lambda: (rabbit.messages(), rabbit.listeners()) == (0, 0))
    return rabbit


@pytest.fixture
def send(broker) -> Iterator[Callable[..., None]]:
    """Sends a ticket to a group as the control plane does."""
    sender = Sender(broker.url)
    yield lambda group="default": sender.send(Counter({group: 1}))
    sender._producers.connections.force_close_all()


def test_a_ticket_makes_a_free_slot_ask(plane, broker, start, send):
    start()
    _until(lambda: broker.listeners() == 1)
    with plane.lock:
        plane.waiting.append(job("one"))
    send()
    assert plane.end_of("one").state == "SUCCESS"


def test_a_worker_stops_consuming_while_its_slots_are_full(plane, broker, start, send):
    plane.offer(job("long", SLEEP))
    start(slots=1)
    plane.until(lambda: "long" in plane.claimed)
    _until(lambda: broker.listeners() == 1)
    send()
    _until(lambda: (broker.messages(), broker.listeners()) == (1, 0))
    with plane.lock:
        plane.waiting.append(job("next"))
    plane.order(protocol.Order(order="kill", job_id="long"))
    assert plane.end_of("next").state == "SUCCESS"
    _until(lambda: (broker.messages(), broker.listeners()) == (0, 1))


def test_nobody_can_control_a_worker_through_the_broker(plane, broker, start):
    start()
    _until(lambda: broker.listeners() == 1)
    assert not broker.has_exchange("celery.pidbox")
    assert not broker.has_exchange("celeryev")


def test_a_ticket_of_a_group_that_nobody_has_listened_to_is_lost_and_the_next_one_arrives(plane, broker, start, send):
    start()
    _until(lambda: broker.listeners() == 1)
    send("nobody")
    with plane.lock:
        plane.waiting.append(job("one"))
    send()
    assert plane.end_of("one").state == "SUCCESS"


def _until(holds, seconds: float = 10.0) -> None:
    deadline = time.monotonic() + seconds
    while not holds():
        assert time.monotonic() < deadline, "it did not happen"
        time.sleep(0.02)
