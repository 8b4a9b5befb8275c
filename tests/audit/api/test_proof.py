"""Proof over the API: a check, the anchors with their keys, and the verifier, which agree."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import psycopg
import pytest

from control_plane.embedded.postgres import SUPERUSER, Postgres
from control_plane.kernel.config import override
from tests.audit.ground import anchored, entries, write
from tests.cast import ACME, Cast, make_cast

pytestmark = pytest.mark.django_db
LOGS = f"/api/v1/{ACME}/auditlogs"


@pytest.fixture
def cast() -> Cast:
    return make_cast()


def downloaded(cast: Cast, path: str) -> bytes:
    response = cast.olga.client.get(f"{LOGS}/{path}")
    assert response.status_code == 200, response.content
    return b"".join(response.streaming_content) if response.streaming else response.content


def test_a_chain_is_checked(cast: Cast, tmp_path: Path, postgres: Postgres):
    anchored(ACME, tmp_path / "anchors")
    found = cast.olga.client.get(f"{LOGS}/verify").json()
    assert (found["isIntact"], found["entries"], found["anchors"], found["anchoredEntry"]) == (True, 12, 2, 12)
    with psycopg.connect(postgres.url(SUPERUSER)) as database:
        database.execute("UPDATE audit_entry SET actor_name = 'otto' WHERE tenant_id = 'acme' AND seq = 3")
    found = cast.olga.client.get(f"{LOGS}/verify").json()
    assert (found["isIntact"], [each["seq"] for each in found["problems"]]) == (False, [3])


def test_whoever_downloads_all_of_it_checks_it_alone(cast: Cast, tmp_path: Path):
    anchored(ACME, tmp_path / "kept")
    for name, path in (("verify.py", "verifier"), ("anchors", "anchors"), ("trail", "export?format=ndjson")):
        (tmp_path / name).write_bytes(downloaded(cast, path))
    key = cast.olga.client.get(f"{LOGS}/proof").json()["keys"][0]["public"]
    command = [sys.executable, "-I", "-S", "verify.py", "trail", "anchors", "--key", key, "--tenant", ACME]
    done = subprocess.run(command, cwd=tmp_path, capture_output=True, text=True, check=False)
    assert done.returncode == 0 and "13 entries" in done.stdout, done.stdout + done.stderr


def test_how_far_it_was_anchored_and_shipped_is_told(cast: Cast, tmp_path: Path):
    anchored(ACME, tmp_path / "anchors")
    write(ACME, "more")
    with override(audit={"ship_to": ((tmp_path / "trail").as_uri(),)}):
        state = cast.olga.client.get(f"{LOGS}/proof").json()
    assert (state["entries"], state["anchors"], state["anchoredEntry"], state["isOutside"]) == (13, 2, 12, True)
    (shipping,) = state["shipping"]
    assert (shipping["shipped"], shipping["behind"]) == (0, 13) and shipping["lagSeconds"] >= 0


def test_the_instances_own_chain_is_the_superadmins(cast: Cast, tmp_path: Path):
    anchored("", tmp_path / "anchors")
    anchored(ACME, tmp_path / "anchors")
    cast.root.client.get("/api/v1/auditlogs/proof")
    count = len(entries(""))
    assert cast.root.client.get("/api/v1/auditlogs/verify").json()["entries"] == count
    assert cast.root.client.get("/api/v1/auditlogs/verify?tenant=acme").json()["entries"] == 12
    assert cast.root.client.get("/api/v1/auditlogs/proof").json()["entries"] == count
    assert cast.root.client.get("/api/v1/auditlogs/verify?tenant=none").status_code == 404
    lines = b"".join(cast.root.client.get("/api/v1/auditlogs/anchors").streaming_content).splitlines()
    assert {json.loads(line).get("tenant") for line in lines} == {None, ""}
    for path in ("verify", "proof", "anchors"):
        assert cast.olga.client.get(f"/api/v1/auditlogs/{path}").status_code == 403


def test_who_sees_a_part_of_it_proves_nothing(cast: Cast):
    for path in ("verify", "proof", "anchors", "verifier"):
        assert cast.vera.client.get(f"{LOGS}/{path}").status_code == 403
        assert cast.otto.client.get(f"{LOGS}/{path}").status_code == 404


@pytest.mark.parametrize("form", ["csv", "ndjson"])
def test_an_export_is_an_entry_that_names_its_filter(cast: Cast, form: str):
    write(ACME, "a", "b")
    downloaded(cast, f"export?format={form}&filters[resources][IN]=FLOW")
    last = entries(ACME)[-1]
    assert (last.action, last.resource, last.actor_name) == ("READ", "AUDITLOG", "olga@acme.test")
    detail = json.loads(last.body)["detail"]
    assert detail["exported"] == f"{LOGS}/export" and f"format={form}&filters" in detail["filters"]
    assert cast.olga.client.get(f"{LOGS}/export?format=xml").status_code == 400
    assert len(entries(ACME)) == 3


def test_an_export_of_all_tenants_is_an_entry_of_the_instance(cast: Cast):
    write(ACME, "a")
    for form in ("csv", "ndjson"):
        response = cast.root.client.get(f"/api/v1/auditlogs/export?format={form}")
        assert response.status_code == 200 and b"acme" in b"".join(response.streaming_content)
        last = entries("")[-1]
        assert (last.action, last.resource, last.actor_name) == ("READ", "AUDITLOG", "root@orrery.test")
