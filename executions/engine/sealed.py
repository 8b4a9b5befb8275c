"""How a text that holds a secret stands in outputs and inputs: closed, with what may be shown of it beside."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from typing import Any

import msgspec

from executions.engine.events import Evaluated
from executions.engine.ledger import Ledger
from executions.engine.records import Execution, TaskRun

TYPE = "type"
MASKED = "masked"
SEALED = "orrery:sealed"

_encoder = msgspec.json.Encoder(enc_hook=str, decimal_format="number")
_NEEDLE = SEALED.encode()


def has_sealed(value: Any) -> bool:
    """Whether anything in it is closed. Quick, as almost nothing ever is."""
    if not value:
        return False
    try:
        return _NEEDLE in _encoder.encode(value)
    except (TypeError, ValueError, RecursionError):
        return False


def shown(value: Any) -> Any:
    """The value for people's eyes: each closed text as it reads with its secrets masked."""
    return _shown(value) if has_sealed(value) else value


def _shown(value: Any) -> Any:
    if isinstance(value, Mapping):
        if value.get(TYPE) == SEALED:
            return value.get(MASKED)
        return {key: _shown(each) for key, each in value.items()}
    if isinstance(value, list):
        return [_shown(each) for each in value]
    return value


Mask = Callable[[str], str]


@dataclass(frozen=True, slots=True)
class Sealer:
    """Closes every text that holds a secret, and opens it again: the same walk whoever keeps what was closed.

    `mask_of` makes from secrets what hides them in a text. `open` raises ValueError for what `close` did not make.
    """

    mask_of: Callable[[list[str]], Mask]
    close: Callable[[bytes], str]
    open: Callable[[str], bytes]

    def sealed(self, value: Any, secrets: Iterable[str]) -> Any:
        """Every text of a value that holds one of the secrets, however it is spelled, closed in its place.

        The names of a map cannot be closed: a secret in one is masked.
        """
        known = list(secrets)
        return self._sealed(value, self.mask_of(known), known) if known else value

    def _sealed(self, value: Any, mask: Mask, secrets: list[str]) -> Any:
        if isinstance(value, Mapping):
            return {mask(str(key)): self._sealed(each, mask, secrets) for key, each in value.items()}
        if isinstance(value, list | tuple):
            return [self._sealed(each, mask, secrets) for each in value]
        if isinstance(value, bool) or not isinstance(value, str | int | float):
            return value
        masked = mask(str(value))
        return value if masked == str(value) else self.closed(value, masked, secrets)

    def closed(self, value: Any, masked: str, secrets: list[str]) -> dict[str, Any]:
        return {TYPE: SEALED, "value": self.close(_encoder.encode([value, secrets])), MASKED: masked}

    def opened(self, value: Any) -> tuple[Any, list[str]]:
        """The value in the clear, for a job, and the secrets in it, which the job is to mask."""
        if not has_sealed(value):
            return value, []
        secrets: dict[str, None] = {}
        return self._opened(value, secrets), list(secrets)

    def _opened(self, value: Any, secrets: dict[str, None]) -> Any:
        if isinstance(value, Mapping):
            if value.get(TYPE) == SEALED and isinstance(value.get("value"), str):
                return self._open(value, secrets)
            return {key: self._opened(each, secrets) for key, each in value.items()}
        if isinstance(value, list):
            return [self._opened(each, secrets) for each in value]
        return value

    def _open(self, value: Mapping[str, Any], secrets: dict[str, None]) -> Any:
        """What we did not close stays as it is: a task may bring a map that only looks like one of ours."""
        try:
            content, found = msgspec.json.decode(self.open(value["value"]))
        except ValueError:
            return dict(value)
        secrets.update(dict.fromkeys(found))
        return content


def evaluated(key: str, values: Mapping[str, Any], secrets: list[str], sealer: Sealer) -> Mapping[str, Any]:
    """What a worker has rendered; a secret that is given to another execution is sealed, one in a label masked."""
    if not secrets or not key.startswith("child:"):
        return values
    kept = {**values}
    if "inputs" in kept:
        kept["inputs"] = sealer.sealed(kept["inputs"], secrets)
    if "labels" in kept:
        kept["labels"] = shown(sealer.sealed(kept["labels"], secrets))
    return kept


MAY_BE_SEALED = ("outputs", "inputs", "parents", "parent", "trigger")
"""The variables in which something may be closed."""


def opened_scope(scope: Mapping[str, Any], sealer: Sealer) -> tuple[dict[str, Any], list[str]]:
    """The variables of a job, in the clear, and the secrets in them."""
    found = dict(scope)
    secrets: list[str] = []
    for name in MAY_BE_SEALED:
        if name in found:
            found[name], more = sealer.opened(found[name])
            secrets += more
    return found, secrets


def seal_evaluated(ledger: Ledger, event: Evaluated, sealer: Sealer) -> None:
    """What an evaluation gave an execution or a task run, which only now has its types, is closed before it is kept."""
    kind, _, rest = event.key.partition(":")
    record: Execution | TaskRun = ledger.execution
    if kind != "outputs":
        try:
            record = ledger.task_run(rest.partition(":")[0])
        except KeyError:
            return
    if record.outputs and event.secrets:
        record.outputs = sealer.sealed(record.outputs, event.secrets)
