"""Whether a place that keeps secrets does what it should, tried one act after the other and told in words."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from control_plane.kernel.scope import current_tenant
from control_plane.kernel.words.errors import ControlPlaneError
from control_plane.kernel.words.ids import new_id
from plugins.secrets.port import Act, BackendFailed, BackendRefused, Described, Place, SecretMissing
from stores.secrets.choice import Choice
from stores.secrets.guarded import Guarded
from stores.secrets.in_use import opened

WORKS, REFUSED, FAILED, LEFT_OUT = "works", "refused", "failed", "leftOut"
_PROBE = "ORRERY_TRIAL_"


@dataclass(frozen=True, slots=True)
class Tried:
    """One act: how it went, in a word and in a sentence."""

    act: Act
    outcome: str
    message: str


def tried_out(chosen: Choice, namespace: str) -> list[dict[str, Any]]:
    """What works in a place, told act by act; its connections are given up afterwards."""
    asked = opened(chosen)
    try:
        results = tried(asked, Place(current_tenant(), namespace), is_read_only=chosen.is_read_only)
    finally:
        asked.close()
    return [{"act": each.act.value, "outcome": each.outcome, "message": each.message} for each in results]


def tried(asked: Guarded, place: Place, *, is_read_only: bool) -> list[Tried]:
    """All four acts. What is written bears a name of its own and is deleted again."""
    key, value = f"{_PROBE}{new_id()[:12].upper()}", new_id()
    names: list[str] = []

    def list_names() -> str:
        names.extend(each.key for each in asked.tried(lambda: asked.backend.entries(place)))
        return f"{len(names)} secrets are there" if len(names) != 1 else "One secret is there"

    def read() -> str:
        wanted = names[0] if names else key
        try:
            asked.tried(lambda: asked.backend.read(place, wanted))
        except SecretMissing:
            return f"'{wanted}' has no value" if names else "It says that a secret is not there"
        return f"'{wanted}' can be read"

    def write() -> str:
        asked.tried(lambda: asked.backend.write(place, Described(key, "Written by a test of the connection"), value))
        if asked.tried(lambda: asked.backend.read(place, key)) != value:
            raise BackendFailed("What was written is not what is read")
        return "A secret was set and read again"

    def delete() -> str:
        asked.tried(lambda: asked.backend.delete(place, key))
        return "The secret of the test was deleted"

    results = [_outcome(Act.LIST, list_names), _outcome(Act.READ, read)]
    can_write = not is_read_only and Act.WRITE in asked.backend.ACTS
    if not can_write:
        why = "Secrets are only read here" if is_read_only else "This place is never written to from here"
        return [*results, *(Tried(act, LEFT_OUT, why) for act in (Act.WRITE, Act.DELETE))]
    written = _outcome(Act.WRITE, write)
    if written.outcome == REFUSED:
        return [*results, written, Tried(Act.DELETE, LEFT_OUT, "Nothing was written that could be deleted")]
    return [*results, written, _outcome(Act.DELETE, delete)]


def _outcome(act: Act, work: Callable[[], str]) -> Tried:
    try:
        return Tried(act, WORKS, work())
    except SecretMissing as error:
        return Tried(act, FAILED, error.message)
    except ControlPlaneError as error:
        return Tried(act, REFUSED if isinstance(error, BackendRefused) else FAILED, error.message)
