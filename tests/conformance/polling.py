"""Cases of triggers that look for something again and again: how often they find it in a time, and when they stop."""

from __future__ import annotations

import os
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from control_plane.kernel.words.durations import parse_duration
from control_plane.kernel.words.egress import EgressPolicy
from executions.simulator.fleet import Place, poll
from executions.simulator.services import answers_for
from executions.simulator.simulated import Simulated
from executions.simulator.stores import Stores
from executions.simulator.world import Simulator
from flows.model.parse import parse_flow
from plugins.contracts import State
from plugins.triggers.kinds import PollingTrigger
from tests.conformance.simulated_stage import with_custom_tasks
from tests.conformance.stub_server import StubServer
from workers.runtime.services import Way

LONGEST = timedelta(hours=1)
_ADDRESS = re.compile(r"https://[a-z.]+(?=/)")


@dataclass(slots=True)
class Looks:
    """What a trigger has brought in a time. `disabled_after` is when it was told to stop."""

    found: list[Simulated]
    disabled_after: timedelta | None = None


def run_polling(case: Mapping[str, Any], source: str) -> None:
    """Look every interval of the time given; each find is an execution."""
    expect = case["expect"]
    bounds = [parse_duration(expect[name]) for name in ("within", "trigger_disabled_within") if name in expect]
    server = StubServer()
    try:
        world = Simulator(encryption_key=os.urandom(32), http_service=Way(EgressPolicy(allow_private=True)))
        flow = world.add(parse_flow(_ADDRESS.sub(server.url, source), options=with_custom_tasks()).flow).flow
        (trigger,) = (each for each in flow.triggers if isinstance(each, PollingTrigger))
        looks = _look(world, trigger, flow.namespace, flow.id, max(bounds, default=LONGEST))
    finally:
        server.close()
    _check(expect, looks)


def _check(expect: Mapping[str, Any], looks: Looks) -> None:
    states = [each.state.value for each in looks.found]
    for name, wanted in expect.items():
        if name == "triggered_at_least":
            assert len(looks.found) >= wanted, f"triggered {len(looks.found)} times"
        elif name == "trigger_disabled_within":
            after = looks.disabled_after
            assert after is not None and after <= parse_duration(wanted), f"disabled after {after}"
        elif name == "state":
            assert states and set(states) == {wanted}, states
        elif name not in ("within", "notes"):
            raise AssertionError(f"the expectation {name} of a polling trigger is unknown")
    if "state" not in expect and "trigger_disabled_within" not in expect:
        assert all(state == State.SUCCESS.value for state in states), states


def _look(world: Simulator, trigger: PollingTrigger, namespace: str, flow_id: str, within: timedelta) -> Looks:
    looks = Looks([])
    for turn, found in enumerate(_finds(world, trigger, namespace, flow_id, within)):
        looks.found.append(found)
        if found.state in trigger.stop_after:
            looks.disabled_after = trigger.interval * (turn + 1)
            break
    return looks


def _finds(
    world: Simulator, trigger: PollingTrigger, namespace: str, flow_id: str, within: timedelta
) -> Iterator[Simulated]:
    for turn in range(int(within / trigger.interval)):
        nobody = world.start(namespace, flow_id)
        world.skipped.add(nobody.id)
        place = Place("main", namespace, flow_id, nobody.id, f"poll{turn}", 1, None, {"flow": {"id": flow_id}})
        answers = answers_for(world, nobody, None)
        stores = Stores(
            world.memory_stores, f"/polls/{turn}", namespace, answers, lambda name: None, world.http_service
        )
        variables = poll(trigger, place, stores)
        if variables is not None:
            found = world.start(namespace, flow_id, trigger={"id": trigger.id, **variables})
            world.settle()
            yield found
