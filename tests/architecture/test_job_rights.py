"""What a running flow may do is what a person bound to its namespace may: at every door of the worker API, by every task
that crosses a namespace."""

from __future__ import annotations

import inspect
from collections.abc import Callable
from io import BytesIO
from pathlib import Path
from typing import Any

import pytest

from control_plane.kernel.authorization import authorizer
from control_plane.kernel.scope import tenant_scope
from control_plane.kernel.words.errors import Conflict, Forbidden, NotFound
from executions.jobs import acts, places
from executions.models import Execution, OutboxEvent
from plugins.catalog.registry import registry
from plugins.contracts import PluginError, RunnableTask
from stores.jobs import calls
from stores.permissions import NAMESPACE_FILE
from tests.architecture.job_ground import HOME, NAMESPACES, JobGround, make_job_ground, start
from tests.cast import ACME, Cast, make_cast
from tests.executions.ground import FakeWorker, ended, row, save
from workers.runtime.documents import runnable
from workers.worker_api import job_services

pytestmark = pytest.mark.django_db
TOMORROW = "2099-01-01T00:00:00Z"
CROSSING = {"namespace", "namespaces", "flows", "execution_id", "uri"}
"""Arguments that can lead out of a job's own place."""


@pytest.fixture
def cast() -> Cast:
    return make_cast()


@pytest.fixture
def ground(cast: Cast) -> JobGround:
    return make_job_ground(cast)


Ask = Callable[[JobGround, str], Any]


def file_right(permission: Any) -> Ask:
    """Files of namespaces have no address of their own yet: what a person may is asked where the API asks."""

    def ask(ground: JobGround, namespace: str) -> bool:
        with tenant_scope(ACME):
            return authorizer().may(ground.pia.context(ACME), permission, namespace)

    return ask


def api(method: str, path: str, **body: Any) -> Ask:
    def ask(ground: JobGround, namespace: str) -> bool:
        ids = {"paused": ground.paused[namespace], "ended": ground.ended[namespace]}
        answer = ground.pia.client.generic(
            method, f"/api/v1/{ACME}/{path.format(ns=namespace, **ids)}", body.get("data", ""), body.get("type", "text/plain")
        )  # fmt: skip
        assert answer.status_code < 500, answer.content
        return answer.status_code < 400

    return ask


def listed(path: str) -> Ask:
    """Whether a list shows something of that namespace."""

    def ask(ground: JobGround, namespace: str) -> bool:
        answer = ground.pia.client.get(f"/api/v1/{ACME}/{path}", {"filters[namespace][EQUALS]": namespace})
        assert answer.status_code == 200, answer.content
        return bool(answer.json()["total"])

    return ask


def inherited(path: str) -> Ask:
    """Whether what stands above is shown as inherited."""

    def ask(ground: JobGround, namespace: str) -> bool:
        answer = ground.pia.client.get(f"/api/v1/{ACME}/namespaces/{HOME}/{path}").json()
        owners = answer if isinstance(answer, dict) else {each["namespace"] for each in answer}
        return namespace in owners

    return ask


def either(*asks: Ask) -> Ask:
    return lambda ground, namespace: any(ask(ground, namespace) for ask in asks)


def above(ask: Ask) -> Ask:
    """Files are inherited as pairs are."""
    return either(ask, inherited("kv/inheritance"))


def called(service: str, method: str, **arguments: Any) -> Ask:
    def ask(ground: JobGround, namespace: str) -> bool:
        known = {"NS": namespace, "PAUSED": ground.paused[namespace], "ENDED": ground.ended[namespace]}
        given = {name: filled(value, known) for name, value in arguments.items()}
        return allowed(lambda: ground.call(service, method, **given))

    return ask


def filled(value: Any, known: dict[str, str]) -> Any:
    if isinstance(value, dict):
        return {key: filled(each, known) for key, each in value.items()}
    if isinstance(value, list):
        return [filled(each, known) for each in value]
    if isinstance(value, str):
        for name, each in known.items():
            value = value.replace(f"${name}", each)
    return value


def allowed(act: Callable[[], Any]) -> bool:
    try:
        act()
    except (Forbidden, NotFound):
        return False
    except Conflict:
        return True  # somebody was faster
    return True


def opened(ground: JobGround, namespace: str) -> bool:
    return allowed(
        lambda: job_services.open_namespace_file(ground.job.token, ground.job.id, "/file.txt", namespace).close()
    )


def put(ground: JobGround, namespace: str) -> bool:
    content = BytesIO(b"new")
    return allowed(
        lambda: job_services.keep_namespace_file(ground.job.token, ground.job.id, "/new.txt", namespace, content)
    )


PURGE = {"namespace": "$NS", "end_date": TOMORROW}
FILE = "nsfile://$NS/file.txt"
READS_PAIRS = either(api("GET", "namespaces/{ns}/kv/pair"), inherited("kv/inheritance"))


