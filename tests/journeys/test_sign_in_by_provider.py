"""A superadmin connects an identity provider by the pages, tries it, and somebody signs in and out with it."""

import re

import pytest
from playwright.sync_api import expect

from tests.iam.sso.openid_peer import CLIENT, SECRET, openid_peer
from tests.journeys.browser import another_person, open_page
from tests.journeys.hands import follow, open_part, press, sign_in

pytestmark = [pytest.mark.journey, pytest.mark.story]


@pytest.fixture(scope="module")
def peer():
    with openid_peer() as started:
        started.claims = {
            "sub": "ada-1",
            "email": "ada@acme.test",
            "email_verified": True,
            "given_name": "Ada",
            "groups": ["/engineering"],
        }
        yield started


@pytest.fixture(scope="module")
def page(instance, founder, token):
    with open_page() as opened:
        opened.goto(instance.ui)
        sign_in(opened, founder.email, founder.password)
        follow(opened.get_by_role("navigation", name="Sections"), "Instance")
        yield opened


@pytest.fixture(scope="module")
def ada(page):
    with another_person(page) as opened:
        yield opened


def test_she_connects_a_provider(page, peer):
    open_part(page, "Authentication")
    press(page, "Connect a provider")
    dialog = page.get_by_role("dialog")
    dialog.get_by_label("What its button says").fill("Acme Keycloak")
    dialog.get_by_label("Issuer").fill(peer.issuer)
    dialog.get_by_label("Client id").fill(CLIENT)
    dialog.get_by_label("Client secret").fill(SECRET)
    press(dialog, "Add a rule")
    dialog.get_by_label("Value of rule 1").fill("/engineering")
    dialog.get_by_label("Tenant of rule 1").fill("acme")
    dialog.get_by_label("Group of rule 1").fill("Engineers")
    press(dialog, "Connect")
    expect(page.get_by_text(re.compile("/oauth/callback/keycloak$"))).to_be_visible()


def test_she_tries_it_before_anybody_is_affected(page):
    with page.expect_popup() as opened:
        page.get_by_role("link", name="Test").click()
    tried = opened.value
    expect(tried.get_by_text("A new account would be made")).to_be_visible()
    expect(tried.get_by_role("list", name="Rule by rule")).to_contain_text("Engineers")
    expect(tried.get_by_label("Claims received")).to_contain_text("ada@acme.test")
    tried.close()


def test_she_sees_what_would_follow(page):
    page.get_by_label("Claims as JSON, an LDAP entry as LDIF, or a SCIM body").fill(
        '{"groups": ["/engineering", "/sales"]}'
    )
    press(page, "Try the rules")
    expect(page.get_by_role("list", name="Groups in acme")).to_contain_text("Engineers")


def test_somebody_signs_in_with_its_button_and_lands_where_they_wanted_to_go(ada, instance):
    ada.goto(f"{instance.ui}acme/executions")
    ada.get_by_role("link", name="Sign in with Acme Keycloak").click()
    expect(ada).to_have_url(re.compile("/ui/acme/executions"))


def test_sign_out_ends_both_sessions(ada, peer):
    ada.get_by_role("button", name=re.compile("Your account")).click()
    ada.get_by_role("menuitem", name="Sign out").click()
    expect(ada.get_by_role("link", name="Sign in with Acme Keycloak")).to_be_visible()
    assert "/end" in peer.asked
