"""Makes destinations of the addresses in the configuration."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path
from urllib.parse import unquote, urlsplit

from audit.delivery.bucket import Bucket
from audit.delivery.destinations import Destination
from audit.delivery.file import File
from audit.delivery.syslog import Syslog
from audit.delivery.webhook import Webhook
from control_plane.kernel.config import Config, config
from control_plane.kernel.trail_knobs import Audit

ANCHOR_FILE = "audit-anchors.ndjson"


def ship_destinations() -> list[Destination]:
    return _opened(config().audit.ship_to, config().audit)


def anchor_destinations(addresses: Iterable[str] = ()) -> list[Destination]:
    """Those that are named, else the configured ones, else a file in the data folder."""
    knobs = config()
    return _opened(tuple(addresses) or knobs.audit.anchor_to or (default_anchor_address(knobs),), knobs.audit)


def default_anchor_address(knobs: Config) -> str:
    return (knobs.data_dir / ANCHOR_FILE).as_uri()


def _opened(addresses: Iterable[str], knobs: Audit) -> list[Destination]:
    return [open_destination(each, knobs) for each in addresses]


def open_destination(address: str, knobs: Audit) -> Destination:
    """ValueError names an address that is none of those we know."""
    parts = urlsplit(address)
    if parts.scheme == "file":
        return File(Path(unquote(parts.path)))
    if parts.scheme in ("http", "https"):
        return Webhook(address, knobs.webhook_secret.get_secret_value() if knobs.webhook_secret else None)
    if parts.scheme == "s3":
        return Bucket(parts.netloc, parts.path.strip("/"), knobs)
    if parts.scheme in ("syslog+tcp", "syslog+udp"):
        return Syslog(parts.hostname or "", parts.port or 514, parts.scheme.removeprefix("syslog+"))
    raise ValueError(f"{address}: must be file://, https://, s3://, syslog+tcp:// or syslog+udp://")
