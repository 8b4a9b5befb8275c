"""Numbers of a tenant and of the instance."""

from datetime import timedelta

import pytest

from control_plane.kernel.scope import tenant_scope
from control_plane.kernel.words.clock import now
from executions.models import Execution
from tests.cast import ACME, GLOBEX, Cast, make_cast
from tests.executions.ground import save
from tests.factories import make_row

pytestmark = pytest.mark.django_db
RICH = """
id: rich
namespace: prod
labels: {team: data}
inputs: [{id: n, type: INT, defaults: 1}]
tasks:
  - id: each
    type: io.kestra.plugin.core.flow.Sequential
    tasks:
      - {id: say, type: io.kestra.plugin.core.log.Log, message: hi, retry: {type: constant, interval: PT1S, maxAttempts: 2}}
triggers: [{id: daily, type: io.kestra.plugin.core.trigger.Schedule, cron: "0 0 * * *"}]
"""
PLAIN = "id: plain\nnamespace: dev\ntasks: [{id: t, type: io.kestra.plugin.core.log.Log, message: x}]"


@pytest.fixture
def cast() -> Cast:
    cast = make_cast()
    save(cast, RICH)
    save(cast, PLAIN)
    save(cast, PLAIN, tenant=GLOBEX)
    began = now() - timedelta(days=1)
    for tenant, states in ((ACME, ("SUCCESS", "FAILED", "RUNNING")), (GLOBEX, ("SUCCESS",))):
        with tenant_scope(tenant):
            for number, state in enumerate(states, 1):
                end = None if state == "RUNNING" else began + timedelta(seconds=number * 10)
                make_row(Execution, state=state, start_date=began, end_date=end)
            make_row(Execution, state="SUCCESS", kind="LOOP", start_date=began)
            make_row(Execution, state="SUCCESS", start_date=now() - timedelta(days=40))
    return cast


def test_a_tenant_is_told_how_much_it_holds_and_runs(cast: Cast):
    told = cast.olga.client.get(f"/api/v1/{ACME}/usages").json()
    flows = told["flows"]
    assert (flows["count"], flows["namespacesCount"], flows["hasLabelsCount"], flows["hasTriggersCount"]) == (
        2,
        2,
        1,
        1,
    )
    assert flows["taskTypeCount"] == {
        "io.kestra.plugin.core.flow.Sequential": 1,
        "io.kestra.plugin.core.log.Log": 2,
    }
    assert flows["triggerTypeCount"] == {"io.kestra.plugin.core.trigger.Schedule": 1}
    assert flows["inputTypeCount"] == {"INT": 1} and flows["tasks"]["hasRetryCount"] == 1
    (day,) = told["executions"]["dailyExecutionsCount"]
    counts = {state: count for state, count in day["executionCounts"].items() if count}
    assert counts == {"SUCCESS": 1, "FAILED": 1, "RUNNING": 1}
    assert day["duration"] == {"min": "PT10S", "avg": "PT15S", "max": "PT20S", "sum": "PT30S", "count": 2}
    assert told["users"]["count"] == 4 and told["tenants"] == {"count": 1} and told["roles"]["count"] == 5


def test_the_instance_is_told_of_all_tenants_together(cast: Cast):
    path = f"/api/v1/{ACME}/usages/all"
    told = cast.root.client.get(path).json()
    assert told["flows"]["count"] == 3 and told["flows"]["namespacesCount"] == 3
    assert told["executions"]["dailyExecutionsCount"][0]["executionCounts"]["SUCCESS"] == 2
    assert told["tenants"] == {"count": 2} and told["users"]["count"] == 6
    assert cast.olga.client.get(path).status_code == 403
    assert cast.root.client.get("/api/v1/nowhere/usages/all").status_code == 404


def test_a_report_has_a_line_for_each_day_and_tenant(cast: Cast):
    path = f"/api/v1/{ACME}/stats/generate-reports"
    response = cast.root.client.get(path)
    head, *lines = response.content.decode().split()
    assert head.startswith("date,tenant,executions,") and [line.split(",")[1:3] for line in lines] == [
        [ACME, "3"],
        [GLOBEX, "1"],
    ]
    since = (now() - timedelta(days=50)).date().isoformat()
    assert len(cast.root.client.get(path, {"from": since}).content.decode().split()) == 5
    for wrong in ("yesterday", "1970-01-01", "2999-01-01"):
        assert cast.root.client.get(path, {"from": wrong}).status_code == 400, wrong
    assert cast.vera.client.get(path).status_code == 403
