from __future__ import annotations

import threading

from workers.runtime.jobs import Running
from workers.runtime.slots import Slots


def test_a_refused_wake_is_answered_when_there_is_room_though_no_job_was_found() -> None:
    has_asked, go_on, has_room = threading.Event(), threading.Event(), threading.Event()

    def ask(wanted: int) -> list[Running]:
        has_asked.set()
        go_on.wait(10)
        return []

    slots = Slots(1, ask=ask, work=lambda running: None, tell=lambda running: None, patience=60)
    slots.on_free.append(has_room.set)
    slots.start()
    assert has_asked.wait(10)
    assert not slots.wake()
    go_on.set()
    assert has_room.wait(10)
    assert slots.wake()
    slots.drain()
    assert slots.join(10)
