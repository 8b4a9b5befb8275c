"""Where a tenant or a namespace says that its files are kept, and where they were kept before.

What was said before stays until `orrery storage move` has carried the files over, so that none is out of reach.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from control_plane.kernel.words.errors import Invalid, Violation
from plugins.secrets.catalog import written
from plugins.storage.settings import CONFIGURATION, OF_TENANTS, TYPE, storage_settings
from tenants.namespaces.configured import SHOWN, sealed, unsealed, without_sealed

BEFORE = "storageBefore"
"""Places that may still hold files, the latest first; one without a type is whatever stands above."""

Settings = Mapping[str, Any]


def kept_storage(settings: Settings, before: Settings, tenant: str, namespace: str = "") -> dict[str, Any]:
    """The settings as they are stored: what is configured was understood, and the secrets in it are sealed.

    Raises Invalid naming what is wrong.
    """
    result = {name: value for name, value in settings.items() if name != BEFORE}
    if settings.get(CONFIGURATION) and not settings.get(TYPE):
        raise _wrong(f"say where: {', '.join(sorted(OF_TENANTS))}", TYPE)
    if settings.get(TYPE):
        result |= _sealed(str(settings[TYPE]), settings.get(CONFIGURATION) or {}, before, (tenant, namespace))
    formers = list(before.get(BEFORE) or ())
    if is_elsewhere(result, before, tenant, namespace):
        formers = [_said(before), *formers]
    return {**result, BEFORE: formers} if formers else result


def shown_storage(settings: Settings) -> dict[str, Any]:
    """The settings for people's eyes: no secret, and nothing of what was before."""
    seen = {name: value for name, value in settings.items() if name != BEFORE}
    if CONFIGURATION in seen:
        seen[CONFIGURATION] = without_sealed(seen[CONFIGURATION])
    return seen


def has_place(settings: Settings) -> bool:
    """Whether files may lie where only these settings lead."""
    return bool(settings.get(TYPE) or settings.get(BEFORE))


def is_elsewhere(one: Settings, other: Settings, tenant: str, namespace: str) -> bool:
    """Whether two settings name different places; another key for the same bucket is the same place."""
    return bool(_place(one, tenant, namespace) != _place(other, tenant, namespace))


def opened_storage(said: Settings, tenant: str, namespace: str = "") -> dict[str, Any]:
    """The configuration in the clear, for whoever connects there. Raises CannotDecrypt."""
    found: dict[str, Any] = unsealed(said.get(CONFIGURATION) or {}, tenant, namespace)
    return found


def _sealed(kind: str, configuration: Any, before: Settings, place: tuple[str, str]) -> dict[str, Any]:
    if not isinstance(configuration, Mapping):
        raise _wrong("must be a map", CONFIGURATION)
    understood = storage_settings(kind, configuration)
    is_same = before.get(TYPE) == kind and all(
        configuration.get(name) == (before.get(CONFIGURATION) or {}).get(name) for name in understood.ADDRESSES
    )
    earlier = opened_storage(before, *place) if is_same else {}

    def of_secret(path: Sequence[str], text: str) -> Any:
        return sealed(_earlier(earlier, path) if text == SHOWN else text, *place)

    return {TYPE: kind, CONFIGURATION: written(understood, of_secret)}


def _earlier(before: Mapping[str, Any], path: Sequence[str]) -> str:
    """A text that was there goes only where it was given for."""
    value: Any = before
    for name in path:
        value = value.get(name) if isinstance(value, Mapping) else None
    if not isinstance(value, str):
        raise _wrong("must be given again: it was given for another place", ".".join((CONFIGURATION, *path)))
    return value


def _place(settings: Settings, tenant: str, namespace: str) -> Any:
    if not settings.get(TYPE):
        return None
    understood = storage_settings(str(settings[TYPE]), opened_storage(settings, tenant, namespace))
    names = {"prefix", *(name.lower() for name in understood.ADDRESSES)}
    return settings[TYPE], {name: getattr(understood, name) for name in sorted(names)}


def _said(settings: Settings) -> dict[str, Any]:
    return {name: settings[name] for name in (TYPE, CONFIGURATION) if settings.get(name)}


def _wrong(message: str, path: str) -> Invalid:
    return Invalid(f"{path}: {message}", violations=[Violation(message, path)])
