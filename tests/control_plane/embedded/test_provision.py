"""Roles and database as an administrator makes them: a superuser, or the strongest role that a provider gives away."""

from pathlib import Path
from urllib.parse import quote

import psycopg
import pytest

from control_plane.embedded.launchers import choose_launcher
from control_plane.embedded.postgres import SUPERUSER, Postgres
from control_plane.embedded.provision import APP, OWNER, provision_database, provision_rights, provision_roles
from control_plane.embedded.server import running
from tests.servers import OLDEST_POSTGRES, older_postgres

PASSWORDS = {OWNER: "it's one", APP: "an:other@"}


@pytest.fixture(params=["embedded", "oldest"])
def server(request, tmp_path):
    folder = tmp_path / "postgres"
    launcher = choose_launcher(folder)
    if request.param == "embedded":
        made = Postgres(folder, launcher, {"fsync": "off"})
    elif OLDEST_POSTGRES is None:
        pytest.skip("no PostgreSQL 15 is installed here")
    else:
        made = older_postgres(folder, launcher, OLDEST_POSTGRES, {"fsync": "off"})
    with running(made, tmp_path / "log"):
        yield made


def as_role(server: Postgres, role: str, password: str, database: str) -> psycopg.Connection:
    url = f"postgresql://{role}:{quote(password, safe='')}@127.0.0.1:{server.port}/{database}"
    return psycopg.connect(url, autocommit=True)


def provision_twice(admin: psycopg.Connection, server: Postgres, role: str, password: str) -> None:
    for _ in range(2):
        provision_roles(admin, PASSWORDS)
        provision_database(admin, "flows")
        with as_role(server, role, password, "flows") as inside:
            provision_rights(inside)


def assert_the_walls_stand(server: Postgres) -> None:
    with as_role(server, OWNER, PASSWORDS[OWNER], "flows") as owner:
        owner.execute("CREATE TABLE thing (id int)")
    with as_role(server, APP, PASSWORDS[APP], "flows") as app:
        app.execute("INSERT INTO thing VALUES (1)")
        app.execute("SET ROLE orrery_service")
        app.execute("RESET ROLE")
        with pytest.raises(psycopg.errors.InsufficientPrivilege):
            app.execute("CREATE TABLE mine (id int)")
        seen = app.execute(
            "SELECT rolsuper, rolbypassrls, rolinherit FROM pg_roles WHERE rolname = current_user"
        ).fetchone()
        assert seen == (False, False, False)


def forget(server: Postgres) -> None:
    """Nothing of what the embedded server provides for itself."""
    with psycopg.connect(server.url(SUPERUSER, "postgres"), autocommit=True) as connection:
        connection.execute("DROP DATABASE orrery")
        for role in ("orrery_app", "orrery_owner", "orrery_service"):
            connection.execute(f"DROP ROLE {role}")


def test_a_superuser_makes_them_and_again_changes_nothing(server: Postgres):
    forget(server)
    password = (Path(server.folder) / "postgres.password").read_text()
    with psycopg.connect(server.url(SUPERUSER, "postgres"), autocommit=True) as admin:
        provision_twice(admin, server, SUPERUSER, password)
    assert_the_walls_stand(server)


def test_a_role_that_may_make_roles_is_enough(server: Postgres):
    forget(server)
    with psycopg.connect(server.url(SUPERUSER, "postgres"), autocommit=True) as superuser:
        superuser.execute("CREATE ROLE boss LOGIN CREATEROLE CREATEDB PASSWORD 'b'")
    with as_role(server, "boss", "b", "postgres") as admin:
        provision_twice(admin, server, "boss", "b")
    assert_the_walls_stand(server)


def test_a_superuser_takes_away_what_a_role_should_not_have(server: Postgres):
    with psycopg.connect(server.url(SUPERUSER, "postgres"), autocommit=True) as admin:
        admin.execute("ALTER ROLE orrery_app BYPASSRLS INHERIT CREATEDB")
        provision_twice(admin, server, SUPERUSER, (Path(server.folder) / "postgres.password").read_text())
    assert_the_walls_stand(server)
