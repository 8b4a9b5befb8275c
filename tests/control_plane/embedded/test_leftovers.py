import os
import signal
import subprocess
import sys

import pytest

from control_plane.embedded.leftovers import end, is_alive, runs


@pytest.fixture
def sleeper():
    code = "import os, signal; os.write(1, b'x'); signal.pause()"
    process = subprocess.Popen([sys.executable, "-c", code, "a mention"], stdout=subprocess.PIPE)
    os.read(process.stdout.fileno(), 1)
    yield process
    process.kill()
    process.wait()
    process.stdout.close()


def test_a_process_is_known_by_program_and_mention(sleeper):
    assert runs(sleeper.pid, "python", "a mention")
    assert not runs(sleeper.pid, "postgres", "a mention")
    assert not runs(sleeper.pid, "python", "another")


def test_an_ended_process_that_nobody_waited_for_is_not_alive(sleeper):
    assert is_alive(sleeper.pid)
    end(sleeper.pid, signal.SIGTERM)
    assert not is_alive(sleeper.pid)


def test_what_ignores_a_gentle_signal_is_killed():
    code = "import os, signal; signal.signal(signal.SIGTERM, signal.SIG_IGN); os.write(1, b'x'); signal.pause()"
    process = subprocess.Popen([sys.executable, "-c", code], stdout=subprocess.PIPE)
    os.read(process.stdout.fileno(), 1)
    end(process.pid, signal.SIGTERM, seconds=0.1)
    assert process.wait() == -signal.SIGKILL
    process.stdout.close()


def test_ending_what_is_gone_is_no_error(sleeper):
    sleeper.kill()
    sleeper.wait()
    end(sleeper.pid, signal.SIGTERM)
