"""Chromium as a person uses it: found on the machine, and anything it complains of fails the story."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from contextlib import contextmanager

from playwright.sync_api import Page, expect, sync_playwright

# Without these Chromium looks up hosts of its maker at every start.
_QUIET = (
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
)
_CANDIDATES = ("chromium", "chromium-browser", "google-chrome")
PATIENCE = 20_000
expect.set_options(timeout=PATIENCE)


@contextmanager
def open_page(width: int = 1440, height: int = 900, scheme: str = "light") -> Iterator[Page]:
    """A page of a new, empty browser. Errors that its scripts throw are raised at the end."""
    program = next((path for name in _CANDIDATES if (path := shutil.which(name))), None)
    assert program, "the journeys need a browser: install chromium"
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=program, args=list(_QUIET))
        context = browser.new_context(
            viewport={"width": width, "height": height},
            color_scheme="dark" if scheme == "dark" else "light",
            permissions=["clipboard-read", "clipboard-write"],
        )
        page = context.new_page()
        page.set_default_timeout(PATIENCE)
        thrown: list[str] = []
        page.on("pageerror", lambda error: thrown.append(str(error)))
        try:
            yield page
        finally:
            context.close()
            browser.close()
        assert thrown == []


@contextmanager
def another_person(page: Page) -> Iterator[Page]:
    """A page in the same browser that shares nothing with the other: no session, no storage."""
    browser = page.context.browser
    assert browser
    context = browser.new_context(viewport=page.viewport_size)
    opened = context.new_page()
    opened.set_default_timeout(PATIENCE)
    try:
        yield opened
    finally:
        context.close()
