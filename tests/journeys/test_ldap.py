"""A superadmin connects a directory by the pages, tries it, sees who would join before they do, and one signs in."""

import pytest
from playwright.sync_api import expect

from tests.iam.sso.ldap.slapd_peer import PASSWORD, READER, READER_PASSWORD, running_slapd
from tests.journeys.browser import another_person, open_page
from tests.journeys.conftest import PICTURES, take_picture
from tests.journeys.hands import follow, open_part, press, sign_in

pytestmark = [pytest.mark.journey, pytest.mark.story]


@pytest.fixture(scope="module")
def place():
    with running_slapd() as server:
        made = server.place()
        made.group("platform", made.person("ada"))
        yield made


@pytest.fixture(scope="module")
def page(instance, founder, token, place):
    with open_page() as opened:
        opened.goto(instance.ui)
        sign_in(opened, founder.email, founder.password)
        follow(opened.get_by_role("navigation", name="Sections"), "Instance")
        yield opened


@pytest.fixture(scope="module")
def ada(page):
    with another_person(page) as opened:
        yield opened


def test_she_connects_a_directory(page, place):
    open_part(page, "Authentication")
    press(page, "Connect a provider")
    dialog = page.get_by_role("dialog")
    dialog.get_by_role("combobox", name="Provider").click()
    page.get_by_role("option", name="LDAP directory").click()
    dialog.get_by_role("textbox", name="Address", exact=True).fill(place.server.url)
    dialog.get_by_label("Certificates of its authority").fill(place.server.ca)
    dialog.get_by_label("Account that searches").fill(READER)
    dialog.get_by_label("Password of that account").fill(READER_PASSWORD)
    dialog.get_by_label("People are below").fill(place.people)
    dialog.get_by_label("Groups are below").fill(place.groups)
    dialog.get_by_label("Compare everybody").fill("0")
    press(dialog, "Add a rule")
    dialog.get_by_label("Value of rule 1").fill("platform")
    dialog.get_by_label("Tenant of rule 1").fill("acme")
    dialog.get_by_label("Group of rule 1").fill("Engineers")
    take_picture(page, PICTURES / "ldap-form.png")
    press(dialog, "Connect")
    expect(page.get_by_text(place.people, exact=True)).to_be_visible()


def test_she_tries_it_step_by_step(page):
    page.get_by_label("Sign-in of").fill("ada")
    page.get_by_label("Their password").fill(PASSWORD)
    press(page, "Test")
    steps = page.get_by_role("list", name="Step by step")
    expect(steps).to_contain_text("encrypted, by a certificate that is accepted")
    expect(steps).to_contain_text("1 found below")
    expect(page.get_by_text("A new account would be made")).to_be_visible()
    expect(page.get_by_role("list", name="Rule by rule")).to_contain_text("Engineers")
    take_picture(page, PICTURES / "ldap-tested.png")


def test_she_sees_who_would_join_before_they_do(page, instance, token):
    press(page, "Show what would change")
    joining = page.get_by_role("list", name="Join")
    expect(joining).to_contain_text("ada@acme.test")
    expect(joining).to_contain_text("+Engineers in acme")
    take_picture(page, PICTURES / "ldap-diff.png")
    press(page, "Compare now")
    expect(page.get_by_role("list", name="Comparisons").get_by_role("listitem").first).to_contain_text("done: 1 joined")
    group = instance.call("GET", "/api/v1/acme/groups/search?q=Engineers", token=token)["results"][0]
    given = {"type": "GROUP", "externalId": group["id"], "roleId": "viewer_acme"}
    instance.call("POST", "/api/v1/acme/bindings", given, token=token)


def test_she_pastes_an_entry_to_see_what_would_follow(page):
    entry = "dn: uid=bob,dc=acme\nuid: bob\nmemberOf: cn=platform,ou=groups,dc=acme"
    page.get_by_label("Claims as JSON, an LDAP entry as LDIF, or a SCIM body").fill(entry)
    press(page, "Try the rules")
    expect(page.get_by_role("list", name="Groups in acme")).to_contain_text("Engineers")


def test_somebody_signs_in_with_the_password_of_the_directory(ada, instance):
    ada.goto(f"{instance.ui}acme/flows")
    sign_in(ada, "ada", PASSWORD)
    expect(ada.get_by_role("heading", name="Flows", level=1)).to_be_visible()
