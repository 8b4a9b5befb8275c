"""Buckets that tenants and namespaces choose, on a server that speaks the API of S3."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from control_plane.kernel.config import override
from plugins.storage.s3 import S3Storage
from stores.storage import choice
from tests.cast import Cast, make_cast
from tests.plugins.storage.peers import moto  # noqa: F401  # a fixture

Bucket = Callable[[], dict[str, Any]]


@pytest.fixture
def cast() -> Cast:
    return make_cast()


@pytest.fixture
def bucket(moto: str) -> Bucket:  # noqa: F811
    """Makes one; returns what is said of it."""

    def make() -> dict[str, Any]:
        opened = S3Storage(
            f"bucket-{os.urandom(6).hex()}", endpoint=moto, region="us-east-1", access_key="a", secret_key="b"
        )
        opened._client.ask("PUT", f"{moto}/{opened.bucket}")
        opened.close()
        keys = {"accessKey": "a", "secretKey": "key-that-nobody-sees"}
        return {
            "storageType": "s3",
            "storageConfiguration": {"bucket": opened.bucket, "endpoint": moto, "region": "us-east-1", **keys},
        }

    return make


@pytest.fixture(autouse=True)
def own_folder(tmp_path: Path) -> Iterator[None]:
    """The storage of the instance holds what this test puts there, and nothing else."""
    with override(storage={"path": tmp_path / "objects"}):
        yield


@pytest.fixture(autouse=True)
def at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    """Nobody goes on for a while as it was."""
    monkeypatch.setattr(choice, "KNOWN_SECONDS", 0.0)
