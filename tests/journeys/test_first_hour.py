"""A newcomer's first hour, in a real browser."""

import csv
import re

import pytest
from playwright.sync_api import expect

from tests.journeys.browser import open_page
from tests.journeys.flows import CHATTER, FRAGILE, SLEEPER, TICKER, WITH_A_FILE, orders_report
from tests.journeys.hands import (
    Traffic,
    agree,
    create_flow,
    download_by,
    editor_of,
    execute,
    execution_id,
    expect_state,
    follow,
    live_badge,
    log_line,
    open_part,
    paste_source,
    press,
    problems,
    read_log,
    sign_in,
    task_row,
)
from tests.journeys.instance import until

pytestmark = [pytest.mark.journey, pytest.mark.story, pytest.mark.filterwarnings("default")]

SOMETHING = re.compile(".+")
EMAIL, PASSWORD = "nina@acme.test", "Correct-Horse-7-Battery"


@pytest.fixture(scope="module")
def page(instance):
    with open_page() as opened:
        yield opened


@pytest.fixture(scope="module")
def traffic(page):
    return Traffic.of(page)


@pytest.fixture(scope="module")
def notes():
    """What she keeps in mind from one step to the next."""
    return {}


# The flow of the story loops as the older generation did, and the editor says so.
ONLY_OLD = re.compile(r"^Line 22tasks\[1\]: tasks\[1\] is deprecated$")


def test_the_first_visit_shows_what_the_instance_is_made_of(instance, page):
    page.goto(instance.ui)
    expect(page.get_by_role("heading", name="Set up this instance")).to_be_visible()
    for part in ("Database", "Queue", "Storage", "Secrets"):
        expect(page.get_by_text(part, exact=True)).to_be_visible()
    expect(page.get_by_text("postgres", exact=True).first).to_be_visible()


def test_a_weak_password_is_refused_while_she_types(page):
    page.get_by_label("Your e-mail").fill(EMAIL)
    password = page.get_by_label(re.compile("^Password"))
    password.fill("short")
    expect(password).to_have_accessible_description(SOMETHING)
    password.fill(PASSWORD)
    expect(password).to_have_accessible_description("")


def test_she_makes_the_first_user_and_tenant_and_is_signed_in(page):
    page.get_by_label("Name of the first tenant").fill("Acme")
    expect(page.get_by_label("Its id")).to_have_value("acme")
    press(page, "Create user and tenant")
    expect(page).to_have_url(re.compile("/ui/acme/flows$"))
    expect(page.get_by_role("button", name=re.compile("Your account, nina@acme.test"))).to_be_visible()


def test_an_empty_tenant_offers_examples_and_a_blank_page(page):
    expect(page.get_by_role("heading", name="Create your first flow")).to_be_visible()
    expect(page.get_by_role("link", name=re.compile("From scratch"))).to_be_visible()
    follow(page, re.compile("Orders report"))
    expect(editor_of(page)).to_contain_text("id: orders_report")


def test_the_example_carries_the_address_of_this_instance(instance, page):
    expect(editor_of(page)).to_contain_text(f"{instance.url}/ui/examples/orders.csv")


def test_the_editor_completes_task_types(instance, page):
    with page.expect_response("**/plugins/schemas/flow"):
        page.goto(f"{instance.url}/ui/acme/flows/new?example=scratch")
    paste_source(page, "id: mine\nnamespace: company.team\ntasks:\n  - id: first\n    type: ")
    page.keyboard.type("Log")
    page.get_by_role("option", name="io.kestra.plugin.core.log.Log", exact=True).click()
    expect(editor_of(page)).to_contain_text("type: io.kestra.plugin.core.log.Log")


def test_the_editor_completes_the_properties_of_a_task(page):
    page.keyboard.press("Enter")
    page.keyboard.type("mess")
    page.get_by_role("option", name=re.compile("^message")).click()
    page.keyboard.type("Hello")
    expect(editor_of(page)).to_contain_text("message: Hello")
    expect(problems(page)).to_have_text("No problems")


def test_a_misspelt_property_is_marked_at_its_line_while_she_types(instance, page):
    paste_source(page, orders_report(instance.url).replace("    uri:", "    urii:"))
    expect(problems(page).get_by_role("button")).to_contain_text(re.compile('Line 21.*"urii".*did you mean.*uri'))
    expect(page.locator(".cm-lint-marker-error")).to_have_count(1)


def test_an_invalid_flow_is_not_saved_and_she_is_told_why(page, traffic):
    before = len(traffic.asked)
    press(page, "Save")
    refusal = page.get_by_role("alert").filter(has_text="The flow is not valid and was not saved")
    expect(refusal).to_contain_text(re.compile('Line 21:.*Unrecognized field "urii".*did you mean `uri`'))
    expect(page).to_have_url(re.compile("/flows/new"))
    assert not [url for url in traffic.asked[before:] if url.endswith("/flows")]


