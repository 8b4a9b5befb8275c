"""Who may do what, on every route there is; a new one is tested on arrival."""

from __future__ import annotations

import json
from collections.abc import Iterator

import pytest
from django.test import Client

from audit.recording.commands import Command
from control_plane.kernel.permissions import Permission, Rule
from control_plane.kernel.words.ids import new_id
from iam.authorization.catalogue import ACTIONS, GOVERNED, MANAGED
from tests.architecture.routes import Route, all_routes, api_routes
from tests.cast import ACME, Cast, make_cast

pytestmark = pytest.mark.django_db

# Served without the API's endpoint, each with its reason.
UNDECLARED = {
    "": "leads to the web application",
    "ui/": "the web application, the same for everybody",
    "ui/<path:path>": "the same",
    "health": "for load balancers, tells up or down",
    "health/liveness": "the same",
    "health/readiness": "the same",
    "prometheus": "figures without any tenant's name",
}
# Open to everybody. Nothing else is.
PUBLIC = {
    "GET /api/v1/banners/shown",
    "POST /login",
    "POST /api/v1/login",
    "GET /api/v1/setup",
    "POST /api/v1/setup",
    "POST /api/v1/<str:tenant_id>/basicAuth",
    "GET /api/v1/auths",
    "POST /api/v1/auths/lookup",
    "GET /oauth/login/<str:name>",
    "GET /oauth/login/<str:tenant>/<str:name>",
    "GET /oauth/callback/<str:name>",
    "GET /oauth/callback/<str:tenant>/<str:name>",
    "POST /oauth/backchannel-logout/<str:name>",
    "POST /oauth/backchannel-logout/<str:tenant>/<str:name>",
    "GET /api/v1/configs/login",
    "GET /api/v1/basicAuthValidationErrors",
    "POST /api/v1/validate-password",
    "POST /api/v1/forgotten-password",
    "POST /api/v1/reset-password",
    "GET /api/v1/request-code/<str:email>",
    "GET /api/v1/invitation/<str:named>",
    "POST /api/v1/invitation/accept/<str:named>",
    "POST /api/v1/invitation/create/<str:named>",
    "GET /api/v1/<str:tenant>/executions/webhook/<str:namespace>/<str:flow_id>/<str:key>",
    "POST /api/v1/<str:tenant>/executions/webhook/<str:namespace>/<str:flow_id>/<str:key>",
    "PUT /api/v1/<str:tenant>/executions/webhook/<str:namespace>/<str:flow_id>/<str:key>",
    "GET /api/v1/<str:tenant>/executions/webhook/<str:namespace>/<str:flow_id>/<str:key>/<path:path>",
    "POST /api/v1/<str:tenant>/executions/webhook/<str:namespace>/<str:flow_id>/<str:key>/<path:path>",
    "PUT /api/v1/<str:tenant>/executions/webhook/<str:namespace>/<str:flow_id>/<str:key>/<path:path>",
}
REFUSED = {403, 404}
# A body or parameter may be looked at before the target: what is wrong with it tells nothing of others.
NOT_DONE = REFUSED | {400, 415, 422}


@pytest.fixture
def cast() -> Cast:
    return make_cast()


def send(client: Client, route: Route, tenant: str = ACME, **values: str):
    path = route.at(tenant=tenant, **{slot: new_id().lower() for slot in route.slots}, **values)
    body = None if route.method in ("GET", "HEAD") else json.dumps({})
    response = client.generic(route.method, path, body or "", content_type="application/json")
    if response.streaming:
        list(response.streaming_content)
    return response


def each(routes: list[Route]) -> pytest.MarkDecorator:
    return pytest.mark.parametrize("route", routes, ids=str)


def of_tenants() -> list[Route]:
    return [route for route in api_routes() if route.is_tenants and route.right is not Rule.PUBLIC]


def test_there_are_routes():
    assert len(api_routes()) > 50


def test_every_route_declares_its_access():
    undeclared = {route.path for route in all_routes() if route.access is None}
    assert undeclared == UNDECLARED.keys() & undeclared, f"without access: {sorted(undeclared - UNDECLARED.keys())}"


def test_public_routes_are_only_the_listed_ones():
    public = {str(route) for route in api_routes() if route.right is Rule.PUBLIC}
    assert public <= PUBLIC, f"open to everybody, and not listed: {sorted(public - PUBLIC)}"


def test_each_permission_that_is_asked_for_exists_in_the_catalogue():
    asked = {route.right for route in api_routes()} | {command.right for command in ours()}
    for right in asked:
        if isinstance(right, Permission):
            assert right.action in ACTIONS[right.resource], str(right)


def ours() -> Iterator[Command]:
    return (command for name, command in Command.registered.items() if not name.startswith("tests."))


def test_whoever_changes_something_over_the_api_does_it_by_a_command():
    """Reading by POST is listed: it changes nothing."""
    reads = {"VIEW", "LIST", "EXPORT", "VALIDATE", "ACCESS_OUTPUTS", "ACCESS_LOGS", "ACCESS_FILES"}
    for route in api_routes():
        if route.method == "GET" or isinstance(route.access, Command):
            continue
        right = route.right
        harmless = (isinstance(right, Permission) and right.action in reads) or str(route) in READ_BY_POST
        assert harmless, f"{route} asks for {right} and is no command"


