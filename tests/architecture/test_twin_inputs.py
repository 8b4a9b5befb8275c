"""Names of another tenant in parameters, filters, lists of ids and bodies: as if they were names of nothing."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from typing import Any
from urllib.parse import quote

import pytest
from django.db import connection, transaction

from control_plane.embedded.postgres import Postgres
from control_plane.kernel.api import fast, views
from control_plane.kernel.permissions import Rule
from tests.architecture import probes
from tests.architecture.probes import Probe, in_body, in_filters, in_query, in_text, stands_for
from tests.architecture.routes import Route, api_routes
from tests.architecture.test_audited import ASKED, by_end
from tests.architecture.test_twins import (
    MARK,
    QUERIES,
    fingerprint,
    masked,
    nobodys,
    quoted,
    slot_of,
    without_the_second_wall,
)
from tests.architecture.test_twins import without_the_first_wall as without_the_first_wall
from tests.architecture.twins import Twin, make_acts, make_twin
from tests.cast import ACME, GLOBEX, Cast, bind, make_cast

pytestmark = pytest.mark.django_db
_OWN_IDS = re.compile(r"\b[0-9A-Za-z]{22}\b")
_LENGTH = re.compile(r"('Content-Length', ')(\d+)")
_TIMES = re.compile(r"\d{4}-\d\d-\d\dT[\d:.]+Z")
NEEDED = {
    **QUERIES,
    **ASKED,
    "unqueue/by-query": "newState=RUNNING",
    "unqueue/by-ids": "state=RUNNING",
    "actions/unqueue": "state=RUNNING",
    "distinct-field-values": "field=namespace",
    "validate/task": "section=TASKS",
}
# Where a name of somebody is answered otherwise than one of nobody, and why that tells nothing of a tenant.
TOLD_APART = {
    "POST /api/v1/<str:tenant>/tenant-access {email}": "users are global: whoever knows an address may let them in",
}
# Where no body gets anybody anywhere.
TAKES_NOTHING = {"POST /api/v1/<str:tenant>/support/forward"}
# What no such body can do, and why; `tests/iam/sso` says all of it.
NEEDS_AN_ISSUER = {
    "POST /api/v1/<str:tenant>/identity-providers",
    "POST /api/v1/<str:tenant>/identity-providers/discover",
    "PUT /api/v1/<str:tenant>/identity-providers/<str:provider_id>",
}
# Where no filter finds anything of a twin, and why.
UNSEEN = {
    "GET /api/v1/<str:tenant>/flows/deprecated": "a twin uses nothing deprecated",
    "GET /api/v1/<str:tenant>/access/refusals/search": "of what stands in a request a refusal only has its own reference",
}


@pytest.fixture
def cast() -> Cast:
    return make_cast()


@pytest.fixture
def own(cast: Cast) -> Twin:
    return make_twin(ACME, "zqown", cast.olga)


@pytest.fixture
def theirs(cast: Cast, own: Twin) -> Twin:
    """With executions that every act on many finds something to do with."""
    twin = make_twin(GLOBEX, MARK, cast.otto)
    make_acts(twin)
    return twin


@pytest.fixture
def undone(monkeypatch: pytest.MonkeyPatch) -> None:
    """What a request does is undone when it is answered, so that each is asked of the same state."""
    answer = views.answer

    def answer_and_forget(result: object) -> Any:
        told = answer(result)
        if connection.in_atomic_block:
            transaction.set_rollback(True)
        return told

    for module in (views, fast):
        monkeypatch.setattr(module, "answer", answer_and_forget)


def routes() -> list[Route]:
    """Those that a tenant's own people come through."""
    beside = (Rule.PUBLIC, Rule.SUPERADMIN)
    return [route for route in api_routes() if route.is_tenants and route.right not in beside]


def base_of(route: Route, own: Twin) -> str:
    return (by_end(route, NEEDED) or "").format(**quoted(own))


def path_of(route: Route, own: Twin) -> str:
    return route.at(tenant=own.tenant, **{slot: quote(slot_of(own, route, slot), safe="") for slot in route.slots})


def filters_of(route: Route, cast: Cast, own: Twin) -> list[str]:
    body = "[]" if route.path.endswith("labels/by-query") else "{}"
    return probes.filter_names(route, cast.olga.client, f"{path_of(route, own)}?{base_of(route, own)}", body)


def every_probe(cast: Cast, own: Twin) -> Iterator[Probe]:
    for route in routes():
        base = base_of(route, own)
        yield from in_query(route, base)
        yield from in_filters(route, base, filters_of(route, cast, own))
        yield from in_body(route, base, own)
        yield from in_text(route, base, own)


def test_every_name_in_a_request_says_what_it_stands_for(cast: Cast, own: Twin):
    unknown = {}
    for route in routes():
        names = {each["name"] for each in probes.parameters(route)} | probes.leaves(route)
        for name in {*names, *filters_of(route, cast, own)}:
            try:
                stands_for(name, route)
            except KeyError:
                unknown[name] = str(route)
    assert unknown == {}, "say in STANDS_FOR whose name it is, or in NO_NAMES why it is none"


