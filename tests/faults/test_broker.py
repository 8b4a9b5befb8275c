"""What Celery does here and what it must not, asked of the living broker and worker."""

from __future__ import annotations

import base64
import json
import time

import pytest
import redis
from celery import Celery

from tests.faults.conftest import LOG, SLEEP, Cluster

pytestmark = pytest.mark.faults

AT_ONCE = 3.0


def keys(broker: redis.Redis) -> set[str]:
    return {key.decode() for key in broker.scan_iter()}


def listeners(broker: redis.Redis) -> int:
    return sum("b" in client["flags"] for client in broker.client_list())


def test_a_ticket_is_a_bare_word_in_json(steady_cluster: Cluster) -> None:
    """Nobody works in this cluster, so the ticket can be read where it waits."""
    cluster, drill = steady_cluster, steady_cluster.drill
    execution = drill.start(cluster.save("quick", f"id: q, {LOG}, message: q"))
    with drill.broker() as broker:
        drill.wait(lambda: broker.llen(f"orrery.{cluster.key}"), 5)
        ticket = json.loads(broker.lrange(f"orrery.{cluster.key}", 0, 0)[0])
    assert (ticket["content-type"], ticket["content-encoding"]) == ("application/json", "utf-8")
    assert json.loads(base64.b64decode(ticket["body"]))[:2] == [[], {}]
    headers = ticket["headers"]
    assert headers["task"] == "orrery.ticket"
    assert [headers[name] for name in ("eta", "expires", "timelimit")] == [None, None, [None, None]]
    assert execution not in json.dumps(ticket)
    cluster.hire(slots="1")
    drill.wait(lambda: drill.all_ended([execution]), 15)


def test_a_ticket_is_acknowledged_before_its_job_has_ended_and_none_is_taken_ahead(steady_cluster: Cluster) -> None:
    cluster, drill = steady_cluster, steady_cluster.drill
    flow = cluster.save("long", f"id: s, {SLEEP}")
    cluster.hire(slots="1")
    executions = drill.start_many(flow, 4)
    drill.wait(lambda: sum(drill.running_attempts(each) for each in executions) == 1)
    with drill.broker() as broker:
        drill.wait(lambda: broker.llen(f"orrery.{cluster.key}") >= 3, 5)
        # One that is offered again just now is on its way through; one that is held would stay.
        drill.wait(lambda: drill.held_tickets(cluster.key) == 0, 2)
    for each in executions:
        drill.kill(each)
    drill.wait(lambda: all(drill.state(each) == "KILLED" for each in executions), 10)
    drill.assert_whole()


def test_nothing_of_a_result_or_of_remote_control_is_in_the_broker(steady_cluster: Cluster) -> None:
    cluster, drill = steady_cluster, steady_cluster.drill
    cluster.hire(slots="1")
    executions = drill.start_many(cluster.save("quick", f"id: q, {LOG}, message: q"), 10)
    drill.wait(lambda: drill.all_ended(executions), 15)
    url = (drill.instance.folder / "keys" / "redis_url").read_text().strip()
    with drill.broker() as broker:
        left = keys(broker)
        channels = [channel.decode() for channel in broker.pubsub_channels("*")]
    ours = ("orrery", "_kombu.binding.orrery.", "_kombu.binding_permanent.orrery.", "unacked")
    assert not [key for key in left if not key.startswith(ours)]
    assert not [name for name in [*left, *channels] if "pidbox" in name or "celery" in name]
    with Celery("stranger", broker=url, set_as_current=False) as stranger:
        assert stranger.control.ping(timeout=1.0) == []


def test_what_is_no_ticket_does_no_harm_to_a_running_worker(steady_cluster: Cluster) -> None:
    cluster, drill = steady_cluster, steady_cluster.drill
    flow = cluster.save("quick", f"id: q, {LOG}, message: q")
    worker = cluster.hire(slots="1")
    pickled = {
        "body": base64.b64encode(b"\x80\x04cos\nsystem\n").decode(),
        "content-type": "application/x-python-serialize",
        "content-encoding": "binary",
        "headers": {"task": "orrery.ticket", "id": "p"},
        "properties": {"delivery_tag": "p", "body_encoding": "base64", "delivery_info": {"routing_key": "x"}},
    }
    with drill.broker() as broker:
        ears = listeners(broker)
        for message in (b"\x00\xff no message", json.dumps(pickled).encode(), b"[]"):
            broker.lpush(f"orrery.{cluster.key}", message)
            drill.wait(lambda: not broker.llen(f"orrery.{cluster.key}"), 10)
            drill.wait(lambda: listeners(broker) >= ears, 10)
    began = time.monotonic()
    execution = drill.start(flow)
    drill.wait(lambda: drill.all_ended([execution]), AT_ONCE)
    assert time.monotonic() - began < AT_ONCE
    assert worker.process.poll() is None
    drill.assert_whole()
