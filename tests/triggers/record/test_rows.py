"""A trigger is there as soon as its flow is, and goes with it."""

from __future__ import annotations

import io
import zipfile

import pytest

from control_plane.kernel.scope import tenant_scope
from flows.services.saving import delete_flow, update_flow
from flows.services.switching import disable_flows, enable_flows
from flows.services.targets import Name
from tenants.services.namespaces import create_namespace, delete_namespace
from tests.cast import ACME, Cast
from tests.executions.ground import save
from tests.triggers.ground import timed_flow, trigger_of
from triggers.models import Trigger

pytestmark = pytest.mark.django_db

NAME = Name("prod.data", "timed")


def count() -> int:
    with tenant_scope(ACME):
        return Trigger.objects.count()


def update(people: Cast, source: str) -> None:
    update_flow(people.olga.context(ACME), namespace="prod.data", flow_id="timed", source=source)


def test_saving_a_flow_makes_its_triggers_with_their_first_date(people: Cast) -> None:
    save(people, timed_flow())
    row = trigger_of()
    assert (row.kind, row.type, row.problem) == ("SCHEDULE", "io.kestra.plugin.core.trigger.Schedule", None)
    assert row.next_at is not None and row.next_at == row.due_at
    assert row.next_at.minute % 10 == 0


def test_a_flow_that_is_refused_makes_none(people: Cast) -> None:
    answer = people.olga.client.post(
        "/api/v1/acme/flows", timed_flow(more="cron: '30 2 31 2 *'"), content_type="application/x-yaml"
    )
    assert answer.status_code == 422
    assert "cron" in answer.json()["message"]
    assert count() == 0


def test_a_trigger_goes_when_its_flow_no_longer_has_it_and_when_that_is_deleted(people: Cast) -> None:
    save(people, timed_flow())
    update(people, timed_flow().replace("id: clock", "id: other"))
    assert trigger_of(trigger_id="other").revision == 2
    assert count() == 1
    delete_flow(people.olga.context(ACME), namespace="prod.data", flow_id="timed")
    assert count() == 0
    save(people, timed_flow())
    assert trigger_of().revision == 4


def test_an_older_revision_that_is_saved_again_brings_its_triggers_back(people: Cast) -> None:
    save(people, timed_flow())
    with tenant_scope(ACME):
        Trigger.objects.update(is_disabled=True, due_at=None)
    update(people, timed_flow(more="cron: '5 * * * *'"))
    update(people, timed_flow())
    row = trigger_of()
    assert (row.revision, row.document["cron"], row.is_disabled) == (3, "*/10 * * * *", True)
    assert row.next_at is not None and row.next_at.minute % 10 == 0
    update(people, timed_flow().partition("triggers:")[0])
    assert count() == 0
    update(people, timed_flow())
    assert (trigger_of().revision, trigger_of().is_disabled) == (5, False)


def test_triggers_stay_with_their_flows_when_the_namespace_is_forgotten(people: Cast) -> None:
    owner = people.olga.context(ACME)
    create_namespace(owner, name="prod.data", description="", variables={}, settings={})
    save(people, timed_flow())
    before = trigger_of().next_at
    delete_namespace(owner, name="prod.data")
    row = trigger_of()
    assert (row.next_at, row.due_at) == (before, before)
    delete_flow(owner, namespace="prod.data", flow_id="timed")
    assert count() == 0


@pytest.mark.parametrize("interval", ["PT0S", "-PT1S", "P999999999D", "soon"])
def test_an_interval_that_is_none_is_refused_with_its_name(people: Cast, interval: str) -> None:
    head, _, _ = timed_flow().partition("triggers:")
    trigger = f"{{id: clock, type: io.kestra.plugin.core.http.Trigger, uri: 'http://x.test', interval: {interval}}}"
    answer = people.olga.client.post(
        "/api/v1/acme/flows", f"{head}triggers:\n  - {trigger}\n", content_type="application/x-yaml"
    )
    assert answer.status_code == 422
    assert "interval" in answer.json()["message"]
    assert count() == 0


def test_a_disabled_flow_has_no_dates_until_it_is_enabled(people: Cast) -> None:
    save(people, timed_flow())
    disable_flows(people.olga.context(ACME), names=[NAME])
    row = trigger_of()
    assert (row.is_off, row.next_at, row.due_at) == (True, None, None)
    enable_flows(people.olga.context(ACME), names=[NAME])
    assert trigger_of().next_at is not None


def test_what_somebody_disabled_here_stays_so_when_the_flow_is_saved(people: Cast) -> None:
    save(people, timed_flow())
    with tenant_scope(ACME):
        Trigger.objects.update(is_disabled=True, due_at=None)
    update(people, timed_flow(flow="description: another"))
    row = trigger_of()
    assert (row.revision, row.is_disabled, row.due_at) == (2, True, None)


def test_a_date_that_is_due_stays_due_unless_the_dates_themselves_change(people: Cast, timed: object) -> None:
    save(people, timed_flow())
    with tenant_scope(ACME):
        Trigger.objects.update(next_at="2020-01-01T00:00:00Z", due_at="2020-01-01T00:00:00Z")
    update(people, timed_flow(flow="description: another"))
    assert trigger_of().next_at.year == 2020  # type: ignore[union-attr]  # it has one
    update(people, timed_flow(more="cron: '5 * * * *'"))
    assert trigger_of().next_at.minute == 5  # type: ignore[union-attr]  # it has one


def test_a_trigger_that_is_disabled_in_its_flow_is_off(people: Cast) -> None:
    save(people, timed_flow(more="cron: '5 * * * *'\n    disabled: true"))
    row = trigger_of()
    assert (row.is_off, row.is_disabled, row.due_at) == (True, True, None)
    update(people, timed_flow(more="cron: '5 * * * *'"))
    row = trigger_of()
    assert (row.is_off, row.is_disabled) == (False, False)
    assert row.due_at is not None


def test_a_draft_changes_nothing(people: Cast) -> None:
    save(people, timed_flow(flow="draft: true"))
    assert count() == 0


def test_an_import_makes_them_too(people: Cast) -> None:
    archive = io.BytesIO()
    with zipfile.ZipFile(archive, "w") as writer:
        writer.writestr("timed.yaml", timed_flow())
    archive.seek(0)
    archive.name = "flows.zip"
    answer = people.olga.client.post("/api/v1/acme/flows/import", {"fileUpload": archive})
    assert answer.status_code == 200, answer.content
    assert trigger_of().kind == "SCHEDULE"


@pytest.mark.parametrize(
    ("document", "kind"),
    [
        ("{id: clock, type: io.kestra.plugin.core.trigger.Webhook, key: abcdef}", "WEBHOOK"),
        ("{id: clock, type: io.kestra.plugin.core.trigger.Flow, states: [FAILED]}", "FLOW"),
        ("{id: clock, type: io.kestra.plugin.core.http.Trigger, uri: 'http://x.test'}", "POLLING"),
    ],
)
def test_each_kind_has_its_row(people: Cast, document: str, kind: str) -> None:
    head, _, _ = timed_flow().partition("triggers:")
    save(people, f"{head}triggers:\n  - {document}\n")
    assert trigger_of().kind == kind
