"""An operator decides where work runs, and what flows may be."""

from __future__ import annotations

import re

import pytest
from playwright.sync_api import expect

from tests.journeys.browser import open_page
from tests.journeys.flows import HELLO
from tests.journeys.hands import agree, follow, open_part, press, sign_in

pytestmark = [pytest.mark.journey, pytest.mark.story]
CHOOSY = HELLO.replace("id: hello\n", "id: choosy\nworkerSelector: {tags: [gpu], fallback: WAIT}\n", 1)
LABELLED = HELLO.replace("id: hello\n", "id: labelled\nlabels: {team: core}\n", 1)


@pytest.fixture(scope="module")
def page(instance, founder, token):
    instance.call("POST", "/api/v1/acme/flows", HELLO, token=token)
    with open_page() as opened:
        opened.goto(instance.ui)
        sign_in(opened, founder.email, founder.password)
        follow(opened.get_by_role("navigation", name="Sections"), "Instance")
        yield opened


def test_she_makes_a_queue_that_flows_choose_by_its_tags(page):
    open_part(page, "Workers")
    press(page, "New queue")
    dialog = page.get_by_role("dialog")
    dialog.get_by_label("Id").fill("cards")
    tags = dialog.get_by_label("Tags")
    tags.fill("gpu")
    tags.press("Enter")
    press(dialog, "Create")
    queue = page.get_by_role("region", name="Worker queue cards")
    expect(queue).to_contain_text("No worker group takes its jobs")


def test_a_job_waits_there_until_somebody_serves_it(page, instance, token):
    instance.call("POST", "/api/v1/acme/flows", CHOOSY, token=token)
    instance.call("POST", "/api/v1/acme/executions/company.team/choosy", token=token)
    page.reload()
    queue = page.get_by_role("region", name="Worker queue cards")
    expect(queue).to_contain_text("1 waiting")
    expect(queue).to_contain_text("no worker")


def test_she_lets_the_workers_of_a_group_take_its_jobs(page):
    press(page, "Change the group default")
    dialog = page.get_by_role("dialog")
    press(dialog, "Add a queue")
    press(dialog, "Save")
    group = page.get_by_role("region", name="Worker group default")
    expect(group).to_contain_text("cards")
    expect(page.get_by_role("region", name="Worker queue cards")).to_contain_text("nothing waits", timeout=30_000)


def test_she_tries_a_policy_before_she_enforces_it(page, instance):
    page.goto(f"{instance.ui}acme/governance/policies")
    press(page, "New policy")
    dialog = page.get_by_role("dialog")
    dialog.get_by_label("Id").fill("owned")
    dialog.get_by_label("Why").fill("somebody must answer for it")
    press(dialog, "Create")
    table = page.get_by_role("table", name="Policies")
    expect(table).to_contain_text("evaluate")
    press(page, "Report of owned")
    report = page.get_by_role("dialog")
    expect(report.get_by_role("status")).to_contain_text("2 break a rule")
    expect(report).to_contain_text("company.team / hello")
    page.keyboard.press("Escape")


def test_enforced_it_refuses_a_flow_by_its_name(page, instance, token):
    press(page, "Change owned")
    dialog = page.get_by_role("dialog")
    dialog.get_by_role("combobox", name="Enforcement").click()
    page.get_by_role("option", name="Enforced", exact=True).click()
    press(dialog, "Save")
    expect(page.get_by_role("table", name="Policies")).to_contain_text("active")
    refused = instance.call("POST", "/api/v1/acme/flows/validate", HELLO, token=token)
    assert "policy `owned`: `labels.team` is required" in refused[0]["constraints"]
    instance.call("POST", "/api/v1/acme/flows", LABELLED, token=token)


def test_she_deletes_it(page):
    press(page, "Delete owned")
    agree(page, "Delete", about="owned")
    expect(page.get_by_text("No policy holds here")).to_be_visible()


def test_she_sees_how_a_process_is_set_and_no_secret(page, instance):
    page.goto(f"{instance.ui}acme/instance/overview")
    page.get_by_role("button", name=re.compile("^Details of webserver")).click()
    dialog = page.get_by_role("dialog")
    expect(dialog).to_contain_text("process.memory.bytes")
    expect(dialog).to_contain_text("web_port")
    expect(dialog.get_by_text("secret_key").locator("xpath=following-sibling::dd")).to_have_text("***")
