"""The one place where this instance keeps its files, as it was configured."""

from __future__ import annotations

from functools import lru_cache
from pathlib import Path

from control_plane.kernel.config import Storage, config
from plugins.storage.local import LocalStorage
from plugins.storage.port import ObjectStorage
from plugins.storage.s3 import S3Storage


def storage() -> ObjectStorage:
    """The storage of this process, opened once for each way it is configured."""
    knobs = config()
    return _open(knobs.storage, knobs.storage_path)


@lru_cache(maxsize=4)
def _open(chosen: Storage, path: Path) -> ObjectStorage:
    if chosen.type == "local":
        return LocalStorage(path)
    return S3Storage(
        bucket=chosen.bucket or "",
        prefix=chosen.prefix,
        endpoint=chosen.endpoint,
        region=chosen.region,
        access_key=chosen.access_key,
        secret_key=chosen.secret_key.get_secret_value() if chosen.secret_key else None,
        path_style=chosen.path_style,
    )
