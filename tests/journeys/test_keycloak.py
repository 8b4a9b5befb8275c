"""Somebody of the company's Keycloak: in by its form, more and less by its groups, out by its word, while a log streams."""

from __future__ import annotations

import re
import time

import pytest
from playwright.sync_api import Page, expect

from tests.iam.sso.keycloak_peer import CLIENT, PASSWORD, SECRET, running_keycloak
from tests.journeys.browser import open_page
from tests.journeys.hands import live_badge, log_line
from tests.journeys.instance import until
from tests.journeys.test_deactivated import TALKS

pytestmark = [pytest.mark.journey, pytest.mark.story, pytest.mark.nightly]
STREAM_ENDS_WITHIN_MS = 5_000
ENDED_WITHIN = 1.0
KEYS_KNOWN_WITHIN = 20.0


@pytest.fixture(scope="module")
def realm(instance, token):
    """Connected as docs/sign-in/keycloak.md says, with a group that may look and one that may change."""
    with running_keycloak() as keycloak:
        realm = keycloak.realm(instance.url, "keycloak")
        realm.groups |= {name: realm.group(name) for name in ("lookers", "makers")}
        realm.people["ada"] = realm.person("ada", realm.groups["lookers"])
        rules = []
        for name, role in (("lookers", "viewer_acme"), ("makers", "editor_acme")):
            group = instance.call("POST", "/api/v1/acme/groups", {"name": name}, token=token)
            given = {"type": "GROUP", "externalId": group["id"], "roleId": role}
            instance.call("POST", "/api/v1/acme/bindings", given, token=token)
            rules.append({"value": f"/{name}", "group": name})
        settings = {"issuer": realm.issuer, "clientId": CLIENT}
        told = {"name": "keycloak", "title": "Acme Keycloak", "preset": "keycloak", "secret": SECRET}
        wish = {**told, "settings": settings, "rules": rules}
        made = instance.call("POST", "/api/v1/acme/identity-providers", wish, token=token)
        realm.change_client(
            redirectUris=[made["redirectUri"]],
            attributes={
                "pkce.code.challenge.method": "S256",
                "post.logout.redirect.uris": made["postLogoutRedirectUri"],
                "backchannel.logout.url": made["backchannelLogoutUri"],
                "backchannel.logout.session.required": "true",
            },
        )
        instance.call("POST", "/api/v1/acme/flows", TALKS, token=token)
        yield realm


@pytest.fixture(scope="module")
def page(instance, realm):
    with open_page() as opened:
        yield opened


def fill_in(page: Page) -> None:
    """Keycloak's own form."""
    page.locator("#username").fill("ada")
    page.locator("#password").fill(PASSWORD)
    page.locator("#kc-login").click()


def come_in_again(page: Page, instance) -> int:
    """By the session at Keycloak that is open already; what may be listed afterwards."""
    page.goto(f"{instance.url}/oauth/login/acme/keycloak?next=/ui/acme/flows")
    return page.request.get(f"{instance.url}/api/v1/acme/flows/search").status


def may_change(page: Page, instance) -> bool:
    """Whether a flow is saved if her browser sends it."""
    (token,) = [each["value"] for each in page.context.cookies() if each["name"] == "csrfToken"]
    headers = {"Content-Type": "application/x-yaml", "X-CSRF-TOKEN": token}
    answer = page.request.put(f"{instance.url}/api/v1/acme/flows/company.team/talks", data=TALKS, headers=headers)
    assert answer.status in (200, 403), answer.text()
    return answer.status == 200


def test_she_signs_in_by_its_form_and_lands_where_she_wanted_with_the_rights_of_her_group(page, instance):
    page.goto(f"{instance.url}/oauth/login/acme/keycloak?next=/ui/acme/flows")
    fill_in(page)
    expect(page).to_have_url(re.compile("/ui/acme/flows"))
    expect(page.get_by_role("link", name="talks").first).to_be_visible()
    assert not may_change(page, instance)


def test_a_change_of_groups_over_there_changes_her_rights_both_ways(page, instance, realm):
    realm.join(realm.people["ada"], realm.groups["makers"])
    assert come_in_again(page, instance) == 200
    assert may_change(page, instance)
    for name in ("makers", "lookers"):
        realm.leave(realm.people["ada"], realm.groups[name])
    assert come_in_again(page, instance) == 403
    realm.join(realm.people["ada"], realm.groups["lookers"])
    assert come_in_again(page, instance) == 200
    expect(page.get_by_role("link", name="talks").first).to_be_visible()
    assert not may_change(page, instance)


def test_sign_out_ends_both_sessions(page):
    page.get_by_role("button", name=re.compile("Your account")).click()
    page.get_by_role("menuitem", name="Sign out").click()
    expect(page).to_have_url(re.compile("/ui/sign-in"))


def test_after_it_keycloak_asks_for_the_password_again(page, instance):
    page.goto(f"{instance.url}/oauth/login/acme/keycloak?next=/ui/acme/flows")
    fill_in(page)
    expect(page.get_by_role("heading", name="Flows", level=1)).to_be_visible()


def test_a_new_key_over_there_is_known_soon(page, instance, realm):
    realm.rotate(priority=200)
    page.context.clear_cookies(name="JWT")
    assert until(lambda: come_in_again(page, instance) == 200, within=KEYS_KNOWN_WITHIN, pause=1)


def test_a_sign_out_over_there_ends_hers_within_a_second(page, instance, realm):
    me = f"{instance.url}/api/v1/me"
    assert page.request.get(me).status == 200
    realm.sign_out(realm.people["ada"])
    began = time.monotonic()
    assert page.request.get(me).status == 401
    assert time.monotonic() - began < ENDED_WITHIN


def test_deactivated_and_signed_out_over_there_while_a_log_streams(page, instance, realm, token):
    page.goto(f"{instance.url}/oauth/login/acme/keycloak?next=/ui/acme/flows")
    fill_in(page)
    expect(page.get_by_role("heading", name="Flows", level=1)).to_be_visible()
    started = instance.call("POST", "/api/v1/acme/executions/company.team/talks", token=token)
    with page.expect_websocket() as coming:
        page.goto(f"{instance.ui}acme/executions/{started['id']}/logs")
    expect(log_line(page, "said 3")).to_be_visible()
    expect(live_badge(page)).to_have_text("Live")
    with coming.value.expect_event("close", timeout=STREAM_ENDS_WITHIN_MS):
        realm.disable(realm.people["ada"])
        realm.sign_out(realm.people["ada"])
        began = time.monotonic()
        assert page.request.get(f"{instance.url}/api/v1/acme/flows/search").status == 401
        assert time.monotonic() - began < ENDED_WITHIN


def test_and_she_does_not_come_back(page, instance):
    page.goto(f"{instance.url}/oauth/login/acme/keycloak?next=/ui/acme/flows")
    fill_in(page)
    expect(page.get_by_text("Account is disabled")).to_be_visible()
    assert page.request.get(f"{instance.url}/api/v1/me").status == 401
