import os
import subprocess
import sys
from pathlib import Path
from urllib.parse import quote

import psycopg
import pytest

from control_plane.cli import main as cli
from control_plane.cli.command import Refused
from control_plane.cli.database import wanted
from control_plane.embedded.launchers import choose_launcher
from control_plane.embedded.postgres import SUPERUSER, Postgres
from control_plane.embedded.server import running
from control_plane.kernel.config import load_config
from tests.servers import OLDEST_POSTGRES, older_postgres

OWNER_URL = "postgresql://orrery_owner:one@h/flows"
APP_URL = "postgresql://orrery_app:two@h/flows"


def test_both_addresses_say_what_is_to_be_made():
    knobs = load_config({"ORRERY_OWNER_DATABASE_URL": OWNER_URL, "ORRERY_DATABASE_URL": APP_URL})
    assert wanted(knobs) == ("flows", {"orrery_owner": "one", "orrery_app": "two"})


@pytest.mark.parametrize(
    ("owner", "app", "problem"),
    [
        ("postgresql://postgres:one@h/flows", APP_URL, "ORRERY_OWNER_DATABASE_URL: its user must be orrery_owner"),
        (OWNER_URL, "postgresql://orrery_app@h/flows", "ORRERY_DATABASE_URL: a password and the name"),
        (OWNER_URL, "postgresql://orrery_app:two@h/other", "names another database"),
    ],
)
def test_addresses_that_do_not_fit_each_other_are_refused(owner, app, problem):
    with pytest.raises(Refused, match=problem):
        wanted(load_config({"ORRERY_OWNER_DATABASE_URL": owner, "ORRERY_DATABASE_URL": app}))


@pytest.fixture(scope="module")
def server(tmp_path_factory):
    """An empty server of the oldest kind that is here."""
    folder = tmp_path_factory.mktemp("server") / "postgres"
    launcher = choose_launcher(folder)
    made = Postgres(folder, launcher, {"fsync": "off"})
    if OLDEST_POSTGRES is not None:
        made = older_postgres(folder, launcher, OLDEST_POSTGRES, {"fsync": "off"})
    with running(made, folder.parent / "log"):
        yield made


def orrery(server: Postgres, *arguments: str, **environ: str | None) -> subprocess.CompletedProcess[str]:
    """The command as a person calls it, told two addresses and nothing else; None takes one of them away."""
    kept = {key: value for key, value in os.environ.items() if not key.startswith("ORRERY_")}
    told = {
        "ORRERY_OWNER_DATABASE_URL": f"postgresql://orrery_owner:one@127.0.0.1:{server.port}/flows",
        "ORRERY_DATABASE_URL": f"postgresql://orrery_app:two@127.0.0.1:{server.port}/flows",
        "ORRERY_CONFIG": os.devnull,
    }
    command = [sys.executable, "-m", "control_plane.cli.main", *arguments]
    environment = {key: value for key, value in (kept | told | environ).items() if value is not None}
    return subprocess.run(command, env=environment, capture_output=True, text=True, check=False)


def test_roles_database_and_migrations_come_from_two_commands(server):
    superuser = f"postgresql://{SUPERUSER}@127.0.0.1:{server.port}/postgres"
    password = quote((Path(server.folder) / "postgres.password").read_text().strip(), safe="")
    for _ in range(2):
        made = orrery(server, "database", "create", "--admin", superuser, PGPASSWORD=password)
        assert (made.returncode, made.stdout) == (0, "flows is ready: orrery migrate\n"), made.stderr
    assert orrery(server, "migrate", "--check").returncode == 1
    for _ in range(2):
        migrated = orrery(server, "migrate")
        assert migrated.returncode == 0, migrated.stderr
    assert orrery(server, "migrate", "--check").returncode == 0
    assert orrery(server, "migrate", "--check", ORRERY_OWNER_DATABASE_URL=None).returncode == 0
    with psycopg.connect(f"postgresql://orrery_app:two@127.0.0.1:{server.port}/flows") as app:
        assert app.execute("SELECT count(*) FROM worker_group").fetchone() is not None


def test_an_administrator_who_may_not_is_told_which_address_is_wrong(server):
    refused = orrery(server, "database", "create", "--admin", "postgresql://nobody@127.0.0.1:1/postgres")
    assert refused.returncode == 2
    assert refused.stderr.startswith("--admin: ")


def test_an_owner_who_is_not_let_in_is_told_which_key_is_wrong(server):
    refused = orrery(server, "migrate", ORRERY_OWNER_DATABASE_URL="postgresql://orrery_owner@127.0.0.1:1/flows")
    assert refused.returncode == 2
    assert refused.stderr.startswith("ORRERY_OWNER_DATABASE_URL: ")


def test_the_command_names_what_it_needs(monkeypatch, tmp_path, capsys):
    from control_plane.kernel import config as knobs

    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(knobs, "_current", None)
    assert cli.main(["database", "create", "--admin", "postgresql://h"]) == 2
    assert "ORRERY_OWNER_DATABASE_URL: is needed here" in capsys.readouterr().err
