"""What is known of the usual providers: a page of instructions each, and what has to be copied over there."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from iam.services.identity_providers import PRESETS

ROOT = Path(__file__).resolve().parents[3]
PAGES = {"openldap": "ldap", "active-directory": "ldap"}
LED_TO = [name for name in PRESETS if name not in PAGES]


@pytest.mark.parametrize("preset", PRESETS)
def test_each_has_a_page_that_is_found(preset: str):
    page = f"{PAGES.get(preset, preset)}.md"
    assert (ROOT / "docs" / "sign-in" / page).read_text().startswith("# ")
    assert f"({page})" in (ROOT / "docs" / "sign-in" / "index.md").read_text()
    assert f"sign-in/{page}" in (ROOT / "mkdocs.yml").read_text()


@pytest.mark.parametrize("preset", LED_TO)
def test_a_page_says_where_the_redirect_address_goes_and_what_the_issuer_is(preset: str):
    text = (ROOT / "docs" / "sign-in" / f"{preset}.md").read_text()
    assert "redirect address" in text and "issuer" in text.lower()


def test_the_pages_offer_the_same_ones():
    source = (ROOT / "frontend" / "src" / "features" / "authentication" / "presets.ts").read_text()
    offered = re.findall(r'^  "?([a-z0-9-]+)"?: \{$', source.partition("PRESETS: Record")[2], re.M)
    assert sorted(offered) == sorted(PRESETS)
