"""An address means one thing: however it is written, it reaches its own route or none, and no way round a endpoint."""

from __future__ import annotations

import json
from urllib.parse import quote

import pytest
from django.test import Client
from django.urls import Resolver404, resolve

from control_plane.asgi import application
from control_plane.kernel.permissions import Rule
from control_plane.kernel.scope import tenant_scope
from control_plane.kernel.words.paths import Unreadable, decoded, parts
from stores.models import KvEntry
from tests.architecture.routes import Route, api_routes
from tests.architecture.test_access import PUBLIC
from tests.architecture.wire import send
from tests.cast import ACME, Cast, make_cast

pytestmark = pytest.mark.django_db
HIDDEN = ("a%2Fb", "%2F", "..%2F..%2Fusers", "%2e%2e%2f", "x%2Fvalidate", "search%2F", "a%252Fb", "%2Fx")


@pytest.fixture
def cast() -> Cast:
    return make_cast()


def private() -> list[Route]:
    return [route for route in api_routes() if route.right is not Rule.PUBLIC]


@pytest.mark.parametrize("value", HIDDEN)
def test_a_slash_inside_a_part_leads_to_no_other_route(value: str):
    plain = decoded(value.encode())
    wrong = {}
    for route in api_routes():
        for slot in route.slots:
            others = dict.fromkeys((*route.slots, "tenant"), "zz")
            found = resolve(decoded(route.at(**{**others, slot: value}).encode()))
            if found.route != route.path or parts(found.kwargs)[slot] != parts({"_": plain})["_"]:
                wrong[str(route), slot] = found.route
    assert wrong == {}


def test_a_slash_inside_a_part_is_no_part_of_a_path_that_waits():
    for raw in (b"/api/v1/acme/executions/a%2Fb/c", b"/api/v1/acme/executions/a/b%2Fc"):
        matched = [route.match({"method": "POST", "path": decoded(raw)}) for route in application._routes]
        assert [{"a/b", "b/c"} & set(each.values()) for each in matched if each], raw
    hidden = decoded(b"/api/v1/acme/logs/x%2Ffollow")
    assert not any(route.match({"method": "GET", "path": hidden}) for route in application._routes)


@pytest.mark.parametrize(
    ("method", "path", "status"),
    [
        ("PUT", "namespaces/prod/kv/a%2Fb", 422),
        ("PUT", "namespaces/prod%2Fkv/x", 404),
        ("GET", "namespaces/prod%2Fx", 404),
        ("GET", "flows/prod%2Fx/y", 404),
        ("GET", "flows/prod/..%2Fsecret", 404),
        ("POST", "executions/prod%2Fx/y", 404),
        ("POST", "executions/prod/x%2Fvalidate", 404),
        ("GET", "executions/x%2Ffollow", 404),
        ("GET", "logs/x%2Ffollow", 404),
    ],
)
def test_a_hidden_slash_is_part_of_a_name_that_nothing_has(cast: Cast, method: str, path: str, status: int):
    told = send(method, f"/api/v1/acme/{path}", who=cast.olga, body=b'"x"' if method == "PUT" else b"")
    assert told.status == status, told
    with tenant_scope(ACME):
        assert not KvEntry.objects.exists()


def test_whoever_may_do_it_in_prod_may_not_do_it_beside_prod(cast: Cast):
    """A binding to `prod` covers `prod.x`, and nothing that only looks like it."""
    for name in ("production", "prod%2Fx", "prod%2e%2e", "prod%2e%2ex", "prod%2Fengineering", "PROD", "%70rod%2F"):
        told = send("PUT", f"/api/v1/acme/namespaces/{name}/kv/k", who=cast.lena, body=b'"x"', kind="text/plain")
        assert told.status in (403, 404, 422), (name, told)
    for name in ("prod", "prod.engineering", "%70rod"):
        told = send("PUT", f"/api/v1/acme/namespaces/{name}/kv/k", who=cast.lena, body=b'"x"', kind="text/plain")
        assert told.status == 200, (name, told)


