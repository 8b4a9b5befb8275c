"""What a task may say or do without harm to its worker: the job ends, and the next one runs in the same slot."""

from __future__ import annotations

import pytest

from tests.workers.runtime.control_plane import job
from workers.runtime.worker import Worker

SHELL = "io.kestra.plugin.scripts.shell.Commands"
CORE = "io.kestra.plugin.core"
HALF = "\\ud800"
"""Half of a character: JSON can spell it, and nobody can send it."""


def says(message: str) -> dict:
    """A script that prints a message for the worker."""
    return {"id": "s", "type": SHELL, "commands": [f"echo '::{message}::'"]}


def shows(kind: str, name: str) -> dict:
    return {"id": "t", "type": f"{CORE}.{kind}", name: "{{ fromJson('\"" + HALF + "\"') }}"}


@pytest.mark.parametrize(
    ("task", "state"),
    [
        (
            says('{"metrics":[{"name":"HALF","type":"counter","value":1,"tags":{"t":"HALF"}}]}'.replace("HALF", HALF)),
            "SUCCESS",
        ),
        (says('{"metrics":[{"name":"m","type":"counter","value":NaN}]}'), "SUCCESS"),
        (says('{"metrics":[{"name":"m","type":"counter","value":1e999}]}'), "SUCCESS"),
        (says('{"outputs":{"a":"HALF"}}'.replace("HALF", HALF)), "SUCCESS"),
        (shows("debug.Return", "format"), "SUCCESS"),
        (says('{"outputs":{"a":NaN}}'), "SUCCESS"),
        (says('{"outputs":' + '{"a":' * 500 + "1" + "}" * 501), "SUCCESS"),
        (shows("execution.Fail", "errorMessage"), "FAILED"),
        (shows("log.Log", "message"), "SUCCESS"),
    ],
    ids=["name", "no number", "infinite", "output", "value", "no number out", "deep", "error", "line"],
)
def test_a_task_that_says_what_nobody_can_keep_ends_and_the_next_one_runs(plane, start, task, state):
    plane.offer(job("one", task), job("two"))
    start(slots=1)
    assert plane.end_of("two").state == "SUCCESS"
    assert plane.end_of("one").state == state
    metrics = [metric.value for item in plane.items for metric in item.metrics]
    assert all(isinstance(value, float) for value in metrics)


@pytest.mark.parametrize("where", ["work", "tell"])
def test_a_slot_outlives_what_must_not_happen(plane, start, monkeypatch, where, caplog):
    """A defect of ours in the way of one job ends that job, not the thread that would run the next."""
    method, broken = {"work": "_workshop", "tell": "_reporter"}[where], []

    def assemble(self: Worker, *arguments) -> None:
        original(self, *arguments)
        part = getattr(self, method)
        name = {"work": "work", "tell": "finish"}[where]
        whole = getattr(part, name)

        def first_fails(running) -> None:
            if not broken:
                broken.append(running.key)
                raise RuntimeError("a defect")
            whole(running)

        setattr(part, name, first_fails)

    original = Worker._assemble
    monkeypatch.setattr(Worker, "_assemble", assemble)
    plane.offer(job("one"), job("two"))
    start(slots=1)
    assert plane.end_of("two").state == "SUCCESS"
    assert "a defect" in caplog.text
    if where == "work":
        end = plane.end_of("one")
        assert (end.state, end.error) == ("FAILED", "RuntimeError: a defect")