MATRIX: dict[tuple[str, str], tuple[Ask, Ask]] = {
    ("kv", "find"): (called("kv", "find", key="pair", namespace="$NS"), READS_PAIRS),
    ("kv", "keys"): (called("kv", "keys", namespace="$NS"), READS_PAIRS),
    ("kv", "put"): (called("kv", "put", key="pair", value=1, namespace="$NS"), api("PUT", "namespaces/{ns}/kv/new", data="1")),
    ("kv", "delete"): (called("kv", "delete", key="pair", namespace="$NS"), api("DELETE", "namespaces/{ns}/kv/never")),
    ("kv", "purge"): (
        called("kv", "purge", namespace="$NS", key_pattern=None, expired_only=True, children=False),
        api("DELETE", "namespaces/{ns}/kv/never"),
    ),
    ("secrets", "read"): (
        called("secrets", "read", key="SECRET", namespace="$NS"),
        either(listed("secrets"), inherited("inherited-secrets")),
    ),
    ("files", "list"): (called("files", "list", namespace="$NS"), above(file_right(NAMESPACE_FILE.LIST))),
    ("files", "delete"): (
        called("files", "delete", path="/none.txt", namespace="$NS"),
        file_right(NAMESPACE_FILE.DELETE),
    ),
    ("files", "purge"): (called("files", "purge", namespace="$NS"), file_right(NAMESPACE_FILE.DELETE)),
    ("storage", "purge_orphans"): (called("storage", "purge_orphans", **PURGE), api("DELETE", "logs/{paused}")),
    ("flows", "purge_revisions"): (
        called("flows", "purge_revisions", namespace="$NS", flow_id="logs"),
        api("DELETE", "flows/{ns}/logs/revisions?revisions=999"),
    ),
    ("storage", "size"): (called("storage", "size", uri=FILE), above(file_right(NAMESPACE_FILE.VIEW))),
    ("storage", "exists"): (called("storage", "exists", uri=FILE), above(file_right(NAMESPACE_FILE.VIEW))),
    ("expressions", "file_uri"): (called("expressions", "file_uri", uri=FILE), above(file_right(NAMESPACE_FILE.VIEW))),
    ("door", "open_namespace_file"): (opened, above(file_right(NAMESPACE_FILE.VIEW))),
    ("door", "keep_namespace_file"): (put, file_right(NAMESPACE_FILE.CREATE)),
    ("logs", "fetch"): (called("logs", "fetch", execution_id="$ENDED"), api("GET", "logs/{ended}")),
    ("logs", "purge"): (called("logs", "purge", **PURGE), api("DELETE", "logs/{paused}")),
    ("executions", "count"): (called("executions", "count", namespaces=["$NS"]), listed("executions/search")),
    ("executions", "resume"): (
        called("executions", "resume", execution_id="$PAUSED", inputs={}),
        api("POST", "executions/{paused}/actions/resume"),
    ),
    ("executions", "purge"): (called("executions", "purge", **PURGE), api("DELETE", "logs/{paused}")),
    ("triggers", "toggle"): (
        called("triggers", "toggle", namespace="$NS", flow_id="logs", trigger="yearly", enabled=True),
        api("POST", "triggers/{ns}/logs/yearly/restart"),
    ),
}  # fmt: skip
OF_ITS_OWN = {
    ("audit", "purge"): "of the whole tenant, for flows of the namespaces that the operator names",
    ("storage", "delete"): "files of its own execution alone",
    ("storage", "may_read"): "answers with yes or no",
    ("executions", "keep_cache"): "a file of its own execution",
}


def test_every_endpoint_that_leads_elsewhere_is_in_the_matrix():
    served = {**calls.SERVED, **acts.SERVED, **places.SERVED, **job_services.OWN}
    crossing = {name for name, function in served.items() if CROSSING & set(inspect.signature(function).parameters)}
    assert crossing - set(OF_ITS_OWN) == {name for name in MATRIX if name[0] != "door"}


@pytest.mark.parametrize("name", list(MATRIX), ids=".".join)
def test_a_job_may_what_a_person_of_its_namespace_may(ground: JobGround, name: tuple[str, str]):
    ask, person = MATRIX[name]
    found, wanted = {}, {}
    for where, namespace in NAMESPACES.items():
        wanted[where] = person(ground, namespace) or where == "allowing"
        found[where] = ask(ground, namespace)
    assert found == wanted
    assert wanted["sibling"] is wanted["allowing another"] is False


def test_nothing_of_another_tenant_is_there(ground: JobGround):
    for method, service in (("fetch", "logs"), ("resume", "executions")):
        with pytest.raises(NotFound):
            ground.call(service, method, execution_id=ground.foreign)


STARTS = """
id: starts
namespace: prod.eng
tasks:
  - {{id: child, type: io.kestra.plugin.core.flow.{kind}, namespace: {target}, flowId: logs{more}}}
"""


