"""Getting back in, and governing who governs: a forgotten password by mail, a closed name, superadmins made and unmade."""

import re

import pytest
from playwright.sync_api import expect

from tests.iam.smtp_peer import mail_server
from tests.journeys.browser import another_person, open_page
from tests.journeys.hands import agree, follow, open_part, press, sign_in
from tests.journeys.instance import running

pytestmark = [pytest.mark.journey, pytest.mark.story]

BEN, FIRST, SECOND = "ben@acme.test", "Correct-Horse-8-Battery", "Another-Horse-9-Battery"


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
        "ORRERY_LOCKOUT_FAILURES": "4",
    }
    with running(tmp_path_factory.mktemp("instance"), **settings) as started:
        yield started


@pytest.fixture(scope="module")
def page(instance, founder, token):
    body = {"email": BEN, "firstName": "Ben", "password": FIRST, "tenants": ["acme"]}
    instance.call("POST", "/api/v1/users", body, token=token)
    with open_page() as opened:
        opened.goto(instance.ui)
        sign_in(opened, founder.email, founder.password)
        expect(opened.get_by_role("navigation", name="Sections")).to_be_visible()
        yield opened


@pytest.fixture(scope="module")
def ben(page, instance):
    with another_person(page) as opened:
        opened.goto(instance.ui)
        yield opened


def ask_for_a_link(person, name: str) -> None:
    follow(person, "Forgot")
    person.get_by_label("User name or e-mail").fill(name)
    press(person, "Send the link")
    expect(person.get_by_role("status")).to_contain_text("If there is an account of this name, a link is on its way.")
    follow(person, "Back to sign in")


def test_a_name_that_nobody_has_is_answered_alike_and_gets_no_mail(ben, mail):
    ask_for_a_link(ben, "nobody@acme.test")
    assert mail.kept.empty()


def test_the_link_comes_by_mail_and_takes_a_password_that_the_policy_accepts(instance, ben, mail):
    ask_for_a_link(ben, BEN)
    message = mail.next()
    assert message["To"] == BEN
    link = re.findall(r"http\S+", message.get_content())[0]
    assert link.startswith(instance.ui)
    ben.goto(link)
    field = ben.get_by_label("New password")
    field.fill("short")
    expect(field).to_have_attribute("aria-invalid", "true")
    field.fill(SECOND)
    press(ben, "Change the password")
    expect(ben.get_by_role("heading", name="Password changed")).to_be_visible()
    follow(ben, "Sign in")


def test_the_old_password_is_one_no_more_and_the_page_says_how_names_are_closed(ben):
    sign_in(ben, BEN, FIRST)
    expect(ben.get_by_role("alert")).to_contain_text("4 wrong ones within 5 minutes close a name for 30 minutes")


def test_the_new_one_lets_him_in(ben, instance):
    sign_in(ben, BEN, SECOND)
    ben.wait_for_url(re.compile("/acme/"))


def test_a_closed_name_is_opened_by_a_superadmin(page, instance):
    """From a network that he has signed in from before, failures are counted apart; it is closed all the same."""
    with another_person(page) as elsewhere:
        elsewhere.goto(instance.ui)
        for _ in range(4):
            sign_in(elsewhere, BEN, "Wrong-Horse-0-Battery")
            expect(elsewhere.get_by_role("alert")).to_be_visible()
            elsewhere.reload()
        sign_in(elsewhere, BEN, SECOND)
        expect(elsewhere.get_by_role("alert")).to_be_visible()
        page.goto(f"{instance.ui}acme/instance/users")
        expect(page.get_by_role("table", name="Users").get_by_text("Locked")).to_be_visible()
        follow(page, re.compile("^Ben"))
        expect(page.get_by_text("After too many wrong passwords")).to_be_visible()
        press(page, "Unlock")
        expect(page.get_by_text("ben@acme.test may try again")).to_be_visible()
        elsewhere.reload()
        sign_in(elsewhere, BEN, SECOND)
        elsewhere.wait_for_url(re.compile("/acme/"))


