"""A directory at work: users made and changed, and a group that costs the same however many are in it."""

from __future__ import annotations

import statistics
import threading
import time
from dataclasses import replace
from typing import Any

from tests.bench.instance import TENANT, Instance, running_instance
from tests.bench.processor_time import Meter
from tests.bench.results import show

CLIENTS, EACH, SMALL, LARGE, ROUNDS = 4, 100, 100, 100_000, 100
BAR_RATE = "100 requests/s of create and PATCH"
BAR_GROUP = "p95 50 ms each; ratio of 100 to 100,000 members at most 1.3"
SCIM = "application/scim+json"
PEOPLE = """
WITH people AS (
    INSERT INTO iam_user (id, email, home, first_name, last_name, password, password_version, is_superadmin,
        is_address_claimed, is_restricted, is_disabled, preferences, created_at)
    SELECT 'bench' || lpad(n::text, 17, '0'), 'm' || n || '@bench.test', %(tenant)s, '', '', '', 1, false, true, false,
        false, '{}', now()
    FROM generate_series(1, %(count)s) AS n RETURNING id
), access AS (
    INSERT INTO iam_tenant_access (id, tenant_id, user_id, managed_by, is_suspended, created_at)
    SELECT 'a' || substr(id, 2), %(tenant)s, id, %(integration)s, false, now() FROM people
)
INSERT INTO iam_scim_user (id, tenant_id, integration_id, user_id, user_name, external_id, document, folded, version,
    is_active, has_closed, created_at, changed_at)
SELECT 's' || substr(id, 2), %(tenant)s, %(integration)s, id, id, '', jsonb_build_object('userName', id),
    jsonb_build_object('userName', id), 1, true, false, now(), now()
FROM people
"""
MEMBERS = """
INSERT INTO iam_group_member (id, tenant_id, group_id, user_id, is_owner, managed_by)
SELECT 'p' || substr(%(group)s, 1, 4) || lpad(n::text, 17, '0'), %(tenant)s, %(group)s, 'bench' || lpad(n::text, 17, '0'),
    false, %(integration)s
FROM generate_series(1, %(count)s) AS n
"""


def p95(taken: list[float]) -> float:
    return round(statistics.quantiles(taken, n=20)[-1], 1)


def rate(scim: Instance, base: str) -> dict[str, object]:
    """Several connections at once, each making somebody and changing them, over and over.

    The processor time is what the same costs on a machine that does nothing else.
    """
    taken: list[float] = []
    meter = Meter(scim)
    before = meter.read()
    began = time.perf_counter()
    threads = [threading.Thread(target=_work, args=(replace(scim, _own=None), base, n, taken)) for n in range(CLIENTS)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    seconds = time.perf_counter() - began
    used = Meter.between(before, meter.read())
    return {
        "figure": f"create and PATCH of {CLIENTS * EACH} users on {CLIENTS} connections",
        "n": len(taken),
        "requests_per_second": round(len(taken) / seconds, 1),
        "p95_ms": p95(taken),
        "web_ms_of_processor_each": round(1000 * used["orrery web"] / len(taken), 2),
        "database_ms_of_processor_each": round(1000 * used["postgres"] / len(taken), 2),
        "bar": BAR_RATE,
    }


def _work(scim: Instance, base: str, number: int, taken: list[float]) -> None:
    for each in range(EACH):
        name = f"w{number}-{each}@bench.test"
        body = {"userName": name, "externalId": name, "emails": [{"value": name, "type": "work", "primary": True}]}
        made = _timed(scim, "POST", f"{base}/Users", body, taken)
        change = {"Operations": [{"op": "replace", "path": "name.familyName", "value": "Changed"}]}
        _timed(scim, "PATCH", f"{base}/Users/{made['id']}", change, taken)


def _timed(scim: Instance, method: str, path: str, body: Any, taken: list[float]) -> Any:
    began = time.perf_counter()
    answer = scim.ask(method, path, body, SCIM)
    taken.append((time.perf_counter() - began) * 1000)
    return answer


def groups(scim: Instance, instance: Instance, base: str, integration: str) -> dict[str, object]:
    """A small one and a large one in turn, so that both meet the same machine."""
    made = {
        count: scim.ask("POST", f"{base}/Groups", {"displayName": f"of {count}"}, SCIM)["id"]
        for count in (SMALL, LARGE)
    }
    named = {"tenant": TENANT, "integration": integration}
    with instance.database() as database:
        database.execute(PEOPLE, {**named, "count": LARGE + ROUNDS})
        for count, group in made.items():
            database.execute(MEMBERS, {**named, "group": group, "count": count})
        database.execute("ANALYZE iam_group_member, iam_scim_user, iam_user, iam_tenant_access")
    read: dict[int, list[float]] = {SMALL: [], LARGE: []}
    added: dict[int, list[float]] = {SMALL: [], LARGE: []}
    for number in range(ROUNDS):
        for count, group in made.items():
            _timed(scim, "GET", f"{base}/Groups/{group}?excludedAttributes=members", None, read[count])
            member = [{"value": f"bench{LARGE + 1 + number:017}"}]
            body = {"Operations": [{"op": "add", "path": "members", "value": member}]}
            _timed(scim, "PATCH", f"{base}/Groups/{group}", body, added[count])
    return {
        "figure": f"a group of {SMALL} and one of {LARGE:,} members",
        "n": ROUNDS,
        "get_without_members_p95_ms": p95(read[LARGE]),
        "get_ratio": round(statistics.median(read[LARGE]) / statistics.median(read[SMALL]), 2),
        "add_one_p95_ms": p95(added[LARGE]),
        "add_ratio": round(statistics.median(added[LARGE]) / statistics.median(added[SMALL]), 2),
        "bar": BAR_GROUP,
    }


def main() -> None:
    with running_instance() as instance:
        wanted = {"name": "bench", "type": "SCIM"}
        made = instance.ask("POST", f"/api/v1/{TENANT}/security-integrations", wanted)
        scim = replace(instance, token=made["token"], _own=None)
        base = f"/api/v1/{TENANT}/integrations/{made['id']}/scim/v2"
        show("scim_rate", rate(scim, base))
        show("scim_groups", groups(scim, instance, base, made["id"]))


if __name__ == "__main__":
    main()
