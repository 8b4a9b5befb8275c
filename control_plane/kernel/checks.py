"""Mistakes that no single setting shows: Django's system checks of the configuration, told when anything starts."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any
from urllib.parse import urlsplit

from django.core.checks import CheckMessage, Error, Warning, register

from control_plane.kernel.config import PREFIX, Config, config

TAG = "orrery"
Kind = type[Error] | type[Warning]
_LOOPBACK = ("127.0.0.1", "::1", "localhost")


def _keys(knobs: Config) -> bool:
    return knobs.secret_key is not None and knobs.secret_key == knobs.encryption_key


def _rotation(knobs: Config) -> bool:
    return knobs.encryption_key is not None and knobs.encryption_key in knobs.previous_encryption_keys


def _half_a_credential(knobs: Config) -> bool:
    return (knobs.storage.access_key is None) != (knobs.storage.secret_key is None)


def _open_password(knobs: Config) -> bool:
    return knobs.basic_auth and knobs.web_host not in _LOOPBACK and urlsplit(knobs.origin).scheme == "http"


def _forgotten_proxy(knobs: Config) -> bool:
    return urlsplit(knobs.origin).scheme == "https" and not knobs.trusted_proxies


# Each with its id, the settings it is about (the first is the one to change), and what is wrong.
_RULES: tuple[tuple[str, Kind, Callable[[Config], bool], tuple[str, ...], str], ...] = (
    ("kernel.E001", Error, _keys, ("encryption_key", "secret_key"), "must be another key than the one that signs"),
    (
        *("kernel.E002", Error, _rotation, ("previous_encryption_keys", "encryption_key")),
        "holds the key that encrypts now: a rotation needs a new one",
    ),
    (
        *("kernel.E003", Error, lambda knobs: knobs.limits.yaml_bytes > knobs.limits.body_bytes),
        *(("limits.yaml_bytes", "limits.body_bytes"), "allows sources that no request may be large enough to bring"),
    ),
    (
        *("kernel.E004", Error, lambda knobs: knobs.limits.body_bytes > knobs.limits.upload_bytes),
        *(("limits.upload_bytes", "limits.body_bytes"), "is smaller than what any other request may bring"),
    ),
    (
        *("kernel.W001", Warning, _forgotten_proxy, ("trusted_proxies", "public_url")),
        "is empty, though people come over https: name the proxy that ends it, or requests count as open ones",
    ),
    (
        *("iam.E001", Error, lambda knobs: knobs.sessions.idle > knobs.sessions.lifetime),
        *(("sessions.idle", "sessions.lifetime"), "is longer than any session lives, so that none is ever idle"),
    ),
    (
        *("iam.E002", Error, lambda knobs: knobs.sessions.basic_memory > knobs.sessions.idle),
        *(("sessions.basic_memory", "sessions.idle"), "remembers a password longer than a session may be idle"),
    ),
    (
        *("iam.W001", Warning, _open_password, ("basic_auth", "public_url", "web_host")),
        "lets passwords be sent over plain http from other machines: put TLS before it, or switch it off",
    ),
    (
        *("stores.E001", Error, lambda knobs: knobs.storage.type == "s3" and knobs.storage.path is not None),
        *(("storage.path", "storage.type"), "is a folder, but objects are kept in a bucket"),
    ),
    (
        *("stores.E002", Error, lambda knobs: knobs.storage.type == "local" and knobs.storage.bucket is not None),
        *(("storage.bucket", "storage.type"), "is a bucket, but objects are kept in a folder: set the type to s3"),
    ),
    (
        *("stores.E003", Error, _half_a_credential, ("storage.secret_key", "storage.access_key")),
        "and the access key only make sense together",
    ),
    (
        *("workers.E001", Error, lambda knobs: knobs.worker.sweep_seconds > knobs.worker.lease_seconds),
        *(("worker.sweep_seconds", "worker.lease_seconds"), "is longer than a lease, so that lost jobs wait twice"),
    ),
)


def mistakes(knobs: Config) -> Iterator[CheckMessage]:
    for identity, kind, is_wrong, settings, told in _RULES:
        if is_wrong(knobs):
            first, *others = (_written(setting) for setting in settings)
            yield kind(f"{first}: {told} (see {', '.join(others)})", id=identity)


def _written(setting: str) -> str:
    return PREFIX + setting.replace(".", "_").upper()


@register(TAG)
def configuration(app_configs: Any, **_: Any) -> list[CheckMessage]:
    """Django's endpoint to them."""
    return list(mistakes(config()))
