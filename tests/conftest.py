"""What every test may ask for: a database that really commits, a Valkey, and a configuration of its own."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import ExitStack

import psycopg
import pytest
from django.conf import settings
from django.db import connections

from control_plane.embedded.postgres import APP, Postgres
from control_plane.embedded.valkey import Valkey
from control_plane.kernel.config import override
from control_plane.settings import database_settings
from tests.rabbit import SERVER, Rabbit, started_rabbit
from tests.servers import FOLDER, Cleaner, Servers

_until_the_end = ExitStack()


def pytest_configure(config: pytest.Config) -> None:
    """Tests see no setting of the machine they run on."""
    for name in [name for name in os.environ if name.startswith("ORRERY_")]:
        del os.environ[name]
    knobs = _until_the_end.enter_context(
        override(
            data_dir=FOLDER / f"run-{os.getpid()}",
            database_url=None,
            redis_url=None,
            secret_key="a secret key for tests alone, long enough",
            encryption_key="an encryption key for tests alone",
            egress={"allow_private": True, "allow_self": True},
        )
    )
    assert knobs.secret_key is not None
    settings.SECRET_KEY = knobs.secret_key.get_secret_value()


def pytest_unconfigure(config: pytest.Config) -> None:
    _until_the_end.close()


@pytest.fixture(autouse=True)
def _no_attempt_is_remembered() -> None:
    """Wrong passwords of one test are no reason to refuse another's."""
    from iam.authentication.attempts import forget_attempts

    forget_attempts()


@pytest.fixture(autouse=True)
def _nothing_is_in_force_from_before() -> None:
    """The rows of one test's switches, policies and queues are gone; so is what the process knew of them."""
    from governance.in_force.snapshot import snapshot
    from governance.policies.queries import snapshot as policies
    from governance.quotas.enforcing import known as quotas
    from workers.queue.routing import snapshot as fleet

    for each in (snapshot, policies, fleet, quotas):
        each.forget()


@pytest.fixture(autouse=True)
def _no_place_of_files_is_remembered() -> None:
    """What a tenant of one test said of its storage is not what the next one's says."""
    from stores.storage.choice import forget_layouts

    forget_layouts()


@pytest.fixture(scope="session")
def servers() -> Iterator[Servers]:
    started = Servers()
    yield started
    for connection in connections.all(initialized_only=True):
        connection.close()
    started.close()


@pytest.fixture(scope="session")
def postgres(servers: Servers) -> Iterator[Postgres]:
    """The migrated PostgreSQL of this process; `database_url` is set while it runs."""
    with override(database_url=servers.postgres.url(APP)):
        yield servers.postgres


@pytest.fixture(scope="session")
def rabbit() -> Iterator[Rabbit]:
    if not SERVER.exists():
        pytest.skip("no RabbitMQ is installed here: apt-get install rabbitmq-server")
    with ExitStack() as started:
        yield started_rabbit(started)


@pytest.fixture(scope="session")
def valkey_server(servers: Servers) -> Iterator[Valkey]:
    with override(redis_url=servers.valkey.url):
        yield servers.valkey


@pytest.fixture
def valkey(valkey_server: Valkey) -> Valkey:
    """An empty Valkey of this process; `redis_url` is set while tests run."""
    import redis

    with redis.Redis.from_url(valkey_server.url) as client:
        client.flushall()
    return valkey_server


@pytest.fixture(scope="session")
def django_db_setup(postgres: Postgres, django_db_blocker: object, django_test_environment: None) -> Iterator[Cleaner]:
    """Point Django at the copied database as the role that serves, and refuse any stronger one."""
    url = postgres.url(APP)
    _assert_walls_hold(url)
    for target in (settings.DATABASES["default"], connections["default"].settings_dict):
        target.update(database_settings(url))
    cleaner = Cleaner(postgres)
    yield cleaner
    cleaner.close()


def _assert_walls_hold(url: str) -> None:
    """A superuser, an owner or a role that bypasses row-level security would let every isolation test pass."""
    with psycopg.connect(url) as connection:
        row = connection.execute(
            "SELECT rolsuper, rolbypassrls, rolinherit, rolcreaterole, rolcreatedb,"
            " EXISTS (SELECT FROM pg_class WHERE relowner = r.oid),"
            " pg_has_role(r.oid, 'orrery_owner', 'MEMBER'), has_schema_privilege(r.oid, 'public', 'CREATE')"
            " FROM pg_roles r WHERE rolname = current_user"
        ).fetchone()
    if row is None or any(row):
        pytest.exit(f"the tests' database role is too strong: {row}", returncode=3)


@pytest.fixture
def _django_db_helper(
    request: pytest.FixtureRequest, django_db_setup: Cleaner, django_db_blocker: object
) -> Iterator[None]:
    """What pytest-django's `django_db` mark means here: the test commits for real and is cleaned up after.

    A tenant's scope is a transaction and refuses to be a nested one, so a test cannot be wrapped in another.
    """
    with django_db_blocker.unblock():  # type: ignore[attr-defined]
        yield
        for connection in connections.all(initialized_only=True):
            if connection.in_atomic_block:
                connection.close()
        django_db_setup.clean()
