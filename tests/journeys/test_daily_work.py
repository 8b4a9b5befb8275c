"""What somebody does every day once the flows are there: look, find, change many at once, send an address."""

import re

import pytest
from playwright.sync_api import expect

from tests.journeys.browser import open_page
from tests.journeys.flows import CALLS_HELLO, FRAGILE, HELLO, TICKER
from tests.journeys.hands import agree, download_by, editor_of, open_part, paste_source, press, sign_in
from tests.journeys.instance import until

pytestmark = [pytest.mark.journey, pytest.mark.story, pytest.mark.filterwarnings("default")]

FAILURES = 3


@pytest.fixture(scope="module")
def page(instance, founder, token):
    for source in (HELLO, CALLS_HELLO, FRAGILE, TICKER):
        instance.call("POST", "/api/v1/acme/flows", source, token=token)
    for _ in range(FAILURES):
        instance.call("POST", "/api/v1/acme/executions/company.team/fragile?wait=true", token=token)
    with open_page() as opened:
        opened.goto(f"{instance.url}/ui/sign-in")
        sign_in(opened, founder.email, founder.password)
        expect(opened.get_by_role("heading", name="Flows", level=1)).to_be_visible()
        yield opened


def states_of(instance, token) -> set[str]:
    found = instance.call("GET", "/api/v1/acme/executions/search?filters[flowId][EQUALS]=fragile", token=token)
    return {row["state"]["current"] for row in found["results"]}


def test_the_overview_counts_and_names_what_failed_and_learns_of_more(instance, page, token):
    page.goto(f"{instance.url}/ui/acme/overview")
    failed = page.get_by_role("link", name="Failed: open the list")
    expect(failed).to_have_text(str(FAILURES))
    expect(page.get_by_text(f"{FAILURES} of {FAILURES}", exact=True)).to_be_visible()
    instance.call("POST", "/api/v1/acme/executions/company.team/fragile?wait=true", token=token)
    expect(failed).to_have_text(str(FAILURES + 1))
    failed.click()
    expect(page).to_have_url(re.compile("state=FAILED"))


def test_a_bar_of_the_chart_narrows_the_list_to_its_time(page):
    chart = page.get_by_role("figure", name="Executions over time")
    chart.get_by_role("button").and_(page.locator(":enabled")).first.click()
    expect(page).to_have_url(re.compile(r"from=\d+.*to=\d+"))
    press(page, "Any time again")
    expect(page).not_to_have_url(re.compile("from="))


def test_labels_and_a_status_are_given_to_many_at_once(instance, page, token):
    page.get_by_role("checkbox", name="Select all rows").check()
    press(page, "Set labels")
    dialog = page.get_by_role("dialog", name=re.compile("Set labels of"))
    dialog.get_by_label("Labels").fill("seen:yes")
    page.keyboard.press("Enter")
    press(dialog, "Save")
    expect(page.get_by_role("row").filter(has_text=re.compile("seen.?yes"))).to_have_count(FAILURES + 1)
    page.get_by_role("checkbox", name="Select all rows").check()
    press(page, "Change status")
    page.get_by_role("menuitem", name="Cancelled").click()
    agree(page, "Change status", about=f"{FAILURES + 1} executions: CANCELLED")
    until(lambda: states_of(instance, token) == {"CANCELLED"})


def test_she_sees_which_flow_leads_to_which_and_goes_there(instance, page):
    page.goto(f"{instance.url}/ui/acme/namespaces/company.team/dependencies")
    graph = page.get_by_role("region", name="Dependencies")
    expect(graph.get_by_role("link", name="calls_hello")).to_be_visible()
    expect(page.get_by_text("stand alone")).to_be_visible()
    graph.get_by_role("link", name="hello", exact=True).click()
    expect(page).to_have_url(re.compile("/flows/company.team/hello/dependencies"))
    expect(page.get_by_role("heading", name="hello", level=1)).to_be_visible()


def test_a_secret_goes_in_and_is_not_shown_again(instance, page):
    page.goto(f"{instance.url}/ui/acme/namespaces/company.team/secrets")
    press(page, "New secret")
    dialog = page.get_by_role("dialog")
    dialog.get_by_label("Name").fill("API_KEY")
    dialog.get_by_label("Value").fill("canary-7")
    press(dialog, "Save")
    row = page.get_by_role("row").filter(has_text="API_KEY")
    expect(row).to_be_visible()
    expect(dialog).to_have_count(0)
    assert "canary-7" not in page.content()
    press(row, "Delete API_KEY")
    dialog.get_by_label("Type API_KEY to confirm").fill("API_KEY")
    press(dialog, "Delete")
    expect(page.get_by_text("No secret in this namespace")).to_be_visible()


def test_the_editor_explains_a_property_and_evens_out_the_layout(instance, page):
    with page.expect_response("**/plugins/schemas/flow"):
        page.goto(f"{instance.url}/ui/acme/flows/new?example=scratch")
    paste_source(
        page,
        "id:   mine\nnamespace: company.team\ntasks:\n    -   id: a\n        type: io.kestra.plugin.core.log.Log\n",
    )
    page.locator(".cm-content").get_by_text("namespace").hover()
    expect(page.locator(".cm-meaning")).to_contain_text("required")
    press(page, "Format")
    expect(editor_of(page)).to_contain_text("id: mine")
    expect(editor_of(page)).to_contain_text("  - id: a")
    page.once("dialog", lambda question: question.accept())
    page.get_by_role("navigation", name="Sections").get_by_role("link", name="Logs").click()
    expect(page).to_have_url(re.compile("/acme/logs"))


def test_the_address_of_a_line_leads_to_it(instance, page, token, tmp_path):
    started = instance.call("POST", "/api/v1/acme/executions/company.team/ticker?wait=true", token=token)["id"]
    page.goto(f"{instance.url}/ui/acme/executions/{started}/logs")
    page.get_by_role("button", name=re.compile("^Link to line")).nth(3).click()
    expect(page).to_have_url(re.compile(r"line=\d+"))
    page.goto(page.url)
    expect(page.locator("[data-named]")).to_contain_text("tick 4")
    page.get_by_label("Search in the log").fill("tick 5")
    expect(page.get_by_text("1 of 6 lines")).to_be_visible()
    path = download_by(page, page.get_by_role("button", name="Download"), tmp_path)
    assert "tick 5" in path.read_text()
    assert "tick 4" not in path.read_text()


def test_a_task_in_the_graph_leads_to_its_run(page):
    open_part(page, "Topology")
    page.get_by_role("region", name="Topology").get_by_role("link", name="tick").click()
    expect(page).to_have_url(re.compile(r"/gantt\?run="))
    expect(page.get_by_text("Attempt", exact=True)).to_be_visible()


def test_the_palette_offers_what_can_be_done_here(page):
    page.keyboard.press("Control+K")
    page.get_by_role("textbox", name="Search everything").fill("replay")
    page.get_by_role("button", name=re.compile("Replay this execution")).click()
    expect(page.get_by_role("dialog", name="Replay execution")).to_be_visible()
    expect(page.get_by_role("dialog", name="Search everything")).to_be_hidden()
    expect(page.get_by_role("dialog").get_by_role("button", name="Replay")).to_be_focused()
