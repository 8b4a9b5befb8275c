"""Policies over HTTP: who may write them, what they refuse at save and at run time, and the report before."""

from __future__ import annotations

from typing import Any

import pytest
import yaml
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client

from control_plane.kernel.config import override
from executions.record import flow_source
from flows.model.errors import FlowInvalid
from tests.cast import ACME, GLOBEX, Cast, bind
from tests.executions.ground import FakeWorker, lines_of, log_flow, row, save, start

pytestmark = pytest.mark.django_db
INSTANCE = "/api/v1/instance/policies"
TENANT = f"/api/v1/{ACME}/policies"
NEAR = f"/api/v1/{ACME}/namespaces/prod.data/policies"
NO_LOG = {"type": "orrery.policies.Deny", "on": "PLUGIN", "values": [r".*\.log\.Log"]}
NEEDS_TEAM = {"type": "orrery.policies.Require", "on": "FLOW", "target": "labels.team"}
ADDS_TIMEOUT = {"type": "orrery.policies.Add", "on": "PLUGIN", "target": "timeout", "value": "PT1H"}


@pytest.fixture(autouse=True)
def _policies_hold_at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(flow_source, "CHECKED_EVERY", 0.0)


def ask(client: Client, method: str, path: str, body: Any = None, status: int = 200) -> Any:
    answer = getattr(client, method)(path, body, content_type="application/json")
    assert answer.status_code == status, answer.content
    return answer.json() if answer.content and "json" in answer["Content-Type"] else answer.content


def make(client: Client, path: str, *rules: Any, key: str = "rule", status: int = 200, **more: Any) -> Any:
    return ask(client, "post", path, {"id": key, "rules": list(rules), **more}, status)


@pytest.mark.parametrize("path", [INSTANCE, TENANT, NEAR])
def test_a_policy_is_made_changed_and_deleted_in_each_scope(people: Cast, path: str) -> None:
    client = people.root.client if path == INSTANCE else people.olga.client
    made = make(client, path, NO_LOG, displayName="No logs", enforcement="EVALUATE")
    assert made == {
        "id": "rule",
        "displayName": "No logs",
        "enforcement": "EVALUATE",
        "rules": [NO_LOG],
        "deleted": False,
    }
    make(client, path, NO_LOG, status=409)
    body = {"id": "rule", "rules": [NO_LOG, ADDS_TIMEOUT], "description": "why"}
    assert ask(client, "put", f"{path}/rule", body)["enforcement"] == "ACTIVE"
    assert ask(client, "get", f"{path}/rule")["description"] == "why"
    (listed,) = ask(client, "get", f"{path}/search")["results"]
    assert listed["rules"] == {"mutate": 1, "validate": 1}
    ask(client, "put", f"{path}/rule", body | {"id": "other"}, 422)
    ask(client, "delete", f"{path}/rule", status=204)
    ask(client, "get", f"{path}/rule", status=404)
    ask(client, "delete", f"{path}/rule", status=404)


@pytest.mark.parametrize(
    "body",
    [
        {},
        {"id": "X", "rules": [NO_LOG]},
        {"id": "x", "rules": []},
        {"id": "x", "rules": [{"type": "Nothing", "on": "FLOW"}]},
        {"id": "x", "rules": [NO_LOG], "enforcement": "LATER"},
        {"id": "x", "rules": [NO_LOG], "target": {"tenants": [ACME]}},
        {"id": "x", "rules": [NO_LOG], "target": {"namespaces": ["UPPER"]}},
    ],
)
def test_a_policy_that_makes_no_sense_is_refused(people: Cast, body: Any) -> None:
    ask(people.olga.client, "post", TENANT, body, 422)


def test_a_denied_plugin_is_refused_at_save_with_the_name_of_the_policy(people: Cast) -> None:
    make(people.olga.client, TENANT, NO_LOG, key="quiet")
    answer = people.olga.client.post(f"/api/v1/{ACME}/flows", log_flow(), content_type="application/x-yaml")
    assert answer.status_code == 422
    assert (
        "tasks[0].type: policy `quiet`: the plugin `io.kestra.plugin.core.log.Log` is denied"
        in answer.json()["message"]
    )
    checked = people.olga.client.post(f"/api/v1/{ACME}/flows/validate", log_flow(), content_type="application/x-yaml")
    assert "policy `quiet`" in checked.json()[0]["constraints"]
    save(people, log_flow(), GLOBEX)


def test_a_flow_that_was_saved_before_may_not_run(people: Cast) -> None:
    save(people, log_flow())
    make(people.root.client, INSTANCE, NO_LOG, key="quiet")
    execution = start(people)
    assert row(execution.id).state == "FAILED"
    assert "policy `quiet`: the plugin `io.kestra.plugin.core.log.Log` is denied" in lines_of(execution.id)[0][1]
    ask(people.root.client, "delete", f"{INSTANCE}/quiet", status=204)
    again = start(people)
    FakeWorker().work_off()
    assert row(again.id).state == "SUCCESS"


