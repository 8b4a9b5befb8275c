"""Which event may come in which state."""

from __future__ import annotations

from copy import deepcopy

from executions.engine import events as ev
from plugins.contracts import State
from tests.executions.engine.drawing import do, send, start

FAILED = State.FAILED


def test_terminal_states_absorb_whatever_comes() -> None:
    world, execution = start(*do("a"))
    world.settle()
    each = execution.runs[0]
    before = (deepcopy(execution.execution), deepcopy(execution.runs))
    for event, fields in (
        (ev.Created, {}),
        (ev.JobStarted, {"task_run_id": each.id, "attempt": 2, "worker_id": "w"}),
        (ev.JobEnded, {"task_run_id": each.id, "attempt": 1, "state": FAILED}),
        (ev.JobLost, {"task_run_id": each.id, "attempt": 1}),
        (ev.ChildChanged, {"task_run_id": each.id, "child_id": "c", "state": FAILED}),
        (ev.ChildRefused, {"task_run_id": each.id, "reason": "no"}),
        (ev.TimerFired, {"key": f"retry:{each.id}:1"}),
        (ev.Evaluated, {"key": f"gate:{each.id}"}),
        (ev.SlotFreed, {}),
        (ev.KillRequested, {}),
        (ev.PauseRequested, {}),
        (ev.ResumeRequested, {}),
        (ev.BreakpointResumed, {}),
        (ev.RunForced, {}),
        (ev.Unqueued, {}),
    ):
        assert send(world, execution, event, **fields), event
    assert (execution.execution, execution.runs) == before


def test_every_event_has_its_states() -> None:
    from executions.engine.fold import _TAKE
    from executions.engine.transition_table import ACCEPTS

    kinds = {kind for kind in vars(ev).values() if isinstance(kind, type) and issubclass(kind, ev.Event)} - {ev.Event}
    assert set(ACCEPTS) == kinds == set(_TAKE)
