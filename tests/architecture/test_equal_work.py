"""Whether an id is another's, nobody's or none at all is not told by how long an answer takes: the database does the same.

Statements are compared instead of seconds: they are what takes the time, and they do not vary with the machine.
"""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import pytest
from django.db import connection

from control_plane.kernel.permissions import Rule
from control_plane.kernel.pipeline import Pipeline
from control_plane.kernel.scope import instance_scope, tenant_scope
from control_plane.kernel.words.ids import new_id
from governance.models import Notification
from iam.authorization.refusals import forget_lately
from iam.models import ApiToken, Role, Session
from tests.architecture.routes import Route, api_routes
from tests.architecture.statements import statements, unplanned
from tests.architecture.test_twin_inputs import undone as undone
from tests.architecture.test_twins import IDS, MARK, TOLD_APART, answer, masked, nobodys, routes
from tests.architecture.twins import Twin, make_twin
from tests.cast import ACME, GLOBEX, Cast, Person, bind, make_cast
from tests.factories import make_row

pytestmark = pytest.mark.django_db
FORMLESS = "no!such id"
# What a caller sent in a wrong form they know already, so it may be refused before anything is looked for.
BAD_FORM = (400, 422)
# Names in a path that stand for a word of a closed list, not for a thing of anybody's.
WORDS = {"resource_type", "uri", "rest", "metric"}
NAMESPACED = {"namespace", "name", "execution_id"}


@pytest.fixture
def cast() -> Cast:
    return make_cast()


@pytest.fixture
def own(cast: Cast) -> Twin:
    return make_twin(ACME, "zqown", cast.olga)


@pytest.fixture
def theirs(cast: Cast, own: Twin) -> Twin:
    return make_twin(GLOBEX, MARK, cast.otto)


@pytest.fixture(autouse=True)
def _as_texts(undone: None, monkeypatch: pytest.MonkeyPatch) -> None:
    unplanned(monkeypatch)


@dataclass(frozen=True)
class Work:
    status: int
    statements: list[str]


Ask = Callable[[Twin], Any]


def work(ask: Ask, twin: Twin) -> Work:
    forget_lately()  # of refusals that come too often only some are written down
    with statements() as asked:
        response = ask(twin)
        response.close()
    assert asked, "a request that asks nothing of the database proves nothing"
    return Work(response.status_code, asked)


def told_apart(ask: Ask, foreign: Twin, absent: Callable[[], Twin], formless: Twin | None = None) -> dict[str, Any]:
    """The works that differ from that for an id of nobody, twice: what is seen but once is of a clock, not of the id."""
    return differing(ask, foreign, absent, formless) and differing(ask, foreign, absent, formless)


def differing(ask: Ask, foreign: Twin, absent: Callable[[], Twin], formless: Twin | None) -> dict[str, Any]:
    work(ask, absent())  # what is kept from a first request on is kept for all that follow
    expected = work(ask, absent())
    seen = {"foreign": work(ask, foreign)}
    if formless is not None:
        seen["formless"] = work(ask, formless)
    return {
        name: (expected, each)
        for name, each in seen.items()
        if each != expected and not (name == "formless" and each.status in BAD_FORM)
    }


def asking(who: Person, route: Route) -> Ask:
    return lambda twin: answer(twin, who.client, ACME, route)


def found(each: dict[Any, dict[str, Any]]) -> dict[Any, dict[str, Any]]:
    return {name: works for name, works in each.items() if works}


def formless(twin: Twin) -> Twin:
    return twin.with_slots(**dict.fromkeys(twin.slots, FORMLESS))


def test_another_tenants_ids_are_the_same_work_as_those_of_nobody(cast: Cast, theirs: Twin):
    wrong = {
        str(route): told_apart(asking(cast.olga, route), theirs, lambda: nobodys(theirs), formless(theirs))
        for route in routes()
    }
    assert found(wrong).keys() == TOLD_APART.keys(), found(wrong)


def among(own: Twin, slot: str, ask: Ask) -> Ask:
    return lambda twin: ask(own.with_slots(**{slot: twin.slots[slot]}))


def test_so_is_each_of_them_among_names_of_ones_own(cast: Cast, own: Twin, theirs: Twin):
    """A task run of another tenant below one's own execution, a user of theirs in one's own group."""
    wrong = {
        (str(route), slot): told_apart(
            among(own, slot, asking(cast.olga, route)), theirs, lambda: nobodys(theirs), formless(theirs)
        )
        for route in routes()
        for slot in (set(route.slots) - WORDS if len(route.slots) > 1 else ())
    }
    assert len(wrong) > 100 and found(wrong) == {}


def hidden_routes() -> list[Route]:
    return [route for route in routes() if route.right is not Rule.PUBLIC]


def test_what_is_hidden_in_ones_own_tenant_is_looked_for_by_the_same_work(cast: Cast, own: Twin):
    """Lena edits in another namespace alone."""
    wrong = {str(route): told_apart(asking(cast.lena, route), own, lambda: nobodys(own)) for route in hidden_routes()}
    assert len(wrong) > 150 and found(wrong) == {}


