"""An export is read by the verifier: whole, filtered with digests, and as another program wrote it again."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from django.db.models import Q

from audit.exporting import trail
from audit.verifier import verify
from tests.audit.ground import anchored, exported, write

pytestmark = pytest.mark.django_db


def checked(path: Path, anchors: Path) -> verify.Report:
    reports, _ = verify.check([path, anchors], tenant="acme")
    return reports[0]


def test_what_is_filtered_is_proved_by_the_digests_of_the_rest(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(trail, "CHUNK", 5)
    anchored("acme", tmp_path / "anchors")
    for wanted in ("flow-0-0", "flow-0-4", "flow-1-4", "nothing"):
        path = exported("acme", tmp_path / "trail", Q(object_id=wanted), with_proof=True)
        report = checked(path, tmp_path / "anchors")
        found = int(wanted != "nothing")
        assert (report.is_intact, report.entries, report.left_out) == (True, found, 12 - found), report.problems
        assert ("flow-0-1" in path.read_text()) is False
    forged = path.read_text().replace('"digests":["', '"digests":["0', 1)
    (tmp_path / "forged").write_text(forged)
    assert not checked(tmp_path / "forged", tmp_path / "anchors").is_intact


def test_without_digests_a_part_is_no_proof(tmp_path: Path):
    anchored("acme", tmp_path / "anchors")
    report = checked(exported("acme", tmp_path / "trail", Q(object_id="flow-0-2")), tmp_path / "anchors")
    assert report.entries == 1 and not report.is_intact


def test_the_same_json_in_other_words_is_the_same(tmp_path: Path):
    anchored("acme", tmp_path / "anchors")
    lines = exported("acme", tmp_path / "trail").read_text().splitlines()
    (tmp_path / "again").write_text(
        "\n".join(json.dumps(json.loads(line), indent=None, ensure_ascii=False) for line in lines)
    )
    report = checked(tmp_path / "again", tmp_path / "anchors")
    assert report.is_intact and report.entries == 12


def test_chunks_join_without_a_seam(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(trail, "CHUNK", 4)
    for count in (1, 3, 4):
        write("acme", *map(str, range(count)))
    lines = exported("acme", tmp_path / "trail").read_text().splitlines()
    assert [json.loads(line)["seq"] for line in lines] == list(range(1, 9))
