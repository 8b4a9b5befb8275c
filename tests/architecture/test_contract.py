"""What is served, compared with the contract that clients are built on."""

from __future__ import annotations

import re
import tomllib
from collections import defaultdict
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from typing import Any

import pytest
import yaml

from control_plane.kernel.api.openapi import document
from tests.architecture.comparing import Comparison

ROOT = Path(__file__).resolve().parents[2]
CONTRACT = ROOT.parent / "shared" / "spec" / "api.openapi.yml"
LISTS = ROOT / "control_plane" / "contract"
JSON = "application/json"
METHODS = ("get", "post", "put", "patch", "delete")
Operations = dict[str, dict[str, Any]]
Found = dict[str, dict[str, set[str]]]
Listed = dict[str, dict[str, list[str]]]


def name(method: str, path: str) -> str:
    """`GET /api/v1/{}/flows/{}/{}`: what a place in a path is called does not matter to clients."""
    return f"{method.upper()} {re.sub(r'{[^}]*}', '{}', path)}"


def operations(of: dict[str, Any]) -> Operations:
    return {
        name(method, path): served
        for path, methods in of["paths"].items()
        for method, served in methods.items()
        if method in METHODS
    }


def ours() -> Operations:
    return operations(document())


@cache
def contract() -> dict[str, Any]:
    if not CONTRACT.exists():
        pytest.skip("the contract is not at hand")
    loaded: dict[str, Any] = yaml.load(CONTRACT.read_text(), Loader=yaml.CSafeLoader)
    return loaded


def not_served_yet() -> set[str]:
    lines = (LISTS / "not_served_yet.txt").read_text().splitlines()
    return {line for line in lines if line and not line.startswith("#")}


def on_purpose() -> dict[str, Any]:
    return tomllib.loads((LISTS / "different_on_purpose.toml").read_text())


def test_what_is_listed_as_not_served_is_not_served():
    assert sorted(not_served_yet() & ours().keys()) == [], "take these lines out of not_served_yet.txt"


def test_every_operation_is_served_or_listed():
    missing = operations(contract()).keys() - ours().keys() - not_served_yet()
    assert sorted(missing) == []


def test_the_list_holds_nothing_that_the_contract_does_not():
    assert sorted(not_served_yet() - operations(contract()).keys()) == []


def test_what_we_serve_beyond_the_contract_has_its_reason():
    beyond = ours().keys() - operations(contract()).keys()
    assert sorted(beyond - on_purpose()["beyond"].keys()) == []


def test_every_difference_has_a_reason():
    for kind in on_purpose():
        for operation, reason in on_purpose()[kind].items():
            told = reason if isinstance(reason, str) else reason["reason"]
            assert len(told) > 10, operation


def test_a_declared_body_has_the_properties_of_the_contract():
    differences = on_purpose()["bodies"]
    wrong = {}
    for operation, theirs in operations(contract()).items():
        mine = ours().get(operation)
        if mine is None or not declared(mine):
            continue
        got, wanted = properties(document(), body_of(mine)), properties(contract(), body_of(theirs))
        known = differences.get(operation, {})
        missing = wanted - got - set(known.get("without", ()))
        added = got - wanted - set(known.get("with", ()))
        if missing or added:
            wrong[operation] = {"without": sorted(missing), "with": sorted(added)}
    assert wrong == {}


def declared(operation: dict[str, Any]) -> bool:
    return "properties" in body_of(operation)


def body_of(operation: dict[str, Any]) -> dict[str, Any]:
    content = operation.get("requestBody", {}).get("content", {})
    found: dict[str, Any] = next((each.get("schema", {}) for each in content.values()), {})
    return found


def properties(of: dict[str, Any], schema: dict[str, Any]) -> set[str]:
    """The names of an object's properties, through references and compositions."""
    if "$ref" in schema:
        return properties(of, of["components"]["schemas"][schema["$ref"].rpartition("/")[2]])
    inherited = set().union(*(properties(of, each) for each in schema.get("allOf", [])))
    return inherited | set(schema.get("properties", {}))


def served_and_promised() -> Iterator[tuple[str, dict[str, Any], dict[str, Any]]]:
    """Each operation that both have: its name, ours, theirs."""
    theirs = operations(contract())
    return ((operation, mine, theirs[operation]) for operation, mine in ours().items() if operation in theirs)


def done(operation: dict[str, Any]) -> list[tuple[str, dict[str, Any]]]:
    """The answers that are no refusals: the contract seldom describes those, and ours are all of one kind."""
    return [(status, answer) for status, answer in operation["responses"].items() if status < "400"]


