"""An admin connects the company's directory, sees what it asks for, and what it brings is marked and left alone."""

import json
import re
from urllib.error import HTTPError
from urllib.request import Request, urlopen

import pytest
from playwright.sync_api import expect

from tests.journeys.browser import another_person, open_page
from tests.journeys.conftest import PICTURES, take_picture
from tests.journeys.hands import agree, follow, open_part, press, sign_in
from tests.journeys.test_every_page import look_at

pytestmark = [pytest.mark.journey, pytest.mark.story]
PASSWORD = "Correct-Horse-8-Battery"


@pytest.fixture(scope="module")
def notes():
    return {}


@pytest.fixture(scope="module")
def page(instance, founder, token):
    instance.call(
        "POST",
        "/api/v1/users",
        {"email": "nils@acme.test", "password": PASSWORD, "firstName": "Nils"},
        token=token,
    )
    with open_page() as opened:
        opened.goto(instance.ui)
        sign_in(opened, founder.email, founder.password)
        yield opened


@pytest.fixture(scope="module")
def nils(page):
    with another_person(page) as opened:
        yield opened


def scim(notes: dict, method: str, path: str, body: object = None) -> dict:
    headers = {"Authorization": f"Bearer {notes['token']}", "Content-Type": "application/scim+json"}
    data = None if body is None else json.dumps(body).encode()
    try:
        with urlopen(Request(notes["address"] + path, data, headers, method=method), timeout=30) as answer:
            text = answer.read()
    except HTTPError as error:
        with error:
            text = error.read()
    return json.loads(text) if text else {}


def test_she_makes_an_integration_and_copies_what_okta_wants(page, notes):
    follow(page.get_by_role("navigation", name="Sections"), "Access")
    open_part(page, "Integrations")
    take_picture(page, PICTURES / "integrations-none.png")
    press(page, "New integration")
    page.get_by_role("textbox", name="Name").fill("okta-production")
    press(page.get_by_role("dialog"), "Create")
    expect(page.get_by_role("heading", name="Paste into Okta")).to_be_visible()
    notes["token"] = page.get_by_test_id("token").inner_text().strip()
    notes["address"] = page.get_by_role("dialog").get_by_test_id("address").inner_text().strip()
    assert notes["token"].startswith("orc_")
    take_picture(page, PICTURES / "integration-token.png")
    press(page, "I have copied it")
    expect(page.get_by_role("heading", name="okta-production")).to_be_visible()
    expect(page.get_by_text("No calls yet")).to_be_visible()
    expect(page.locator("body")).not_to_contain_text(notes["token"])
    take_picture(page, PICTURES / "integration-new.png")


def test_people_and_groups_arrive_and_the_calls_say_so(page, notes):
    scim(notes, "GET", "/Users?filter=userName%20eq%20%22nils%40acme.test%22")
    notes["nils"] = scim(notes, "POST", "/Users", {"userName": "nils@acme.test", "password": "hidden"})["id"]
    members = [{"value": notes["nils"]}]
    notes["group"] = scim(notes, "POST", "/Groups", {"displayName": "Engineering", "members": members})["id"]
    scim(notes, "POST", "/Users", {"userName": "nils@acme.test"})
    press(page, "Look again")
    calls = page.get_by_role("list", name="Last calls").get_by_role("listitem")
    expect(calls).to_have_count(4)
    expect(calls.first).to_contain_text("uniqueness: there is a user nils@acme.test already")
    expect(calls.nth(3)).to_contain_text('GET /Users?filter=userName eq "nils@acme.test"')
    calls.nth(2).get_by_role("button").click()
    expect(calls.nth(2)).to_contain_text("Asked")
    expect(calls.nth(2)).to_contain_text("Changed")
    expect(calls.nth(2)).not_to_contain_text("hidden")
    take_picture(page, PICTURES / "integration-calls.png")


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("width", [1440, 390])
@pytest.mark.filterwarnings("default")
def test_the_page_fits_and_shuts_nobody_out(page, scheme, width):
    page.set_viewport_size({"width": width, "height": 900})
    page.emulate_media(color_scheme=scheme)
    assert look_at(page, page.url) == []
    page.get_by_role("list", name="Last calls").get_by_role("button").first.click()
    take_picture(page, PICTURES / f"integration-{scheme}-{width}.png")
    page.set_viewport_size({"width": 1440, "height": 900})


def test_what_is_from_the_directory_is_marked_and_not_offered_to_be_edited(page, notes):
    follow(page.get_by_role("navigation", name="Sections"), "Access")
    open_part(page, "Groups")
    expect(page.get_by_text("From the directory")).to_be_visible()
    follow(page, "Engineering")
    expect(page.get_by_role("link", name="Members come from the directory")).to_be_visible()
    expect(page.get_by_role("button", name="Add members")).to_have_count(0)
    expect(page.get_by_role("button", name=re.compile("^Remove nils"))).to_have_count(0)
    expect(page.get_by_role("button", name="Delete", exact=True)).to_have_count(0)
    take_picture(page, PICTURES / "integration-group.png")


def test_whom_the_directory_deactivates_is_out_at_the_next_request(page, nils, notes, instance, token):
    given = {"type": "GROUP", "externalId": notes["group"], "roleId": "viewer_acme"}
    instance.call("POST", "/api/v1/acme/bindings", given, token=token)
    nils.goto(instance.ui)
    sign_in(nils, "nils@acme.test", PASSWORD)
    expect(nils.get_by_role("heading", name="Flows", level=1)).to_be_visible()
    flows = f"{instance.url}/api/v1/acme/flows/search"
    assert nils.request.get(flows).status == 200
    scim(notes, "PATCH", f"/Users/{notes['nils']}", {"Operations": [{"op": "replace", "value": {"active": False}}]})
    assert nils.request.get(flows).status == 404
    nils.reload()
    expect(nils.get_by_text("Not Found").first).to_be_visible()
    take_picture(nils, PICTURES / "integration-deactivated.png")


def test_a_disabled_integration_is_refused_and_the_page_says_why(page, notes, instance):
    follow(page.get_by_role("navigation", name="Sections"), "Access")
    open_part(page, "Integrations")
    follow(page, "okta-production")
    press(page, "Disable")
    agree(page, "Disable", "okta-production")
    expect(page.get_by_text("Disabled", exact=True)).to_be_visible()
    assert scim(notes, "GET", "/Users")["detail"] == "this integration is disabled"
    press(page, "Look again")
    calls = page.get_by_role("list", name="Last calls").get_by_role("listitem")
    expect(calls.first).to_contain_text("this integration is disabled")


def test_a_new_token_is_shown_once(page, notes):
    press(page, "New token")
    press(page, "Make a new token")
    shown = page.get_by_test_id("token").inner_text().strip()
    assert shown.startswith("orc_") and shown != notes["token"]
    press(page, "I have copied it")
    expect(page.get_by_text("The token before ends")).to_be_visible()