@pytest.mark.parametrize(
    ("enforcement", "is_refused"), [("ACTIVE", True), ("EVALUATE", False), ("DISABLED", False), ("REFERENCE", False)]
)
def test_only_what_is_enforced_refuses(people: Cast, enforcement: str, is_refused: bool) -> None:
    make(people.olga.client, NEAR, NO_LOG, enforcement=enforcement)
    if is_refused:
        with pytest.raises(FlowInvalid):
            save(people, log_flow())
        return
    save(people, log_flow())
    checked = people.olga.client.post(f"/api/v1/{ACME}/flows/validate", log_flow(), content_type="application/x-yaml")
    assert any("policy `rule`" in each for each in checked.json()[0]["warnings"]) is (enforcement == "EVALUATE")


def test_a_policy_that_a_flow_refers_to_holds_for_it(people: Cast) -> None:
    make(people.olga.client, TENANT, NO_LOG, enforcement="REFERENCE")
    save(people, log_flow("free"))
    with pytest.raises(FlowInvalid):
        save(people, log_flow("bound") + "\npolicyRefs: [rule]")


class TestReach:
    def test_a_policy_of_the_instance_may_name_tenants(self, people: Cast) -> None:
        make(people.root.client, INSTANCE, NO_LOG, target={"tenants": [GLOBEX]})
        save(people, log_flow())
        with pytest.raises(FlowInvalid):
            save(people, log_flow(), GLOBEX)
        make(people.root.client, INSTANCE, NO_LOG, key="no", target={"tenants": ["nobody"]}, status=422)

    def test_a_policy_of_a_tenant_may_name_namespaces(self, people: Cast) -> None:
        make(people.olga.client, TENANT, NO_LOG, target={"namespaces": ["production"]})
        save(people, log_flow())
        make(people.olga.client, TENANT, NO_LOG, key="near", target={"namespaces": ["prod"]})
        with pytest.raises(FlowInvalid):
            save(people, log_flow("other"))

    def test_a_policy_of_a_namespace_holds_below_it(self, people: Cast) -> None:
        make(people.olga.client, f"/api/v1/{ACME}/namespaces/prod/policies", NO_LOG)
        with pytest.raises(FlowInvalid):
            save(people, log_flow())

    def test_the_chain_of_a_namespace_is_shown_the_outermost_first(self, people: Cast) -> None:
        make(people.olga.client, NEAR, NO_LOG, key="near")
        make(people.olga.client, f"/api/v1/{ACME}/namespaces/prod/policies", NO_LOG, key="above")
        make(people.olga.client, TENANT, NO_LOG, key="tenant")
        make(people.root.client, INSTANCE, NO_LOG, key="instance")
        make(people.root.client, INSTANCE, NO_LOG, key="theirs", target={"tenants": [GLOBEX]})
        with override(plugins={"denied": ("x",)}):
            chain = ask(people.olga.client, "get", f"{NEAR}/search")["results"]
            assert [(each["scope"], each["id"]) for each in chain] == [
                ("STATIC", "plugins"),
                ("INSTANCE", "instance"),
                ("TENANT", "tenant"),
                ("NAMESPACE", "above"),
                ("NAMESPACE", "near"),
            ]
            found = ask(people.olga.client, "get", f"{TENANT}/search?filters[POLICY_SCOPE][EQUALS]=TENANT&sort=id:asc")
            assert [each["id"] for each in found["results"]] == ["tenant"]
            static = ask(people.root.client, "get", f"{INSTANCE}/plugins?scope=STATIC")
            assert static["rules"][0]["values"] == ["x"]
        ask(people.root.client, "get", f"{INSTANCE}/plugins?scope=STATIC", status=404)


def test_the_configuration_of_the_machine_denies_too(people: Cast) -> None:
    with override(plugins={"denied": (r".*\.log\.Log",)}), pytest.raises(FlowInvalid, match="policy `plugins`"):
        save(people, log_flow())


def test_what_a_policy_changes_runs_changed_and_stays_as_it_was_written(people: Cast) -> None:
    save(people, log_flow())
    make(people.olga.client, TENANT, ADDS_TIMEOUT)
    start(people)
    (job,) = FakeWorker().claim()
    assert job.timeout_seconds == 3600.0
    source = people.olga.client.get(f"/api/v1/{ACME}/flows/prod.data/hello?source=true").json()["source"]
    assert "timeout" not in source


def test_a_preview_shows_what_would_become_of_a_flow(people: Cast) -> None:
    make(people.olga.client, TENANT, ADDS_TIMEOUT, NEEDS_TEAM)
    body = {"namespace": "prod.data", "source": log_flow()}
    shown = ask(people.olga.client, "post", f"/api/v1/{ACME}/flows/policies/preview", body)
    assert yaml.safe_load(shown["resolvedSource"])["tasks"][0]["timeout"] == "PT1H"
    assert [each["target"] for each in shown["mutations"]] == ["tasks[0].timeout"]
    (violation,) = shown["violations"]
    assert (violation["severity"], violation["target"], violation["policyId"]) == ("BLOCK", "labels.team", "rule")
    other = ask(people.otto.client, "post", f"/api/v1/{GLOBEX}/flows/policies/preview", body)
    assert other == {"resolvedSource": log_flow(), "mutations": [], "violations": [], "conflicts": []}
    ask(people.olga.client, "post", f"/api/v1/{ACME}/flows/policies/preview", body | {"source": "[1"}, 422)


