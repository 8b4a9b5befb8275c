"""What every request goes through, tried with endpoints of our own."""

import json

import pytest
from django.core.exceptions import ImproperlyConfigured
from django.db import IntegrityError, OperationalError, connection
from django.http import HttpRequest, StreamingHttpResponse
from django.test import Client, override_settings
from django.urls import path

from control_plane.kernel.actor import Context
from control_plane.kernel.api.bodies import Body
from control_plane.kernel.api.dispatch import authenticate_with
from control_plane.kernel.api.fast import fast_view, json_body
from control_plane.kernel.api.views import Answer, InstanceView, TenantView
from control_plane.kernel.permissions import AUTHENTICATED, PUBLIC, SUPERADMIN
from control_plane.kernel.scope import current_owner, current_tenant
from control_plane.kernel.words.errors import Conflict, Invalid, Violation
from tenants.models import Namespace
from tenants.permissions import NAMESPACE
from tests.cast import ACME, Cast, make_cast

pytestmark = [pytest.mark.django_db]


class Sent(Body):
    flow_id: str
    size: int = 1


class Thing(TenantView):
    access = {"show": NAMESPACE.LIST, "create": NAMESPACE.CREATE, "hook": PUBLIC, "whole": SUPERADMIN}

    def show(self, request, **kwargs):
        return {"tenant": current_tenant(), "ip": self.ctx.ip, "id": self.ctx.request_id}

    def create(self, request):
        Namespace.objects.create(name="made")
        return Answer(self.body(Sent).model_dump(), 201)

    def hook(self, request):
        return {"actor": self.ctx.actor.kind, "data": request.data if isinstance(request.data, str) else None}

    def whole(self, request):
        return None


class Broken(InstanceView):
    access = {"show": PUBLIC}
    tries = 0

    def show(self, request, kind: str):
        Broken.tries += 1
        assert current_owner() == ""
        if kind == "stream":
            return StreamingHttpResponse(["a"])
        if kind == "deadlock" and Broken.tries < 3:
            with connection.cursor() as cursor:
                cursor.execute("DO $$ BEGIN RAISE EXCEPTION USING ERRCODE = '40P01'; END $$")
        if kind == "always":
            raise OperationalError("connection refused at 10.0.0.1")
        errors = {
            "bug": RuntimeError("a secret"),
            "conflict": Conflict("it runs"),
            "invalid": Invalid("wrong", violations=[Violation("bad", "tasks[0].id", 3, 5)]),
            "integrity": IntegrityError("duplicate key (tenant_id)=(globex)"),
            "nothing": Namespace.DoesNotExist(),
        }
        if kind in errors:
            raise errors[kind]
        return {"tries": Broken.tries}


def fast(request: HttpRequest, ctx: Context, thing: str) -> object:
    return {"thing": thing, "tenant": current_tenant(), **json_body(request, Sent).model_dump(by_alias=True)}


urlpatterns = [
    path("<str:tenant>/thing", Thing.as_view({"get": "show", "post": "create"})),
    path("<str:tenant>/hook", Thing.as_view({"post": "hook"})),
    path("<str:tenant>/whole", Thing.as_view({"get": "whole"})),
    path("<str:tenant>/fast/<str:thing>", fast_view(post=(NAMESPACE.CREATE, fast))),
    path("broken/<str:kind>", Broken.as_view({"get": "show"})),
    path(
        "me", type("Me", (InstanceView,), {"access": {"g": AUTHENTICATED}, "g": lambda s, r: {}}).as_view({"get": "g"})
    ),
]
handler404 = "control_plane.kernel.api.errors.unknown_route"


@pytest.fixture
def cast():
    Broken.tries = 0
    with override_settings(ROOT_URLCONF=__name__):
        yield make_cast()


def post(client: Client, path: str, body: object, kind: str = "application/json", **extra):
    return client.post(path, body if isinstance(body, str | bytes) else json.dumps(body), content_type=kind, **extra)


def test_a_handler_runs_in_the_scope_of_the_tenant_it_was_asked_in(cast: Cast):
    response = cast.olga.client.get(f"/{ACME}/thing", headers={"x-request-id": "abc-1"})
    assert response.json() == {"tenant": ACME, "ip": "127.0.0.1", "id": "abc-1"}
    assert response["X-Request-Id"] == "abc-1"


@pytest.mark.parametrize("given", ["", "a b", "x" * 65, "<script>"])
def test_a_request_id_that_could_do_harm_is_replaced(cast: Cast, given: str):
    response = cast.olga.client.get(f"/{ACME}/thing", headers={"x-request-id": given})
    assert len(response["X-Request-Id"]) == 22


@pytest.mark.parametrize(
    ("who", "status"), [("olga", 200), ("vera", 200), ("lena", 200), ("root", 403), ("otto", 404), ("anonymous", 401)]
)
def test_the_endpoint_asks_for_the_right(cast: Cast, who: str, status: int):
    assert cast.everybody()[who].get(f"/{ACME}/thing").status_code == status


