"""`orrery audit`: chains are checked, heads are signed and brought out, old entries are purged."""

from __future__ import annotations

import json
from contextlib import nullcontext
from datetime import timedelta
from pathlib import Path

import psycopg
import pytest

from audit.background.system import ensure_key
from control_plane.cli import audit
from control_plane.cli import main as cli
from control_plane.embedded.postgres import SUPERUSER, Postgres
from control_plane.kernel.config import override
from control_plane.kernel.words.clock import iso
from tests.audit.ground import anchored, entries, exported, write
from tests.cast import ACME

pytestmark = pytest.mark.django_db
LATE = "2099-01-01T00:00:00Z"


@pytest.fixture(autouse=True)
def _on_this_server(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(audit, "as_server", nullcontext)


def said(capsys: pytest.CaptureFixture[str], *words: object) -> tuple[int, str, str]:
    capsys.readouterr()
    code = cli.main(["audit", *map(str, words)])
    told = capsys.readouterr()
    return code, told.out, told.err


def tamper(postgres: Postgres, *statements: str) -> None:
    """As somebody whom no wall keeps out."""
    with psycopg.connect(postgres.url(SUPERUSER)) as database:
        database.execute("SET session_replication_role = replica")
        for statement in statements:
            database.execute(statement)


class TestVerify:
    def test_says_of_each_chain_how_much_there_is_and_that_it_is_intact(self, capsys, tmp_path: Path):
        anchored(ACME, tmp_path / "anchors.ndjson")
        code, told, _ = said(capsys, "verify")
        assert code == 0
        assert "the instance: 1 entries, 1 to 1" in told and f"{ACME}: 12 entries, 1 to 12" in told
        assert told.count("  intact\n") == 2
        assert "2 anchors agree; the last vouches for all up to entry 12" in told

    def test_of_one_tenant_tells_of_that_alone(self, capsys):
        write(ACME, "a")
        write("globex", "b")
        code, told, _ = said(capsys, "verify", "--tenant", "globex")
        assert code == 0 and told.startswith("globex: 1 entries") and ACME not in told

    def test_fails_and_says_where_a_chain_is_broken(self, capsys, postgres: Postgres):
        write(ACME, *"abc")
        write("globex", "b")
        tamper(postgres, "UPDATE audit_entry SET body = replace(body, '\"b\"', '\"x\"') WHERE seq = 2")
        code, told, _ = said(capsys, "verify")
        assert code == 1
        assert "NOT INTACT" in told.partition("globex")[0] and "BROKEN" in told
        assert "entry 2" in told and told.endswith("  intact\n")

    def test_finds_an_end_that_was_cut_off_by_anchors_kept_outside(self, capsys, postgres: Postgres, tmp_path: Path):
        outside = tmp_path / "anchors.ndjson"
        anchored(ACME, outside)
        tamper(
            postgres,
            "DELETE FROM audit_entry WHERE tenant_id = 'acme' AND seq > 7",
            "DELETE FROM audit_anchor WHERE tenant_id = 'acme' AND seq > 7",
            "UPDATE audit_head h SET seq = 7, previous = e.previous, hash = e.hash FROM audit_entry e"
            " WHERE h.tenant_id = 'acme' AND e.tenant_id = 'acme' AND e.seq = 7",
        )
        assert said(capsys, "verify", "--tenant", ACME)[0] == 0, "what is here alone agrees with itself"
        code, told, _ = said(capsys, "verify", "--tenant", ACME, "--anchors", outside)
        assert code == 1 and "NOT INTACT" in told

    @pytest.mark.parametrize("content", [None, "no json\n"])
    def test_refuses_anchors_that_cannot_be_read(self, capsys, tmp_path: Path, content: str | None):
        file = tmp_path / "anchors"
        if content is not None:
            file.write_text(content)
        code, told, problem = said(capsys, "verify", "--anchors", file)
        assert (code, told) == (2, "") and problem.startswith("--anchors: ")


class TestAnchor:
    def test_signs_what_has_moved_and_writes_it_where_it_is_told_to(self, capsys, tmp_path: Path):
        write(ACME, "a", "b")
        file = tmp_path / "kept" / "anchors.ndjson"
        file.parent.mkdir()
        code, told, _ = said(capsys, "anchor", "--to", f"file://{file}")
        assert (code, told) == (0, "2 heads were signed\n")
        lines = [json.loads(line) for line in file.read_text().splitlines()]
        assert {each["tenant"] for each in lines if each["kind"] == "anchor"} == {"", ACME}
        assert said(capsys, "anchor", "--to", f"file://{file}")[1] == "0 heads were signed\n"
        assert said(capsys, "verify", "--anchors", file)[0] == 0

    def test_lets_another_key_sign_from_then_on(self, capsys, tmp_path: Path):
        file = tmp_path / "anchors.ndjson"
        write(ACME, "a")
        said(capsys, "anchor", "--to", f"file://{file}")
        code, told, _ = said(capsys, "anchor", "--to", f"file://{file}", "--rotate-key")
        first, second = told.splitlines()
        assert code == 0 and first.endswith(" signs from now on") and second == "1 heads were signed"
        keys = said(capsys, "keys")[1].splitlines()
        assert len(keys) == 2 and keys[-1].startswith(first.split()[1])
        assert said(capsys, "verify", "--anchors", file)[0] == 0

    @pytest.mark.parametrize("address", ["ftp://example.test/x", "nowhere"])
    def test_refuses_an_address_that_it_cannot_bring_anything_to(self, capsys, address: str):
        code, _, problem = said(capsys, "anchor", "--to", address)
        assert code == 2 and problem.startswith("--to: ")


class TestPurge:
    @pytest.fixture(autouse=True)
    def _entries(self, db: None):
        ensure_key()
        write(ACME, "a", "b", namespace="prod.data")
        write(ACME, "c", namespace="dev")

    def left(self) -> list[str]:
        return [each.object_id for each in entries(ACME) if each.resource == "FLOW"]

    def test_leaves_what_the_verifier_accepts(self, capsys, tmp_path: Path):
        assert said(capsys, "purge", "--tenant", ACME, "--before", LATE)[:2] == (0, "3 entries were purged\n")
        code, told, _ = said(capsys, "verify", "--tenant", ACME)
        assert code == 0 and "3 entries were purged, as signed tombstones say" in told
        (entry,) = entries(ACME)
        assert (entry.action, entry.actor_kind) == ("DELETE", "SYSTEM")
        assert "tombstone" in exported(ACME, tmp_path / "x").read_text()

    @pytest.mark.parametrize(
        ("narrowed", "gone"),
        [
            (["--namespace", "prod"], "ab"),
            (["--namespace", "dev", "--resource", "FLOW"], "c"),
            (["--resource", "FLOW", "--resource", "ROLE", "--action", "CREATE"], "abc"),
            (["--resource", "ROLE"], ""),
            (["--action", "DELETE"], ""),
        ],
    )
    def test_takes_only_what_is_asked_for(self, capsys, narrowed: list[str], gone: str):
        told = said(capsys, "purge", "--tenant", ACME, "--before", LATE, *narrowed)
        assert told[:2] == (0, f"{len(gone)} entries were purged\n")
        assert self.left() == [name for name in "abc" if name not in gone]

    def test_takes_nothing_that_is_younger(self, capsys):
        before = iso(entries(ACME)[0].at - timedelta(seconds=1))
        assert said(capsys, "purge", "--tenant", ACME, "--before", before)[1] == "0 entries were purged\n"
        with override(audit={"keep_at_least": timedelta(days=1)}):
            assert said(capsys, "purge", "--tenant", ACME, "--before", LATE)[1] == "0 entries were purged\n"
        assert self.left() == [*"abc"]

    def test_is_of_the_instances_own_trail_without_a_tenant(self, capsys):
        assert said(capsys, "purge", "--before", LATE)[1] == "1 entries were purged\n"
        assert self.left() == [*"abc"] and said(capsys, "verify")[0] == 0

    def test_refuses_what_is_no_date(self, capsys):
        code, told, problem = said(capsys, "purge", "--tenant", ACME, "--before", "yesterday")
        assert (code, told, problem) == (2, "", "--before: yesterday is no date\n")
        assert self.left() == [*"abc"]

    def test_needs_a_date(self, capsys):
        with pytest.raises(SystemExit) as ended:
            said(capsys, "purge", "--tenant", ACME)
        assert ended.value.code == 2 and "--before" in capsys.readouterr().err
