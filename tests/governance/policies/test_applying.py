"""What a chain of policies makes of a flow: tables of rules and documents, without a database."""

from __future__ import annotations

from typing import Any

import pytest

from governance.policies.applying import Outcome, apply
from governance.policies.rules import Policy, Severity, read_rules

LOG = "io.kestra.plugin.core.log.Log"
SHELL = "io.kestra.plugin.scripts.shell.Commands"
OLD_LOG = "io.kestra.core.tasks.log.Log"


def names_of(type_name: str) -> tuple[str, ...]:
    if type_name == OLD_LOG:
        return (OLD_LOG, LOG)
    return (type_name,) if type_name.startswith("io.") else ()


def flow(*tasks: dict[str, Any], **more: Any) -> dict[str, Any]:
    return {"id": "f", "namespace": "prod.data", "tasks": list(tasks), **more}


def task(task_id: str = "a", plugin: str = LOG, **more: Any) -> dict[str, Any]:
    return {"id": task_id, "type": plugin, **more}


def policy(*rules: dict[str, Any], key: str = "p", enforcement: str = "ACTIVE") -> Policy:
    return Policy(key, "TENANT", enforcement, read_rules(list(rules)))


def judged(document: Any, *rules: dict[str, Any]) -> list[tuple[str, str]]:
    outcome = apply(document, [policy(*rules)], names_of)
    return [(each.target, each.message) for each in outcome.objections]


def rule(name: str, on: str = "PLUGIN", **more: Any) -> dict[str, Any]:
    return {"type": f"orrery.policies.{name}", "on": on, **more}


class TestPlugins:
    def test_one_that_is_denied_is_found_wherever_it_stands(self) -> None:
        inside = task("if", "io.kestra.plugin.core.flow.If", then=[task("b", SHELL)])
        told = judged(flow(inside), rule("Deny", values=[r"io\.kestra\.plugin\.scripts\..*"]))
        assert told == [("tasks[0].then[0].type", f"the plugin `{SHELL}` is denied")]

    def test_a_runner_is_a_plugin_too_and_its_task_is_named(self) -> None:
        document = flow(task("a", SHELL, taskRunner={"type": "io.kestra.plugin.core.runner.Process"}))
        outcome = apply(document, [policy(rule("Deny", values=[r".*\.Process"]))], names_of)
        assert [(each.target, each.task_id) for each in outcome.objections] == [("tasks[0].taskRunner.type", "a")]

    def test_an_older_name_is_no_way_round(self) -> None:
        assert judged(flow(task("a", OLD_LOG)), rule("Deny", values=[r".*\.core\.log\.Log"]))

    def test_only_what_is_allowed_passes(self) -> None:
        allow = rule("Allow", values=[r"io\.kestra\.plugin\.core\..*"])
        assert judged(flow(task()), allow) == []
        assert judged(flow(task("a", SHELL)), allow) == [("tasks[0].type", f"the plugin `{SHELL}` is not allowed")]

    def test_a_pattern_must_fit_the_whole_type(self) -> None:
        assert judged(flow(task()), rule("Deny", values=["Log"])) == []

    def test_conditions_alone_may_deny(self) -> None:
        deny = rule("Deny", where=[{"field": "retry.maxAttempts", "operator": "GREATER_THAN", "value": 3}])
        assert judged(flow(task(retry={"maxAttempts": 3})), deny) == []
        assert judged(flow(task(retry={"maxAttempts": 4})), deny)


class TestProperties:
    @pytest.mark.parametrize(
        ("said", "document", "is_refused"),
        [
            (rule("Require", "FLOW", target="labels.team"), flow(), True),
            (rule("Require", "FLOW", target="labels.team"), flow(labels={"team": "a"}), False),
            (rule("Require", "FLOW", target="labels.team"), flow(labels=[{"key": "team", "value": "a"}]), False),
            (rule("Require", "PLUGIN", target="timeout"), flow(task()), True),
            (rule("Forbid", "FLOW", target="triggers"), flow(triggers=[]), True),
            (rule("Forbid", "FLOW", target="triggers"), flow(), False),
            (rule("Match", "FLOW", target="id", value="[a-z]+"), flow(), False),
            (rule("Match", "FLOW", target="id", value="[A-Z]+"), flow(), True),
            (rule("OneOf", "FLOW", target="labels.env", values=["dev", "prod"]), flow(labels={"env": "x"}), True),
            (rule("OneOf", "FLOW", target="labels.env", values=["dev", "prod"]), flow(), False),
        ],
    )
    def test_each_rule(self, said: Any, document: Any, is_refused: bool) -> None:
        assert bool(judged(document, said)) is is_refused

    def test_its_author_may_say_why(self) -> None:
        (told,) = judged(flow(), rule("Require", "FLOW", target="labels.team", message="Who owns it?"))
        assert told == ("labels.team", "Who owns it?")

    def test_a_rule_looks_only_where_its_conditions_hold(self) -> None:
        where = [{"field": "flow.namespace", "operator": "PREFIX", "value": "prod"}]
        assert judged(flow(task()), rule("Require", target="timeout", where=where))
        assert not judged(flow(task()) | {"namespace": "production"}, rule("Require", target="timeout", where=where))

    def test_a_rule_may_only_warn(self) -> None:
        outcome = apply(flow(), [policy(rule("Require", "FLOW", target="labels", action="WARN"))], names_of)
        assert [each.severity for each in outcome.objections] == [Severity.WARN]
        assert outcome.blocks == []


def changed(document: Any, *policies: Policy) -> Outcome:
    return apply(document, list(policies), names_of)