def test_answers_hold_what_the_contract_says():
    """Property by property, through all that is nested; a difference that is gone must leave the list."""
    comparison = Comparison(document(), contract())
    found: Found = defaultdict(lambda: defaultdict(set))
    for operation, mine, promised in served_and_promised():
        for status, answer in done(mine):
            content = promised["responses"].get(status, {}).get("content", {})
            for media, each in answer.get("content", {}).items():
                wanted = content.get(media, {}).get("schema", {}) if media == JSON else {}
                for difference in comparison.differences(operation, each["schema"], wanted):
                    found[difference.owner][difference.kind].add(difference.name)
    assert plain(found) == listed("answers")


def test_statuses_and_types_of_content_are_those_of_the_contract():
    found: Found = defaultdict(lambda: defaultdict(set))
    for operation, mine, promised in served_and_promised():
        for status, answer in done(mine):
            foreseen = promised["responses"].get(status)
            if foreseen is None:
                found[operation]["with"].add(status)
            else:
                found[operation]["with"] |= answer.get("content", {}).keys() - foreseen.get("content", {}).keys()
    assert plain(found) == listed("contents")


# Where the contract foresees that there is nothing to tell, and we always tell something.
NEVER_EMPTY = {"POST /api/v1/{}/executions/{}/actions/resume/validate": "which inputs it checked is always told"}


def test_where_the_contract_foresees_nothing_to_tell_beside_something_so_do_we():
    both = {
        operation: mine["responses"].get("204", {"content": "not declared"})
        for operation, mine, promised in served_and_promised()
        if "204" in promised["responses"] and len(done(promised)) > 1 and operation not in NEVER_EMPTY
    }
    assert "POST /api/v1/{}/invitations" in both
    assert {operation: answer["content"] for operation, answer in both.items() if "content" in answer} == {}


# Where the contract foresees that a thing is not there, and we do not.
NEVER_ABSENT = {
    "GET /api/v1/service-accounts": "a list names no group",
    "POST /api/v1/users": "a tenant that is not there is a mistake in the body",
}


def test_each_refusal_is_described_and_all_are_alike():
    """By the one component; and where the contract foresees that a thing is not there or in the way, so do we."""
    refusals = document()["components"]["responses"]
    assert {each["content"][JSON]["schema"]["$ref"].rpartition("/")[2] for each in refusals.values()} == {"Refusal"}
    wrong = {}
    for operation, mine in ours().items():
        refused = {status: answer for status, answer in mine["responses"].items() if status >= "400"}
        is_one = all(answer["$ref"].rpartition("/")[2] in refusals for answer in refused.values())
        if not is_one or (mine.get("security") and "401" not in refused):
            wrong[operation] = sorted(refused)
    for operation, mine, promised in served_and_promised():
        foreseen = promised["responses"].keys() & {"404"}
        if foreseen - mine["responses"].keys() and operation not in NEVER_ABSENT:
            wrong[operation] = sorted(foreseen)
    assert wrong == {}


def test_parameters_are_those_of_the_contract():
    comparison = Comparison(document(), contract())
    found: Found = defaultdict(lambda: defaultdict(set))
    for operation, mine, promised in served_and_promised():
        got, wanted = parameters(mine), parameters(promised)
        found[operation]["with"] |= {name for _, name in got.keys() - wanted.keys()}
        found[operation]["without"] |= {name for _, name in wanted.keys() - got.keys()}
        for place in got.keys() & wanted.keys():
            for difference in comparison.differences(operation, got[place], wanted[place], place[1]):
                found[operation][difference.kind].add(difference.name)
    assert plain(found) == listed("parameters")


def test_whoever_sends_a_body_may_send_it_to_us():
    wrong = []
    for operation, mine, promised in served_and_promised():
        got, wanted = (each.get("requestBody", {}).get("content", {}).keys() for each in (mine, promised))
        if wanted - got or bool(got) != bool(wanted):
            wrong.append(operation)
    assert wrong == []


def parameters(operation: dict[str, Any]) -> dict[tuple[str, str], dict[str, Any]]:
    """By place and name; what a place in the path is called does not matter."""
    given = operation.get("parameters", [])
    return {(each["in"], each["name"]): each["schema"] for each in given if each["in"] != "path"}


def plain(found: Found) -> Listed:
    some = {name: {kind: sorted(each) for kind, each in kinds.items() if each} for name, kinds in found.items()}
    return {name: kinds for name, kinds in some.items() if kinds}


def listed(section: str) -> Listed:
    entries = on_purpose()[section].items()
    return {name: {kind: sorted(each) for kind, each in told.items() if kind != "reason"} for name, told in entries}


def test_the_document_names_the_right_that_is_needed():
    assert "NAMESPACE.CREATE" in ours()["POST /api/v1/{}/namespaces"]["description"]
    assert ours()["POST /login"].get("security", []) in ([], [{}])
