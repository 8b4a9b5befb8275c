"""Which places can keep secrets, by the name that settings call them."""

from __future__ import annotations

import importlib
import inspect
import pkgutil
from collections.abc import Callable, Iterator, Mapping
from datetime import timedelta
from functools import cache
from typing import Any

from pydantic import SecretStr, ValidationError
from pydantic.alias_generators import to_camel

import plugins.secrets
from control_plane.kernel.words.durations import format_duration
from control_plane.kernel.words.errors import Invalid, Violation
from plugins.secrets.port import Level, SecretsBackend
from plugins.secrets.settings import BackendSettings, Group

BUILT_IN = "built-in"
BUILT_IN_NAMES = (BUILT_IN, "jdbc", "postgres")
"""Encrypted in the instance's own database, which is no plugin; the names of older settings mean it too."""


class UnknownBackend(Invalid):
    """No place that keeps secrets is called so."""

    code = "unknown_secrets_backend"


@cache
def backends() -> dict[str, type[SecretsBackend]]:
    """Each by its type and its other names."""
    found: dict[str, type[SecretsBackend]] = {}
    for backend in _classes():
        for name in (backend.TYPE, *backend.ALIASES):
            found[name] = backend
    return found


def _classes() -> Iterator[type[SecretsBackend]]:
    for info in sorted(pkgutil.iter_modules(plugins.secrets.__path__), key=lambda each: each.name):
        module = importlib.import_module(f"plugins.secrets.{info.name}")
        for value in vars(module).values():
            is_own = inspect.isclass(value) and value.__module__ == module.__name__
            if is_own and issubclass(value, SecretsBackend) and value.TYPE:
                yield value


def type_names() -> list[str]:
    """What may be chosen, each by its first name."""
    return sorted({BUILT_IN, *(each.TYPE for each in backends().values())})


def backend_class(name: str, level: Level) -> type[SecretsBackend] | None:
    """None for what is kept in our own database. Raises Invalid for one that is unknown, or not for this level."""
    if name in BUILT_IN_NAMES:
        return None
    found = backends().get(name)
    if found is None:
        raise _wrong(f"secrets cannot be kept in `{name[:50]}`: use one of {', '.join(type_names())}", "secretType")
    if level not in found.LEVELS:
        raise _wrong(f"only the operator of the instance may choose `{found.TYPE}`", "secretType")
    return found


def settings_of(name: str, configuration: Mapping[str, Any], level: Level) -> BackendSettings:
    """The configuration understood. Raises Invalid naming each wrong property."""
    backend = backend_class(name, level)
    model = backend.SETTINGS if backend is not None else BackendSettings
    try:
        return model.model_validate(dict(configuration), context={"level": level})
    except ValidationError as error:
        raise Invalid(
            f"secretConfiguration: {_first(error)}",
            violations=[Violation(_message(each), _path(each)) for each in error.errors(include_input=False)],
        ) from None


def _first(error: ValidationError) -> str:
    each = error.errors(include_input=False)[0]
    where = _path(each).removeprefix("secretConfiguration").removeprefix(".")
    return f"{where}: {_message(each)}" if where else _message(each)


def _message(each: Any) -> str:
    return str(each["msg"]).removeprefix("Value error, ")


def _path(each: Any) -> str:
    return ".".join(["secretConfiguration", *(to_camel(str(step)) for step in each["loc"])])


def _wrong(message: str, path: str) -> Invalid:
    return UnknownBackend(message, violations=[Violation(message, path)])


def written(settings: Group, of_secret: Callable[[tuple[str, ...], str], Any]) -> dict[str, Any]:
    """The configuration as it was given, each secret in it replaced by what is made of it by its place."""
    shown: dict[str, Any] = _replaced(settings.model_dump(by_alias=True, exclude_unset=True), (), of_secret)
    return shown


def _replaced(value: Any, path: tuple[str, ...], of_secret: Callable[[tuple[str, ...], str], Any]) -> Any:
    if isinstance(value, SecretStr):
        return of_secret(path, value.get_secret_value())
    if isinstance(value, Mapping):
        return {name: _replaced(each, (*path, str(name)), of_secret) for name, each in value.items()}
    if isinstance(value, timedelta):
        return format_duration(value)
    return value
