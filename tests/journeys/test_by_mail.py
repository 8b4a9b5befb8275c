"""A colleague comes in by a mail and looks after their own account; a superadmin helps them back in."""

import re

import pytest
from playwright.sync_api import Page, expect

from tests.iam.smtp_peer import mail_server
from tests.journeys.browser import another_person, open_page
from tests.journeys.hands import follow, open_part, press, sign_in
from tests.journeys.instance import running

pytestmark = [pytest.mark.journey, pytest.mark.story]

NINA = "nina@acme.test"
FIRST, SECOND, THIRD = "Correct-Horse-8-Battery", "Another-Horse-9-Battery", "Third-Horse-10-Battery"


@pytest.fixture(scope="module")
def mail():
    with mail_server() as server:
        yield server


@pytest.fixture(scope="module")
def instance(tmp_path_factory, mail):
    """One that sends its mail to us."""
    settings = {
        "ORRERY_MAIL_HOST": "127.0.0.1",
        "ORRERY_MAIL_PORT": str(mail.port),
        "ORRERY_MAIL_SECURITY": "none",
        "ORRERY_MAIL_SENDER": "orrery@acme.test",
    }
    with running(tmp_path_factory.mktemp("instance"), **settings) as started:
        yield started


@pytest.fixture(scope="module")
def page(instance, founder, token):
    for namespace in ("company.data", "company.data.lake", "company.sales"):
        source = f"id: report\nnamespace: {namespace}\ntasks:\n  - id: hello\n    type: io.kestra.plugin.core.log.Log\n    message: hi\n"
        instance.call("POST", "/api/v1/acme/flows", source, token=token)
    group = instance.call("POST", "/api/v1/acme/groups", {"name": "Data"}, token=token)
    binding = {"type": "GROUP", "externalId": group["id"], "roleId": "viewer_acme", "namespaceId": "company.data"}
    instance.call("POST", "/api/v1/acme/bindings", binding, token=token)
    with open_page() as opened:
        opened.goto(instance.ui)
        sign_in(opened, founder.email, founder.password)
        yield opened


@pytest.fixture(scope="module")
def nina(page):
    with another_person(page) as opened:
        yield opened


def open_profile(person: Page, instance) -> None:
    person.goto(f"{instance.ui}acme/profile")
    expect(person.get_by_label("First name")).to_be_visible()


def test_an_admin_invites_a_colleague_into_a_group(page):
    follow(page.get_by_role("navigation", name="Sections"), "Access")
    press(page, "Invite")
    dialog = page.get_by_role("dialog")
    dialog.get_by_role("combobox", name="E-mail addresses").fill(NINA)
    page.keyboard.press("Enter")
    dialog.get_by_role("combobox", name="Into groups").fill("Data")
    page.get_by_role("option", name="Data").click()
    page.keyboard.press("Tab")
    press(dialog, "Invite")
    expect(dialog).to_contain_text("The invitation is made. A mail is on its way.")
    press(dialog, "Done")


def test_the_mail_arrives_and_its_link_takes_a_password_that_the_policy_accepts(instance, nina, mail):
    message = mail.next()
    assert message["To"] == NINA
    (link,) = re.findall(r"http\S+", message.get_content())
    assert link.startswith(instance.ui)
    nina.goto(link)
    expect(nina.get_by_role("heading", name="Welcome to Acme")).to_be_visible()
    nina.get_by_label("First name").fill("Nina")
    nina.get_by_label("Last name").fill("Ng")
    password = nina.get_by_label(re.compile("^Password"))
    password.fill("short")
    expect(password).to_have_attribute("aria-invalid", "true")
    password.fill(FIRST)
    press(nina, "Create the account")


def test_she_sees_the_namespaces_of_the_group_alone(nina):
    flows = nina.get_by_role("table", name="Flows")
    expect(flows).to_contain_text("company.data.lake")
    expect(flows).to_have_attribute("aria-rowcount", "2")
    follow(nina.get_by_role("navigation", name="Sections"), "Namespaces")
    namespaces = nina.get_by_role("table", name="Namespaces")
    expect(namespaces).to_contain_text("lake")
    expect(namespaces).not_to_contain_text("sales")


