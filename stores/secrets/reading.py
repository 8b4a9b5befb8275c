"""How a job comes by the value of a secret: its namespace's own, else that of the nearest parent."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass

from control_plane.kernel.crypto import CannotDecrypt
from control_plane.kernel.scope import current_tenant
from control_plane.kernel.words.errors import Invalid
from plugins.secrets.port import BackendFailed, Place, SecretMissing
from stores.secrets import built_in
from stores.secrets.choice import JOBS, Choice, choices
from stores.secrets.guarded import Guarded
from stores.secrets.in_use import guarded
from tenants.namespaces.inheritance import lineage


@dataclass(frozen=True, slots=True)
class _Step:
    """One namespace that may have it: with the value at hand, or with a place to ask."""

    place: Place
    asked: Guarded | None
    value: str | None
    where: str

    def at_hand(self) -> str:
        if self.value is None:
            raise SecretMissing()
        return self.value


@dataclass(frozen=True, slots=True)
class Reading:
    """A value that is looked for outside of the database, once the scope is closed: no transaction waits for it."""

    key: str
    steps: Sequence[_Step]

    async def value_in_time(self) -> str:
        """While nobody's thread waits. Raises SecretMissing, and BackendFailed for a place that cannot tell."""
        for step in self.steps:
            with suppress(SecretMissing), _telling(self.key, step.where):
                return await step.asked.value_in_time(step.place, self.key) if step.asked else step.at_hand()
        raise missing(self.key, self.steps)

    def value(self) -> str:
        """The same while this thread waits."""
        for step in self.steps:
            with suppress(SecretMissing), _telling(self.key, step.where):
                return step.asked.value(step.place, self.key) if step.asked else step.at_hand()
        raise missing(self.key, self.steps)


def revealed(namespace: str, key: str) -> str:
    """The value a job of this namespace is entitled to, whoever keeps it. Nothing that answers a person calls this."""
    found = reading(namespace, key)
    return found if isinstance(found, str) else found.value()


def reading(namespace: str, key: str) -> str | Reading:
    """The value when our own database has it before any other place; else how it is to be looked for.

    Raises SecretMissing, naming where it was looked for.
    """
    line = lineage(namespace)
    chosen = choices(line)
    rows = built_in.find([name for name in line if chosen[name].is_built_in], key)
    steps: list[_Step] = []
    for name in line:
        row = rows.get(name)
        if row is not None and all(step.asked is None for step in steps):
            return built_in.opened(row)
        steps.append(_step(name, key, chosen[name], built_in.opened(row) if row is not None else None))
        if row is not None:
            break
    found = Reading(key, steps)
    if all(step.asked is None for step in steps):
        raise missing(key, steps)
    return found


def _step(namespace: str, key: str, chosen: Choice, value: str | None) -> _Step:
    place = Place(current_tenant(), namespace)
    where = f"{namespace} ({chosen.name})"
    if chosen.is_built_in:
        return _Step(place, None, value, where)
    chosen.require(JOBS)
    with _telling(key, where):
        return _Step(place, guarded(chosen), None, where)


def missing(key: str, steps: Sequence[_Step]) -> SecretMissing:
    looked = ", ".join(step.where for step in steps)
    return SecretMissing(f"Cannot find secret for key '{key}'. It was looked for in {looked}.")


@contextmanager
def _telling(key: str, where: str) -> Iterator[None]:
    """What goes wrong there names the secret and the place."""
    try:
        yield
    except (BackendFailed, CannotDecrypt, Invalid) as error:
        raise BackendFailed(f"Cannot read secret '{key}' of {where}: {error.message}") from None
