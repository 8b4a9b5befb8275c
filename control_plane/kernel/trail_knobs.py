"""The knobs that are about the audit trail: where it goes, how it is proved, and how long it stays."""

from __future__ import annotations

from datetime import timedelta
from urllib.parse import urlsplit

from pydantic import Field, SecretStr, field_validator

from control_plane.kernel.section import Section, split

DESTINATIONS = frozenset({"file", "http", "https", "s3", "syslog+tcp", "syslog+udp"})


class Audit(Section):
    """Where the audit trail goes, how it is proved, and how long it stays."""

    ship_to: tuple[str, ...] = ()
    """Where every entry is sent as it happens: `file:///path`, `syslog+tcp://host:port`, `syslog+udp://host:port`,
    `https://...` or `s3://bucket/prefix`. Separated by commas in the environment."""
    anchor_to: tuple[str, ...] = ()
    """Where signed heads are kept, in the same words; a file in the data folder when absent."""
    ship_seconds: float = Field(default=1, gt=0)
    """How often it is looked for entries to ship."""
    anchor_seconds: float = Field(default=300, gt=0)
    """How often heads that have moved are signed."""
    retention: timedelta | None = None
    """Entries older than this are purged; for ever when absent."""
    keep_at_least: timedelta = timedelta(0)
    """Nobody purges an entry that is younger than this."""
    purging_namespaces: tuple[str, ...] = ("system",)
    """Namespaces whose flows may purge the trail of their tenant. Separated by commas in the environment."""
    webhook_secret: SecretStr | None = None
    """Signs what is sent to `https://...`: HMAC-SHA-256 of the body in the header X-Orrery-Signature."""
    endpoint: str | None = None
    """URL of an S3-compatible server; AWS itself when absent."""
    region: str | None = None
    """Region of the buckets."""
    access_key: str | None = None
    """Access key; the machine's own credentials when absent."""
    secret_key: SecretStr | None = None
    """Secret of the access key."""
    path_style: bool = False
    """Address buckets as `endpoint/bucket`, which most servers other than AWS want."""

    @field_validator("ship_to", "anchor_to", "purging_namespaces", mode="before")
    @classmethod
    def _split_at_commas(cls, value: object) -> object:
        return split(value)

    @field_validator("ship_to", "anchor_to")
    @classmethod
    def _are_destinations(cls, value: tuple[str, ...]) -> tuple[str, ...]:
        for each in value:
            parts = urlsplit(each)
            if parts.scheme not in DESTINATIONS:
                raise ValueError(f"{each}: must begin with one of {', '.join(sorted(DESTINATIONS))}")
            if (parts.scheme == "file") != (not parts.netloc) or (
                parts.scheme == "file" and not parts.path.startswith("/")
            ):
                raise ValueError(f"{each}: is no complete address")
        return value
