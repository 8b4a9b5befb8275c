"""Whoever tampers with a chain is found, in the database, in an export elsewhere, and after a restore from a backup."""

from __future__ import annotations

import json
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from random import Random
from urllib.parse import urlsplit

import psycopg
import pytest
from django.db import connection

from audit.proof.checking import check
from audit.verifier import verify
from control_plane.embedded.postgres import SUPERUSER, Postgres
from control_plane.embedded.provision import OWNER, provision_database
from tests.audit.ground import anchored, exported
from tests.audit.proof.tampering import WAYS, Intruder, each_way
from tests.deploy.test_restore import backup_role as backup_role
from tests.deploy.test_restore import program

pytestmark = pytest.mark.django_db
SEED = 15
# Nobody but the database sees columns that differ from the text: an export holds the text.
COUNTS = [3, pytest.param(200, marks=pytest.mark.nightly)]


def names(times: int) -> dict[str, str]:
    """A tenant for each tampering, and what is done to it."""
    return {f"{way.replace(' ', '-')}-{number}": way for way, number in each_way(times)}


@contextmanager
def as_intruder(postgres: Postgres) -> Iterator[psycopg.Connection]:
    with psycopg.connect(postgres.url(SUPERUSER), autocommit=True) as database:
        database.execute("SET session_replication_role = replica")
        yield database


def outside(file: Path) -> list[dict]:
    return [each for each in map(json.loads, file.read_text().splitlines()) if each["kind"] == "anchor"]


@pytest.mark.parametrize("times", COUNTS)
def test_every_way_to_tamper_is_found_here_and_after_a_restore(
    postgres: Postgres, backup_role: tuple[str, str], tmp_path: Path, times: int
):
    anchors, ways = tmp_path / "anchors.ndjson", names(times)
    honest = [f"honest-{number}" for number in range(times)]
    for tenant in (*ways, *(f"{tenant}-other" for tenant, way in ways.items() if way == "move tenant"), *honest):
        anchored(tenant, anchors)
    kept = outside(anchors)
    assert [tenant for tenant in (*ways, *honest) if not check(tenant, kept).is_intact] == []
    with as_intruder(postgres) as database:
        for tenant, way in ways.items():
            WAYS[way](Intruder(database, tenant, f"{tenant}-other", Random(f"{SEED} {tenant}")))
    assert not_found(ways, kept) == []
    assert [tenant for tenant in honest if not check(tenant, kept).is_intact] == []
    with restored(postgres, backup_role, tmp_path):
        assert not_found(ways, kept) == []
        assert [tenant for tenant in honest if not check(tenant, kept).is_intact] == []


def not_found(ways: dict[str, str], kept: list[dict]) -> list[str]:
    return [tenant for tenant in ways if check(tenant, kept).is_intact]


@contextmanager
def restored(postgres: Postgres, role: tuple[str, str], folder: Path) -> Iterator[None]:
    """Django on a database that was restored from a dump of this one."""
    dump = str(folder / "dump")
    made = program("pg_dump", postgres, *role, "--format=custom", f"--file={dump}", "orrery")
    assert made.returncode == 0, made.stderr
    with psycopg.connect(postgres.url(SUPERUSER, "postgres"), autocommit=True) as admin:
        provision_database(admin, "restored")
    password = urlsplit(postgres.url(OWNER)).password or ""
    options = ("--dbname=restored", "--no-owner", "--single-transaction", "--exit-on-error")
    done = program("pg_restore", postgres, OWNER, password, *options, dump)
    assert done.returncode == 0, done.stderr
    before = connection.settings_dict["NAME"]
    connection.close()
    connection.settings_dict["NAME"] = "restored"
    try:
        yield
    finally:
        connection.close()
        connection.settings_dict["NAME"] = before


@pytest.mark.parametrize("way", WAYS)
def test_an_export_tells_of_it_on_another_machine(postgres: Postgres, tmp_path: Path, way: str):
    """In any form but one: columns that differ from the text are not in an export, the text is."""
    anchors = tmp_path / "anchors.ndjson"
    for number in range(4):
        tenant = f"t{number}"
        anchored(tenant, anchors)
        anchored(f"{tenant}-other", anchors)
        with as_intruder(postgres) as database:
            WAYS[way](Intruder(database, tenant, f"{tenant}-other", Random(f"{SEED} {way} {number}")))
        reports, _ = verify.check([exported(tenant, tmp_path / "trail.ndjson"), anchors], tenant=tenant)
        here = check(tenant, outside(anchors))
        assert not here.is_intact
        columns_alone = all("columns" in problem.text for problem in here.problems)
        assert columns_alone or not all(report.is_intact for report in reports), here.problems


def test_the_place_where_it_breaks_is_named(postgres: Postgres, tmp_path: Path):
    anchored("acme", tmp_path / "anchors")
    with as_intruder(postgres) as database:
        database.execute("UPDATE audit_entry SET body = replace(body, 'flow-0-3', 'flow-0-9') WHERE seq = 4")
        database.execute("DELETE FROM audit_entry WHERE seq IN (8, 9)")
    found = check("acme", outside(tmp_path / "anchors"))
    assert [(problem.seq, problem.text) for problem in found.problems] == [
        (4, "the columns of entry 4 do not say what its text says: object_id"),
        (4, "entry 4 was changed"),
        (8, "entries 8 to 9 are missing"),
    ]
    assert (found.entries, found.last) == (10, 12)


def test_the_verifier_is_one_file_that_needs_nothing(postgres: Postgres, tmp_path: Path):
    anchored("acme", tmp_path / "anchors.ndjson")
    exported("acme", tmp_path / "trail.ndjson")
    alone = tmp_path / "elsewhere" / "verify.py"
    alone.parent.mkdir()
    alone.write_bytes(Path(verify.__file__).read_bytes())
    key = json.loads((tmp_path / "anchors.ndjson").read_text().splitlines()[0])
    assert key["kind"] == "key"

    def run(*arguments: str) -> subprocess.CompletedProcess[str]:
        command = ["python3", "-I", "-S", str(alone), *arguments]
        return subprocess.run(command, capture_output=True, text=True, cwd=tmp_path, check=False)

    done = run("trail.ndjson", "anchors.ndjson", "--key", key["public"])
    assert (done.returncode, done.stderr) == (0, ""), done.stdout
    assert "acme: 12 entries, 1 to 12" in done.stdout and "2 anchors agree" in done.stdout and "intact" in done.stdout
    text = (tmp_path / "trail.ndjson").read_text()
    (tmp_path / "forged.ndjson").write_text(text.replace("flow-1-1", "flow-9-9"))
    forged = run("forged.ndjson", "anchors.ndjson", "--key", key["public"])
    assert forged.returncode == 1 and "BROKEN entry 9 was changed" in forged.stdout
    assert run("trail.ndjson").returncode == 1, "without an anchor nothing is proved"
    assert run("nothing.ndjson").returncode == 2
