"""What a person does with the pages, in the words on the buttons."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from pathlib import Path

from playwright.sync_api import Locator, Page, expect


def press(where: Page | Locator, name: str) -> None:
    where.get_by_role("button", name=name, exact=True).click()


def follow(where: Page | Locator, name: str | re.Pattern[str]) -> None:
    where.get_by_role("link", name=name).first.click()


def open_part(page: Page, name: str) -> None:
    """A tab of the page of a flow or of an execution."""
    page.get_by_role("navigation", name=re.compile("^Parts of")).get_by_role("link", name=name, exact=True).click()


def agree(page: Page, verb: str, about: str) -> None:
    """Answer a question that names what it is about."""
    dialog = page.get_by_role("dialog")
    expect(dialog).to_contain_text(about)
    press(dialog, verb)
    expect(dialog).to_be_hidden()


def sign_in(page: Page, email: str, password: str) -> None:
    page.get_by_label("User name or e-mail").fill(email)
    page.get_by_label(re.compile("^Password")).fill(password)
    press(page, "Sign in")


def editor_of(page: Page) -> Locator:
    return page.get_by_role("textbox", name="Source of the flow")


def paste_source(page: Page, source: str) -> None:
    """Replace what the editor holds."""
    editor_of(page).click()
    page.keyboard.press("Control+A")
    page.evaluate("text => navigator.clipboard.writeText(text)", source)
    page.keyboard.press("Control+V")


def problems(page: Page) -> Locator:
    return page.get_by_role("region", name="Problems")


def create_flow(page: Page, origin: str, tenant: str, source: str) -> None:
    """From scratch, by pasting it; ends on the page of the new flow."""
    page.goto(f"{origin}/ui/{tenant}/flows/new?example=scratch")
    paste_source(page, source)
    expect(problems(page)).to_have_text("No problems")
    press(page, "Save")
    expect(page.get_by_role("button", name="Execute", exact=True)).to_be_visible()


def execute(page: Page) -> str:
    """Start the flow one looks at with what its form proposes; return the id of the execution."""
    press(page, "Execute")
    press(page.get_by_role("dialog"), "Execute")
    return execution_id(page)


def execution_id(page: Page) -> str:
    pattern = re.compile(r"/executions/(?!.*/executions/)([A-Za-z0-9]{16,})")
    expect(page).to_have_url(pattern)
    found = pattern.search(page.url)
    assert found
    return found[1]


def expect_state(page: Page, state: str) -> None:
    expect(page.locator("header").get_by_text(state, exact=True)).to_be_visible()


def live_badge(page: Page) -> Locator:
    return page.get_by_role("status").filter(has_text=re.compile("^(Live|Reconnecting|Offline)$"))


def task_row(page: Page, task: str) -> Locator:
    """The row of a task run in the Gantt."""
    rows = page.get_by_role("treegrid", name="Task runs over time").get_by_role("row")
    return rows.filter(has=page.get_by_role("button", name=re.compile(f"^{re.escape(task)}$")))


def log_line(page: Page, text: str) -> Locator:
    return page.get_by_role("region", name="Log lines").get_by_text(text, exact=True)


def read_log(page: Page) -> list[str]:
    """Every message of the log in its order, by scrolling from its first line to its last."""
    return page.get_by_role("region", name="Log lines").evaluate(_READ_LOG)


# Only lines in view exist, so they are gathered view by view; two frames are what drawing one takes.
_READ_LOG = """async scroller => {
  const drawn = () => new Promise(done => requestAnimationFrame(() => requestAnimationFrame(done)));
  const found = new Map();
  scroller.scrollTop = 0;
  for (let last = -1; scroller.scrollTop !== last;) {
    await drawn();
    for (const item of scroller.querySelectorAll('[data-index]'))
      found.set(Number(item.dataset.index), item.firstElementChild.lastElementChild.textContent);
    last = scroller.scrollTop;
    scroller.scrollTop += scroller.clientHeight / 2;
  }
  return [...found].sort(([a], [b]) => a - b).map(([, text]) => text);
}"""


@dataclass
class Traffic:
    """What a page asked of the API, and what was pushed to it."""

    asked: list[str] = field(default_factory=list)
    pushed: list[str] = field(default_factory=list)
    sockets: int = 0

    @classmethod
    def of(cls, page: Page) -> Traffic:
        traffic = cls()
        page.on("request", lambda request: traffic._note(request.url))
        page.on("websocket", traffic._listen)
        return traffic

    def _note(self, url: str) -> None:
        if "/api/" in url:
            self.asked.append(url)

    def _listen(self, socket) -> None:
        self.sockets += 1
        socket.on("framereceived", lambda frame: self.pushed.append(str(frame)))


def download_by(page: Page, button: Locator, folder: Path) -> Path:
    with page.expect_download() as coming:
        button.click()
    path = folder / coming.value.suggested_filename
    coming.value.save_as(path)
    return path
