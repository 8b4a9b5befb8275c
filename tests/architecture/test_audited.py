"""A write whose audit entry cannot be written is no write: on every address that changes something."""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import psycopg
import pytest
from django.test import Client

from audit.recording.commands import Command
from control_plane.embedded.postgres import SUPERUSER, Postgres
from control_plane.kernel.actor import ANONYMOUS, SYSTEM, Context
from control_plane.kernel.config import override
from control_plane.kernel.csrf import csrf_of
from control_plane.kernel.permissions import Rule
from control_plane.kernel.scope import instance_scope, tenant_scope
from control_plane.kernel.words.clock import now
from governance.announcements.services import Wanted as NewAnnouncement
from governance.announcements.services import create_announcement
from governance.in_force.switches import Evaluation
from governance.kill_switches.services import Wanted as NewSwitch
from governance.kill_switches.services import create_kill_switch
from governance.models import Notification
from governance.notifications.telling import notify
from governance.policies.drafts import Draft
from governance.policies.services import create_instance_policy
from iam.authentication.sign_in import tell_failure
from iam.models import ApiToken, Session
from iam.record.invitations import link_of
from iam.record.offers import NewInvitation
from iam.record.tokens import NewToken
from iam.services.identity_providers import ProviderWish, create_identity_provider
from iam.services.instance_accounts import create_any_account_token, create_instance_account
from iam.services.invitations import invite
from iam.services.resets import make_reset
from iam.services.sessions import sign_in
from tests.architecture.routes import Route, api_routes
from tests.architecture.test_twins import BODIES, QUERIES, fingerprint, slot_of, told
from tests.architecture.twins import Twin, make_acts, make_twin
from tests.cast import ACME, GLOBEX, PASSWORD, Cast, Person, make_cast, make_person
from tests.executions.ground import FakeWorker
from tests.iam.sso.openid_peer import connect, is_signed_in, openid_peer, wish
from tests.iam.sso.openid_peer import sign_in as sign_in_by
from tests.iam.sso.test_hostile_sign_in import logout
from workers.services.groups import create_group
from workers.services.queues import Wanted as NewQueue
from workers.services.queues import create_queue
from workers.services.subscriptions import WantedQueue, add_subscription
from workers.services.tokens import create_group_token

