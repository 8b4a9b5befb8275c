"""One object for each batch, named by tenant and numbers: the same batch again is the same object."""

from __future__ import annotations

import io
from dataclasses import dataclass
from functools import cached_property

from audit.delivery.destinations import Batch, DeliveryFailed
from control_plane.kernel.trail_knobs import Audit
from control_plane.kernel.words.errors import ControlPlaneError
from plugins.storage.s3 import S3Storage

INSTANCE = "_instance"


@dataclass(frozen=True)
class Bucket:
    bucket: str
    prefix: str
    knobs: Audit

    @property
    def name(self) -> str:
        return f"s3://{self.bucket}/{self.prefix}".rstrip("/")[:200]

    @cached_property
    def _storage(self) -> S3Storage:
        knobs = self.knobs
        return S3Storage(
            bucket=self.bucket,
            prefix=self.prefix,
            endpoint=knobs.endpoint,
            region=knobs.region,
            access_key=knobs.access_key,
            secret_key=knobs.secret_key.get_secret_value() if knobs.secret_key else None,
            path_style=knobs.path_style,
        )

    def send(self, batch: Batch) -> None:
        key = f"{batch.kind}/{batch.tenant or INSTANCE}/{batch.first:016d}-{batch.last:016d}.ndjson"
        try:
            self._storage.put(key, io.BytesIO(batch.text))
        except (ControlPlaneError, OSError) as error:
            raise DeliveryFailed(f"{self.name}: {error}") from error
