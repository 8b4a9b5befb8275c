"""What a tenant or a namespace says of the places where its things are kept: secrets in it are sealed and not shown."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from control_plane.kernel.crypto import decrypt, encrypt
from control_plane.kernel.words.errors import Invalid, Violation
from plugins.secrets.catalog import backend_class, settings_of, written
from plugins.secrets.port import Level

SHOWN = "******"
"""Stands for a sealed text when it is shown; sent back, it means the one that is there."""
_SEALED = "orrery:configured"

TYPE, CONFIGURATION, READ_ONLY, ISOLATION = "secretType", "secretConfiguration", "secretReadOnly", "secretIsolation"


def kept(settings: Mapping[str, Any], before: Mapping[str, Any], tenant: str, namespace: str = "") -> dict[str, Any]:
    """The settings as they are stored: what is configured was understood, and the secrets in it are sealed.

    Raises Invalid naming what is wrong.
    """
    result = dict(settings)
    if settings.get(CONFIGURATION) and not settings.get(TYPE):
        raise _wrong("say where: vault, aws-secret-manager, ...", TYPE)
    if not settings.get(TYPE):
        return result
    level = Level.NAMESPACE if namespace else Level.TENANT
    configuration = settings.get(CONFIGURATION) or {}
    understood = settings_of(settings[TYPE], _given_back(configuration), level)
    earlier = _Earlier(settings[TYPE], configuration, before, (tenant, namespace))

    def of_secret(path: Sequence[str], text: str) -> Any:
        return sealed(earlier.text(path) if text == SHOWN else text, tenant, namespace)

    shown = written(understood, of_secret)
    if shown or CONFIGURATION in settings:
        result[CONFIGURATION] = shown
    return result


def shown(settings: Mapping[str, Any]) -> dict[str, Any]:
    """The settings for people's eyes."""
    if CONFIGURATION not in settings:
        return dict(settings)
    return {**settings, CONFIGURATION: without_sealed(settings[CONFIGURATION])}


def opened(settings: Mapping[str, Any], tenant: str, namespace: str = "") -> dict[str, Any]:
    """The configuration in the clear, for whoever connects there. Raises CannotDecrypt."""
    return unsealed(settings.get(CONFIGURATION) or {}, tenant, namespace)


def sealed(text: str, tenant: str, namespace: str) -> dict[str, Any]:
    """A text as it is stored: it opens nowhere else."""
    return {"type": _SEALED, "value": encrypt(text.encode(), belongs_to=belongs_to(tenant, namespace))}


def unsealed(configuration: Mapping[str, Any], tenant: str, namespace: str) -> dict[str, Any]:
    """Every sealed text of it in the clear. Raises CannotDecrypt."""
    place = belongs_to(tenant, namespace)
    found: dict[str, Any] = _walked(configuration, lambda value: decrypt(value, belongs_to=place).decode())
    return found


def without_sealed(configuration: Mapping[str, Any]) -> dict[str, Any]:
    """Asterisks in the place of every sealed text."""
    seen: dict[str, Any] = _walked(configuration, lambda value: SHOWN)
    return seen


class _Earlier:
    """The sealed texts that were there, given back only to the place they were given for."""

    def __init__(self, kind: str, configuration: Any, before: Mapping[str, Any], place: tuple[str, str]) -> None:
        self._is_same = before.get(TYPE) == kind and _addresses(kind, configuration) == _addresses(
            kind, before.get(CONFIGURATION) or {}
        )
        self._before = opened(before, *place) if self._is_same else {}

    def text(self, path: Sequence[str]) -> str:
        value: Any = self._before
        for name in path:
            value = value.get(name) if isinstance(value, Mapping) else None
        if not isinstance(value, str):
            raise _wrong("must be given again: it was given for another place", ".".join((CONFIGURATION, *path)))
        return value


def _addresses(kind: str, configuration: Mapping[str, Any]) -> dict[str, Any]:
    """What of a configuration says where its secrets are sent."""
    backend = backend_class(kind, Level.INSTANCE)
    names = backend.SETTINGS.ADDRESSES if backend is not None else ()
    return {name: configuration.get(name) for name in names}


def _given_back(configuration: Any) -> Any:
    if not isinstance(configuration, Mapping):
        raise _wrong("must be a map", CONFIGURATION)
    return configuration


def _walked(value: Any, of_sealed: Any) -> Any:
    if isinstance(value, Mapping):
        if value.get("type") == _SEALED:
            return of_sealed(value["value"])
        return {name: _walked(each, of_sealed) for name, each in value.items()}
    if isinstance(value, list):
        return [_walked(each, of_sealed) for each in value]
    return value


def belongs_to(tenant: str, namespace: str) -> tuple[str, ...]:
    """What the sealed texts of these settings are bound to."""
    return ("configuration", tenant, namespace)


def _wrong(message: str, path: str) -> Invalid:
    return Invalid(f"{path}: {message}", violations=[Violation(message, path)])
