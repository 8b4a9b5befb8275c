"""An admin asks who changed a flow, puts it back, proves the trail, and looks what somebody could do."""

import re

import pytest
from playwright.sync_api import expect

from tests.journeys.browser import open_page
from tests.journeys.conftest import PICTURES, take_picture
from tests.journeys.hands import follow, open_part, sign_in

pytestmark = [pytest.mark.journey, pytest.mark.story]
SOURCE = (
    "id: report\nnamespace: company\ntasks:\n  - id: hello\n    type: io.kestra.plugin.core.log.Log\n    message: {}\n"
)


@pytest.fixture(scope="module")
def page(instance, founder, token):
    instance.call("POST", "/api/v1/acme/flows", SOURCE.format("first"), token=token)
    instance.call("PUT", "/api/v1/acme/flows/company/report", SOURCE.format("second"), token=token)
    instance.call("POST", "/api/v1/acme/flows", SOURCE.format("x").replace("report", "other"), token=token)
    instance.call("POST", "/api/v1/acme/executions/company/report", {}, token=token)
    with open_page() as opened:
        opened.goto(instance.ui)
        sign_in(opened, founder.email, founder.password)
        yield opened


def picture(page, name):
    take_picture(page, PICTURES / f"audit-{name}.png")


def test_a_click_on_a_detail_narrows_the_list_and_the_address_keeps_it(page):
    follow(page.get_by_role("navigation", name="Sections"), "Audit log")
    table = page.get_by_role("table", name="Audit entries")
    expect(table.get_by_role("row").nth(1)).to_contain_text("person, by token")
    picture(page, "list")
    table.get_by_role("button", name="Only entries with flowId:report").first.click()
    expect(page).to_have_url(re.compile(r"details=flowId:report"))
    expect(table.get_by_role("button", name="Only entries with flowId:other")).to_have_count(0)
    page.reload()
    expect(table.get_by_role("button", name="Only entries with flowId:report").first).to_be_visible()


def test_a_filter_is_kept_under_a_name(page):
    page.get_by_role("button", name="Saved filters").click()
    page.get_by_role("menuitem", name="Save the present filter").click()
    page.get_by_role("dialog").get_by_role("textbox", name="Name").fill("The report")
    page.get_by_role("dialog").get_by_role("button", name="Save").click()
    page.get_by_role("button", name="Clear filters").click()
    expect(page).not_to_have_url(re.compile("details="))
    page.get_by_role("button", name="Saved filters").click()
    page.get_by_role("menuitem", name="The report").click()
    expect(page).to_have_url(re.compile(r"details=flowId:report"))


def test_what_was_before_is_seen_and_restored(page):
    table = page.get_by_role("table", name="Audit entries")
    row = table.get_by_role("row").filter(has_text="Update").filter(has_text="report").first
    row.get_by_role("button", name="Show the entry").click()
    drawer = page.get_by_role("dialog")
    expect(drawer.get_by_text("message: first")).to_be_visible()
    expect(drawer.get_by_text("message: second")).to_be_visible()
    picture(page, "entry")
    drawer.get_by_role("button", name="Restore what was before").click()
    page.get_by_role("dialog", name="Restore what was before").get_by_role("button", name="Restore").click()
    expect(page.get_by_text("report restored as revision 3")).to_be_visible()


def test_a_flow_shows_its_history_and_an_execution_who_started_it(page):
    page.goto(re.sub(r"/acme/.*", "/acme/flows/company/report/history", page.url))
    table = page.get_by_role("table", name="Audit entries")
    expect(table.get_by_role("row").filter(has_text="Create")).to_have_count(1)
    expect(table.get_by_role("row").filter(has_text="Update")).to_have_count(2)
    picture(page, "history")
    open_part(page, "Executions")
    page.get_by_role("table").get_by_role("link").first.click()
    expect(page.get_by_text("By whom")).to_be_visible()
    expect(page.get_by_text("Start", exact=True)).to_be_visible()
    picture(page, "execution")


def test_the_trail_is_proved(page):
    follow(page.get_by_role("navigation", name="Sections"), "Audit log")
    open_part(page, "Proof")
    page.get_by_role("button", name=re.compile("^Check all")).click()
    expect(page.get_by_role("status", name="Result of the check").get_by_text("Intact")).to_be_visible()
    picture(page, "proof")


def test_what_she_could_do_is_told(page, instance, founder, token):
    me = instance.call("GET", "/api/v1/me", token=token)
    open_part(page, "Past rights")
    page.get_by_role("textbox", name="Id").fill(me["id"])
    page.get_by_label("At which moment").fill("2099-01-01T00:00")
    expect(page.get_by_text("in the whole tenant")).to_be_visible()
    expect(page.get_by_text("FLOW.CREATE")).to_be_visible()
    picture(page, "past")