pytestmark = pytest.mark.django_db
MARK = "zqown"
REFUSE = """
CREATE FUNCTION refuse_entries() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN RAISE EXCEPTION 'zq-no-entry'; END $$;
CREATE TRIGGER refuse_entries BEFORE INSERT ON audit_entry FOR EACH ROW EXECUTE FUNCTION refuse_entries();
"""
ALLOW = "DROP TRIGGER refuse_entries ON audit_entry; DROP FUNCTION refuse_entries()"
JSON, YAML = "application/json", "application/x-yaml"
NEW_FLOW = "id: new\nnamespace: new\ntasks: [{id: t, type: io.kestra.plugin.core.log.Log, message: x}]"
IMPORTED = f'--b\r\nContent-Disposition: form-data; name="fileUpload"; filename="f.yml"\r\n\r\n{NEW_FLOW}\r\n--b--\r\n'
# These ask an identity provider first; they are tried with one below.
WITH_PROVIDER = (
    "/identity-providers",
    "/identity-providers/<str:provider_id>",
    "<str:provider_id>/discover",
    "backchannel-logout/<str:name>",
    "backchannel-logout/<str:tenant>/<str:name>",
)
RULE = '[{"type": "x.Require", "on": "FLOW", "target": "labels"}]'
NEW_POLICY = f'{{"id": "new", "displayName": "New", "enforcement": "REFERENCE", "rules": {RULE}}}'
KEPT_POLICY = NEW_POLICY.replace('"new"', '"{policy_id}"')
POLICY_TEXT = f"scope: TENANT\nid: brought\nenforcement: REFERENCE\nrules: {RULE}\n"
TRIGGER = '{"namespace": "{namespace}", "flowId": "{flow_id}", "triggerId": "{trigger_id}"}'
NEW_CREDENTIAL = (
    '{"name": "new", "type": "OAUTH2", "tokenEndpoint": "http://127.0.0.1:1/new", "authConfig": {"clientId": "a",'
    ' "type": "CLIENT_CREDENTIALS", "clientSecret": {"secretKey": "S", "namespace": "{namespace}"}}}'
)
# What the twin's owner may send there, by how the address ends; elsewhere an empty object will do.
OTHER_SECRETS = '{"secretType": "1password", "secretConfiguration": {"address": "http://127.0.0.1:9", "token": "t", "vaultId": "v"}}'
SENT: dict[str, tuple[str, str]] = {
    **BODIES,
    "/actions/state": ('{"taskRunId": "{task_run_id}", "state": "FAILED"}', JSON),
    "executions/by-ids": ('["{execution_id}"]', JSON),
    "/by-ids": ('["{execution_id}"]', JSON),
    "labels/by-ids": ('{"executionsId": ["{execution_id}"], "executionLabels": [{"key": "a", "value": "b"}]}', JSON),
    "labels/by-query": ('[{"key": "a", "value": "b"}]', JSON),
    "flows/delete/by-ids": ('[{"id": "{flow_id}", "namespace": "{namespace}"}]', JSON),
    "flows/enable/by-ids": ('[{"id": "{flow_id}", "namespace": "{namespace}"}]', JSON),
    "flows/import": (IMPORTED, "multipart/form-data; boundary=b"),
    "flows/disable/by-ids": ('[{"id": "{flow_id}", "namespace": "{namespace}"}]', JSON),
    "/retention": ('{"rules": {"KV": []}}', JSON),
    "/policies": (NEW_POLICY, JSON),
    "policies/<str:policy_id>": (KEPT_POLICY, JSON),
    "policies/delete/by-ids": ('["{policy_id}"]', JSON),
    "policies/import": (IMPORTED.replace(NEW_FLOW, POLICY_TEXT), "multipart/form-data; boundary=b"),
    "/credentials": (NEW_CREDENTIAL, JSON),
    "secrets-backend/test": (OTHER_SECRETS, JSON),
    "credentials/<str:credential_id>": ('{"type": "OAUTH2", "audience": "new"}', JSON),
    "credentials/<str:credential_name>": ('{"type": "OAUTH2", "audience": "new"}', JSON),
    "<str:namespace>/kv": ('{"keys": ["{key}"]}', JSON),
    "/flows": (NEW_FLOW, YAML),
    "flows/bulk": (NEW_FLOW, YAML),
    "flows/<str:namespace>/<str:flow_id>": (
        NEW_FLOW.replace(" new", " {flow_id}", 1).replace("new", "{namespace}"),
        YAML,
    ),
    "/roles": ('{"name": "x", "permissions": {"FLOW": ["VIEW"]}}', JSON),
    "roles/<str:role_id>/copy": ('{"name": "copied"}', JSON),
    "/service-accounts": ('{"name": "new"}', JSON),
    "service-accounts/<str:account_id>": ('{"name": "renamed"}', JSON),
    "/disabled": ('{"disabled": true}', JSON),
    "/api-tokens": ('{"name": "new"}', JSON),
    "access/apply": ("roles: [{name: new, permissions: {FLOW: [VIEW]}}]", YAML),
    "/invitations": ('{"email": "new@twins.test"}', JSON),
    "/groups": ('{"name": "new"}', JSON),
    "groups/<str:group_id>": ('{"name": "renamed"}', JSON),
    "users/<str:user_id>/groups": ('{"groupIds": []}', JSON),
    "/namespaces": ('{"id": "new"}', JSON),
    "/bindings": ('{"type": "USER", "externalId": "{user_id}", "roleId": "{role_id}"}', JSON),
    "bindings/bulk": ('[{"type": "USER", "externalId": "{user_id}", "roleId": "{role_id}"}]', JSON),
    "/tenant-access": ('{"email": "outsider@twins.test"}', JSON),
    "/by-triggers": (f"[{TRIGGER}]", JSON),
    "set-disabled/by-triggers": (f'{{"disabled": true, "triggers": [{TRIGGER}]}}', JSON),
    "triggers/set-disabled": (f'{TRIGGER[:-1]}, "disabled": true}}', JSON),
    "backfill/create": (f'{TRIGGER[:-1]}, "backfill": {{"start": "2020-01-01T00:00:00Z"}}}}', JSON),
    "backfill/pause": (TRIGGER, JSON),
    "backfill/unpause": (TRIGGER, JSON),
    "backfill/delete": (TRIGGER, JSON),
    "/security-integrations": ('{"name": "new", "type": "SCIM"}', JSON),
    "security-integrations/<str:integration_id>": ('{"name": "renamed"}', JSON),
    "scim/v2/Users": ('{"userName": "new"}', JSON),
    "scim/v2/Groups": ('{"displayName": "new"}', JSON),
    "PUT Users/<str:pushed_user_id>": ('{"userName": "other"}', JSON),
    "PUT Groups/<str:pushed_group_id>": ('{"displayName": "other"}', JSON),
    "PATCH Users/<str:pushed_user_id>": ('{"Operations": [{"op": "add", "value": {"title": "x"}}]}', JSON),
    "PATCH Groups/<str:pushed_group_id>": ('{"Operations": [{"op": "add", "value": {"externalId": "x"}}]}', JSON),
}
ASKED = {
    "change-status/by-ids": "newStatus=FAILED",
    "change-status/by-query": "newStatus=FAILED",
    "<str:flow_id>/revisions": "revisions=1",
}
# Whose name is asked for where the twin's own flow, trigger, guest or ended execution has nothing to do.
OTHERS = {
    "actions/kill": {"execution_id": "running"},
    "actions/pause": {"execution_id": "running"},
    "actions/resume": {"execution_id": "paused"},
    "actions/restart": {"execution_id": "failed"},
    "actions/force-run": {"execution_id": "queued"},
    "actions/unqueue": {"execution_id": "queued"},
    "actions/resume-from-breakpoint": {"execution_id": "suspended"},
    "<str:flow_id>/revisions": {"flow_id": "idle"},
    "flows/enable/by-ids": {"flow_id": "idle"},
    "kill/by-ids": {"execution_id": "running"},
    "pause/by-ids": {"execution_id": "running"},
    "resume/by-ids": {"execution_id": "paused"},
    "restart/by-ids": {"execution_id": "failed"},
    "force-run/by-ids": {"execution_id": "queued"},
    "unqueue/by-ids": {"execution_id": "queued"},
    "<str:trigger_id>/unlock": {"flow_id": "waiting"},
    "unlock/by-triggers": {"flow_id": "waiting"},
    "backfill/pause": {"flow_id": "filled"},
    "backfill/unpause": {"flow_id": "halted"},
    "backfill/delete": {"flow_id": "filled"},
    "backfill/pause/by-triggers": {"flow_id": "filled"},
    "backfill/unpause/by-triggers": {"flow_id": "halted"},
    "backfill/delete/by-triggers": {"flow_id": "filled"},
    "PUT tenant-access/<str:user_id>": {"user_id": "outsider"},
    "PUT members/<str:user_id>": {"user_id": "insider"},
}


