"""A tenant admin lets colleagues in: a role, a group with an owner, invitations; they see what is theirs and no more."""

import re

import pytest
from playwright.sync_api import Page, expect

from tests.journeys.browser import another_person, open_page
from tests.journeys.hands import follow, open_part, press, sign_in

pytestmark = [pytest.mark.journey, pytest.mark.story]

PASSWORD = "Correct-Horse-8-Battery"


@pytest.fixture(scope="module")
def notes():
    return {}


@pytest.fixture(scope="module")
def page(instance, founder, token):
    for namespace in ("company.data", "company.data.lake", "company.sales"):
        source = f"id: report\nnamespace: {namespace}\ntasks:\n  - id: hello\n    type: io.kestra.plugin.core.log.Log\n    message: hi\n"
        instance.call("POST", "/api/v1/acme/flows", source, token=token)
    with open_page() as opened:
        opened.goto(instance.ui)
        sign_in(opened, founder.email, founder.password)
        yield opened


@pytest.fixture(scope="module")
def dora(page):
    with another_person(page) as opened:
        yield opened


@pytest.fixture(scope="module")
def emil(page):
    with another_person(page) as opened:
        yield opened


def choose(page: Page, field: str, text: str, option: str | re.Pattern[str]) -> None:
    box = page.get_by_role("dialog").get_by_role("combobox", name=field)
    box.fill(text)
    page.get_by_role("option", name=option).first.click()
    page.keyboard.press("Tab")


def test_she_makes_a_role_from_that_of_a_viewer(page):
    follow(page.get_by_role("navigation", name="Sections"), "Access")
    open_part(page, "Roles")
    follow(page, "New role")
    page.get_by_role("textbox", name="Name").fill("Operator")
    page.get_by_role("combobox", name="Start from").click()
    page.get_by_role("option", name="Viewer").click()
    page.get_by_label("Search resources and actions").fill("restart")
    rights = page.get_by_role("table", name="Rights")
    press(rights, "Restart on Execution")
    press(rights, "Kill on Execution")
    expect(rights.get_by_role("checkbox", name="View on Execution")).to_be_checked()
    press(page, "Save")
    expect(page.get_by_role("heading", name="Operator")).to_be_visible()
    page.reload()
    expect(page.get_by_role("button", name="Kill on Execution")).to_have_attribute("aria-pressed", "true")
    expect(page.get_by_role("button", name="Replay on Execution")).to_have_attribute("aria-pressed", "false")


def test_the_keyboard_walks_through_the_rights(page):
    first = page.get_by_role("checkbox", name="View on Flow")
    first.focus()
    page.keyboard.press("ArrowRight")
    expect(page.get_by_role("checkbox", name="List on Flow")).to_be_focused()
    page.keyboard.press("ArrowDown")
    expect(page.get_by_role("checkbox", name="List on Execution")).to_be_focused()


def test_she_gives_it_to_a_group_in_one_namespace(page):
    follow(page.get_by_role("navigation", name="Sections"), "Access")
    open_part(page, "Groups")
    press(page, "New group")
    page.get_by_role("dialog").get_by_label("Name").fill("Data")
    press(page.get_by_role("dialog"), "Create")
    expect(page.get_by_role("heading", name="Data")).to_be_visible()
    press(page, "Give a role")
    choose(page, "Roles", "Oper", "Operator")
    choose(page, "In namespaces", "company.data", re.compile("^company.data$"))
    press(page.get_by_role("dialog"), "Give")
    expect(page.get_by_role("table", name="Roles of Data")).to_contain_text("company.data and below")


def test_she_invites_colleagues_into_it_and_gets_links(page, notes):
    follow(page.get_by_role("navigation", name="Sections"), "Access")
    press(page, "Invite")
    dialog = page.get_by_role("dialog")
    dialog.get_by_role("combobox", name="E-mail addresses").fill("dora@acme.test,emil@acme.test,fay@acme.test")
    page.keyboard.press("Enter")
    choose(page, "Into groups", "Data", "Data")
    press(dialog, "Invite")
    expect(dialog).to_contain_text("3 invitations are made.")
    notes["links"] = dialog.locator("code").all_inner_texts()
    assert len(notes["links"]) == 3
    press(dialog, "Done")


