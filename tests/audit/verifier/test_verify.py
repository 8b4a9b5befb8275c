"""The verifier reads what was exported and what was shipped: of many tenants, twice, and as other programs wrote it."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from audit.verifier.verify import GENESIS, MOST_AT_ONCE, Report, canonical, check, link


class Trail:
    """Entries of tenants, each in its own chain."""

    def __init__(self) -> None:
        self.heads: dict[str, tuple[int, str]] = {}

    def line(self, tenant: str, **told: Any) -> str:
        seq, previous = self.heads.get(tenant, (0, GENESIS))
        seq += 1
        body = canonical({"at": f"2026-01-01T00:00:{seq % 60:02}Z", **told, "tenant_id": tenant})
        self.heads[tenant] = (seq, link(previous, seq, body))
        return f'{{"seq":{seq},"previous":"{previous}","hash":"{self.heads[tenant][1]}","entry":{body}}}'


def reports(folder: Path, *lines: str) -> dict[str, Report]:
    (folder / "trail").write_text("".join(f"{line}\n" for line in lines), encoding="utf-8")
    return {report.tenant: report for report in check([folder / "trail"])[0]}


def test_chains_of_many_tenants_are_told_apart_line_by_line(tmp_path: Path):
    trail = Trail()
    found = reports(tmp_path, *(trail.line(tenant) for _ in range(5) for tenant in ("a", "b", "")))
    assert {name: (each.entries, each.is_intact) for name, each in found.items()} == dict.fromkeys(
        ("a", "b", ""), (5, True)
    )
    assert (found["a"].start, found["a"].end) == ("2026-01-01T00:00:01Z", "2026-01-01T00:00:05Z")


def test_more_than_is_taken_in_at_once_is_one_chain(tmp_path: Path):
    trail = Trail()
    lines = [trail.line("a") for _ in range(2 * MOST_AT_ONCE + 1)]
    found = reports(tmp_path, *lines)["a"]
    assert (found.entries, found.last, found.is_intact) == (len(lines), len(lines), True)
    missing = reports(tmp_path, *lines[:MOST_AT_ONCE], *lines[MOST_AT_ONCE + 1 :])["a"]
    assert [each.seq for each in missing.problems] == [MOST_AT_ONCE + 1]


def test_what_was_shipped_twice_counts_once_and_what_differs_is_found(tmp_path: Path):
    trail = Trail()
    lines = [trail.line("a", said=number) for number in range(6)]
    found = reports(tmp_path, *lines[:4], *lines[2:], lines[5])["a"]
    assert (found.entries, found.is_intact) == (6, True)
    forged = reports(tmp_path, *lines[:4], lines[2].replace('"said":2', '"said":9'), *lines[4:])["a"]
    assert not forged.is_intact


def test_the_same_json_written_by_another_program_is_the_same_entry(tmp_path: Path):
    trail = Trail()
    lines = [trail.line("a", said="größe"), trail.line("a"), trail.line("a")]
    lines[1] = json.dumps(json.loads(lines[1]), indent=None, ensure_ascii=False, sort_keys=True)
    lines[0] = json.dumps(json.loads(lines[0]), ensure_ascii=False)
    assert reports(tmp_path, *lines)["a"].is_intact


@pytest.mark.parametrize("told", [{"detail": {"tenant_id": "b"}}, {"detail": ',"tenant_id":"b"}'}, {"zz": "tenant_id"}])
def test_the_tenant_of_an_entry_is_its_own_whatever_it_tells(tmp_path: Path, told: dict[str, Any]):
    trail = Trail()
    found = reports(tmp_path, trail.line("a", **told), trail.line("a"))
    assert list(found) == ["a"] and found["a"].is_intact


def test_a_changed_entry_is_named(tmp_path: Path):
    trail = Trail()
    lines = [trail.line("a", said=number) for number in range(3)]
    found = reports(tmp_path, lines[0], lines[1].replace('"said":1', '"said":7'), lines[2])["a"]
    assert [each.text for each in found.problems] == ["entry 2 was changed"]
