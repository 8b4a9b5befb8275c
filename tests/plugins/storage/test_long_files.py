"""A gigabyte goes through a process of a hundred megabytes, both ways."""

from __future__ import annotations

import json
import subprocess
import sys
from dataclasses import fields
from typing import Any

import pytest

from tests.plugins.storage.peers import ROOT, azurite, versitygw  # noqa: F401  # fixtures
from tests.plugins.storage.test_object_storage import azure, s3

pytestmark = pytest.mark.nightly
GIGABYTE = 1024**3
MOST = 100 * 1000**2
OPENED = {"s3": ("versitygw", lambda url: s3(url, "testtest")), "azure": ("azurite", azure)}


def settings_of(storage: Any) -> str:
    told = {field.name: getattr(storage, field.name) for field in fields(storage) if field.name != "policy"}
    return json.dumps({name: value for name, value in told.items() if not name.startswith("_")})


@pytest.mark.parametrize("kind", list(OPENED))
def test_a_gigabyte_takes_less_than_a_hundred_megabytes_of_memory(request: pytest.FixtureRequest, kind: str):
    server, opening = OPENED[kind]
    storage = opening(request.getfixturevalue(server))
    storage.close()
    command = [sys.executable, "-m", "tests.plugins.storage.long_file", kind, settings_of(storage), str(GIGABYTE)]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, timeout=600, check=True)
    told = json.loads(done.stdout)
    assert told["read"] == GIGABYTE
    assert told["memory"] < MOST, f"{told['memory'] / 1000**2:.0f} MB"
