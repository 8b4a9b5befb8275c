"""What the planner knows of a table: told by its owner, since the application may not."""

from __future__ import annotations

import psycopg
from django.db import connection
from psycopg import sql

from control_plane.embedded.postgres import SUPERUSER, Postgres


def analyze(postgres: Postgres, table: str) -> None:
    """Count the rows that are committed, and mark their pages as seen by all: for tests with transactions of their own."""
    name = connection.settings_dict["NAME"]
    with psycopg.connect(postgres.url(SUPERUSER), dbname=name, autocommit=True) as owner:
        owner.execute(sql.SQL("VACUUM (ANALYZE) {}").format(sql.Identifier(table)))
