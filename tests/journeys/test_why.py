"""Somebody is refused, and both she and an admin find out why."""

import re

import pytest
from playwright.sync_api import expect

from tests.journeys.browser import another_person, open_page
from tests.journeys.hands import open_part, press, sign_in

pytestmark = [pytest.mark.journey, pytest.mark.story]

PASSWORD = "Correct-Horse-8-Battery"


@pytest.fixture(scope="module")
def page(instance, founder, token):
    user = {"email": "vera@acme.test", "firstName": "Vera", "password": PASSWORD, "tenants": ["acme"]}
    made = instance.call("POST", "/api/v1/users", user, token=token)
    binding = {
        "type": "USER",
        "externalId": made["id"],
        "roleId": "viewer_acme",
        "namespaceId": "company.data",
    }
    instance.call("POST", "/api/v1/acme/bindings", binding, token=token)
    with open_page() as opened:
        opened.goto(instance.ui)
        sign_in(opened, founder.email, founder.password)
        opened.wait_for_url(re.compile("/acme/"))
        yield opened


@pytest.fixture(scope="module")
def vera(instance, page):
    with another_person(page) as opened:
        opened.goto(instance.ui)
        sign_in(opened, "vera@acme.test", PASSWORD)
        opened.wait_for_url(re.compile("/acme/"))
        yield opened


def test_she_is_refused_with_a_reference_that_says_why(instance, vera):
    vera.goto(f"{instance.ui}acme/access/invitations")
    expect(vera.get_by_role("heading", name="Not allowed")).to_be_visible()
    vera.get_by_role("link", name="Why?", exact=True).last.click()
    answer = vera.get_by_role("dialog", name="Why it was refused").get_by_role("region", name="Answer")
    expect(answer).to_contain_text("Not allowed")
    expect(answer).to_contain_text("the role Viewer does not hold INVITATION.LIST")


def test_an_admin_asks_for_her_and_sees_the_chain(instance, page):
    page.goto(f"{instance.ui}acme/access/members")
    open_part(page, "Why?")
    page.get_by_role("combobox", name="Who").fill("vera")
    page.get_by_role("option", name=re.compile("vera@acme.test")).click()
    page.get_by_role("combobox", name="May do what").fill("View: flow")
    page.get_by_role("option", name="View: flow", exact=True).click()
    page.get_by_role("combobox", name="Where").fill("company.data.lake")
    page.get_by_role("option", name="company.data.lake").click()
    press(page, "Why?")
    answer = page.get_by_role("region", name="Answer")
    expect(answer).to_contain_text("Allowed")
    expect(answer).to_contain_text(re.compile("role Viewer → company.data"))


def test_she_looks_the_refusal_up(page):
    refusals = page.get_by_role("table", name="Refusals")
    expect(refusals).to_contain_text("INVITATION.LIST")
    refusals.get_by_role("button", name=re.compile("^Why")).first.click()
    expect(page.get_by_role("dialog", name="Why it was refused")).to_contain_text("vera@acme.test")