@pytest.fixture
def cast() -> Cast:
    return make_cast()


@contextmanager
def without_entries(postgres: Postgres) -> Iterator[None]:
    with psycopg.connect(postgres.url(SUPERUSER), autocommit=True) as superuser:
        superuser.execute(REFUSE)
        try:
            yield
        finally:
            superuser.execute(ALLOW)


def writing() -> list[Route]:
    return [
        route
        for route in api_routes()
        if route.is_tenants and isinstance(route.access, Command) and not route.path.endswith(WITH_PROVIDER)
    ]


@pytest.fixture
def twin(cast: Cast) -> Twin:
    return make_twin(ACME, MARK, cast.olga)


@pytest.fixture
def others(twin: Twin) -> dict[str, str]:
    """What the acts of the addresses above have something to do with."""
    outsider = make_person("outsider@twins.test").user.id
    insider = make_person("insider@twins.test", tenants=[ACME]).user.id
    return {**make_acts(twin), "outsider": outsider, "insider": insider}


def test_no_write_is_done_whose_entry_cannot_be_written(
    cast: Cast, twin: Twin, others: dict[str, str], postgres: Postgres, caplog: pytest.LogCaptureFixture
):
    before = fingerprint(ACME)
    done = {}
    with without_entries(postgres):
        for route in writing():
            caplog.clear()
            response = send(cast, twin_for(twin, others, route), route)
            assert "zq-no-entry" not in told(response), str(route)
            assert fingerprint(ACME) == before, f"{route} answered {response.status_code} and changed something"
            if response.status_code != 500 or "zq-no-entry" not in caplog.text:
                done[str(route)] = (response.status_code, told(response)[:300])
    assert done == {}, "these did not come as far as their entry"


