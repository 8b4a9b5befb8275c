"""A binding to a namespace opens it and what is below it, on every route there is, and nothing that only looks alike."""

from __future__ import annotations

from typing import Any

import pytest

from control_plane.kernel.permissions import Rule
from iam.authorization.catalogue import GOVERNED
from tests.architecture.routes import Route, api_routes
from tests.architecture.test_access import NOT_DONE
from tests.architecture.test_audited import SENT, by_end, filled
from tests.architecture.test_twin_inputs import base_of, path_of
from tests.architecture.test_twin_inputs import undone as undone
from tests.architecture.test_twins import fingerprint, told
from tests.architecture.twins import Twin, make_twin
from tests.cast import ACME, Cast, Person, bind, make_cast, make_person

pytestmark = pytest.mark.django_db
MARK, HOME = "zqown", "zqup.zqown-data"
NEAR = ("zqu", "zqupp", "zqup.zqown", "zqup.zqown-dat", "zqup.zqown-data.below", "zqup.zqown-database", "zqown-data")
ABOVE = ("zqup", HOME)


@pytest.fixture
def cast() -> Cast:
    return make_cast()


@pytest.fixture
def own(cast: Cast) -> Twin:
    return make_twin(ACME, MARK, cast.olga, above="zqup.")


def bound_to(*namespaces: str) -> Person:
    person = make_person(f"{namespaces[0]}@bound.test")
    for namespace in namespaces:
        bind(ACME, person, "Admin", namespace)
    return person


def routes() -> list[Route]:
    return [route for route in api_routes() if route.is_tenants and is_bound(route)]


def is_bound(route: Route) -> bool:
    """It is about things that live in namespaces."""
    right = route.right
    return not isinstance(right, Rule) and right is not None and right.resource not in GOVERNED


def answer(person: Person, own: Twin, route: Route) -> Any:
    body, kind = by_end(route, SENT) or ("{}", "application/json")
    path = f"{path_of(route, own)}?{base_of(route, own)}"
    response = person.client.generic(route.method, path, filled(body, own.slots), content_type=kind)
    told(response)  # what is streamed is read to its end, as whoever asks does
    return response


def test_a_namespace_that_only_looks_alike_opens_nothing(cast: Cast, own: Twin):
    near, before, wrong = bound_to(*NEAR), fingerprint(ACME), {}
    for route in routes():
        response = answer(near, own, route)
        body = told(response)
        is_refused = response.status_code in NOT_DONE
        names_it = any(slot in ("namespace", "name", "execution_id", "flow_id") for slot in route.slots)
        if (names_it and not is_refused and body != "[]") or (
            not is_refused and any(text in body for text in marks(own))
        ):
            wrong[str(route)] = (response.status_code, body[:200])
    assert wrong == {}
    assert changed(before) <= {"bulk_operation", "audit_entry", "iam_refusal", "namespace", "flow", "flow_revision"}


def marks(own: Twin) -> tuple[str, ...]:
    return (f"{MARK}-flow", f"{MARK}-task", f"{MARK}-key", own.slots["execution_id"], own.slots["task_run_id"])


def changed(before: dict[str, str]) -> set[str]:
    after = fingerprint(ACME)
    return {table for table in before if before[table] != after[table]}


@pytest.mark.parametrize("namespace", ABOVE)
def test_a_namespace_and_the_one_above_open_what_they_hold(cast: Cast, own: Twin, undone: None, namespace: str):
    inside, wrong = bound_to(namespace), {}
    for route in routes():
        if set(route.slots) & {"namespace", "name", "execution_id", "flow_id"}:
            mine, owners = answer(inside, own, route), answer(cast.olga, own, route)
            if mine.status_code != owners.status_code:
                wrong[str(route)] = (mine.status_code, owners.status_code, told(mine)[:200])
    assert wrong == {}


@pytest.mark.parametrize("namespace", ABOVE)
def test_lists_show_what_is_inside(cast: Cast, own: Twin, namespace: str):
    inside, near = bound_to(namespace), bound_to(*NEAR)
    seen = {}
    for route in routes():
        if route.method == "GET" and not route.slots:
            seen[str(route)] = MARK in told(answer(inside, own, route))
            assert not any(text in told(answer(near, own, route)) for text in marks(own)), str(route)
    assert sum(seen.values()) >= 10, seen