class TestChanges:
    def test_what_is_lacking_is_added_and_what_is_there_stays(self) -> None:
        add = policy(rule("Add", target="timeout", value="PT1H"))
        document = flow(task("a"), task("b", timeout="PT5M"))
        outcome = changed(document, add)
        assert [each.get("timeout") for each in outcome.document["tasks"]] == ["PT1H", "PT5M"]
        assert [(each.action, each.target) for each in outcome.mutations] == [("ADDED", "tasks[0].timeout")]
        assert "timeout" not in document["tasks"][0]

    def test_what_is_there_is_replaced_or_removed(self) -> None:
        replace = policy(rule("Replace", target="timeout", value="PT1H"))
        delete = policy(rule("Delete", target="workerGroup"))
        outcome = changed(flow(task(timeout="PT5M", workerGroup={"key": "x"})), replace, delete)
        assert outcome.document["tasks"] == [task(timeout="PT1H")]
        assert [(each.action, each.previous) for each in outcome.mutations] == [
            ("REPLACED", "PT5M"),
            ("REMOVED", {"key": "x"}),
        ]

    def test_a_flow_that_needs_no_change_is_the_very_same(self) -> None:
        document = flow(task(timeout="PT1H"))
        assert changed(document, policy(rule("Add", target="timeout", value="PT1M"))).document is document

    def test_labels_are_added_however_they_are_written(self) -> None:
        add = policy(rule("Add", "FLOW", target="labels.team", value="core"))
        assert changed(flow(), add).document["labels"] == {"team": "core"}
        listed = changed(flow(labels=[{"key": "a", "value": "b"}]), add).document["labels"]
        assert listed == [{"key": "a", "value": "b"}, {"key": "team", "value": "core"}]

    def test_what_one_adds_and_another_deletes_is_told_and_the_outer_one_has_its_way(self) -> None:
        add = policy(rule("Add", target="timeout", value="PT1H"), key="adds")
        delete = policy(rule("Delete", target="timeout"), key="deletes")
        outcome = changed(flow(task()), add, delete)
        assert outcome.document["tasks"][0]["timeout"] == "PT1H"
        (conflict,) = outcome.conflicts
        assert (conflict.adds.id, conflict.deletes.id, conflict.target) == ("adds", "deletes", "tasks[0].timeout")

    def test_what_was_changed_is_what_is_judged(self) -> None:
        both = policy(rule("Add", target="timeout", value="PT1H"), rule("Require", target="timeout"))
        assert changed(flow(task()), both).objections == []


class TestReferences:
    def test_a_policy_that_is_to_be_referred_to_counts_where_it_is_attached(self) -> None:
        named = policy(rule("Require", target="timeout"), key="slow", enforcement="REFERENCE")
        inside = task("c")
        around = task("b", "io.kestra.plugin.core.flow.Sequential", policyRefs=["slow"], tasks=[inside])
        outcome = changed(flow(task("a"), around), named)
        assert [each.task_id for each in outcome.objections] == ["b", "c"]
        assert len(changed(flow(task("a"), policyRefs=["slow"]), named).objections) == 1
        assert changed(flow(task("a")), named).objections == []


@pytest.mark.parametrize(
    "said",
    [
        [],
        "x",
        [{}],
        [{"type": "orrery.policies.Frobnicate", "on": "FLOW"}],
        [rule("Deny")],
        [rule("Deny", values=["("])],
        [rule("Deny", "FLOW", values=["a"])],
        [rule("Require", "FLOW")],
        [rule("Require", "NOWHERE", target="a")],
        [rule("Require", "FLOW", target="a..b")],
        [rule("Add", target="a")],
        [rule("Match", target="a", value="(")],
        [rule("OneOf", target="a")],
        [rule("Require", target="a", action="SHOUT")],
        [rule("Require", target="a", where=[{"field": "x", "operator": "IS"}])],
        [rule("Require", target="a", where=[{"field": "x", "operator": "IN", "value": "a"}])],
        [rule("Require", target="a", where="x")],
    ],
)
def test_a_rule_that_makes_no_sense_is_refused(said: Any) -> None:
    with pytest.raises(ValueError):
        read_rules(said)


@pytest.mark.parametrize(
    ("operator", "value", "found", "holds"),
    [
        ("EQUAL_TO", "a", "a", True),
        ("NOT_EQUAL_TO", "a", None, True),
        ("IN", ["a"], "a", True),
        ("NOT_IN", ["a"], "a", False),
        ("CONTAINS", "b", "abc", True),
        ("CONTAINS", "b", ["b"], True),
        ("STARTS_WITH", "a", "ab", True),
        ("ENDS_WITH", "b", "ab", True),
        ("PREFIX", "a", "a.b", True),
        ("PREFIX", "a", "ab", False),
        ("REGEX", "a+", "aaa", True),
        ("REGEX", "a+", 5, False),
        ("IS_NULL", None, None, True),
        ("IS_NOT_NULL", None, "x", True),
        ("IS_TRUE", None, True, True),
        ("IS_FALSE", None, "false", True),
        ("GREATER_THAN", 2, 3, True),
        ("GREATER_THAN", 2, None, False),
        ("GREATER_THAN_OR_EQUAL_TO", "2", 2, True),
        ("LESS_THAN", 2, "x", False),
        ("LESS_THAN_OR_EQUAL_TO", 2, 2, True),
    ],
)
def test_each_operator(operator: str, value: Any, found: Any, holds: bool) -> None:
    deny = rule("Deny", where=[{"field": "x", "operator": operator, "value": value}])
    assert bool(judged(flow(task(x=found)), deny)) is holds
