"""Somebody keeps the scripts of their flows in the namespace: writes, finds, renames, goes back, carries them away."""

from __future__ import annotations

import io
import re
import zipfile

import pytest
from playwright.sync_api import Locator, Page, expect

from tests.journeys.browser import open_page
from tests.journeys.conftest import PICTURES, take_picture
from tests.journeys.hands import agree, press, sign_in

pytestmark = [pytest.mark.journey, pytest.mark.story, pytest.mark.filterwarnings("default")]

FILES = "/api/v1/acme/namespaces/company.team/files"
FLOW = """
id: uses_files
namespace: company.team
tasks:
  - id: said
    type: io.kestra.plugin.core.debug.Return
    format: "{{ read('scripts/greet.sh') }}"
  - id: run
    type: io.kestra.plugin.scripts.shell.Commands
    namespaceFiles:
      enabled: true
      include: ["/scripts/**"]
      exclude: ["*.md"]
    taskRunner:
      type: io.kestra.plugin.core.runner.Process
    commands:
      - ls -R .
      - sh scripts/greet.sh
"""


@pytest.fixture(scope="module")
def page(instance, founder, token):
    instance.call("POST", "/api/v1/acme/flows", FLOW, token=token)
    with open_page() as opened:
        opened.goto(f"{instance.url}/ui/sign-in")
        sign_in(opened, founder.email, founder.password)
        expect(opened.get_by_role("heading", name="Flows", level=1)).to_be_visible()
        yield opened


def tree(page: Page) -> Locator:
    return page.get_by_role("tree", name="Files of the namespace")


def entry(page: Page, name: str) -> Locator:
    return tree(page).get_by_role("treeitem", name=re.compile(f"^{re.escape(name)}(, not saved)?$"))


def text_of(page: Page, path: str) -> Locator:
    return page.get_by_role("textbox", name=f"Text of {path}", exact=True)


def ask_for(page: Page, name: str, act: str) -> None:
    entry(page, name).click(button="right")
    page.get_by_role("menuitem", name=act, exact=True).click()


def dialog_of(page: Page) -> Locator:
    return page.get_by_role("dialog")


def write(page: Page, path: str, text: str) -> None:
    text_of(page, path).click()
    page.keyboard.press("Control+A")
    page.keyboard.insert_text(text)
    page.keyboard.press("Control+s")
    expect(page.get_by_text(f"{path.rpartition('/')[2]} saved")).to_be_visible()


def test_an_empty_namespace_says_what_files_are_for(instance, page):
    page.goto(f"{instance.url}/ui/acme/namespaces/company.team/files")
    expect(page.get_by_text("No file in this namespace")).to_be_visible()
    take_picture(page, PICTURES / "files-empty.png")


def test_a_script_is_written(page):
    press(page, "New file")
    dialog_of(page).get_by_label("Name").fill("scripts/greet.sh")
    press(dialog_of(page), "Create")
    expect(entry(page, "greet.sh")).to_be_visible()
    write(page, "/scripts/greet.sh", "echo hello from the file\n")
    text_of(page, "/scripts/greet.sh").click()
    page.keyboard.insert_text("# more")
    expect(entry(page, "greet.sh")).to_have_accessible_name("greet.sh, not saved")
    take_picture(page, PICTURES / "files-editor.png")
    page.once("dialog", lambda question: question.accept())
    page.get_by_role("navigation", name="Open files").get_by_role("button", name="Close greet.sh").click()
    expect(page.get_by_text("Choose a file to read or change it")).to_be_visible()


def test_a_flow_uses_it(instance, token):
    started = instance.call("POST", "/api/v1/acme/executions/company.team/uses_files?wait=true", token=token)
    assert started["state"]["current"] == "SUCCESS", started
    runs = {run["taskId"]: run["id"] for run in started["taskRunList"]}
    said = instance.call("GET", f"/api/v1/acme/outputs/{started['id']}/{runs['said']}", token=token)
    assert said["value"] == "echo hello from the file\n"
    lines = instance.call("GET", f"/api/v1/acme/logs/{started['id']}", token=token)
    assert any("hello from the file" in line["message"] for line in lines)