def twin_for(twin: Twin, others: dict[str, str], route: Route) -> Twin:
    return twin.with_slots(**{slot: others[other] for slot, other in (by_end(route, OTHERS) or {}).items()})


def send(cast: Cast, twin: Twin, route: Route) -> Any:
    path = route.at(tenant=ACME, **{slot: slot_of(twin, route, slot) for slot in route.slots})
    query = by_end(route, {**QUERIES, **ASKED})
    body, kind = by_end(route, SENT) or ("{}", JSON)
    who = cast.root if route.right is Rule.SUPERADMIN else cast.olga
    return who.client.generic(
        route.method, f"{path}?{filled(query or '', twin.slots)}", filled(body, twin.slots), content_type=kind
    )


def filled(text: str, slots: dict[str, str]) -> str:
    for slot, value in slots.items():
        text = text.replace(f"{{{slot}}}", value)
    return text


def by_end(route: Route, texts: dict[str, Any]) -> Any:
    """The text of the longest end that fits; one that begins with a method is for that alone."""

    def fits(end: str) -> bool:
        method, space, path = end.rpartition(" ")
        return route.path.endswith(path) and (not space or method == route.method)

    return next((texts[end] for end in sorted(texts, key=len, reverse=True) if fits(end)), None)


# What a superadmin sends to the instance's own addresses, by how they end.
IMAGE = b"\x89PNG\r\n".decode("latin-1")
LOGO = f'--b\r\nContent-Disposition: form-data; name="logo"; filename="l.png"\r\n\r\n{IMAGE}\r\n--b--\r\n'
GROUP = '{"name": "New", "subscriptions": []%s}'
SWITCH = '{"name": "new", "evaluationType": "PASS", "startDate": "2030-01-01T00:00:00Z"}'
OF_THE_INSTANCE: dict[str, tuple[str, str]] = {
    "/policies": (NEW_POLICY, JSON),
    "policies/<str:policy_id>": (KEPT_POLICY, JSON),
    "policies/delete/by-ids": ('["{policy_id}"]', JSON),
    "/worker-queues": ('{"id": "new", "tags": ["new"]}', JSON),
    "worker-queues/<str:queue_id>": ('{"id": "{queue_id}", "tags": ["new"]}', JSON),
    "<str:key>/subscriptions": ('{"workerQueueId": "default"}', JSON),
    "subscriptions/<str:queue_id>": ('{"reservedPercent": 7}', JSON),
    "/worker-groups": (GROUP % ', "id": "new"', JSON),
    "/worker-groups/<str:key>": (GROUP % "", JSON),
    "<str:key>/tokens": ('{"name": "new"}', JSON),
    "forgotten-password": ('{"username": "{email}"}', JSON),
    "reset-password": ('{"token": "{reset}", "password": "Another-horse-2"}', JSON),
    "invitation/create/<str:named>": (
        f'{{"firstName": "N", "lastName": "N", "password": "{PASSWORD}"}}',
        JSON,
    ),
    "/banners": ('{"message": "new"}', JSON),
    "/banners/<str:banner_id>": ('{"message": "new"}', JSON),
    "/kill-switches": (SWITCH, JSON),
    "/kill-switches/<str:switch_id>": (SWITCH, JSON),
    "/api-tokens": ('{"name": "new"}', JSON),
    "/service-accounts": ('{"name": "new"}', JSON),
    "service-accounts/<str:account_id>": ('{"name": "renamed"}', JSON),
    "/disabled": ('{"disabled": true}', JSON),
    "/me": ('{"firstName": "New"}', JSON),
    "me/password": (f'{{"oldPassword": "{PASSWORD}", "newPassword": "Another-horse-2"}}', JSON),
    "<str:user_id>/password": ('{"password": "Another-horse-2"}', JSON),
    "/users": ('{"email": "new@twins.test"}', JSON),
    "/users/<str:user_id>": ('{"email": "{email}", "firstName": "New"}', JSON),
    "/restricted": ('{"restricted": true}', JSON),
    "/superadmin": ('{"superAdmin": true}', JSON),
    "/tenants": ('{"id": "new", "name": "New"}', JSON),
    "/tenants/<str:tenant_id>": ('{"id": "{tenant_id}", "name": "New"}', JSON),
    "/logo": (LOGO, "multipart/form-data; boundary=b"),
    "login": (f'{{"username": "{{email}}", "password": "{PASSWORD}"}}', JSON),
}
# Only an instance without users takes these; they are tried below.
FIRST = ("setup", "basicAuth")
SETUP = f'{{"username": "a@b.test", "password": "{PASSWORD}", "tenant": {{"id": "acme", "name": "Acme"}}}}'
# Uses are written down beside every request; they are no changes.
USES = ("last_used_at", "last_seen_at")


