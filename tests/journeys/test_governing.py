"""A superadmin stops work, tells everybody, and lets it go on."""

from __future__ import annotations

import pytest
from playwright.sync_api import expect

from tests.journeys.browser import another_person, open_page
from tests.journeys.flows import HELLO
from tests.journeys.hands import agree, follow, open_part, press, sign_in

pytestmark = [pytest.mark.journey, pytest.mark.story]


@pytest.fixture(scope="module")
def page(instance, founder, token):
    instance.call("POST", "/api/v1/acme/flows", HELLO, token=token)
    with open_page() as opened:
        opened.goto(instance.ui)
        sign_in(opened, founder.email, founder.password)
        follow(opened.get_by_role("navigation", name="Sections"), "Instance")
        yield opened


def started(instance, token) -> str:
    """The state in which an execution of the flow is once it has come as far as it may."""
    made = instance.call("POST", "/api/v1/acme/executions/company.team/hello", token=token)
    return made["state"]["current"]


def test_she_throws_a_kill_switch_over_a_namespace(page, instance, token):
    open_part(page, "Kill switches")
    press(page, "New kill switch")
    dialog = page.get_by_role("dialog")
    dialog.get_by_role("textbox", name="Name", exact=True).fill("Payments outage")
    dialog.get_by_role("combobox", name="Tenant").fill("Acme")
    page.get_by_role("option", name="Acme").click()
    dialog.get_by_label("Namespace").fill("company")
    dialog.get_by_label("Reason").fill("bad rates from the bank")
    press(dialog, "Throw the switch")
    expect(page.get_by_role("table", name="Kill switches")).to_contain_text("In force")
    assert started(instance, token) == "KILLED"


def test_who_works_there_reads_why(page, instance):
    page.goto(f"{instance.ui}acme/flows/company.team/hello/overview")
    expect(page.get_by_text("bad rates from the bank")).to_be_visible()


def test_she_lifts_it(page, instance, token):
    page.goto(f"{instance.ui}acme/instance/kill-switches")
    press(page, "Delete Payments outage")
    agree(page, "Lift", about="Payments outage")
    expect(page.get_by_role("table", name="Kill switches")).to_contain_text("Deleted")
    assert started(instance, token) != "KILLED"


def test_she_announces_what_everybody_reads_before_they_sign_in(page, instance):
    open_part(page, "Announcements")
    press(page, "New announcement")
    dialog = page.get_by_role("dialog")
    dialog.get_by_label("Message").fill("Down on Sunday from ten to twelve")
    press(dialog, "Announce")
    expect(page.get_by_role("table", name="Announcements")).to_contain_text("everybody")
    with another_person(page) as stranger:
        stranger.goto(f"{instance.ui}sign-in")
        expect(stranger.get_by_role("status")).to_have_text("Down on Sunday from ten to twelve")


def test_she_enters_maintenance_and_what_is_started_waits(page, instance, token):
    open_part(page, "Overview")
    press(page, "Enter maintenance")
    agree(page, "Enter", about="the instance")
    expect(page.get_by_text("in maintenance", exact=True)).to_be_visible()
    assert started(instance, token) == "CREATED"
    press(page, "Leave maintenance")
    agree(page, "Leave", about="the instance")
    expect(page.get_by_text("live", exact=True)).to_be_visible()
    page.goto(f"{instance.ui}acme/executions")
    expect(page.get_by_role("table", name="Executions")).not_to_contain_text("CREATED")