def test_he_is_made_a_superadmin_and_governs_at_once(page, ben):
    press(page, "Make superadmin")
    page.get_by_role("dialog").get_by_role("textbox").fill(BEN)
    agree(page, "Make superadmin", about=BEN)
    expect(page.get_by_text("Superadmin", exact=True)).to_be_visible()
    ben.reload()
    follow(ben.get_by_role("navigation", name="Sections"), "Instance")
    open_part(ben, "Tenants")
    expect(ben.get_by_role("table", name="Tenants")).to_contain_text("Acme")


def test_it_is_taken_away_again_but_never_from_the_last(page, ben, instance, founder):
    press(page, "Take superadmin away")
    page.get_by_role("dialog").get_by_role("textbox").fill(BEN)
    agree(page, "Take away", about=BEN)
    ben.reload()
    expect(ben.get_by_role("navigation", name="Parts of the instance")).to_have_count(0)
    page.goto(f"{instance.ui}acme/instance/users")
    follow(page, re.compile(f"^{founder.email}"))
    press(page, "Take superadmin away")
    page.get_by_role("dialog").get_by_role("textbox").fill(founder.email)
    press(page.get_by_role("dialog"), "Take away")
    expect(page.get_by_text("the last superadmin cannot be taken away")).to_be_visible()
    page.keyboard.press("Escape")


def test_a_machine_of_the_instance_gets_a_token_and_is_closed(page, instance):
    page.goto(f"{instance.ui}acme/instance/accounts")
    press(page, "New service account")
    dialog = page.get_by_role("dialog")
    dialog.get_by_label("Name").fill("monitoring")
    dialog.get_by_role("combobox", name="May enter").fill("Acme")
    page.get_by_role("option", name="Acme").click()
    page.keyboard.press("Tab")
    press(dialog, "Create")
    expect(page.get_by_role("heading", name="monitoring")).to_be_visible()
    press(page, "Create token")
    page.get_by_role("dialog").get_by_label("Name").fill("probe")
    press(page.get_by_role("dialog"), "Create")
    token = page.get_by_test_id("token").inner_text()
    press(page.get_by_role("dialog"), "I have copied it")
    assert instance.call("GET", "/api/v1/acme/access/rights", token=token)["everywhere"] == {}
    press(page, "Disable")
    agree(page, "Disable", about="monitoring")
    expect(page.get_by_text("Disabled", exact=True)).to_be_visible()


def test_what_was_refused_at_the_instance_is_found_there(page, ben, instance):
    ben.goto(f"{instance.ui}acme/instance/users")
    refused = ben.evaluate("fetch('/api/v1/users').then(answer => answer.json())")
    page.goto(f"{instance.ui}acme/instance/refusals")
    page.get_by_role("textbox", name="Search refusals").fill(refused["reference"])
    expect(page.get_by_role("table", name="Refusals")).to_contain_text(BEN)


def test_whoever_is_asked_into_another_tenant_enters_from_their_profile(page, ben, instance, token):
    instance.call("POST", "/api/v1/tenants", {"id": "stage", "name": "Staging"}, token=token)
    stella = instance.call("POST", "/api/v1/users", {"email": "stella@acme.test", "tenants": ["stage"]}, token=token)
    admin = {"type": "USER", "externalId": stella["id"], "roleId": "admin_stage"}
    instance.call("POST", "/api/v1/stage/bindings", admin, token=token)
    hers = instance.call("POST", f"/api/v1/users/{stella['id']}/api-tokens", {"name": "her-own"}, token=token)
    instance.call("POST", "/api/v1/stage/invitations", {"email": BEN}, token=hers["fullToken"])
    ben.goto(f"{instance.ui}acme/profile")
    press(ben, "Enter stage")
    ben.wait_for_url(re.compile("/stage/"))