def test_the_admin_sees_that_she_came(page):
    open_part(page, "Invitations")
    expect(page.get_by_role("table", name="Invitations").get_by_role("row").filter(has_text=NINA)).to_contain_text(
        "Accepted"
    )


def test_she_changes_her_name(instance, nina):
    open_profile(nina, instance)
    nina.get_by_label("Last name").fill("Nguyen")
    press(nina, "Save")
    expect(nina.get_by_text("Saved", exact=True)).to_be_visible()
    nina.reload()
    expect(nina.get_by_label("Last name")).to_have_value("Nguyen")


def test_she_chooses_language_time_zone_and_theme_for_all_her_machines(instance, nina):
    for field, text, option in (
        ("Language of dates and numbers", "Deut", "Deutsch"),
        ("Time zone", "Tok", "Asia/Tokyo"),
    ):
        box = nina.get_by_role("combobox", name=field)
        box.fill(text)
        nina.get_by_role("option", name=option, exact=True).click()
        expect(box).to_have_value(option)
    with nina.expect_response("**/api/v1/me"):
        nina.get_by_text("Dark", exact=True).click()
    nina.evaluate("localStorage.clear()")
    nina.reload()
    expect(nina.locator("html")).to_have_attribute("data-mantine-color-scheme", "dark")
    expect(nina.get_by_role("combobox", name="Language of dates and numbers")).to_have_value("Deutsch")
    expect(nina.get_by_role("combobox", name="Time zone")).to_have_value("Asia/Tokyo")


def test_she_sees_where_she_is_signed_in_and_ends_one_of_these(instance, page, nina):
    with another_person(page) as elsewhere:
        elsewhere.goto(instance.ui)
        sign_in(elsewhere, NINA, FIRST)
        expect(elsewhere.get_by_role("navigation", name="Sections")).to_be_visible()
        nina.reload()
        expect(nina.get_by_text("This one")).to_have_count(1)
        press(nina, "End")
        expect(nina.get_by_text("Session ended")).to_be_visible()
        expect(nina.get_by_role("button", name="End", exact=True)).to_have_count(0)
        elsewhere.reload()
        expect(elsewhere.get_by_role("heading", name="Sign in")).to_be_visible()
    nina.reload()
    expect(nina.get_by_text("This one")).to_be_visible()


def test_she_changes_her_password_with_the_present_one_alone(nina):
    nina.get_by_label("Present password").fill("Wrong-Horse-0-Battery")
    nina.get_by_label("New password").fill(SECOND)
    press(nina, "Change password")
    expect(nina.get_by_role("alert")).to_be_visible()
    nina.get_by_label("Present password").fill(FIRST)
    press(nina, "Change password")
    expect(nina.get_by_text("Password changed")).to_be_visible()
    nina.reload()
    expect(nina.get_by_text("This one")).to_be_visible()


def test_a_superadmin_sets_another_and_all_her_sessions_end(instance, page, nina):
    page.goto(f"{instance.ui}acme/instance/users")
    follow(page, re.compile("^Nina"))
    press(page, "Set a password")
    dialog = page.get_by_role("dialog")
    dialog.get_by_label("New password").fill(THIRD)
    press(dialog, "Set")
    expect(page.get_by_text("The password is set; all sessions have ended")).to_be_visible()
    nina.reload()
    expect(nina.get_by_role("heading", name="Sign in")).to_be_visible()


def test_neither_of_the_old_ones_lets_her_in(nina):
    for old in (FIRST, SECOND):
        sign_in(nina, NINA, old)
        expect(nina.get_by_role("alert")).to_be_visible()
        nina.reload()
    sign_in(nina, NINA, THIRD)
    expect(nina.get_by_role("navigation", name="Sections")).to_be_visible()