def instances() -> list[Route]:
    return [
        route
        for route in api_routes()
        if not route.is_tenants and isinstance(route.access, Command) and not route.path.endswith(WITH_PROVIDER)
    ]


@pytest.fixture
def governor() -> Person:
    """A superadmin with a password."""
    return make_person("governor@twins.test", password=PASSWORD, is_superadmin=True)


@pytest.fixture
def things(cast: Cast, governor: Person) -> dict[str, str]:
    """What the instance's own addresses name; the user has a password, a token and a session."""
    system, email = Context(SYSTEM), "somebody@twins.test"
    user = make_person(email, password=PASSWORD).user
    sign_in(Context(ANONYMOUS), username=email, password=PASSWORD)
    create_group(system, key="own", name="Own")
    token, text = create_group_token(system, key="own", name="own")
    for name in ("own", "taken"):
        create_queue(system, queue_id=name, wanted=NewQueue([name]))
    add_subscription(system, key="own", wanted=WantedQueue("taken"))
    create_instance_policy(system, draft=Draft("own", json.loads(RULE), enforcement="REFERENCE"))
    links = {kind: _invited(cast.otto.context(GLOBEX), email) for kind, email in INVITED.items()}
    settings = {"issuer": "https://id.test", "clientId": "own"}
    provider = create_identity_provider(system, wish=ProviderWish("own", settings=settings))
    asked = {"url": "ldap://localhost:9", "userBase": "dc=twins,dc=test"}
    directory = create_identity_provider(system, wish=ProviderWish("asked", kind="LDAP", settings=asked))
    account = create_instance_account(system, name="own", tenants=[GLOBEX])
    account_token, _ = create_any_account_token(system, account_id=account.id, wanted=NewToken("own"))
    message = make_reset(system, name=email)
    assert message is not None
    sign_in(Context(ANONYMOUS), username="governor@twins.test", password=PASSWORD)
    for _ in range(10):
        tell_failure(email, "203.0.113.9")
    with instance_scope():
        notify([governor.user.id], "own", reference="own")
    return {
        "notification_id": Notification.objects.get(user_id=governor.user.id).id,
        "banner_id": create_announcement(system, wanted=NewAnnouncement("own")).id,
        "switch_id": create_kill_switch(system, wanted=NewSwitch("own", Evaluation.PASS, now())).id,
        "reset": re.findall(r"orp_\w+", message.text)[0],
        "session_id": Session.objects.get(user_id=governor.user.id).id,
        "link to accept": links["accept"],
        "link to create": links["create"],
        "account_id": account.id,
        "account token": account_token.id,
        "provider_id": provider.id,
        "directory_id": directory.id,
        "key": "own",
        "policy_id": "own",
        "queue_id": "own",
        "queue that is taken": "taken",
        "worker_id": FakeWorker(text).member.worker_id,
        "group token": token.id,
        "own token": ApiToken.objects.get(user_id=governor.user.id).id,
        "user token": ApiToken.objects.get(user_id=user.id).id,
        "user_id": user.id,
        "email": email,
        "tenant_id": GLOBEX,
        "auth": "password",
    }


