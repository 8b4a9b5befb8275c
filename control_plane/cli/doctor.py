"""Say what this machine offers, which way the embedded servers start, and whether they answer."""

from __future__ import annotations

import argparse
import os
import shutil
import sys
from collections.abc import Callable, Iterator

import psycopg
import redis

from control_plane.embedded.launchers import choose_launcher
from control_plane.embedded.postgres import Postgres
from control_plane.embedded.provision import APP
from control_plane.embedded.valkey import Valkey
from control_plane.kernel.config import Config, config
from control_plane.kernel.plans import is_lent
from control_plane.kernel.words.errors import ControlPlaneError
from plugins.contracts import PluginError
from plugins.runners.docker.address import own_engine, own_host
from plugins.runners.isolation import abilities

# Superuser, owner of any table, bypass, inheritance: each of them would open the second wall.
STRENGTH = """
SELECT r.rolsuper, r.rolbypassrls, EXISTS (SELECT FROM pg_class WHERE relowner = r.oid), r.rolinherit
FROM pg_roles r WHERE rolname = current_user
"""

# What was recorded is never changed. A dump that was restored over other rights may say otherwise.
WRITES_AUDIT = """
SELECT max(relname) FROM pg_class WHERE oid = to_regclass('audit_entry') AND has_table_privilege(oid, 'UPDATE, DELETE')
"""


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """It looks at everything."""


def run(args: argparse.Namespace) -> int:
    worst = 0
    for name, good, text in findings(config()):
        print(f"{'ok ' if good else 'BAD'} {name:<10} {text}")  # noqa: T201
        worst = max(worst, 0 if good else 1)
    return worst


def findings(knobs: Config) -> Iterator[tuple[str, bool, str]]:
    """Name, whether it is well, and what was seen."""
    version = ".".join(map(str, sys.version_info[:3]))
    yield "python", sys.version_info >= (3, 11), version
    yield "data", True, str(knobs.data_dir)
    yield "node", True, shutil.which("node") or "absent; the build brings its own"
    if knobs.database_url is None:
        yield _tried("embedded", lambda: f"PostgreSQL is started {choose_launcher(knobs.data_dir / 'postgres').name}")
    yield _tried("database", lambda: _database(knobs))
    yield _tried("redis", lambda: _redis(knobs))
    if knobs.broker_url is not None:
        yield _tried("broker", lambda: _broker(str(knobs.broker_url)))
    yield from _isolation()
    yield "containers", True, _engine()
    yield _tried("storage", lambda: _folder(knobs) if knobs.storage.type == "local" else _bucket(knobs))


def _isolation() -> Iterator[tuple[str, bool, str]]:
    """What tasks of a worker on this machine can ask for, run as this user. That one is missing is no fault."""
    for asked, why_not in abilities():
        yield "isolation", True, f"`{asked}` {'can be given' if why_not is None else f'cannot be given: {why_not}'}"


def _engine() -> str:
    """The engine that runs containers for a worker on this machine. That there is none is no fault."""
    try:
        with own_engine() as engine:
            return f"{engine.version()} at {own_host()}"
    except PluginError as error:
        return f"none at {own_host()}: {error}"


def _tried(name: str, look: Callable[[], str]) -> tuple[str, bool, str]:
    try:
        return name, True, look()
    except (psycopg.Error, redis.RedisError, OSError, ValueError) as error:
        return name, False, (str(error) or type(error).__name__).splitlines()[0]


def _database(knobs: Config) -> str:
    folder = knobs.data_dir / "postgres"
    url = knobs.database_url or _embedded_url(Postgres(folder, choose_launcher(folder)))
    if url is None:
        return "embedded, not running"
    with psycopg.connect(url, connect_timeout=5) as connection:
        strong = connection.execute(STRENGTH).fetchone()
        if strong is None or any(strong):
            raise ValueError("the serving role is too strong: superuser, owner, BYPASSRLS or INHERIT")
        if connection.execute(WRITES_AUDIT).fetchone() != (None,):
            raise ValueError(
                "the serving role may change audit_entry: REVOKE UPDATE, DELETE ON audit_entry FROM orrery_app"
            )
        found = f"PostgreSQL {connection.info.server_version // 10000}, as {connection.info.user}"
        if is_lent(connection):
            return f"{found}, through a pooling proxy: statements are planned anew each time"
        return found


def _embedded_url(postgres: Postgres) -> str | None:
    return postgres.url(APP) if postgres.pid() is not None else None


def _redis(knobs: Config) -> str:
    embedded = Valkey(knobs.data_dir / "valkey")
    if knobs.redis_url is None and embedded.pid() is None:
        return "embedded, not running"
    with redis.Redis.from_url(knobs.redis_url or embedded.url, socket_timeout=5) as client:
        client.ping()
    return "answers"


def _broker(url: str) -> str:
    # Loaded here alone: every command loads this module, and a worker's memory is counted.
    from kombu import Connection
    from kombu.exceptions import KombuError

    with Connection(url, connect_timeout=5) as broker:
        try:
            broker.ensure_connection(max_retries=1, timeout=5)
        except KombuError as error:
            raise ValueError(str(error)) from error
        return f"answers over {broker.transport.driver_type}"


def _folder(knobs: Config) -> str:
    path = knobs.storage_path
    if path.exists() and not os.access(path, os.W_OK | os.X_OK):
        raise ValueError(f"{path} cannot be written")
    return str(path)


def _bucket(knobs: Config) -> str:
    """Looking for what is not there proves address, keys and bucket, and changes nothing."""
    from stores.storage.choice import instance_storage

    try:
        next(iter(instance_storage().list("doctor/")), None)
    except ControlPlaneError as error:
        raise ValueError(str(error)) from error
    return f"{knobs.storage.type} {knobs.storage.bucket or knobs.storage.container}"