def test_who_is_told_of_an_error_sees_the_address_as_sent(cast: Cast):
    told = send("GET", "/api/v1/acme/flows/a%2Fb/c", who=cast.olga)
    assert json.loads(told.body)["_links"]["self"]["href"] == "/api/v1/acme/flows/a%2Fb/c"


@pytest.mark.parametrize("raw", [b"/api/v1/acme/flows/%ff", b"/api/v1/acme/flows/%00/x", b"/api/v1/%EF%B7%90/kv"])
def test_an_address_that_is_no_text_is_refused(raw: bytes):
    assert send("GET", raw).status == 400


# How people have got round endpoints elsewhere: endings and beginnings that a filter lets through, and other spellings.
FORMS = (
    *("{path}/", "{path}//", "{path}/.", "{path}/..", "{path}/%2e", "{path}%2f", "{path}%2F%2F", "{path}%5c"),
    *("{path}/configs", "{path}/configs/login", "{path}/login", "{path}%2fconfigs", "{path}/../configs/login"),
    *("{path}/..;/configs", "{path};x=1", "{path};/login", "{path}%3b/login", "{path}%3fx=/login", "{path}%23/login"),
    *("{path}.json", "{path}.css", "{path}%20", "{path}%09", "{path}%0a", "{path}%0d%0aX-A:b", "{path}%e2%80%8b"),
    *("/{path}", "//{path}", "/.{path}", "/%2e{path}", "/%2f{path}", "/x/..{path}", "/login/..{path}"),
    *("/api/v1/setup/..{path}", "/api/v1/configs/login/../../..{path}", "/ui/..{path}", "/ui/..%2f..{path}"),
    *("/health/..{path}", "{upper}", "{title}", "{encoded}", "{twice}", "{doubled}"),
)


def written(path: str) -> list[str]:
    spelt = {
        "path": path,
        "upper": path.upper(),
        "title": path.replace("/api/v1/", "/API/v1/", 1).replace("/login", "/Login"),
        "encoded": "/".join("".join(f"%{byte:02x}" for byte in part.encode()) for part in path.split("/")),
        "twice": quote(quote(path, safe="/").replace("a", "%61"), safe="/"),
        "doubled": path.replace("/", "//"),
    }
    return [form.format(**spelt) for form in FORMS]


def test_no_form_of_an_address_lets_a_stranger_in():
    """What reaches no route, or only the web application's page, cannot let anybody in; the rest is asked."""
    make_cast()
    wrong, asked = {}, 0
    for route in private():
        path = route.at(tenant=ACME, **dict.fromkeys(route.slots, "x"))
        for form in written(path):
            status = answered(route.method, form)
            asked += status == 401
            if status not in (400, 401, 404, 405):
                wrong[f"{route.method} {form}"] = status
    assert wrong == {}
    assert asked > len(private()), "each route has a form at least that is the same address"


def answered(method: str, form: str) -> int:
    try:
        path = decoded(form.encode())
    except Unreadable:
        return send(method, form).status
    if any(route.match({"method": method, "path": path, "query_string": b""}) for route in application._routes):
        return send(method, form).status
    try:
        found = resolve(path)
    except Resolver404:
        return 404
    if found.route.startswith(("ui/", "health")) or found.route == "" or f"{method} /{found.route}" in PUBLIC:
        return 404
    return STRANGER.generic(method, path, "{}", content_type="application/json").status_code


STRANGER = Client()


def test_what_no_route_takes_is_404_for_strangers_at_the_whole_application():
    for path in ("/api/v2/x", "//api/v1/me", "/api/v1/me/", "/API/v1/me", "/api/v1/me;x", "/api/v1/%6de/", "/login/"):
        assert send("GET", path).status == 404, path


def test_a_method_is_what_the_request_line_says(cast: Cast):
    for name in ("x_http_method_override", "x_method_override", "x_http_method"):
        told = send("GET", "/api/v1/me/api-tokens", who=cast.vera, body=b'{"name": "t"}', **{name: "POST"})
        assert told.status == 200 and b"fullToken" not in told.body
    assert send("GET", "/api/v1/me/api-tokens", who=cast.vera, query="_method=DELETE").status == 200