def test_a_report_tells_what_existing_flows_would_meet(people: Cast) -> None:
    for number in range(3):
        save(people, log_flow(f"f{number}"))
    save(people, log_flow("fine") + "\nlabels: {team: a}")
    save(people, log_flow(), GLOBEX)
    make(people.olga.client, TENANT, NEEDS_TEAM, enforcement="DISABLED")
    report = ask(people.olga.client, "get", f"{TENANT}/rule/evaluate?size=2&page=2")
    assert report["counts"] == {"scanned": 4, "mutated": 0, "violating": 3, "conflicting": 0}
    assert (report["total"], [each["resource"]["id"] for each in report["results"]]) == (3, ["f2"])
    make(people.root.client, INSTANCE, NEEDS_TEAM, enforcement="DISABLED")
    assert ask(people.root.client, "get", f"{INSTANCE}/rule/evaluate")["counts"]["scanned"] == 5


def test_policies_are_carried_away_and_brought_back(people: Cast) -> None:
    make(people.olga.client, TENANT, NEEDS_TEAM, key="one", description="why")
    make(people.olga.client, TENANT, ADDS_TIMEOUT, key="two")
    make(people.olga.client, NEAR, NO_LOG, key="near")
    some = ask(people.olga.client, "post", f"{TENANT}/export/by-ids", ["two", "none"])
    assert [each["id"] for each in yaml.safe_load_all(some)] == ["two"]
    text = ask(people.olga.client, "post", f"{TENANT}/export") + b"---\n"
    text += ask(people.olga.client, "post", f"{NEAR}/export")
    assert ask(people.olga.client, "delete", f"{TENANT}/delete/by-ids", ["one", "two", "none"]) == {"count": 2}
    text += b"---\nscope: INSTANCE\nid: all\n---\n- x\n---\nscope: TENANT\nid: bad\nrules: []\n"
    answer = people.olga.client.post(f"{TENANT}/import", {"fileUpload": SimpleUploadedFile("p.yml", text)})
    assert answer.status_code == 200, answer.content
    told = answer.json()
    assert told["imported"] == 3
    assert [each["document"] for each in told["errors"]] == ["all", "document 5", "bad"]
    assert ask(people.olga.client, "get", f"{TENANT}/one")["description"] == "why"


class TestRights:
    def test_who_may_not_sees_nothing(self, people: Cast) -> None:
        make(people.olga.client, TENANT, NO_LOG)
        for person in (people.eddie, people.vera):
            ask(person.client, "get", f"{TENANT}/search", status=403)
            make(person.client, TENANT, NO_LOG, key="mine", status=403)
        ask(people.otto.client, "get", f"{TENANT}/rule", status=404)
        for path in ("", "/search", "/rule"):
            method = "get" if path else "post"
            ask(people.olga.client, method, INSTANCE + path, {"id": "a", "rules": [NO_LOG]} if not path else None, 403)

    def test_an_import_is_refused_as_a_whole(self, people: Cast) -> None:
        bind(ACME, people.vera, "Admin", "dev")
        text = b"scope: NAMESPACE\nnamespace: dev\nid: a\nrules: [{type: x.Require, on: FLOW, target: labels}]\n---\n"
        text += b"scope: TENANT\nid: b\nrules: [{type: x.Require, on: FLOW, target: labels}]\n"
        answer = people.vera.client.post(f"{TENANT}/import", {"fileUpload": SimpleUploadedFile("p.yml", text)})
        assert answer.status_code == 403
        ask(people.olga.client, "get", f"/api/v1/{ACME}/namespaces/dev/policies/a", status=404)

    def test_who_governs_a_namespace_sees_what_is_above_it(self, people: Cast) -> None:
        bind(ACME, people.vera, "Admin", "prod.data")
        make(people.olga.client, TENANT, NO_LOG, key="tenant", enforcement="DISABLED")
        make(
            people.olga.client, f"/api/v1/{ACME}/namespaces/prod/policies", NO_LOG, key="above", enforcement="DISABLED"
        )
        make(people.olga.client, f"/api/v1/{ACME}/namespaces/dev/policies", NO_LOG, key="aside")
        found = ask(people.vera.client, "get", f"{TENANT}/search")["results"]
        assert [each["id"] for each in found] == ["tenant", "above"]
        make(people.vera.client, NEAR, NO_LOG, key="own")
        make(people.vera.client, TENANT, NO_LOG, key="wide", status=403)


@pytest.mark.parametrize(
    "query", ["filters[nonsense][EQUALS]=1", "filters[id][REGEX]=a", "filters[id][EQUALS][deep]=1", "sort=rules:asc"]
)
def test_what_cannot_be_asked_is_refused_though_nothing_is_there(people: Cast, query: str) -> None:
    ask(people.olga.client, "get", f"{TENANT}/search?{query}", status=400)