def test_files_are_dropped_onto_a_folder(page):
    dropped = page.evaluate_handle(
        """() => {
            const data = new DataTransfer();
            data.items.add(new File(['# notes'], 'notes.md', {type: 'text/markdown'}));
            data.items.add(new File([new Uint8Array([0, 255, 0])], 'picture.bin'));
            return data;
        }"""
    )
    entry(page, "scripts").dispatch_event("dragover", {"dataTransfer": dropped})
    entry(page, "scripts").dispatch_event("drop", {"dataTransfer": dropped})
    expect(page.get_by_text("2 files uploaded")).to_be_visible()
    entry(page, "picture.bin").click()
    expect(page.get_by_text("This file is not shown here")).to_be_visible()
    entry(page, "notes.md").click()
    expect(text_of(page, "/scripts/notes.md")).to_have_text("# notes")


def test_the_tree_is_walked_with_the_keyboard(page):
    entry(page, "scripts").focus()
    for key in ("ArrowLeft", "ArrowRight", "ArrowDown", "Enter"):
        page.keyboard.press(key)
    expect(text_of(page, "/scripts/greet.sh")).to_contain_text("hello from the file")
    entry(page, "notes.md").focus()
    page.keyboard.press("F2")
    dialog_of(page).get_by_label("Name").fill("README.md")
    page.keyboard.press("Enter")
    expect(entry(page, "README.md")).to_be_visible()
    tab = page.get_by_role("navigation", name="Open files").get_by_role("button", name="README.md", exact=True)
    expect(tab).to_be_visible()


def test_a_file_moves_and_is_found(page):
    ask_for(page, "README.md", "Move")
    dialog_of(page).get_by_label("Path").fill("/scripts/../README.md")
    press(dialog_of(page), "Move")
    expect(dialog_of(page)).to_contain_text("Write a name.")
    dialog_of(page).get_by_label("Path").fill("/docs/README.md")
    press(dialog_of(page), "Move")
    expect(entry(page, "docs")).to_be_visible()
    page.get_by_label("Search files").fill("read")
    found = page.get_by_role("list", name="Found files")
    expect(found.get_by_role("button")).to_have_text(["/docs/README.md"])
    found.get_by_role("button").click()
    expect(text_of(page, "/docs/README.md")).to_have_text("# notes")
    page.get_by_label("Search files").fill("")


def test_an_older_revision_comes_back(page):
    entry(page, "greet.sh").click()
    write(page, "/scripts/greet.sh", "echo broken\n")
    press(page, "History")
    expect(page.locator(".cm-merge-a")).to_contain_text("hello from the file")
    expect(page.locator(".cm-merge-b")).to_contain_text("broken")
    take_picture(page, PICTURES / "files-history.png")
    press(page, "Restore 2")
    agree(page, "Restore", about="/scripts/greet.sh")
    press(page, "History")
    expect(text_of(page, "/scripts/greet.sh")).to_contain_text("hello from the file")


def test_a_zip_comes_in_and_goes_out(page, tmp_path):
    archive = tmp_path / "project.zip"
    with zipfile.ZipFile(archive, "w") as target:
        target.writestr("queries/orders.sql", "SELECT 1")
    press(page, "More for all files")
    with page.expect_file_chooser() as chooser:
        page.get_by_role("menuitem", name="Import ZIP").click()
    chooser.value.set_files(archive)
    expect(entry(page, "queries")).to_be_visible()
    press(page, "More for all files")
    with page.expect_download() as carried:
        page.get_by_role("menuitem", name="Export ZIP").click()
    assert carried.value.suggested_filename == "company.team_files.zip"
    names = zipfile.ZipFile(io.BytesIO(carried.value.path().read_bytes())).namelist()
    assert names == ["docs/README.md", "queries/orders.sql", "scripts/greet.sh", "scripts/picture.bin"]


