"""The owner of a tenant says how long things are kept, sees what would go, and lets it go."""

from __future__ import annotations

import psycopg
import pytest
from playwright.sync_api import expect

from control_plane.embedded.launchers import choose_launcher
from control_plane.embedded.postgres import SUPERUSER, Postgres
from tests.journeys.browser import open_page
from tests.journeys.flows import HELLO
from tests.journeys.hands import agree, follow, open_part, press, sign_in

pytestmark = [pytest.mark.journey, pytest.mark.story]
OLD = (
    "UPDATE execution SET start_date = start_date - interval '100 days', end_date = end_date - interval '100 days'"
    " WHERE tenant_id = 'acme'"
)


@pytest.fixture(scope="module")
def page(instance, founder, token):
    instance.call("POST", "/api/v1/acme/flows", HELLO, token=token)
    for _ in range(3):
        instance.call("POST", "/api/v1/acme/executions/company.team/hello?wait=true", token=token)
    folder = instance.data_dir / "postgres"
    with psycopg.connect(Postgres(folder, choose_launcher(folder)).url(SUPERUSER), autocommit=True) as database:
        database.execute(OLD)
    with open_page() as opened:
        opened.goto(instance.ui)
        sign_in(opened, founder.email, founder.password)
        follow(opened.get_by_role("navigation", name="Sections"), "Governance")
        open_part(opened, "Retention")
        yield opened


def choose(page, kind: str, choice: str) -> None:
    page.get_by_role("combobox", name=kind, exact=True).click()
    page.get_by_role("option", name=choice, exact=True).click()


def counted(instance, token) -> int:
    return int(instance.call("GET", "/api/v1/acme/executions/search?size=1", token=token)["total"])


def test_she_sees_what_would_go_before_anything_is_saved(page, instance, token):
    choose(page, "Executions", "Deleted when old")
    page.get_by_role("textbox", name="Older than (days)").fill("30")
    press(page, "See what would go")
    table = page.get_by_role("table", name="What would go")
    expect(table.get_by_role("row").filter(has_text="Executions")).to_contain_text("company.team")
    expect(page.get_by_text("would be freed")).to_be_visible()
    assert counted(instance, token) == 3


def test_she_saves_it_and_is_told_once_more(page):
    press(page, "Save")
    expect(page.get_by_role("dialog")).to_contain_text("would be freed")
    agree(page, "Save", about="acme")
    expect(page.get_by_text("Retention saved")).to_be_visible()


def test_a_namespace_says_otherwise(page, instance, token):
    page.goto(f"{instance.ui}acme/namespaces/company.team/settings")
    expect(page.get_by_role("combobox", name="Executions", exact=True)).to_have_value(
        "As above: older than 30 days, says the tenant"
    )
    choose(page, "Executions", "Kept for ever")
    press(page.locator("form").filter(has_text="See what would go"), "Save")
    expect(page.get_by_role("dialog")).to_contain_text("Nothing would go")
    agree(page, "Save", about="company.team")
    expect(page.get_by_role("combobox", name="Executions", exact=True)).to_have_value("Kept for ever")


def test_what_the_namespace_keeps_stays(page, instance, token):
    page.goto(f"{instance.ui}acme/governance/retention")
    press(page, "Run now")
    agree(page, "Delete", about="acme")
    runs = page.get_by_role("table", name="Runs of retention")
    expect(runs).to_contain_text("done", timeout=20_000)
    assert counted(instance, token) == 3


def test_what_is_old_goes_when_nothing_keeps_it(page, instance, token):
    instance.call("DELETE", "/api/v1/acme/retention?namespace=company.team", token=token)
    press(page, "Run now")
    agree(page, "Delete", about="acme")
    expect(page.get_by_role("table", name="Runs of retention")).to_contain_text("3 executions", timeout=20_000)
    assert counted(instance, token) == 0
