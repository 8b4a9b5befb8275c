"""People and machines of an instance: a superadmin governs them, and each looks after their own."""

import re
from urllib.error import HTTPError

import pytest
from playwright.sync_api import expect

from tests.journeys.browser import another_person, open_page
from tests.journeys.hands import agree, follow, open_part, press, sign_in

pytestmark = [pytest.mark.journey, pytest.mark.story]

PASSWORD = "Correct-Horse-8-Battery"


@pytest.fixture(scope="module")
def notes():
    return {}


@pytest.fixture(scope="module")
def page(instance, founder, token):
    with open_page() as opened:
        opened.goto(instance.ui)
        sign_in(opened, founder.email, founder.password)
        follow(opened.get_by_role("navigation", name="Sections"), "Instance")
        yield opened


@pytest.fixture(scope="module")
def ben(page):
    with another_person(page) as opened:
        yield opened


def test_she_makes_a_tenant(page):
    open_part(page, "Tenants")
    press(page, "New tenant")
    dialog = page.get_by_role("dialog")
    dialog.get_by_label("Name").fill("Staging")
    dialog.get_by_label("Id").fill("stage")
    press(dialog, "Create")
    expect(page.get_by_role("table", name="Tenants")).to_contain_text("Staging")


def test_she_makes_an_account_and_acts_as_its_owner(page):
    open_part(page, "Users")
    press(page, "New user")
    dialog = page.get_by_role("dialog")
    dialog.get_by_label("E-mail").fill("ben@acme.test")
    dialog.get_by_label("First name").fill("Ben")
    dialog.get_by_label(re.compile("^Password")).fill(PASSWORD)
    dialog.get_by_role("combobox", name="May enter").fill("Acme")
    page.get_by_role("option", name="Acme").click()
    page.keyboard.press("Tab")
    press(dialog, "Create")
    follow(page, re.compile("^Ben"))
    press(page, "Act as Ben")
    agree(page, "Act as them", about="ben@acme.test")
    banner = page.get_by_role("region", name="Acting as somebody else")
    expect(banner).to_contain_text("olga@acme.test acts as ben@acme.test")
    expect(page.get_by_role("table", name="Flows")).to_have_count(0)


def test_she_is_herself_again(page):
    press(page, "Be yourself again")
    expect(page.get_by_role("region", name="Acting as somebody else")).to_have_count(0)
    expect(page.get_by_role("button", name=re.compile("olga@acme.test"))).to_be_visible()


def test_a_user_chooses_how_it_looks_to_him_everywhere(instance, ben):
    ben.goto(instance.ui)
    sign_in(ben, "ben@acme.test", PASSWORD)
    ben.wait_for_url(re.compile("/acme/"))
    ben.goto(f"{instance.ui}acme/profile")
    ben.get_by_text("Dark", exact=True).click()
    expect(ben.locator("html")).to_have_attribute("data-mantine-color-scheme", "dark")
    ben.get_by_role("combobox", name="Time zone").fill("Tokyo")
    ben.get_by_role("option", name="Asia/Tokyo").click()
    expect(ben.get_by_role("combobox", name="Time zone")).to_have_value("Asia/Tokyo")
    ben.evaluate("localStorage.clear()")
    ben.reload()
    expect(ben.locator("html")).to_have_attribute("data-mantine-color-scheme", "dark")
    expect(ben.get_by_role("combobox", name="Time zone")).to_have_value("Asia/Tokyo")


def test_he_ends_the_session_that_he_forgot_elsewhere(instance, page, ben):
    with another_person(page) as elsewhere:
        elsewhere.goto(instance.ui)
        sign_in(elsewhere, "ben@acme.test", PASSWORD)
        elsewhere.wait_for_url(re.compile("/acme/"))
        ben.reload()
        press(ben, "End all others")
        expect(ben.get_by_text("All others have ended")).to_be_visible()
        elsewhere.reload()
        expect(elsewhere.get_by_role("heading", name="Sign in")).to_be_visible()
    expect(ben.get_by_text("This one")).to_be_visible()


def test_a_service_account_gets_a_token_that_is_shown_once(page, instance, notes):
    page.goto(f"{instance.ui}acme/access/accounts")
    press(page, "New service account")
    page.get_by_role("dialog").get_by_label("Name").fill("github-actions")
    press(page.get_by_role("dialog"), "Create")
    expect(page.get_by_role("heading", name="github-actions")).to_be_visible()
    press(page, "Create token")
    page.get_by_role("dialog").get_by_label("Name").fill("deploy")
    press(page.get_by_role("dialog"), "Create")
    notes["token"] = page.get_by_test_id("token").inner_text()
    press(page.get_by_role("dialog"), "I have copied it")
    press(page, "Give a role")
    page.get_by_role("dialog").get_by_role("combobox", name="Roles").fill("Dev")
    page.get_by_role("option", name="Developer").click()
    page.keyboard.press("Tab")
    press(page.get_by_role("dialog"), "Give")
    expect(page.get_by_role("table", name="Roles of github-actions")).to_contain_text("Developer")
    assert instance.call("GET", "/api/v1/acme/flows/search", token=notes["token"])["total"] == 0


def test_it_is_rotated_with_an_overlap(page, instance, notes):
    press(page, "Rotate deploy")
    press(page.get_by_role("dialog"), "Rotate")
    newer = page.get_by_test_id("token").inner_text()
    press(page.get_by_role("dialog"), "I have copied it")
    for one in (notes["token"], newer):
        assert instance.call("GET", "/api/v1/acme/flows/search", token=one)["total"] == 0
    notes["token"] = newer


def test_disabled_it_is_refused_at_the_next_request(page, instance, notes):
    press(page, "Disable")
    agree(page, "Disable", about="github-actions")
    expect(page.get_by_text("Disabled", exact=True)).to_be_visible()
    with pytest.raises(HTTPError) as refused:
        instance.call("GET", "/api/v1/acme/flows/search", token=notes["token"])
    assert refused.value.code == 401