def test_so_it_is_for_whoever_may_do_everything_elsewhere_and_they_are_told_the_same(cast: Cast, own: Twin):
    """What is of no namespace they know of."""
    bind(ACME, cast.lena, "Admin", "prod")
    namespaced = [route for route in hidden_routes() if NAMESPACED & set(route.slots)]
    wrong = {str(route): told_apart(asking(cast.lena, route), own, lambda: nobodys(own)) for route in namespaced}
    assert len(wrong) > 100 and found(wrong) == {}
    absent = nobodys(own)
    told = {
        str(route): (masked(asking(cast.lena, route)(own), own), masked(asking(cast.lena, route)(absent), absent))
        for route in namespaced
    }
    assert {route: each for route, each in told.items() if each[0] != each[1]} == {}


def named_in_bulk(twin: Twin) -> Any:
    """One that is meant and one that nobody has, as the bodies name a flow, a trigger, an execution or a policy."""
    names = {"namespace": twin.slots["namespace"], "id": twin.slots["flow_id"], "flowId": twin.slots["flow_id"]}
    one = {**names, "triggerId": twin.slots["trigger_id"]}
    return {
        "flows": one,
        "triggers": one,
        "executions": twin.slots["execution_id"],
        "policies": twin.slots["policy_id"],
    }


def first_of_nobody(twin: Twin) -> Twin:
    """It stands before the others in any order."""
    slots = {slot: "0" * 22 if slot in IDS else value.replace(twin.mark, "aa") for slot, value in twin.slots.items()}
    return twin.with_slots(**slots)


def bulk_body(route: Route, twin: Twin, besides: Twin) -> str:
    noun = next(word for word in named_in_bulk(twin) if f"/{word}/" in route.path)
    listed = [named_in_bulk(each)[noun] for each in (twin, besides)]
    return json.dumps(
        {"triggers": listed, "disabled": True} if route.path.endswith("set-disabled/by-triggers") else listed
    )


def test_what_is_hidden_is_unknown_among_many_too(cast: Cast, own: Twin):
    """Whatever is told of those that nobody has, before and after it."""
    bind(ACME, cast.lena, "Admin", "prod")
    absent, besides, wrong = nobodys(own), first_of_nobody(own), {}
    bulks = [
        route
        for route in api_routes()
        if route.is_tenants and route.path.endswith(("by-ids", "by-triggers")) and not route.slots
    ]
    for route in bulks:
        told = []
        for twin in (own, absent):
            body = bulk_body(route, twin, besides)
            path = route.at(tenant=ACME)
            told.append(cast.lena.client.generic(route.method, path, body, content_type="application/json"))
        hidden, expected = (masked(each, twin) for each, twin in zip(told, (own, absent), strict=True))
        if hidden != expected:
            wrong[str(route)] = (hidden, expected)
    assert len(bulks) > 20 and wrong == {}


def personal_routes() -> list[Route]:
    """Those of whoever is signed in that name a thing of theirs."""
    slots = {"token_id", "session_id", "notification_id"}
    return [
        route
        for route in api_routes()
        if not route.is_tenants and route.right is Rule.AUTHENTICATED and slots & set(route.slots)
    ]


def test_what_another_person_has_is_the_same_work_as_what_nobody_has(cast: Cast):
    with instance_scope():
        theirs = {
            "token_id": ApiToken.objects.filter(user_id=cast.otto.user.id).latest("created_at").id,
            "session_id": make_row(Session, user=cast.otto.user).id,
            "notification_id": make_row(Notification, user_id=cast.otto.user.id).id,
        }
    foreign = Twin("", "", cast.otto, theirs, "")

    def absent() -> Twin:
        return foreign.with_slots(**{slot: new_id() for slot in theirs})

    def asking_for(route: Route) -> Ask:
        return lambda twin: cast.olga.client.generic(
            route.method, route.at(**twin.slots), "{}", content_type="application/json"
        )

    for route in personal_routes():
        assert work(asking_for(route), absent()).status in (200, 404), str(route)
    wrong = {
        str(route): told_apart(asking_for(route), foreign, absent, formless(foreign)) for route in personal_routes()
    }
    assert len(wrong) >= 5 and found(wrong) == {}


def test_a_statement_is_seen_by_whatever_way_it_is_sent(cast: Cast):
    """And only its values are left out."""
    with statements() as asked, tenant_scope(ACME):
        Role.objects.filter(id__in=["a", "it's"]).count()
        pipeline = Pipeline()
        pipeline.add("SELECT name FROM iam_role WHERE id = %s", ["x"])
        pipeline.run()
        with connection.cursor() as cursor:
            cursor.execute("SELECT 12, %s", ["two\nlines"])
    assert [each.split(" WHERE ")[0] for each in asked] == [
        "BEGIN; SET LOCAL orrery.tenant = ?",
        'SELECT COUNT(*) AS "__count" FROM "iam_role"',
        "SELECT name FROM iam_role",
        "SELECT ?, ?",
        "COMMIT",
    ]
    assert '"iam_role"."id" IN (?)' in asked[1]
