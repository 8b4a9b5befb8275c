"""A name may be a word that stands in an address: whoever asks by another method than the word is for finds the name."""

from __future__ import annotations

import re
from itertools import combinations

import pytest
from django.http import HttpResponse
from django.test import RequestFactory
from django.urls import URLPattern, resolve

from control_plane.asgi import application
from control_plane.kernel.api import fast, outside, views
from control_plane.kernel.api.addresses import all_routes
from control_plane.urls import urlpatterns
from tests.cast import Cast, make_cast

IN_A_COLLECTION = 4
FLOW = "id: {id}\nnamespace: {namespace}\ntasks: [{{id: a, type: io.kestra.plugin.core.log.Log, message: hi}}]"


def methods_of(route: URLPattern) -> set[str]:
    return {method.upper() for method in getattr(route.callback, "actions", {})} - {"HEAD"}


def is_beside(word: list[str], name: list[str]) -> bool:
    """Whether an address can be both, the one with a literal part where the other takes a name."""
    if len(word) != len(name) or word[:IN_A_COLLECTION] != name[:IN_A_COLLECTION] or "<path:" in name[-1]:
        return False
    both = list(zip(word, name, strict=True))
    return all("<" in each or "<" in other or each == other for each, other in both) and word != name


def hidden() -> list[tuple[str, str, str]]:
    """Method, address and route of everything that a route before it would otherwise keep from being asked for."""
    routes = [(str(route.pattern), methods_of(route)) for route in all_routes(urlpatterns)]
    found: dict[tuple[str, str], tuple[set[str], str]] = {}
    for (word, first), (name, then) in combinations(routes, 2):
        parts = word.split("/"), name.split("/")
        if not is_beside(*parts):
            continue
        address = "/" + "/".join(own if "<" not in own else other for own, other in zip(*parts, strict=True))
        address = re.sub(r"<[^>]*>", "zz", address)
        for method in then - first:
            found.setdefault((method, address), (first, name))
    return [(method, address, name) for (method, address), (_, name) in sorted(found.items())]


@pytest.mark.parametrize(("method", "address", "route"), hidden())
def test_no_word_keeps_a_name_from_a_method(monkeypatch: pytest.MonkeyPatch, method: str, address: str, route: str):
    reached = []

    def serve(request, *given, **more):
        reached.append(request.resolver_match.route)
        return HttpResponse()

    for module in (fast, outside, views):
        monkeypatch.setattr(module, "serve", serve)
    request = RequestFactory().generic(method, address)
    match = resolve(address)
    request.resolver_match = match
    assert match.func(request, *match.args, **match.kwargs).status_code == 200
    [found] = reached
    assert is_beside(found.split("/"), route.split("/")) or found == route


def test_there_are_such_addresses():
    asked = {(method, address) for method, address, _ in hidden()}
    assert ("POST", "/api/v1/zz/executions/zz/graph") in asked
    assert ("PUT", "/api/v1/zz/namespaces/search") in asked
    assert ("PUT", "/api/v1/zz/namespaces/zz/kv/inheritance") in asked
    assert len(asked) > 50


@pytest.fixture
def people(db: None) -> Cast:
    return make_cast()


@pytest.mark.parametrize(
    ("namespace", "flow_id"),
    [
        *(("prod.data", word) for word in ("flow", "graph", "file", "follow", "latest", "actions", "by-ids")),
        ("operations", "one"),
        ("search", "graph"),
    ],
)
def test_a_flow_may_be_called_as_a_part_of_an_address_is(people: Cast, namespace: str, flow_id: str):
    client = people.olga.client
    source = FLOW.format(id=flow_id, namespace=namespace)
    assert client.post("/api/v1/acme/flows", source, content_type="application/x-yaml").status_code == 200
    started = client.post(f"/api/v1/acme/executions/{namespace}/{flow_id}")
    assert started.status_code == 200, started.content
    assert (started.json()["namespace"], started.json()["flowId"]) == (namespace, flow_id)


def test_a_pair_may_be_called_as_a_part_of_an_address_is(people: Cast):
    at = "/api/v1/acme/namespaces/prod/kv/inheritance"
    assert people.olga.client.put(at, "1", content_type="application/json").status_code == 200
    assert people.olga.client.delete(at).status_code == 200


def test_what_no_route_serves_is_refused_still(people: Cast):
    refused = people.olga.client.put("/api/v1/acme/executions/prod/graph")
    assert (refused.status_code, refused["Allow"]) == (405, "GET")


@pytest.mark.parametrize(
    ("place", "starts"),
    [("export/one", True), ("latest/graph", True), ("prod/by-ids", True), ("replay/by-ids", False)],
)
def test_an_execution_of_such_a_flow_can_be_waited_for(place: str, starts: bool):
    asked = {"method": "POST", "path": f"/api/v1/acme/executions/{place}"}
    assert any(route.match(asked) is not None for route in application._routes) == starts
