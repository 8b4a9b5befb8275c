"""Somebody watches a log while the company's directory deactivates them: what is open ends, and nothing opens again."""

import json
import re
import time
from urllib.request import Request, urlopen

import pytest
from playwright.sync_api import expect

from tests.iam.sso.openid_peer import openid_peer, wish
from tests.journeys.browser import open_page
from tests.journeys.hands import live_badge, log_line

pytestmark = [pytest.mark.journey, pytest.mark.story]
STREAM_ENDS_WITHIN_MS = 5_000
REFUSED_WITHIN = 1.0
TALKS = """\
id: talks
namespace: company.team
tasks:
  - id: talk
    type: io.kestra.plugin.scripts.shell.Commands
    taskRunner: {type: io.kestra.plugin.core.runner.Process}
    commands: ["for n in $(seq 600); do echo said $n; sleep 0.2; done"]
"""


@pytest.fixture(scope="module")
def peer():
    with openid_peer() as started:
        started.claims = {"sub": "dana-1", "email": "dana@acme.test", "email_verified": True, "given_name": "Dana"}
        yield started


@pytest.fixture(scope="module")
def notes(instance, token, peer):
    """Dana is pushed by the directory of Acme with a group that may watch, and signs in by Acme's provider."""
    made = instance.call(
        "POST", "/api/v1/acme/security-integrations", {"name": "okta", "type": "SCIM", "client": "OKTA"}, token=token
    )
    known = {"token": made["token"], "address": f"{instance.url}/api/v1/acme/integrations/{made['id']}/scim/v2"}
    known["dana"] = scim(known, "POST", "/Users", {"userName": "dana@acme.test", "externalId": "d1"})["id"]
    group = scim(known, "POST", "/Groups", {"displayName": "Watchers", "members": [{"value": known["dana"]}]})["id"]
    given = {"type": "GROUP", "externalId": group, "roleId": "viewer_acme"}
    instance.call("POST", "/api/v1/acme/bindings", given, token=token)
    provider = wish(peer, settings={"linkVerified": True})
    instance.call("POST", "/api/v1/acme/identity-providers", provider, token=token)
    instance.call("POST", "/api/v1/acme/flows", TALKS, token=token)
    return known


def scim(known: dict, method: str, path: str, body: object) -> dict:
    headers = {"Authorization": f"Bearer {known['token']}", "Content-Type": "application/scim+json"}
    with urlopen(
        Request(known["address"] + path, json.dumps(body).encode(), headers, method=method), timeout=30
    ) as told:
        return json.loads(told.read() or "{}")


@pytest.fixture(scope="module")
def page(instance, notes):
    with open_page() as opened:
        yield opened


def test_she_signs_in_by_the_provider_and_watches_a_log_as_it_grows(page, instance, token, notes):
    page.goto(f"{instance.url}/oauth/login/acme/peer?next=/ui/acme/flows")
    expect(page.get_by_role("heading", name="Flows", level=1)).to_be_visible()
    started = instance.call("POST", "/api/v1/acme/executions/company.team/talks", token=token)
    with page.expect_websocket() as coming:
        page.goto(f"{instance.ui}acme/executions/{started['id']}/logs")
    notes["socket"] = coming.value
    expect(log_line(page, "said 3")).to_be_visible()
    expect(live_badge(page)).to_have_text("Live")


def test_when_she_is_deactivated_the_stream_ends_and_the_next_request_is_refused(page, instance, notes):
    flows = f"{instance.url}/api/v1/acme/flows/search"
    assert page.request.get(flows).status == 200
    deactivated = {"Operations": [{"op": "replace", "value": {"active": False}}]}
    with notes["socket"].expect_event("close", timeout=STREAM_ENDS_WITHIN_MS):
        scim(notes, "PATCH", f"/Users/{notes['dana']}", deactivated)
        began = time.monotonic()
        assert page.request.get(flows).status == 401
        assert time.monotonic() - began < REFUSED_WITHIN


def test_nothing_of_it_opens_again(page, instance):
    page.reload()
    expect(page).to_have_url(re.compile("/sign-in"))
    page.goto(f"{instance.url}/oauth/login/acme/peer?next=/ui/acme/flows")
    expect(page.get_by_role("alert")).to_be_visible()
    assert page.request.get(f"{instance.url}/api/v1/me").status == 401
