"""Rights as a document on the page: compared, seen, applied; and what the buttons say to whoever lacks a right."""

import re

import pytest
from playwright.sync_api import expect

from tests.journeys.browser import another_person, open_page
from tests.journeys.hands import follow, open_part, press, sign_in

pytestmark = [pytest.mark.journey, pytest.mark.story]

VERA, PASSWORD = "vera@acme.test", "Correct-Horse-8-Battery"
DOCUMENT = f"""roles:
  - name: Auditor
    description: looks at who may do what
    permissions: {{ROLE: [LIST, VIEW], GROUP: [LIST, VIEW], BINDING: [LIST, VIEW]}}
groups:
  - name: Audit
    members: [{{user: {VERA}}}]
bindings:
  - {{role: Auditor, group: Audit}}
"""


@pytest.fixture(scope="module")
def page(instance, founder, token):
    instance.call("POST", "/api/v1/users", {"email": VERA, "password": PASSWORD, "tenants": ["acme"]}, token=token)
    with open_page() as opened:
        opened.goto(instance.ui)
        sign_in(opened, founder.email, founder.password)
        yield opened


@pytest.fixture(scope="module")
def vera(page, instance):
    with another_person(page) as opened:
        opened.goto(instance.ui)
        sign_in(opened, VERA, PASSWORD)
        opened.wait_for_url(re.compile("/acme/"))
        yield opened


def source(page):
    return page.get_by_role("textbox", name=re.compile("^Roles, groups"))


def test_she_compares_a_document_and_sees_what_it_would_change(page):
    follow(page.get_by_role("navigation", name="Sections"), "Access")
    open_part(page, "As code")
    source(page).fill(DOCUMENT)
    press(page, "Compare")
    changes = page.get_by_role("list", name="Changes")
    expect(changes).to_contain_text("Auditor")
    expect(changes).to_contain_text("+ permissions.ROLE: LIST")
    expect(changes).to_contain_text(f"Audit: user {VERA}")


def test_she_applies_it_and_it_is_so(page):
    press(page, "Apply 4 changes")
    press(page.get_by_role("dialog"), "Apply")
    expect(page.get_by_text("4 changes made")).to_be_visible()
    expect(source(page)).to_have_value(re.compile("name: Auditor"))
    press(page, "Compare")
    expect(page.get_by_text("Nothing: everything is as the document says.")).to_be_visible()


def test_what_is_wrong_with_it_is_said_by_name(page):
    source(page).fill("roles: [{name: x, permissions: {NOTHING: [VIEW]}}]")
    press(page, "Compare")
    expect(page.get_by_text("`NOTHING` is no resource that a role can name")).to_be_visible()


def test_a_button_says_which_right_is_missing(vera, instance):
    vera.goto(f"{instance.ui}acme/access/roles")
    button = vera.get_by_role("link", name="New role")
    expect(button).to_have_attribute("aria-disabled", "true")
    button.hover()
    expect(vera.get_by_text("You lack the right Create on Role in this tenant")).to_be_visible()
    button.click(force=True)
    expect(vera).to_have_url(re.compile("/access/roles$"))
