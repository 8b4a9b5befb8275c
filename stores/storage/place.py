"""The one place where this instance keeps its files, as it was configured."""

from __future__ import annotations

from functools import lru_cache

from control_plane.kernel.config import Config, config
from plugins.storage.local import LocalStorage
from plugins.storage.port import ObjectStorage
from plugins.storage.s3 import S3Storage


def storage() -> ObjectStorage:
    """The storage of this process, opened once for each configuration."""
    return _open(config())


@lru_cache(maxsize=4)
def _open(knobs: Config) -> ObjectStorage:
    chosen = knobs.storage
    if chosen.type == "local":
        return LocalStorage(knobs.storage_path)
    return S3Storage(
        bucket=chosen.bucket or "",
        prefix=chosen.prefix,
        endpoint=chosen.endpoint,
        region=chosen.region,
        access_key=chosen.access_key,
        secret_key=chosen.secret_key.get_secret_value() if chosen.secret_key else None,
        path_style=chosen.path_style,
    )
