"""What a namespace gives reaches the flows in it and below it."""

from __future__ import annotations

import pytest

from control_plane.kernel.config import override
from control_plane.kernel.scope import tenant_scope
from executions.models import Execution, LogEntry
from executions.record import flow_source
from tenants.services.namespaces import create_namespace, update_namespace
from tests.cast import ACME, Cast
from tests.executions.ground import FakeWorker, log_flow, save, start

pytestmark = pytest.mark.django_db
LOG = "io.kestra.plugin.core.log.Log"


def test_variables_and_defaults_are_inherited_and_followed(people: Cast, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(flow_source, "CHECKED_EVERY", 0.0)
    ctx = people.olga.context(ACME)
    settings = {"pluginDefaults": [{"type": LOG, "values": {"level": "WARN"}}]}
    create_namespace(ctx, name="prod", variables={"a": 1, "b": 1}, settings=settings)
    create_namespace(ctx, name="prod.data", variables={"b": 2}, settings={})
    save(people, log_flow().replace("line 0", "'{{ namespace.a }}{{ namespace.b }}'"))
    start(people)
    worker = FakeWorker()
    (job,) = worker.claim()
    assert job.scope["namespace"] == {"a": 1, "b": 2}
    assert job.task["level"] == "WARN"
    update_namespace(ctx, name="prod", description="", variables={"a": 3}, settings={})
    start(people)
    (later,) = worker.claim()
    assert later.scope["namespace"] == {"a": 3, "b": 2}
    assert later.task["level"] == "INFO"


def test_defaults_that_do_not_fit_stop_no_execution(people: Cast) -> None:
    settings = {"pluginDefaults": [{"type": LOG, "forced": True, "values": {"level": {"no": "level"}}}]}
    save(people, log_flow())
    create_namespace(people.olga.context(ACME), name="prod", variables={}, settings=settings)
    start(people)
    assert FakeWorker().work_off() == 1


def test_a_flow_that_needs_a_default_runs_also_when_the_namespace_has_forgotten_it(people: Cast) -> None:
    ctx = people.olga.context(ACME)
    settings = {"pluginDefaults": [{"type": LOG, "values": {"message": "given"}}]}
    create_namespace(ctx, name="prod", variables={}, settings=settings)
    save(people, log_flow().replace("    message: line 0", ""))
    update_namespace(ctx, name="prod", description="", variables={}, settings={})
    start(people)
    (job,) = FakeWorker().claim()
    assert job.task["message"] == "given"


def test_a_flow_reads_what_the_operator_gives_to_all(people: Cast, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("ENV_MY_REGION", "eu")
    text = "'{{ envs.my_region }} {{ globals.team }} {{ kestra.environment }} {{ kestra.url }}'"
    with override(
        variables={"globals": {"team": "data"}, "environment": "staging"}, public_url="https://flows.example/"
    ):
        save(people, log_flow().replace("line 0", text))
        start(people)
        (job,) = FakeWorker().claim()
    assert job.scope["envs"] == {"my_region": "eu"}
    assert job.scope["globals"] == {"team": "data"}
    assert job.scope["kestra"] == {"environment": "staging", "url": "https://flows.example"}


def test_an_execution_that_outgrows_what_the_operator_allows_fails(people: Cast) -> None:
    source = f"{log_flow()}\ninputs: [{{id: text, type: STRING}}]"
    with override(limits={"execution_bytes": 2_000}):
        save(people, source)
        small, large = (start(people, inputs={"text": "x" * size}) for size in (100, 2_000))
        with tenant_scope(ACME):
            states = [Execution.objects.get(id=each.id).state for each in (small, large)]
            (line,) = LogEntry.objects.filter(execution_id=large.id)
    assert states == ["RUNNING", "FAILED"]
    assert line.message.endswith("has exceeded the configured limit of 2000")
