"""What a decision costs among a thousand bindings, and a list of a million for whoever sees a hundredth of it."""

from __future__ import annotations

import statistics
import time
from dataclasses import replace

from control_plane.kernel.permissions import Permission
from iam.authorization.catalogue import MANAGED
from iam.authorization.grants import Grants, Held, compile_grants
from tests.bench.instance import TENANT, Instance, running_instance
from tests.bench.results import show

BINDINGS, GROUPS, ROUNDS = 1_000, 200, 200_000
EXECUTIONS, NAMESPACES, BOUND, PAGES = 1_000_000, 2_000, 20, 60
BAR_DECISION = "p50 10 us"
BAR_LIST = "p95 50 ms, at most 1.5 times an admin's"
SEED = """
INSERT INTO execution (id, tenant_id, namespace, flow_id, flow_revision, revision_id, state, history, labels, inputs,
    variables, breakpoints, attempt_number, task_run_count, frame, start_date, end_date, updated_at, version, log_seq)
SELECT lpad(n::text, 22, '0'), %(tenant)s, 'team' || n %% %(namespaces)s, 'flow', 1, 'revision', 'SUCCESS',
    jsonb_build_array(jsonb_build_object('state', 'SUCCESS', 'date', '2026-01-01T00:00:00.000000Z')),
    '{}', '{}', '{}', '[]', 1, 1, '{}',
    now() - n * interval '1 second', now() - n * interval '1 second', now(), 1, 0
FROM generate_series(1, %(count)s) AS n
"""


def decision() -> dict[str, object]:
    """Somebody who holds every binding of the tenant, each through its group: nobody's answer costs more."""
    roles = list(MANAGED.values())
    held: list[Held] = [(f"team{n % GROUPS}.n{n}", roles[n % len(roles)]) for n in range(BINDINGS)]
    began = time.perf_counter()
    grants = compile_grants(held, is_member=True)
    compiled = (time.perf_counter() - began) * 1000
    taken = [_one(grants, n) for n in range(ROUNDS)]
    return {
        "figure": f"a decision with {BINDINGS:,} bindings and {GROUPS} groups",
        "n": ROUNDS,
        "p50_us": round(statistics.median(taken) / 1000, 2),
        "p99_us": round(statistics.quantiles(taken, n=100)[-1] / 1000, 2),
        "compiled_once_ms": round(compiled, 1),
        "bar": BAR_DECISION,
    }


def _one(grants: Grants, n: int) -> int:
    asked, place = Permission("FLOW", "VIEW" if n % 2 else "DELETE"), f"team{n % GROUPS}.n{n % (2 * BINDINGS)}.below"
    began = time.perf_counter_ns()
    grants.may(asked, place)
    return time.perf_counter_ns() - began


def narrowed(instance: Instance) -> dict[str, object]:
    """The same page in turn as an admin and as a user of a few namespaces, so that both meet the same machine."""
    # Before the rows are made, for which a connection that is kept open would have to wait too long.
    people = {"admin": replace(instance, _own=None), "user": replace(instance, token=_bound_user(instance), _own=None)}
    with instance.database() as database:
        database.execute(SEED, {"tenant": TENANT, "count": EXECUTIONS, "namespaces": NAMESPACES})
        # What the server does by itself while a table grows, and has not had the time for here.
        database.execute("VACUUM (ANALYZE) execution")
    path = f"/api/v1/{TENANT}/executions/search?size=50"
    taken: dict[str, list[float]] = {"admin": [], "user": []}
    rows = 0
    for _ in range(PAGES):
        for who, person in people.items():
            began = time.perf_counter()
            rows = len(person.ask("GET", path)["results"])
            taken[who].append((time.perf_counter() - began) * 1000)
    p95 = {who: statistics.quantiles(each, n=20)[-1] for who, each in taken.items()}
    return {
        "figure": f"50 of {EXECUTIONS:,} executions for {BOUND} of {NAMESPACES:,} namespaces",
        "n": PAGES,
        "rows": rows,
        "p95_ms": round(p95["user"], 1),
        "admin_p95_ms": round(p95["admin"], 1),
        "ratio": round(p95["user"] / p95["admin"], 2),
        "bar": BAR_LIST,
    }


def _bound_user(instance: Instance) -> str:
    user = instance.ask("POST", "/api/v1/users", {"email": "narrow@bench.test", "tenants": [TENANT]})
    places = [f"team{n * (NAMESPACES // BOUND)}" for n in range(BOUND)]
    body = [
        {"type": "USER", "externalId": user["id"], "roleId": f"viewer_{TENANT}", "namespaceId": place}
        for place in places
    ]
    instance.ask("POST", f"/api/v1/{TENANT}/bindings/bulk", body)
    token: str = instance.ask("POST", f"/api/v1/users/{user['id']}/api-tokens", {"name": "bench"})["fullToken"]
    return token


if __name__ == "__main__":
    show("a decision", decision())
    with running_instance() as served:
        show("a narrowed list", narrowed(served))