def test_a_superadmins_endpoint_and_a_public_one(cast: Cast):
    assert cast.root.client.get(f"/{ACME}/whole").status_code == 204
    assert cast.olga.client.get(f"/{ACME}/whole").status_code == 403
    bad = Client(headers={"authorization": "Bearer nonsense"})
    assert post(bad, f"/{ACME}/hook", "hello", "text/plain").json() == {"actor": "ANONYMOUS", "data": "hello"}
    assert cast.anonymous.get("/me").status_code == 401


def test_an_error_rolls_back_what_the_handler_wrote(cast: Cast):
    assert post(cast.olga.client, f"/{ACME}/thing", {"flowId": 3}).status_code == 422
    assert post(cast.olga.client, f"/{ACME}/thing", {"flowId": "x"}).status_code == 201


def test_the_fast_way_goes_through_the_same_endpoint(cast: Cast):
    sent = {"flowId": "x", "unknown": 1}
    answered = post(cast.eddie.client, f"/{ACME}/fast/t", sent)
    assert answered.json() == {"thing": "t", "tenant": ACME, "flowId": "x", "size": 1}
    assert post(cast.vera.client, f"/{ACME}/fast/t", sent).status_code == 403
    assert post(cast.otto.client, f"/{ACME}/fast/t", sent).status_code == 404
    assert post(cast.eddie.client, f"/{ACME}/fast/t", {}).status_code == 422
    assert cast.eddie.client.get(f"/{ACME}/fast/t").status_code == 405


@pytest.mark.parametrize(
    ("kind", "status", "message"),
    [
        ("bug", 500, "Internal Server Error: Something went wrong on our side; it was logged under the request's id."),
        ("conflict", 409, "Illegal state: it runs"),
        ("nothing", 404, "Not Found: There is no such thing, or you may not know of it."),
        ("always", 503, "Service Unavailable: the database does not answer"),
        ("integrity", 500, None),
    ],
)
def test_every_exception_has_the_one_body_and_bugs_tell_nothing(cast: Cast, caplog, kind, status, message):
    response = cast.anonymous.get(f"/broken/{kind}")
    body = response.json()
    assert response.status_code == status
    assert message is None or body["message"] == message
    assert body["_links"]["self"]["href"] == f"/broken/{kind}" and body["requestId"] == response["X-Request-Id"]
    assert "secret" not in response.content.decode() and "10.0.0.1" not in response.content.decode()
    assert (status == 500) == bool([record for record in caplog.records if record.name.startswith("control_plane")])
    assert ("Retry-After" in response) == (status == 503)


def test_violations_say_where(cast: Cast):
    body = cast.anonymous.get("/broken/invalid").json()
    assert body["_embedded"]["errors"] == [{"message": "bad", "path": "tasks[0].id", "line": 3, "column": 5}]


def test_a_deadlock_is_tried_again_as_a_whole(cast: Cast):
    assert cast.anonymous.get("/broken/deadlock").json() == {"tries": 3}


def test_an_address_that_does_not_exist_and_a_method_that_is_not_served(cast: Cast):
    missing = cast.anonymous.get("/nothing/here/at/all?x=1")
    assert missing.status_code == 404 and missing.json()["message"] == "Not Found: no such address"
    refused = cast.olga.client.delete(f"/{ACME}/thing")
    assert refused.status_code == 405 and refused["Allow"] == "GET, HEAD, POST"
    assert cast.anonymous.options(f"/{ACME}/thing").status_code == 405


@pytest.mark.parametrize(
    "body",
    [
        b"{",
        b"[]",
        b"1",
        b"\xff",
        b'{"flowId": "\\ud800"}',
        b'{"flowId": NaN}',
        b'{"flowId": "a"} trailing',
        b'{"flowId": "a"}\x00',
        b"[" * 100_000,
        b'{"flowId": "a", "size": 1e400}',
        b"",
    ],
)
def test_a_bad_body_is_422(cast: Cast, body: bytes):
    for path_ in (f"/{ACME}/thing", f"/{ACME}/fast/t"):
        assert post(cast.olga.client, path_, body).status_code == 422


def test_a_type_nobody_understands_is_415(cast: Cast):
    assert post(cast.olga.client, f"/{ACME}/thing", "x", "application/x-unknown").status_code == 415


def test_no_answer_depends_on_what_the_client_says_it_accepts(cast: Cast):
    for accept in ("application/octet-stream", "text/csv", "nonsense"):
        assert cast.olga.client.get(f"/{ACME}/thing", headers={"accept": accept}).status_code == 200


def test_an_action_without_access_is_refused_while_routes_are_built():
    class Forgetful(TenantView):
        access = {"show": AUTHENTICATED}

        def show(self, request):
            return None

        def delete_all(self, request):
            return None

    with pytest.raises(ImproperlyConfigured, match="delete_all does not declare"):
        Forgetful.as_view({"get": "show", "delete": "delete_all"})
    Forgetful.access = {"show": AUTHENTICATED, "gone": AUTHENTICATED}
    with pytest.raises(ImproperlyConfigured, match="does not have"):
        Forgetful.as_view({"get": "show"})


def test_without_an_authenticator_nobody_gets_in(cast: Cast):
    from control_plane.kernel.api.dispatch import _knows_nobody

    before = authenticate_with(_knows_nobody)
    try:
        assert cast.olga.client.get(f"/{ACME}/thing").status_code == 401
    finally:
        authenticate_with(before)
