"""Cases of triggers that look for something again and again: how often they find it in a time."""

from __future__ import annotations

import os
import re
from collections.abc import Mapping
from datetime import timedelta
from typing import Any

from control_plane.kernel.words.durations import parse_duration
from control_plane.kernel.words.egress import EgressPolicy
from executions.simulator.fleet import Place, poll
from executions.simulator.services import answers_for
from executions.simulator.simulated import Simulated
from executions.simulator.stores import Stores
from executions.simulator.world import Simulator
from plugins.contracts import State
from plugins.triggers.kinds import PollingTrigger
from tests.conformance.stub_server import StubServer
from workers.runtime.services import Way

_ADDRESS = re.compile(r"https://[a-z.]+(?=/)")


def run_polling(case: Mapping[str, Any], source: str) -> None:
    """Look every interval of the time given; each find is an execution, which must end well."""
    server = StubServer()
    try:
        world = Simulator(encryption_key=os.urandom(32), http_service=Way(EgressPolicy(allow_private=True)))
        flow = world.add(_ADDRESS.sub(server.url, source)).flow
        (trigger,) = (each for each in flow.triggers if isinstance(each, PollingTrigger))
        found = _found(world, trigger, flow.namespace, flow.id, parse_duration(case["expect"]["within"]))
    finally:
        server.close()
    assert len(found) >= case["expect"]["triggered_at_least"], f"triggered {len(found)} times"
    assert all(each.state is State.SUCCESS for each in found)


def _found(
    world: Simulator, trigger: PollingTrigger, namespace: str, flow_id: str, within: timedelta
) -> list[Simulated]:
    started = []
    for turn in range(int(within / trigger.interval)):
        nobody = world.start(namespace, flow_id)
        place = Place("main", namespace, flow_id, nobody.id, f"poll{turn}", 1, None, {"flow": {"id": flow_id}})
        answers = answers_for(world, nobody, None)
        stores = Stores(
            world.memory_stores, f"/polls/{turn}", namespace, answers, lambda name: None, world.http_service
        )
        variables = poll(trigger, place, stores)
        if variables is not None:
            started.append(world.start(namespace, flow_id, trigger={"id": trigger.id, **variables}))
        world.settle()
    return started