def test_one_opens_the_link_and_sets_a_password(dora, notes):
    dora.goto(notes["links"][0])
    expect(dora.get_by_role("heading", name="Welcome to Acme")).to_be_visible()
    expect(dora.get_by_text("The account is for dora@acme.test.")).to_be_visible()
    dora.get_by_label("First name").fill("Dora")
    dora.get_by_label("Last name").fill("Dietrich")
    dora.get_by_label(re.compile("^Password")).fill("short")
    expect(dora.get_by_label(re.compile("^Password"))).to_have_attribute("aria-invalid", "true")
    dora.get_by_label(re.compile("^Password")).fill(PASSWORD)
    press(dora, "Create the account")
    expect(dora.get_by_role("table", name="Flows")).to_be_visible()


def test_she_sees_her_namespace_and_what_is_below_alone(dora):
    flows = dora.get_by_role("table", name="Flows")
    expect(flows).to_contain_text("company.data.lake")
    expect(flows).not_to_contain_text("company.sales")
    expect(flows).to_have_attribute("aria-rowcount", "2")
    follow(dora.get_by_role("navigation", name="Sections"), "Namespaces")
    expect(dora.get_by_role("table", name="Namespaces")).not_to_contain_text("sales")
    dora.keyboard.press("Control+K")
    dora.get_by_role("textbox", name="Search everything").fill("report")
    results = dora.get_by_role("dialog", name="Search everything")
    expect(results).to_contain_text("company.data.lake")
    expect(results).not_to_contain_text("company.sales")
    dora.keyboard.press("Escape")


def test_the_link_says_that_it_was_used(emil, notes):
    emil.goto(notes["links"][0])
    expect(emil.get_by_role("alert")).to_contain_text(re.compile("accepted|used", re.I))


def test_a_revoked_one_says_that_it_was_revoked(page, emil, notes):
    open_part(page, "Invitations")
    press(page, "Revoke the invitation of fay@acme.test")
    press(page.get_by_role("dialog"), "Revoke")
    expect(page.get_by_role("dialog")).to_be_hidden()
    emil.goto(notes["links"][2])
    expect(emil.get_by_role("alert")).to_contain_text(re.compile("revoked", re.I))


def test_the_owner_adds_a_member_without_a_right_on_groups(page, dora, emil, notes, instance):
    emil.goto(notes["links"][1])
    emil.get_by_label("First name").fill("Emil")
    emil.get_by_label("Last name").fill("Ebner")
    emil.get_by_label(re.compile("^Password")).fill(PASSWORD)
    press(emil, "Create the account")
    expect(emil.get_by_role("table", name="Flows")).to_be_visible()
    open_part(page, "Groups")
    follow(page, "Data")
    page.get_by_role("combobox", name="Membership of dora@acme.test").click()
    page.get_by_role("option", name="Owner").click()
    expect(page.get_by_text("dora@acme.test is an owner")).to_be_visible()
    dora.goto(f"{instance.ui}acme/access/groups")
    follow(dora, "Data")
    press(dora, "Add members")
    choose(dora, "People", "olga", re.compile("olga"))
    press(dora.get_by_role("dialog"), "Add")
    expect(dora.get_by_role("table", name="Members")).to_contain_text("olga@acme.test")


def test_what_is_taken_away_is_gone_at_the_next_request(page, emil):
    page.reload()
    press(page, "Take Operator from Data")
    press(page.get_by_role("dialog"), "Take away")
    expect(page.get_by_text("No role of its own.")).to_be_visible()
    emil.reload()
    expect(emil.get_by_role("table", name="Flows")).to_have_count(0)