@pytest.mark.parametrize("kind", ["Subflow", "ForEachItem"])
def test_a_flow_starts_what_a_person_of_its_namespace_may(ground: JobGround, cast: Cast, kind: str):
    found, wanted = {}, {}
    more = ", items: '[1]'" if kind == "ForEachItem" else ""
    for where, namespace in NAMESPACES.items():
        wanted[where] = where == "allowing" or api("POST", "executions/{ns}/logs")(ground, namespace)
        save(
            cast,
            STARTS.format(kind=kind, target=namespace, more=more).replace(
                "id: starts", f"id: {namespace.replace('.', '-')}"
            ),
        )
        parent = start(cast, HOME, namespace.replace(".", "-"))
        FakeWorker().work_off(lambda job: ended(job, items="kestra:///batch"))
        with tenant_scope(ACME):
            found[where] = Execution.objects.filter(parent_id=parent).exists()
            assert not OutboxEvent.objects.exists()
        assert found[where] or row(parent).state == "FAILED"
    assert found == wanted


TASKS: dict[str, dict[str, Any]] = {
    "io.kestra.plugin.core.kv.Set": {"key": "pair", "value": "1", "namespace": "$NS"},
    "io.kestra.plugin.core.kv.Put": {"key": "pair", "value": "1", "namespace": "$NS"},
    "io.kestra.plugin.core.kv.Get": {"key": "pair", "namespace": "$NS"},
    "io.kestra.plugin.core.kv.GetKeys": {"namespace": "$NS"},
    "io.kestra.plugin.core.kv.Delete": {"key": "pair", "namespace": "$NS"},
    "io.kestra.plugin.core.kv.PurgeKV": {"namespaces": ["$NS"], "expiredOnly": False},
    "io.kestra.plugin.core.namespace.UploadFiles": {"namespace": "$NS", "filesMap": {"a.txt": "$STORED"}},
    "io.kestra.plugin.core.namespace.DownloadFiles": {"namespace": "$NS", "files": ["**"]},
    "io.kestra.plugin.core.namespace.DeleteFiles": {"namespace": "$NS", "files": ["**"]},
    "io.kestra.plugin.core.log.Fetch": {"executionId": "$ENDED"},
    "io.kestra.plugin.core.log.PurgeLogs": {"namespace": "$NS", "endDate": TOMORROW},
    "io.kestra.plugin.ee.core.log.PurgeAuditLogs": {"namespace": "$NS", "endDate": TOMORROW},
    "io.kestra.plugin.core.execution.Count": {"namespaces": ["$NS"], "expression": "{{ count >= 0 }}"},
    "io.kestra.plugin.core.execution.PurgeExecutions": {"namespace": "$NS", "endDate": TOMORROW},
    "io.kestra.plugin.core.execution.Resume": {"executionId": "$PAUSED"},
    "io.kestra.plugin.core.flow.PurgeFlows": {"namespace": "$NS", "flowId": "logs", "behavior": {"keepAmount": 5}},
    "io.kestra.plugin.core.namespace.PurgeFiles": {"namespaces": ["$NS"]},
    "io.kestra.plugin.core.storage.PurgeStorage": {"namespace": "$NS", "endDate": TOMORROW},
    "io.kestra.plugin.core.trigger.Toggle": {"namespace": "$NS", "flowId": "logs", "trigger": "yearly"},
}
READING = {"kv.Get", "kv.GetKeys", "namespace.DownloadFiles"}


def test_every_task_that_can_name_another_namespace_is_tried():
    def crosses(task: type[RunnableTask]) -> bool:
        return bool({"namespace", "namespaces", "flows", "execution_id"} & set(task.model_fields))

    tasks = {task.TYPE for task in registry().types.values() if issubclass(task, RunnableTask) and crosses(task)}
    tasks = {name for name in tasks if ".core.state." not in name}  # there `namespace` is a yes or no
    assert tasks == set(TASKS)


@pytest.mark.parametrize("task_type", list(TASKS), ids=lambda name: name.rpartition("core.")[2])
def test_a_task_reaches_as_far_as_its_flow_may(ground: JobGround, tmp_path: Path, task_type: str):
    name = task_type.rpartition("core.")[2]
    found = {}
    for number, (where, namespace) in enumerate(NAMESPACES.items()):
        folder = tmp_path / str(number)
        folder.mkdir()
        context = ground.context(folder)
        known = {"NS": namespace, "PAUSED": ground.paused[namespace], "ENDED": ground.ended[namespace]}
        known["STORED"] = context.keep("stored")
        task = runnable({"id": "t", "type": task_type, **filled(TASKS[task_type], known)})
        try:
            task.run(context)
            found[where] = True
        except PluginError:
            found[where] = False
    reaches = name != "log.PurgeAuditLogs"
    assert found == {
        "own": reaches,
        "child": reaches,
        "parent": name in READING,
        "sibling": False,
        "allowing": reaches,
        "allowing another": False,
    }
