"""A POST of NDJSON; any 2xx says that it is kept."""

from __future__ import annotations

import hashlib
import hmac
from dataclasses import dataclass
from functools import cached_property
from urllib.parse import urlsplit

import httpx

from audit.delivery.destinations import Batch, DeliveryFailed
from control_plane.kernel.words.egress import EgressClient, EgressPolicy
from control_plane.kernel.words.errors import ControlPlaneError

SECONDS = 10.0
SIGNATURE = "X-Orrery-Signature"


@dataclass(frozen=True)
class Webhook:
    """The operator names it, so it may stand in a private network."""

    url: str
    secret: str | None = None

    @property
    def name(self) -> str:
        """Without a name, a password or a query, in which secrets stand."""
        parts = urlsplit(self.url)
        port = f":{parts.port}" if parts.port else ""
        return f"{parts.scheme}://{parts.hostname}{port}{parts.path}"[:200]

    @cached_property
    def _client(self) -> httpx.Client:
        return EgressClient(EgressPolicy(allow_private=True, allow_self=True), timeout=SECONDS)

    def send(self, batch: Batch) -> None:
        body = batch.text
        headers = {
            "Content-Type": "application/x-ndjson",
            "X-Orrery-Kind": batch.kind,
            "X-Orrery-Tenant": batch.tenant,
            "X-Orrery-Range": f"{batch.first}-{batch.last}",
        }
        if self.secret is not None:
            headers[SIGNATURE] = "sha256=" + hmac.new(self.secret.encode(), body, hashlib.sha256).hexdigest()
        try:
            answer = self._client.post(self.url, content=body, headers=headers)
        except (httpx.HTTPError, ControlPlaneError) as error:
            raise DeliveryFailed(f"{self.name}: {error}") from error
        if not answer.is_success:
            raise DeliveryFailed(f"{self.name}: answered {answer.status_code}")
