"""`orrery retention`: policies are set, tried, and carried out until the run has ended."""

from __future__ import annotations

import json
from contextlib import nullcontext
from pathlib import Path

import pytest

from control_plane.cli import main as cli
from control_plane.cli import retention
from tests.cast import ACME, Cast, make_cast
from tests.governance.retention.ground import DAYS, executions, left, policy

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def _on_this_server(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(retention, "as_server", nullcontext)


def said(capsys: pytest.CaptureFixture[str], *words: object) -> tuple[int, str, str]:
    capsys.readouterr()
    code = cli.main(["retention", *map(str, words)])
    told = capsys.readouterr()
    return code, told.out, told.err


@pytest.fixture
def people() -> Cast:
    return make_cast()


def test_a_dry_run_tells_of_each_kind_and_namespace(people: Cast, capsys: pytest.CaptureFixture[str]) -> None:
    ids = executions(3)
    policy(people, EXECUTIONS=[DAYS])
    code, told, _ = said(capsys, "run", "--tenant", ACME, "--dry-run")
    assert code == 0
    assert "EXECUTIONS of prod.data: 3, " in told
    assert told.splitlines()[-1].endswith("would be freed")
    assert left() == set(ids)


def test_a_policy_that_is_set_is_carried_out(people: Cast, capsys: pytest.CaptureFixture[str], tmp_path: Path) -> None:
    executions(3)
    stays = executions(1, namespace="dev")
    file = tmp_path / "policy.yml"
    file.write_text(json.dumps({"EXECUTIONS": [DAYS]}))
    where = ("--tenant", ACME, "--namespace", "prod")
    assert said(capsys, "set", *where, file)[0] == 0
    code, told, _ = said(capsys, "run", *where)
    assert (code, left()) == (0, set(stays))
    assert "DONE, deleted so far: 3 EXECUTIONS" in told


def test_what_is_no_policy_is_refused(people: Cast, capsys: pytest.CaptureFixture[str], tmp_path: Path) -> None:
    file = tmp_path / "policy.yml"
    for text in ("[]", "EXECUTIONS: [{olderThan: PT1H}]", "a: [", "WHATEVER: []"):
        file.write_text(text)
        code, _, why = said(capsys, "set", "--tenant", ACME, file)
        assert code == 2
        assert why
    assert said(capsys, "run", "--tenant", "nobody", "--dry-run")[0] == 2
