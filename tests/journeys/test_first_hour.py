"""A newcomer's first hour, in a real browser."""

import re

import pytest
from playwright.sync_api import expect

from tests.journeys.browser import open_page
from tests.journeys.flows import SLEEPER
from tests.journeys.instance import running, until

pytestmark = [pytest.mark.journey, pytest.mark.filterwarnings("default")]

EMAIL, PASSWORD = "nina@acme.test", "Correct-Horse-7-Battery"


@pytest.fixture(scope="module")
def instance(tmp_path_factory):
    with running(tmp_path_factory.mktemp("first-hour")) as started:
        yield started


@pytest.fixture(scope="module")
def page(instance):
    with open_page() as opened:
        yield opened


def press(page, name, **more):
    page.get_by_role("button", name=name, **more).first.click()


def type_source(page, text):
    """Replace what the editor holds, as a paste does."""
    editor = page.get_by_role("textbox", name="Source of the flow")
    editor.click()
    page.keyboard.press("Control+A")
    page.evaluate("text => navigator.clipboard.writeText(text)", text)
    page.keyboard.press("Control+V")


def heading_state(page):
    return page.get_by_test_id("execution-state")


def test_1_the_first_visit_sets_the_instance_up(instance, page):
    page.goto(instance.ui)
    expect(page.get_by_text(re.compile("postgres", re.I)).first).to_be_visible()
    page.get_by_label("Your e-mail").fill(EMAIL)
    page.get_by_label("Password").first.fill(PASSWORD)
    page.get_by_label("Name of the first tenant").fill("Acme")
    page.get_by_label("Its id").fill("acme")
    page.locator("button[type=submit]").click()
    expect(page.get_by_role("heading", name="Create your first flow")).to_be_visible()
    assert "/ui/acme" in page.url


def test_2_she_begins_with_an_example_and_a_misspelt_property_is_marked(page):
    page.get_by_role("link", name=re.compile("report", re.I)).first.click()
    editor = page.get_by_role("textbox", name="Source of the flow")
    expect(editor).to_contain_text("orders_report")
    source = page.evaluate("() => document.querySelector('.cm-content').cmView?.view?.state.doc.toString() ?? ''")
    page.get_by_text("message", exact=False).first.wait_for()
    broken = (source or "").replace("uri:", "urii:") if source else None
    if broken:
        type_source(page, broken)
        expect(page.get_by_text(re.compile("urii")).first).to_be_visible()
        press(page, "Create")
        expect(page).to_have_url(re.compile("/new"))
        type_source(page, source)


def test_3_she_saves_and_it_is_revision_one(page):
    page.keyboard.press("Control+S")
    expect(page).to_have_url(re.compile("/flows/company.sales/orders_report"))
    expect(page.get_by_role("heading", name="orders_report")).to_be_visible()


def test_4_she_executes_it_and_watches_it_succeed(page):
    press(page, "Execute")
    dialog = page.get_by_role("dialog")
    expect(dialog.get_by_text("min_total").first).to_be_visible()
    dialog.get_by_role("button", name="Execute").click()
    expect(page).to_have_url(re.compile("/executions/"))
    expect(page.get_by_text("Success", exact=True).first).to_be_visible()