def test_a_valid_flow_is_saved_as_revision_one(instance, page):
    paste_source(page, orders_report(instance.url))
    expect(problems(page)).to_have_text(ONLY_OLD)
    page.keyboard.press("Control+S")
    expect(page).to_have_url(re.compile("/flows/company.sales/orders_report/edit"))
    expect(page.get_by_text("revision 1", exact=True)).to_be_visible()


def test_the_form_is_made_from_the_inputs_with_their_defaults(instance, page):
    press(page, "Execute")
    form = page.get_by_role("dialog", name="Execute orders_report")
    expect(form.get_by_label("source")).to_have_value(f"{instance.url}/ui/examples/orders.csv")
    expect(form.get_by_label("min_total")).to_have_value("10")
    for category in ("books", "music", "garden"):
        expect(form.get_by_text(category, exact=True)).to_be_visible()


def test_a_wrong_value_is_refused_at_its_field(page):
    form = page.get_by_role("dialog")
    source = form.get_by_label("source")
    source.fill("not an address")
    expect(source).to_have_accessible_description(SOMETHING)
    press(form, "Execute")
    expect(form).to_be_visible()
    source.fill("")
    expect(source).to_have_accessible_description("")


def test_she_executes_it_and_sees_it_run(page, notes):
    press(page.get_by_role("dialog"), "Execute")
    notes["report"] = execution_id(page)
    expect(live_badge(page)).to_have_text("Live")
    expect(task_row(page, "download")).to_be_visible()
    expect(task_row(page, "report books")).to_be_visible()


def test_the_graph_takes_the_colours_of_the_tasks_as_they_run(page):
    open_part(page, "Topology")
    checksum = page.locator("[data-tone]").filter(has_text="checksum")
    expect(checksum.filter(has_text="Success")).to_have_attribute("data-tone", "good")
    expect(page.locator("[data-tone=good]").filter(has_text="report")).to_contain_text("3/3")
    expect(page.locator("[data-idle]").filter(has_text="none")).to_be_visible()


def test_it_succeeds_and_the_log_says_what_books_brought(page):
    expect_state(page, "Success")
    open_part(page, "Logs")
    expect(page.get_by_role("region", name="Log lines")).to_contain_text(re.compile(r": books brought \d+"))


def test_she_looks_into_the_csv_that_a_task_wrote(page):
    open_part(page, "Outputs")
    page.get_by_role("navigation", name="Task runs with outputs").get_by_role(
        "button", name=re.compile("report.*books")
    ).click()
    press(page, "Preview books.csv")
    table = page.get_by_role("dialog", name="books.csv").get_by_role("table")
    expect(table.get_by_role("columnheader", name="category")).to_be_visible()
    expect(table.get_by_role("cell", name="The Clockmaker").first).to_be_visible()
    page.keyboard.press("Escape")
    expect(table).to_be_hidden()


def test_she_downloads_it(page, tmp_path):
    path = download_by(page, page.get_by_role("button", name="Download books.csv", exact=True), tmp_path)
    with path.open() as file:
        rows = list(csv.DictReader(file))
    assert path.name == "books.csv"
    assert rows and {row["category"] for row in rows} == {"books"}
    assert min(float(row["total"]) for row in rows) >= 10


def test_a_running_execution_is_pushed_to_the_page_which_asks_for_nothing(instance, page, traffic):
    create_flow(page, instance.url, "acme", TICKER)
    execute(page)
    row = task_row(page, "tick")
    expect(row.locator("[data-tone=busy]").last).to_be_visible()
    open_part(page, "Logs")
    expect(log_line(page, "tick 1")).to_be_visible()
    asked, pushed = len(traffic.asked), len(traffic.pushed)
    expect(log_line(page, "tick 6")).to_be_visible()
    assert traffic.asked[asked:] == []
    assert traffic.sockets >= 1
    assert len(traffic.pushed) - pushed >= 4
    expect_state(page, "Success")


def test_bars_and_outputs_appear_while_she_watches(instance, page, traffic):
    page.goto(f"{instance.url}/ui/acme/flows/company.sales/orders_report")
    execute(page)
    open_part(page, "Outputs")
    loads: list[str] = []
    page.on("load", lambda: loads.append(page.url))
    listed = page.get_by_role("navigation", name="Task runs with outputs").get_by_role("button")
    expect(listed.filter(has_text="download")).to_be_visible()
    expect(listed.filter(has_text="report")).to_have_count(3)
    expect(page.get_by_text("Outputs of the flow")).to_be_visible()
    open_part(page, "Gantt")
    expect(task_row(page, "say").locator("[data-tone=good]").last).to_be_visible()
    assert loads == []


def test_a_form_takes_a_file_and_keeps_to_the_bounds_of_an_input(instance, page, tmp_path):
    create_flow(page, instance.url, "acme", WITH_A_FILE)
    press(page, "Execute")
    form = page.get_by_role("dialog")
    upload = tmp_path / "list.txt"
    upload.write_text("one\ntwo\nthree\n")
    with page.expect_file_chooser() as chooser:
        form.get_by_label("list").click()
    chooser.value.set_files(upload)
    least = form.get_by_label("least")
    least.fill("12")
    expect(least).to_have_accessible_description(SOMETHING)
    least.fill("4")
    expect(least).to_have_accessible_description("")
    press(form, "Execute")
    execution_id(page)
    open_part(page, "Logs")
    expect(log_line(page, "lines: 3, least 4")).to_be_visible()


