"""Triggers that listen on real workers: stopped and started within two seconds, and nothing lost when a worker dies."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from typing import Any

import pytest
import redis

from control_plane.embedded.valkey import Valkey
from tests.bench.instance import TENANT
from tests.faults.conftest import Cluster, Drill

pytestmark = pytest.mark.faults

SOON = 2.0
MANY = 300
OUTSIDE = {"ORRERY_EGRESS_ALLOW_PRIVATE": "true"}


@pytest.fixture
def client(valkey: Valkey) -> Iterator[redis.Redis]:
    with redis.Redis.from_url(valkey.url) as made:
        yield made


def save_listening(cluster: Cluster, url: str) -> str:
    name = f"{cluster.key}-listens"
    trigger = f"id: t, type: io.kestra.plugin.redis.list.RealtimeTrigger, url: '{url}', key: {name}"
    source = (
        f"id: {name}\nnamespace: bench\nworkerGroup: {{key: {cluster.key}}}\n"
        "tasks:\n  - {id: a, type: io.kestra.plugin.core.log.Log, message: a}\n"
        f"triggers:\n  - {{{trigger}}}\n"
    )
    cluster.drill.instance.hang_up()
    cluster.drill.instance.save(source)
    return name


class Listener:
    """A flow that listens to a list of its own name."""

    def __init__(self, drill: Drill, name: str) -> None:
        self.drill, self.name = drill, name

    def values(self) -> list[str]:
        with self.drill.instance.database() as database:
            rows = database.execute(
                "SELECT trigger -> 'variables' ->> 'value' FROM execution WHERE flow_id = %s", [self.name]
            )
            return [value for (value,) in rows.fetchall()]

    def is_heard(self) -> bool:
        return bool(
            self.drill.one(
                "SELECT count(*) FROM job j JOIN flow_trigger t ON t.id = j.subject_id"
                " WHERE t.flow_id = %s AND j.phase = 'started' AND j.kill_at IS NULL",
                self.name,
            )
        )

    def is_silent(self) -> bool:
        statement = "SELECT count(*) FROM job j JOIN flow_trigger t ON t.id = j.subject_id WHERE t.flow_id = %s"
        return not self.drill.one(statement, self.name)

    def act(self, method: str, path: str, body: Any = None) -> None:
        self.drill.instance.hang_up()
        self.drill.instance.ask(method, f"/api/v1/{TENANT}/triggers/{path}", body)

    def set_disabled(self, disabled: bool) -> None:
        name = {"namespace": "bench", "flowId": self.name, "triggerId": "t"}
        self.act("PUT", "set-disabled", {**name, "disabled": disabled})

    def seconds_until(self, holds: Callable[[], Any]) -> float:
        asked = time.monotonic()
        self.drill.wait(holds, 20)
        return time.monotonic() - asked


def test_it_is_stopped_and_started_within_two_seconds(
    steady_cluster: Cluster, client: redis.Redis, valkey: Valkey
) -> None:
    cluster, drill = steady_cluster, steady_cluster.drill
    cluster.hire(slots="1", **OUTSIDE)
    listener = Listener(drill, save_listening(cluster, valkey.url))
    drill.wait(listener.is_heard)
    client.rpush(listener.name, "one")
    assert listener.seconds_until(lambda: listener.values() == ["one"]) < SOON
    listener.set_disabled(True)
    assert listener.seconds_until(listener.is_silent) < SOON
    client.rpush(listener.name, "two")
    listener.set_disabled(False)
    assert listener.seconds_until(lambda: sorted(listener.values()) == ["one", "two"]) < SOON
    listener.act("POST", f"bench/{listener.name}/t/restart")
    client.rpush(listener.name, "three")
    assert listener.seconds_until(lambda: len(listener.values()) == 3) < SOON + 1
    drill.wait(listener.is_heard)
    drill.instance.ask("DELETE", f"/api/v1/{TENANT}/flows/bench/{listener.name}")
    statement = "SELECT count(*) FROM job WHERE kind = 'listen' AND group_key = %s"
    assert listener.seconds_until(lambda: drill.one(statement, cluster.key) == 0) < SOON


def test_a_worker_that_leaves_hands_it_to_another(cluster: Cluster, client: redis.Redis, valkey: Valkey) -> None:
    drill = cluster.drill
    first = cluster.hire(slots="1", **OUTSIDE)
    listener = Listener(drill, save_listening(cluster, valkey.url))
    drill.wait(listener.is_heard)
    cluster.hire(slots="1", **OUTSIDE)
    assert first.stop() == 0
    client.rpush(listener.name, "one")
    drill.wait(lambda: listener.values() == ["one"], 20)
    drill.assert_whole()


def test_a_worker_that_dies_loses_nothing(cluster: Cluster, client: redis.Redis, valkey: Valkey) -> None:
    drill = cluster.drill
    first = cluster.hire(slots="1", **OUTSIDE)
    listener = Listener(drill, save_listening(cluster, valkey.url))
    drill.wait(listener.is_heard)
    client.rpush(listener.name, *range(MANY))
    drill.wait(listener.values)
    first.kill()
    cluster.hire(slots="4", **OUTSIDE)
    drill.wait(lambda: len(set(listener.values())) == MANY, 60)
    twice = len(listener.values()) - MANY
    assert 0 <= twice <= 100, "what was on its way may come again, and nothing else"
    drill.wait(lambda: client.exists(listener.name) == 0)
    drill.assert_whole()