# No webhook has an address below its own, so nothing is done there.
_BELOW_A_WEBHOOK = "/api/v1/<str:tenant>/executions/webhook/<str:namespace>/<str:flow_id>/<str:key>/<path:path>"
READ_BY_POST = {
    "POST /api/v1/instance/policies/export",
    "POST /api/v1/instance/policies/export/by-ids",
    f"POST {_BELOW_A_WEBHOOK}",
    f"PUT {_BELOW_A_WEBHOOK}",
    "POST /api/v1/<str:tenant>/support/forward",
    "POST /api/v1/plugins/pluginUiManifest",
    "POST /api/v1/auths/lookup",
    "POST /api/v1/instance/identity-providers/discover",
    "POST /api/v1/<str:tenant>/identity-providers/discover",
    "POST /api/v1/<str:tenant>/access/plan",
    "POST /api/v1/<str:tenant>/groups/autocomplete",
    "POST /api/v1/<str:tenant>/groups/ids",
    "POST /api/v1/<str:tenant>/tenant-access/autocomplete",
    "POST /api/v1/validate-password",
    "POST /api/v1/<str:tenant>/expressions/render",
    "POST /api/v1/<str:tenant>/executions/<str:execution_id>/actions/resume/validate",
    "POST /api/v1/<str:tenant>/executions/<str:namespace>/<str:flow_id>/validate",
    "POST /api/v1/<str:tenant>/executions/<str:namespace>/<str:flow_id>",
}


def test_nobody_gets_in_without_credentials(cast: Cast):
    wrong = {}
    for route in api_routes():
        if route.right is not Rule.PUBLIC:
            for tenant in (ACME, "nowhere"):
                status = send(cast.anonymous, route, tenant).status_code
                if status != 401:
                    wrong[str(route)] = status
    assert wrong == {}


def test_nobody_learns_of_a_foreign_tenant(cast: Cast):
    wrong = {}
    for route in of_tenants():
        foreign, absent = send(cast.otto.client, route), send(cast.otto.client, route, "nowhere")
        if (foreign.status_code, absent.status_code) != (404, 404) or told(foreign) != told(absent):
            wrong[str(route)] = (foreign.status_code, absent.status_code)
    superadmins = {str(route) for route in of_tenants() if route.right is Rule.SUPERADMIN}
    assert {route for route, status in wrong.items() if route not in superadmins or status != (403, 403)} == set()


def told(response) -> str:
    """The reason, as our API or SCIM tells it."""
    body = response.json()
    return body["detail"] if "detail" in body else body["message"]


def test_superadmins_endpoints_are_closed_to_everybody_else(cast: Cast):
    wrong = {}
    for route in api_routes():
        if route.right is Rule.SUPERADMIN:
            for who in ("olga", "vera", "otto"):
                status = send(getattr(cast, who).client, route).status_code
                if status not in NOT_DONE:
                    wrong[str(route), who] = status
    assert wrong == {}


def test_a_superadmin_sees_nothing_that_runs_in_a_tenant(cast: Cast):
    wrong = {}
    for route in of_tenants():
        if isinstance(route.right, Permission) and route.right.resource not in GOVERNED:
            status = send(cast.root.client, route).status_code
            if status not in NOT_DONE:
                wrong[str(route)] = status
    assert wrong == {}


@pytest.mark.parametrize(("who", "role"), [("vera", "Viewer"), ("eddie", "Editor")])
def test_a_role_opens_no_more_than_it_holds(cast: Cast, who: str, role: str):
    wrong = {}
    held = MANAGED[role]
    for route in of_tenants():
        right = route.right
        if isinstance(right, Permission) and right.action not in held.get(right.resource, ()):
            status = send(getattr(cast, who).client, route).status_code
            if status not in NOT_DONE:
                wrong[str(route)] = status
    assert wrong == {}


def test_the_owner_is_never_refused_and_nothing_breaks(cast: Cast):
    """Whatever is missing or malformed is a clear 4xx."""
    wrong = {}
    for route in of_tenants():
        if isinstance(route.right, Permission):
            status = send(cast.olga.client, route).status_code
            if status in (401, 403) or status >= 500:
                wrong[str(route)] = status
    assert wrong == {}


HEADERS = (
    {"x-http-method-override": "GET"},
    {"x-original-url": "/api/v1/setup"},
    {"x-user": "root"},
    {"x-tenant": ACME},
)


def test_no_header_opens_a_endpoint(cast: Cast):
    """The forms of an address are tried in `test_addresses`."""
    wrong = {}
    for route in api_routes():
        if route.right is Rule.PUBLIC:
            continue
        for headers in HEADERS:
            if send(Client(headers=headers), route).status_code != 401:
                wrong[str(route), str(headers)] = "entered"
        if route.method == "GET":
            path = route.at(tenant=ACME, **dict.fromkeys(route.slots, "x"))
            if cast.anonymous.head(path).status_code != 401:
                wrong[str(route), "HEAD"] = "entered"
    assert wrong == {}