def test_she_edits_the_flow_and_it_becomes_revision_two(instance, page):
    page.goto(f"{instance.url}/ui/acme/flows/company.sales/orders_report/edit")
    paste_source(page, orders_report(instance.url).replace("defaults: 10", "defaults: 25"))
    expect(problems(page)).to_have_text(ONLY_OLD)
    press(page, "Save")
    expect(page.get_by_text("revision 2", exact=True)).to_be_visible()


def test_she_compares_the_revisions_side_by_side(page):
    open_part(page, "Revisions")
    expect(page.get_by_role("combobox", name="Before")).to_have_value(re.compile("Revision 1"))
    expect(page.get_by_role("combobox", name="After")).to_have_value(re.compile("Revision 2"))
    expect(page.get_by_text("defaults: 10")).to_be_visible()
    expect(page.get_by_text("defaults: 25")).to_be_visible()


def test_she_restores_the_first_and_it_becomes_the_third(page):
    press(page, "Restore 1")
    agree(page, "Restore", about="orders_report")
    expect(page.get_by_text("revision 3", exact=True)).to_be_visible()
    open_part(page, "Edit")
    expect(editor_of(page)).to_contain_text("defaults: 10")


def test_she_kills_a_long_execution_that_is_named_to_her(instance, page):
    create_flow(page, instance.url, "acme", SLEEPER)
    started = execute(page)
    expect_state(page, "Running")
    press(page, "Kill")
    agree(page, "Kill", about=f"sleeper {started[:8]}")
    expect_state(page, "Killed")


def test_she_restarts_a_failed_execution_from_the_task_that_failed(instance, page):
    create_flow(page, instance.url, "acme", FRAGILE)
    started = execute(page)
    expect_state(page, "Failed")
    press(page, "Restart")
    agree(page, "Restart", about=f"fragile {started[:8]}")
    page.get_by_role("button", name="breaks", exact=True).click()
    expect(page.get_by_text("Attempts", exact=True)).to_be_visible()
    expect_state(page, "Failed")
    page.get_by_role("button", name="before", exact=True).click()
    expect(page.get_by_text("Attempt", exact=True)).to_be_visible()
    expect(page.get_by_text("Attempts", exact=True)).to_have_count(1)


def test_she_replays_it_as_a_new_execution(page):
    old = execution_id(page)
    press(page, "Replay")
    agree(page, "Replay", about=f"fragile {old[:8]}")
    expect(page).not_to_have_url(re.compile(old))
    assert execution_id(page) != old
    expect_state(page, "Failed")


def test_a_token_from_her_profile_is_shown_once_and_works(instance, page, notes):
    page.get_by_role("button", name=re.compile("Your account")).click()
    page.get_by_role("menuitem", name="Profile and API tokens").click()
    press(page, "Create token")
    dialog = page.get_by_role("dialog")
    dialog.get_by_label("Name").fill("my-laptop")
    press(dialog, "Create")
    token = notes["token"] = dialog.get_by_test_id("token").inner_text()
    flows = instance.call("GET", "/api/v1/acme/flows/search", token=token)
    assert "orders_report" in [flow["id"] for flow in flows["results"]]
    press(dialog, "I have copied it")
    page.reload()
    expect(page.get_by_role("button", name="Revoke my-laptop")).to_be_visible()
    expect(page.get_by_text(token)).to_have_count(0)


def test_after_the_lid_was_closed_the_page_heals_itself_and_misses_no_line(instance, page, notes):
    create_flow(page, instance.url, "acme", CHATTER)
    started = execute(page)
    open_part(page, "Logs")
    expect(log_line(page, "said 5")).to_be_visible()
    page.context.set_offline(True)
    expect(live_badge(page)).not_to_have_text("Live")
    until(lambda: "said 400" in instance.call("GET", f"/api/v1/acme/logs/{started}/download", token=notes["token"]))
    page.context.set_offline(False)
    expect(page.get_by_text("400 lines", exact=True)).to_be_visible()
    expect(live_badge(page)).to_have_text("Live")
    expect_state(page, "Success")
    assert read_log(page) == [f"said {n}" for n in range(1, 401)]


def test_she_signs_out_and_in_again_and_is_where_she_was(instance, page):
    page.get_by_role("button", name=re.compile("Your account")).click()
    page.get_by_role("menuitem", name="Sign out").click()
    expect(page.get_by_role("heading", name="Sign in")).to_be_visible()
    page.goto(f"{instance.url}/ui/acme/executions")
    expect(page).to_have_url(re.compile("/sign-in"))
    sign_in(page, EMAIL, "Wrong-Horse-7-Battery")
    expect(page.get_by_role("alert")).to_contain_text("wrong")
    sign_in(page, EMAIL, PASSWORD)
    expect(page).to_have_url(re.compile("/ui/acme/executions"))
    expect(page.get_by_role("row").filter(has_text="orders_report").first).to_be_visible()
