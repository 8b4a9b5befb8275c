"""Real processes, told by files what to do and when."""

import asyncio
import io
import os
import signal
import sys
from pathlib import Path

import pytest

from control_plane.embedded.leftovers import is_alive
from control_plane.supervisor import child as child_module
from control_plane.supervisor.console import Console
from control_plane.supervisor.service import Service
from control_plane.supervisor.supervisor import Supervisor

# Notes its pid, says hello, and ends when it is told to; SIGTERM is noted in the order it came.
PROGRAM = """
import os, signal, sys, time
name, folder = sys.argv[1], sys.argv[2]
def ended(*_):
    with open(os.path.join(folder, "ended"), "a") as file: file.write(name + "\\n")
    raise SystemExit(0)
signal.signal(signal.SIGTERM, ended)
with open(os.path.join(folder, name + ".starts"), "a") as file: file.write(f"{os.getpid()}\\n")
print("hello from", name, flush=True)
while True: signal.pause()
"""
STUBBORN = PROGRAM.replace("signal.signal(signal.SIGTERM, ended)", "signal.signal(signal.SIGTERM, signal.SIG_IGN)")


class Supervised:
    """A folder in which programs leave what they did."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.out = io.StringIO()
        self.ready = asyncio.Event()

    def service(self, name: str, program: str = PROGRAM, **more) -> Service:
        command = [sys.executable, "-c", program, name, str(self.folder)]
        settings = {"command": lambda: command, "environment": dict, "is_ready": lambda: bool(self.pids(name)), **more}
        return Service(name, **settings)

    def supervisor(self, *services: Service) -> Supervisor:
        loop = asyncio.get_running_loop()
        return Supervisor(services, Console(self.out), lambda: loop.call_soon_threadsafe(self.ready.set))

    def pids(self, name: str) -> list[int]:
        file = self.folder / f"{name}.starts"
        return [int(line) for line in file.read_text().split()] if file.exists() else []

    async def until(self, true) -> None:
        async with asyncio.timeout(20):
            while not true():
                await asyncio.sleep(0.01)


@pytest.fixture
async def supervised(tmp_path):
    return Supervised(tmp_path)


async def test_services_start_in_order_and_stop_in_reverse(supervised):
    started = []
    services = [supervised.service(name, prepare=lambda name=name: started.append(name)) for name in ("a", "b", "c")]
    supervisor = supervised.supervisor(*services)
    running = asyncio.create_task(supervisor.run())
    await asyncio.wait_for(supervised.ready.wait(), 20)
    supervisor.ask_to_stop()
    assert await running == 0
    assert started == ["a", "b", "c"]
    assert (supervised.folder / "ended").read_text().split() == ["c", "b", "a"]


async def test_every_line_bears_the_name_of_its_service(supervised):
    supervisor = supervised.supervisor(supervised.service("web"))
    running = asyncio.create_task(supervisor.run())
    await supervised.until(lambda: "hello" in supervised.out.getvalue())
    supervisor.ask_to_stop()
    await running
    assert "web       | hello from web\n" in supervised.out.getvalue()


async def test_what_ends_is_started_again(supervised):
    supervisor = supervised.supervisor(supervised.service("a"))
    running = asyncio.create_task(supervisor.run())
    await supervised.until(lambda: len(supervised.pids("a")) == 1)
    await asyncio.wait_for(supervised.ready.wait(), 20)
    os.kill(supervised.pids("a")[0], signal.SIGKILL)
    await supervised.until(lambda: len(supervised.pids("a")) == 2)
    supervisor.ask_to_stop()
    await running
    assert "ended with -9; starts again" in supervised.out.getvalue()
    assert not is_alive(supervised.pids("a")[1])


async def test_a_failed_start_stops_what_runs_already(supervised):
    broken = supervised.service("b", program="raise SystemExit(3)", is_ready=lambda: False)
    assert await supervised.supervisor(supervised.service("a"), broken).run() == 1
    assert "b         | does not start: ended with 3" in supervised.out.getvalue()
    assert not is_alive(supervised.pids("a")[0])


async def test_a_step_runs_to_its_end_before_the_next(supervised):
    step = supervised.service("step", program="import sys; open(sys.argv[2] + '/step.done', 'w').close()", once=True)
    seen = []
    after = supervised.service("after", prepare=lambda: seen.append((supervised.folder / "step.done").exists()))
    supervisor = supervised.supervisor(step, after)
    running = asyncio.create_task(supervisor.run())
    await asyncio.wait_for(supervised.ready.wait(), 20)
    supervisor.ask_to_stop()
    await running
    assert seen == [True]


async def test_a_step_that_fails_ends_the_start(supervised):
    step = supervised.service("migrate", program="raise SystemExit(1)", once=True)
    assert await supervised.supervisor(step, supervised.service("web")).run() == 1
    assert supervised.pids("web") == []


async def test_a_service_that_does_not_end_is_killed(supervised):
    supervisor = supervised.supervisor(supervised.service("a", program=STUBBORN, stop_seconds=0.2))
    running = asyncio.create_task(supervisor.run())
    await asyncio.wait_for(supervised.ready.wait(), 20)
    supervisor.ask_to_stop()
    await running
    assert "does not end; killed" in supervised.out.getvalue()


async def test_asking_twice_kills_at_once(supervised):
    supervisor = supervised.supervisor(supervised.service("a", program=STUBBORN, stop_seconds=60))
    running = asyncio.create_task(supervisor.run())
    await asyncio.wait_for(supervised.ready.wait(), 20)
    supervisor.ask_to_stop()
    supervisor.ask_to_stop()
    assert await asyncio.wait_for(running, 20) == 0


async def test_a_service_that_never_is_ready_ends_the_start(supervised, monkeypatch):
    monkeypatch.setattr(child_module, "READY_SECONDS", 0.1)
    assert await supervised.supervisor(supervised.service("a", is_ready=lambda: False)).run() == 1
    assert "is not ready after" in supervised.out.getvalue()


async def test_a_secret_goes_through_a_pipe_alone(supervised):
    program = (
        "import os, sys; print('heard', os.read(int(sys.argv[3]), 99).decode(), 'among', *sys.argv[3:], *os.environ)"
    )
    command = [sys.executable, "-c", program, "a", "b", "{fd}"]
    service = Service("a", lambda: command, dict, lambda: True, secret=lambda: "s3cret", once=True)
    running = asyncio.create_task(supervised.supervisor(service).run())
    await supervised.until(lambda: "heard" in supervised.out.getvalue())
    running.cancel()
    await asyncio.gather(running, return_exceptions=True)
    assert supervised.out.getvalue().count("s3cret") == 1


async def test_a_line_without_end_is_cut():
    stream = asyncio.StreamReader(limit=1024)
    stream.feed_data(b"x" * 5000 + b"\nshort\n")
    stream.feed_eof()
    out = io.StringIO()
    await Console(out).pass_on("web", stream)
    lines = out.getvalue().splitlines()
    assert lines[-1] == "web       | short"
    assert sum(line.count("x") for line in lines) == 5000