def asked(probe: Probe, client: Any, own: Twin, twin: Twin) -> str:
    """What is told, without what was asked with."""
    query, body, kind = probe.ask(twin)
    path = f"{path_of(probe.route, own)}?{query}"
    response = client.generic(probe.route.method, path, body, content_type=kind)
    return told(response, twin)


def told(response: Any, twin: Twin) -> str:
    text = masked(response, twin)
    for value in (f"{twin.mark}-guest@twins.test", f"{twin.mark}-l", f"{twin.mark}-m", twin.mark):
        text = text.replace(value, "_").replace(value.upper(), "_")
    return _TIMES.sub("@", _OWN_IDS.sub("#", _LENGTH.sub(lambda told: _without_times(told, text), text)))


def _without_times(told: re.Match[str], text: str) -> str:
    """A time is written with as many digits as it has: its length tells nothing."""
    return f"{told[1]}{int(told[2]) - sum(map(len, _TIMES.findall(text)))}"


def leaks(cast: Cast, own: Twin, theirs: Twin, tried: Iterable[Probe]) -> dict[str, Any]:
    control, found = nobodys(theirs), {}
    for probe in tried:
        foreign = asked(probe, cast.olga.client, own, theirs)
        absent = asked(probe, cast.olga.client, own, control)
        is_told = foreign != absent and str(probe) not in TOLD_APART
        if is_told or GLOBEX in foreign or MARK in foreign or foreign.startswith("5"):
            found[str(probe)] = (foreign[:600], absent[:600])
    return found


def test_a_twins_names_in_a_request_are_names_of_nothing(cast: Cast, own: Twin, theirs: Twin, undone: None):
    before = fingerprint(GLOBEX), fingerprint(ACME)
    tried = list(every_probe(cast, own))
    assert len(tried) > 300
    assert leaks(cast, own, theirs, tried) == {}
    assert (fingerprint(GLOBEX), fingerprint(ACME)) == before


def test_whoever_belongs_to_both_finds_each_thing_in_its_own_tenant_alone(
    cast: Cast, own: Twin, theirs: Twin, undone: None
):
    bind(GLOBEX, cast.olga, "Admin")
    reads = [probe for probe in every_probe(cast, own) if probe.route.method == "GET"]
    assert leaks(cast, own, theirs, reads) == {}


def test_the_oracle_sees_a_twins_things_in_its_own_lists(cast: Cast, theirs: Twin, undone: None):
    """Each list can be filtered by a name of the twin so that the owner's answer is another than by a name of nothing."""
    control, blind = nobodys(theirs), []
    for route in routes():
        tried = list(in_filters(route, base_of(route, theirs), filters_in(route, cast, theirs)))
        if tried and not any(
            asked(probe, cast.otto.client, theirs, theirs) != asked(probe, cast.otto.client, theirs, control)
            for probe in tried
        ):
            blind.append(str(route))
    assert sorted(blind) == sorted(UNSEEN)


def test_the_twins_own_admin_gets_through_with_those_bodies(cast: Cast, theirs: Twin, undone: None):
    """A body that nobody could send would prove nothing."""
    refused = {}
    for route in routes():
        base = base_of(route, theirs)
        tried = [*in_body(route, base, theirs), *in_text(route, base, theirs)]
        texts = [asked(probe, cast.otto.client, theirs, theirs) for probe in tried]
        # A conflict, or a state in which it cannot be done, is about a thing that was found.
        if str(route) in TAKES_NOTHING:
            assert all(text.startswith("405") for text in texts), route
        elif str(route) in NEEDS_AN_ISSUER:
            assert all(text.startswith("422") for text in texts), route
        elif texts and not any(text.startswith(("2", "409")) or '"is SUCCESS"' in text for text in texts):
            refused[str(route)] = texts[0][:400]
    assert refused == {}


def filters_in(route: Route, cast: Cast, theirs: Twin) -> list[str]:
    body = "[]" if route.path.endswith("labels/by-query") else "{}"
    return probes.filter_names(route, cast.otto.client, f"{path_of(route, theirs)}?{base_of(route, theirs)}", body)


def test_the_database_alone_hides_a_twins_names(
    cast: Cast, own: Twin, theirs: Twin, undone: None, without_the_first_wall: None
):
    before = fingerprint(GLOBEX)
    assert leaks(cast, own, theirs, every_probe(cast, own)) == {}
    assert fingerprint(GLOBEX) == before


def test_the_application_alone_hides_a_twins_names(
    cast: Cast, own: Twin, theirs: Twin, undone: None, postgres: Postgres
):
    before = fingerprint(GLOBEX)
    with without_the_second_wall(postgres):
        assert leaks(cast, own, theirs, every_probe(cast, own)) == {}
    assert fingerprint(GLOBEX) == before


def test_without_any_wall_the_probes_see_through(
    cast: Cast, own: Twin, theirs: Twin, undone: None, without_the_first_wall: None, postgres: Postgres
):
    """What finds nothing where there is something would prove nothing."""
    lists = [probe for probe in every_probe(cast, own) if probe.route.method == "GET"]
    with without_the_second_wall(postgres):
        seen = leaks(cast, own, theirs, lists)
    assert len({str(probe.route) for probe in lists if str(probe) in seen}) > 15