INVITED = {"accept": "governor@twins.test", "create": "newcomer@twins.test"}


def _invited(ctx: Context, email: str) -> str:
    """The secret of an invitation."""
    waiting = invite(ctx, wanted=NewInvitation(email)).invitation
    assert waiting is not None
    with tenant_scope(GLOBEX):
        return (link_of(waiting) or "").rpartition("/")[2]


def all_rows(postgres: Postgres) -> dict[str, str]:
    """Every row of every table, as somebody sees them whom no wall keeps out."""
    with psycopg.connect(postgres.url(SUPERUSER)) as superuser:
        tables = superuser.execute(
            "SELECT relname FROM pg_class WHERE relkind = 'r' AND relnamespace = 'public'::regnamespace"
        ).fetchall()
        uses = "".join(f" - '{use}'" for use in USES)
        rows = {
            table: superuser.execute(f'SELECT (to_jsonb(t){uses})::text FROM "{table}" t ORDER BY 1').fetchall()
            for (table,) in tables
        }
    return {table: hashlib.sha256(repr(each).encode()).hexdigest() for table, each in rows.items()}


TOKENS = {"worker-groups": "group token", "/me/": "own token", "service-accounts": "account token"}


def asked_of_the_instance(governor: Person, things: dict[str, str], route: Route) -> Any:
    kind_of_token = next((kind for part, kind in TOKENS.items() if part in route.path), "user token")
    named = things["link to create" if "/create/" in route.path else "link to accept"]
    slots = {**things, "token_id": things[kind_of_token], "named": named}
    if "/subscriptions/" in route.path:
        slots["queue_id"] = things["queue that is taken"]
    path = route.at(**{slot: slots[slot] for slot in route.slots})
    body, kind = by_end(route, OF_THE_INSTANCE) or ("{}", JSON)
    sent = filled(body, slots).encode("latin-1")
    return governor.client.generic(route.method, f"{path}?force=true", sent, content_type=kind)


# What has to be so before a write can change anything.
MADE_SO = {
    "maintenance/exit": "INSERT INTO maintenance (id, entered_at, entered_by) VALUES (1, now(), 'x')",
    "/unread": "UPDATE notification SET is_read = true",
    "/read-all": "UPDATE notification SET is_read = false",
}


def prepared(route: Route, postgres: Postgres) -> dict[str, str] | None:
    """Make it so, past every wall; the rows as they are then."""
    statement = next((MADE_SO[end] for end in MADE_SO if route.path.endswith(end)), None)
    if statement is None:
        return None
    with psycopg.connect(postgres.url(SUPERUSER)) as superuser:
        superuser.execute(statement)
    return all_rows(postgres)


