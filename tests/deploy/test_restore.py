"""The backup that docs/backups.md tells of, restored: nobody may do more than before."""

import os
import subprocess
from pathlib import Path
from urllib.parse import urlsplit

import psycopg
import pytest

from control_plane.embedded.launchers import INSTALLED
from control_plane.embedded.postgres import SUPERUSER, Postgres
from control_plane.embedded.provision import OWNER, provision_database
from tests.servers import MACHINES_BINARIES

RIGHTS = """
SELECT relname, relrowsecurity, relforcerowsecurity, relowner::regrole::text, (SELECT array_agg(acl ORDER BY acl)
    FROM unnest(relacl::text[]) AS acl WHERE acl LIKE 'orrery%')
FROM pg_class WHERE relnamespace = 'public'::regnamespace AND relkind IN ('r', 'S') ORDER BY relname
"""
POLICIES = "SELECT tablename, policyname, roles, cmd, qual, with_check FROM pg_policies ORDER BY 1, 2"


def program(
    name: str, postgres: Postgres, user: str, password: str, *arguments: str
) -> subprocess.CompletedProcess[str]:
    """One of the server's own version: a newer pg_restore sets what an older server does not know."""
    binaries = Path(MACHINES_BINARIES) if MACHINES_BINARIES else INSTALLED / "bin"
    address = ["--host=127.0.0.1", f"--port={postgres.port}", f"--username={user}"]
    return subprocess.run(
        [str(binaries / name), *address, *arguments],
        env={"PATH": os.environ["PATH"], "PGPASSWORD": password},
        capture_output=True,
        text=True,
        check=False,
    )


@pytest.fixture
def backup_role(postgres):
    with psycopg.connect(postgres.url(SUPERUSER), autocommit=True) as admin:
        admin.execute("CREATE ROLE orrery_backup LOGIN BYPASSRLS PASSWORD 'b'")
        admin.execute("GRANT pg_read_all_data TO orrery_backup; GRANT CONNECT ON DATABASE orrery TO orrery_backup")
        yield "orrery_backup", "b"
        admin.execute("DROP DATABASE IF EXISTS restored WITH (FORCE)")
        admin.execute("DROP OWNED BY orrery_backup; DROP ROLE orrery_backup")


def seen(postgres: Postgres, database: str) -> list[list[tuple]]:
    with psycopg.connect(postgres.url(SUPERUSER, database)) as connection:
        return [connection.execute(question).fetchall() for question in (RIGHTS, POLICIES)]


def test_a_restored_database_gives_nobody_more_than_it_had(postgres, backup_role, tmp_path):
    dump = str(tmp_path / "dump")
    made = program("pg_dump", postgres, *backup_role, "--format=custom", f"--file={dump}", "orrery")
    assert made.returncode == 0, made.stderr
    with psycopg.connect(postgres.url(SUPERUSER, "postgres"), autocommit=True) as admin:
        provision_database(admin, "restored")
    password = urlsplit(postgres.url(OWNER)).password or ""
    options = ("--dbname=restored", "--no-owner", "--single-transaction", "--exit-on-error")
    restored = program("pg_restore", postgres, OWNER, password, *options, dump)
    assert restored.returncode == 0, restored.stderr
    assert seen(postgres, "restored") == seen(postgres, "orrery")


def test_the_owner_alone_cannot_make_a_backup(postgres, tmp_path):
    """Row-level security is forced: a dump that left out rows would be worse than none."""
    password = urlsplit(postgres.url(OWNER)).password or ""
    made = program("pg_dump", postgres, OWNER, password, "--schema=public", f"--file={tmp_path / 'dump'}", "orrery")
    assert made.returncode == 1
    assert "row-level security" in made.stderr
