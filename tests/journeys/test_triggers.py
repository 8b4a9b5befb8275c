"""Flows that start by themselves: a schedule and a webhook, as somebody looks after them on the page."""

import re
from urllib.request import Request, urlopen

import pytest
from playwright.sync_api import Locator, Page, expect

from tests.journeys.browser import open_page
from tests.journeys.conftest import PICTURES, take_picture
from tests.journeys.hands import agree, press, sign_in
from tests.journeys.instance import until

pytestmark = [pytest.mark.journey, pytest.mark.story, pytest.mark.filterwarnings("default")]

SCHEDULED = """
id: nightly
namespace: company.team
tasks:
  - {id: say, type: io.kestra.plugin.core.debug.Return, format: "{{ trigger.date }}"}
triggers:
  - id: clock
    type: io.kestra.plugin.core.trigger.Schedule
    cron: "0 3 * * *"
  - id: undecided
    type: io.kestra.plugin.core.trigger.Schedule
    cron: "* * * * * *"
    withSeconds: true
    when: "{{ nothing }}"
"""
HOOKED = """
id: hooked
namespace: company.team
concurrency: {limit: 1}
tasks:
  - {id: pause, type: io.kestra.plugin.core.flow.Pause}
  - {id: say, type: io.kestra.plugin.core.debug.Return, format: "{{ trigger.body.order }}"}
triggers:
  - {id: hook, type: io.kestra.plugin.core.trigger.Webhook, key: a-long-and-secret-key}
"""
BACKFILLED = ("2026-01-01T00:00", "2026-01-03T12:00")


@pytest.fixture(scope="module")
def page(instance, founder, token):
    for source in (SCHEDULED, HOOKED):
        instance.call("POST", "/api/v1/acme/flows", source, token=token)
    with open_page() as opened:
        opened.goto(f"{instance.url}/ui/sign-in")
        sign_in(opened, founder.email, founder.password)
        expect(opened.get_by_role("heading", name="Flows", level=1)).to_be_visible()
        yield opened


def row_of(page: Page, trigger: str) -> Locator:
    return page.get_by_role("row").filter(has=page.get_by_text(trigger, exact=True))


def act(page: Page, trigger: str, what: str) -> None:
    press(page, f"Actions of {trigger}")
    page.get_by_role("menuitem", name=what, exact=True).click()


def executions_of(instance, token, flow_id: str) -> list[dict]:
    path = f"/api/v1/acme/executions/search?size=50&filters[flowId][EQUALS]={flow_id}"
    return instance.call("GET", path, token=token)["results"]


def test_the_page_says_when_a_schedule_fires_and_why_another_does_not(page):
    page.get_by_role("navigation", name="Sections").get_by_role("link", name="Triggers").click()
    expect(page.get_by_role("heading", name="Triggers", level=1)).to_be_visible()
    expect(row_of(page, "clock")).to_contain_text(re.compile("in \\d+ hour|in \\d+ min|in \\d+"))
    expect(row_of(page, "undecided")).to_contain_text("problem")
    take_picture(page, PICTURES / "triggers.png")


def test_a_schedule_is_disabled_and_enabled_again(page):
    act(page, "clock", "Disable")
    agree(page, "Disable", about="clock")
    expect(row_of(page, "clock")).to_contain_text("disabled")
    act(page, "clock", "Enable")
    agree(page, "Enable", about="clock")
    expect(row_of(page, "clock")).not_to_contain_text("disabled")


def test_past_dates_run_again_each_with_its_date(instance, page, token):
    act(page, "clock", "Backfill")
    dialog = page.get_by_role("dialog", name="Backfill clock")
    for label, moment in zip(("Start", "End"), BACKFILLED, strict=True):
        dialog.get_by_label(re.compile(f"^{label}")).fill(moment)
    dialog.get_by_label("Labels").fill("reason:outage")
    take_picture(page, PICTURES / "backfill.png")
    press(dialog, "Begin backfill")
    expect(dialog).to_be_hidden()
    found = until(lambda: len(rows := executions_of(instance, token, "nightly")) == 3 and rows)
    assert {row["trigger"]["variables"]["date"][:10] for row in found} == {"2026-01-01", "2026-01-02", "2026-01-03"}
    assert all({"key": "reason", "value": "outage"} in row["labels"] for row in found)
    expect(row_of(page, "clock")).not_to_contain_text("%")


def test_a_webhook_starts_its_flow_by_the_address_that_was_copied(instance, page, token):
    act(page, "hook", "Address and test")
    dialog = page.get_by_role("dialog", name="Webhook hook")
    press(dialog, "Copy the address")
    address = page.evaluate("navigator.clipboard.readText()")
    headers = {"Content-Type": "application/json"}
    with urlopen(Request(address, b'{"order": 7}', headers, method="POST"), timeout=60) as answer:
        assert answer.status == 200
    dialog.get_by_label("Body").fill('{"order": 8}')
    press(dialog, "Send")
    expect(dialog.get_by_label("Answer")).to_contain_text("200: ")
    take_picture(page, PICTURES / "webhook.png")
    press(dialog, "Cancel")
    expect(dialog).to_be_hidden()
    found = executions_of(instance, token, "hooked")
    assert {row["trigger"]["variables"]["body"]["order"] for row in found} == {7, 8}


def test_who_waits_for_a_place_is_let_through_or_leaves_the_queue(instance, page, token):
    page.get_by_role("navigation", name="Sections").get_by_role("link", name="Concurrency").click()
    row = page.get_by_role("row").filter(has_text="hooked")
    expect(row).to_contain_text("1 of 1")
    press(row, "1 waiting for hooked")
    waiting = page.get_by_role("dialog", name="Waiting for hooked")
    take_picture(page, PICTURES / "concurrency.png")
    waiting.get_by_role("button", name=re.compile("^Unqueue ")).click()
    question = page.get_by_role("dialog", name="Unqueue execution")
    press(question, "Unqueue")
    expect(waiting).to_contain_text("Nobody waits any more.")
    until(lambda: {each["state"]["current"] for each in executions_of(instance, token, "hooked")} >= {"CANCELLED"})
    page.keyboard.press("Escape")
    expect(row).to_contain_text("1 of 1")
