"""Retention over the API: set, tried, carried out, stopped and looked at, by whom it may be."""

from __future__ import annotations

from typing import Any

import pytest

from iam.services.roles import create_role
from tests.cast import ACME, Cast, Person, bind, make_person
from tests.governance.retention.ground import DAYS, executions, left, work

pytestmark = pytest.mark.django_db
PATH = f"/api/v1/{ACME}/retention"


def ask(person: Person, method: str, path: str = "", body: Any = None, status: int = 200) -> Any:
    answer = getattr(person.client, method)(PATH + path, body, content_type="application/json")
    assert answer.status_code == status, answer.content
    return answer.json() if answer.content else None


def seen(person: Person, namespace: str = "") -> Any:
    answer = person.client.get(PATH, {"namespace": namespace})
    assert answer.status_code == 200, answer.content
    return answer.json()


def test_a_place_shows_what_is_said_there_and_what_holds(people: Cast) -> None:
    ask(people.olga, "put", body={"rules": {"EXECUTIONS": [DAYS], "KV": [DAYS]}})
    ask(people.olga, "put", body={"namespace": "prod", "rules": {"KV": []}})
    told = seen(people.olga, "prod.data")
    assert "rules" not in told
    assert told["effective"] == [
        {"kind": "EXECUTIONS", "namespace": "", "rules": [DAYS]},
        {"kind": "KV", "namespace": "prod", "rules": []},
    ]
    assert seen(people.olga, "prod")["rules"] == {"KV": []}


def test_a_policy_is_taken_away(people: Cast) -> None:
    ask(people.olga, "put", body={"namespace": "prod", "rules": {"KV": []}})
    ask(people.olga, "delete", "?namespace=prod", status=204)
    ask(people.olga, "delete", "?namespace=prod", status=404)
    assert seen(people.olga, "prod")["effective"] == []


def test_a_run_is_begun_watched_and_over(people: Cast) -> None:
    executions(3)
    ask(people.olga, "put", body={"namespace": "prod", "rules": {"EXECUTIONS": [DAYS]}})
    begun = ask(people.olga, "post", "/runs", {"namespace": "prod"})
    assert (begun["state"], begun["kind"], begun["steps"]) == ("RUNNING", "EXECUTIONS", 2)
    ask(people.olga, "post", "/runs", {"namespace": "prod"}, status=409)
    work()
    (shown,) = seen(people.olga, "prod")["runs"]
    assert (shown["state"], shown["startedBy"], shown["counts"]["EXECUTIONS"]) == ("DONE", "olga@acme.test", 3)
    assert left() == set()


def test_a_run_is_stopped(people: Cast) -> None:
    begun = ask(people.olga, "post", "/runs", {})
    assert ask(people.olga, "delete", f"/runs/{begun['id']}")["state"] == "STOPPED"
    ask(people.olga, "delete", f"/runs/{begun['id']}", status=409)
    ask(people.olga, "delete", "/runs/nothing", status=404)


def test_rules_are_tried_before_they_are_saved(people: Cast) -> None:
    executions(3)
    told = ask(people.olga, "post", "/preview", {"namespace": "prod", "rules": {"METRICS": [DAYS]}})
    (line,) = told["lines"]
    assert (line["kind"], line["namespace"], line["count"]) == ("METRICS", "prod.data", 3)
    assert told["complete"] is True
    assert "rules" not in seen(people.olga, "prod")


@pytest.mark.parametrize("path", ["", "/preview"])
def test_wrong_rules_are_refused_by_their_names(people: Cast, path: str) -> None:
    said = {"rules": {"EXECUTIONS": [{"olderThan": "PT1H"}]}}
    refused = ask(people.olga, "post" if path else "put", path, said, status=422)
    assert "rules.EXECUTIONS.0.olderThan" in str(refused)


def test_who_looks_after_one_namespace_sees_and_runs_that_alone(people: Cast) -> None:
    keeper = make_person("keeper@acme.test")
    rights = {"POLICY": ["VIEW", "CREATE", "UPDATE"], "EXECUTION": ["DELETE"]}
    create_role(people.olga.context(ACME), name="keeper", description="", permissions=rights)
    bind(ACME, keeper, "keeper", "prod")
    outside = executions(1, namespace="dev")
    executions(1)
    ask(people.olga, "post", "/runs", {})
    work()
    ask(keeper, "put", body={"namespace": "prod", "rules": {"EXECUTIONS": [DAYS]}})
    ask(keeper, "put", body={"namespace": "prod", "rules": {"KV": [DAYS]}}, status=403)
    ask(keeper, "put", body={"rules": {"EXECUTIONS": [DAYS]}}, status=403)
    ask(keeper, "post", "/preview", {}, status=403)
    ask(keeper, "post", "/runs", {"namespace": "prod"})
    work()
    assert left() == set(outside)
    assert [run["namespace"] for run in seen(keeper, "prod")["runs"]] == ["prod"]
    assert len(seen(people.olga, "prod")["runs"]) == 2


def test_who_may_only_view_changes_nothing(people: Cast) -> None:
    for method, path in (("put", ""), ("post", "/runs")):
        ask(people.vera, method, path, {"namespace": "prod", "rules": {"EXECUTIONS": [DAYS]}}, status=403)