def signed_in(email: str) -> Client:
    """A browser."""
    secret = sign_in(Context(ANONYMOUS), username=email, password=PASSWORD)
    client = Client(headers={"x-csrf-token": csrf_of(secret)})
    client.cookies["JWT"] = secret
    return client


def test_no_write_to_the_instance_is_done_whose_entry_cannot_be_written(
    governor: Person, things: dict[str, str], postgres: Postgres, caplog: pytest.LogCaptureFixture
):
    browser, acting = signed_in(things["email"]), signed_in("governor@twins.test")
    assert acting.post(f"/api/v1/users/{things['user_id']}/impersonate").status_code == 200
    before, done = all_rows(postgres), {}
    with without_entries(postgres), override(mail={"host": "127.0.0.1", "port": 9}):
        for route in instances():
            if route.path.endswith(FIRST):
                continue
            caplog.clear()
            before = prepared(route, postgres) or before
            if route.path.endswith("logout"):
                response = browser.post(route.at())
            elif route.path.endswith("me/impersonation"):
                response = acting.delete(route.at())
            else:
                response = asked_of_the_instance(governor, things, route)
            after = all_rows(postgres)
            changed = sorted(table for table in before if before[table] != after[table])
            assert changed == [], f"{route} answered {response.status_code} and changed something"
            if response.status_code != 500 or "zq-no-entry" not in caplog.text:
                done[str(route)] = (response.status_code, told(response)[:300])
    assert done == {}, "these did not come as far as their entry"


@pytest.mark.parametrize("address", ["setup", "acme/basicAuth"])
def test_an_instance_is_not_set_up_whose_first_entry_cannot_be_written(
    address: str, postgres: Postgres, caplog: pytest.LogCaptureFixture
):
    before = all_rows(postgres)
    with without_entries(postgres):
        response = Client().post(f"/api/v1/{address}", SETUP, content_type=JSON)
    assert response.status_code == 500 and "zq-no-entry" in caplog.text
    assert all_rows(postgres) == before


def test_every_write_goes_through_the_same_endpoint():
    """So what holds for one holds for those that no address reaches."""
    for name, each in Command.registered.items():
        assert type(each) is Command, name


@pytest.mark.parametrize("where", ["instance", ACME])
def test_what_an_identity_provider_says_is_not_taken_whose_entry_cannot_be_written(
    cast: Cast, where: str, postgres: Postgres, caplog: pytest.LogCaptureFixture
):
    admin, within = (cast.root, "") if where == "instance" else (cast.olga, f"{ACME}/")
    with openid_peer() as peer:
        peer.claims["email"] = "ada@acme.test"
        made = connect(admin.client, where, peer)
        browser = Client()
        assert is_signed_in(sign_in_by(browser, peer, f"/oauth/login/{within}peer"))
        one = f"/api/v1/{where}/identity-providers/{made['id']}"
        peer.metadata = {"end_session_endpoint": None}
        before = all_rows(postgres)
        with without_entries(postgres):
            asked = admin.client.post(f"{one}/discover")
            changed = admin.client.put(one, json.dumps({**made, "title": "Other"}), content_type=JSON)
            gone = admin.client.delete(one)
            new = admin.client.post(one.rpartition("/")[0], json.dumps(wish(peer, "new")), content_type=JSON)
            told = Client().post(f"/oauth/backchannel-logout/{within}peer", {"logout_token": peer.signed(logout(peer))})
        after = all_rows(postgres)
    assert {each.status_code for each in (asked, changed, gone, new, told)} == {500} and "zq-no-entry" in caplog.text
    # That a token's id was seen is no change of anything, and holds although what it asked for failed.
    assert {table for table in before if before[table] != after[table]} <= {"iam_used_once"}