def test_a_zip_that_leads_out_is_refused_whole(page, tmp_path):
    archive = tmp_path / "evil.zip"
    with zipfile.ZipFile(archive, "w") as target:
        target.writestr("fine.txt", "x")
        target.writestr("../../evil.txt", "x")
    press(page, "More for all files")
    with page.expect_file_chooser() as chooser:
        page.get_by_role("menuitem", name="Import ZIP").click()
    chooser.value.set_files(archive)
    expect(page.get_by_text("Nothing was unpacked")).to_be_visible()
    expect(entry(page, "fine.txt")).to_have_count(0)


def test_a_folder_is_deleted_after_a_question(page):
    ask_for(page, "scripts", "Delete")
    agree(page, "Delete", about="/scripts")
    expect(entry(page, "scripts")).to_have_count(0)
    expect(page.get_by_role("navigation", name="Open files").get_by_role("button", name="greet.sh")).to_have_count(0)


def test_what_a_namespace_gives_is_seen_where_a_flow_uses_it(instance, page):
    page.goto(f"{instance.url}/ui/acme/namespaces/company/settings")
    page.get_by_label("Variables").fill("region: eu")
    page.get_by_label("Plugin defaults").fill(
        "- type: io.kestra.plugin.scripts\n  forced: true\n  values: {timeout: PT5M}\n"
        "- type: io.kestra.plugin.core.http\n  values: {timeout: PT1S}\n"
    )
    press(page.locator("form").filter(has=page.get_by_label("Variables")), "Save")
    expect(page.get_by_text("Settings saved")).to_be_visible()
    page.goto(f"{instance.url}/ui/acme/flows/company.team/uses_files")
    given = page.locator("section").filter(has_text="Plugin defaults of its namespace")
    expect(given).to_contain_text("io.kestra.plugin.scripts")
    expect(given).to_contain_text("forced")
    expect(given).to_contain_text("from company")
    expect(given).not_to_contain_text("core.http")
    expect(page.locator("section").filter(has_text="Variables of its namespace")).to_contain_text("region")
    take_picture(page, PICTURES / "flow-surroundings.png")
    page.goto(f"{instance.url}/ui/acme/namespaces/company.team/settings")
    expect(page.locator("section").filter(has_text="Variables from above")).to_contain_text("from company")
    take_picture(page, PICTURES / "namespace-settings.png")


def test_inputs_that_flows_share_are_written_once(instance, page, token):
    page.goto(f"{instance.url}/ui/acme/namespaces/company/inputs")
    press(page, "New inputs")
    text = page.get_by_role("textbox", name="Text of the inputs")
    expect(text).to_contain_text("id: period")
    text.click()
    page.keyboard.press("Control+A")
    page.keyboard.insert_text("id: period\ninputs:\n- {id: days, type: NUMBER}\n")
    page.keyboard.press("Control+s")
    expect(page.get_by_text("The inputs were not saved")).to_be_visible()
    page.keyboard.press("Control+A")
    page.keyboard.insert_text("id: period\ninputs:\n- {id: days, type: INT}\n")
    page.keyboard.press("Control+s")
    expect(page.get_by_text("period saved")).to_be_visible()
    take_picture(page, PICTURES / "inputs-editor.png")
    page.goto(f"{instance.url}/ui/acme/namespaces/company.team/inputs")
    row = page.get_by_role("row").filter(has_text="period")
    expect(row).to_contain_text("company")
    press(row, "period")
    expect(page.get_by_text("Inherited from company")).to_be_visible()
    page.goto(f"{instance.url}/ui/acme/namespaces/company/inputs")
    take_picture(page, PICTURES / "inputs-list.png")
    press(page.get_by_role("row").filter(has_text="period"), "Delete period")
    page.get_by_role("dialog").get_by_label("Type period to confirm").fill("period")
    press(page.get_by_role("dialog"), "Delete")
    expect(page.get_by_text("No reusable inputs in this namespace")).to_be_visible()
