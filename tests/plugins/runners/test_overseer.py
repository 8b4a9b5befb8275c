"""What all processes of a task use together is looked at from time to time."""

from __future__ import annotations

import os

import pytest

from plugins.runners import overseer
from plugins.runners.limits import Limits
from plugins.runners.overseer import Overseer, any_above, memory_of


@pytest.fixture
def clock(monkeypatch):
    """Seconds that pass only when a test says so."""
    told = [100.0]
    monkeypatch.setattr(overseer.time, "monotonic", lambda: told[0])
    return told


def test_nothing_is_looked_at_without_a_limit(tmp_path):
    watching = Overseer(Limits(file_size=1, processes=1), [tmp_path], lambda: [os.getpid()])
    assert watching.next_look is None
    assert watching.exceeded() is None


def test_memory_is_looked_at_when_it_is_time(clock, tmp_path):
    watching = Overseer(Limits(memory=1), [tmp_path], lambda: [os.getpid()])
    assert watching.exceeded() is None
    clock[0] = watching.next_look
    assert watching.exceeded() == "The task used more memory than its limit of 1 bytes"
    assert watching.exceeded() is None


def test_looks_that_take_long_are_taken_less_often(clock, tmp_path):
    def processes():
        clock[0] += 1.0
        return []

    watching = Overseer(Limits(memory=1), [tmp_path], processes)
    clock[0] = watching.next_look
    began = clock[0]
    assert watching.exceeded() is None
    assert watching.next_look >= began + 20


def test_memory_of_processes_is_added_up_and_those_that_ended_are_left_out():
    alone = memory_of([os.getpid()])
    assert alone > 1 << 20
    assert memory_of([os.getpid(), 1 << 30]) > 1 << 20


def test_all_that_lies_in_folders_counts_and_links_are_not_followed(tmp_path):
    (tmp_path / "deep" / "er").mkdir(parents=True)
    (tmp_path / "deep" / "er" / "file").write_bytes(b"x" * 100_000)
    (tmp_path / "out").symlink_to("/usr")
    assert any_above([tmp_path], 90_000)
    assert not any_above([tmp_path], 200_000)
    assert not any_above([tmp_path / "none"], 0)


def test_empty_files_fill_a_disk_too(tmp_path):
    for number in range(100):
        (tmp_path / str(number)).touch()
    assert any_above([tmp_path], 50_000)
