"""Bursts on a whole instance by the real clock: schedules of one second, and requests from outside."""

from __future__ import annotations

import http.client
import json
import threading
import time
from collections import Counter
from datetime import UTC, datetime, timedelta

import pytest

from tests.bench.bench_fires import save_schedules
from tests.bench.instance import TENANT, Instance
from tests.faults.conftest import Drill

pytestmark = [pytest.mark.faults, pytest.mark.nightly]

BURST = 1_000
CLIENTS = 16
LATEST = 1.0
"""Seconds, of 99 in 100."""
KEY = "a-key-that-nobody-guesses"
VISIBLE = "SELECT count(*) FROM execution WHERE namespace = %s AND start_date >= %s"


def test_a_thousand_schedules_of_the_same_second(steady: Drill, capsys: pytest.CaptureFixture[str]) -> None:
    """Late is counted from the second they are due until somebody else sees their executions."""
    instance = steady.instance
    namespace = save_schedules(instance, BURST, cron="* * * * *")
    due = (datetime.now(UTC) + timedelta(minutes=1, seconds=5)).replace(second=0, microsecond=0)
    late = lateness(instance, namespace, due)
    for number in range(BURST // 100):
        instance.hang_up()
        instance.ask("DELETE", f"/api/v1/{TENANT}/flows/{namespace}/timed{number}")
    p99 = late[int(len(late) * 0.99) - 1]
    with capsys.disabled():
        print(
            f"{BURST} schedules of one second: p50 {late[len(late) // 2]:.2f} s, p99 {p99:.2f} s, last {late[-1]:.2f} s"
        )
    with instance.database() as database:
        rows = database.execute(
            "SELECT count(*), count(DISTINCT (f.trigger_id, f.date)) FROM trigger_fire f"
            " JOIN flow_trigger t ON t.id = f.trigger_id WHERE t.namespace = %s AND f.date = %s",
            [namespace, due],
        ).fetchone()
    assert rows is None or rows[0] == rows[1], "twice"
    assert p99 <= LATEST


def lateness(instance: Instance, namespace: str, due: datetime) -> list[float]:
    """Of each of them, in order."""
    late: list[float] = []
    with instance.database() as database:
        while len(late) < BURST:
            row = database.execute(VISIBLE, [namespace, due]).fetchone()
            passed = (datetime.now(UTC) - due).total_seconds()
            late += [passed] * (int(row[0] if row else 0) - len(late))
            assert passed < 30, f"{len(late)} of {BURST} have begun"
            time.sleep(0.01 if passed > -1 else 0.5)
    return late


def test_a_thousand_requests_at_once_lose_none(steady: Drill) -> None:
    instance = steady.instance
    flow_id = f"hooked{time.time_ns()}"
    instance.hang_up()
    instance.save(
        f"id: {flow_id}\nnamespace: bench\ntasks:\n  - {{id: a, type: io.kestra.plugin.core.log.Log, message: a}}\n"
        f"triggers:\n  - {{id: hook, type: io.kestra.plugin.core.trigger.Webhook, key: {KEY}}}\n"
    )
    answered: Counter[int] = Counter()
    lock = threading.Lock()

    def send(first: int) -> None:
        connection = http.client.HTTPConnection("127.0.0.1", instance.port, timeout=60)
        for number in range(first, BURST, CLIENTS):
            body = json.dumps({"number": number})
            path = f"/api/v1/{TENANT}/executions/webhook/bench/{flow_id}/{KEY}"
            connection.request("POST", path, body, {"Content-Type": "application/json"})
            answer = connection.getresponse()
            answer.read()
            with lock:
                answered[answer.status] += 1
        connection.close()

    threads = [threading.Thread(target=send, args=(number,)) for number in range(CLIENTS)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert answered == {200: BURST}
    with instance.database() as database:
        rows = database.execute(
            "SELECT (trigger -> 'variables' -> 'body' ->> 'number')::int FROM execution WHERE flow_id = %s", [flow_id]
        ).fetchall()
    assert sorted(number for (number,) in rows) == list(range(BURST))
    instance.settle(flow_id, BURST, 120)
    steady.assert_whole()
