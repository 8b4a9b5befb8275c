"""Secret values: sealed before they are written, opened only for the job whose expressions may touch them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from control_plane.kernel.crypto import decrypt, encrypt
from executions.engine.compiled import CompiledFlow
from executions.engine.control import Needs
from executions.engine.records import Execution
from executions.record.rows import dumps, loads
from flows.expressions.encryption import ENCRYPTED
from flows.model.inputs.ports import NO_KEEPERS, Keepers


def sealing(tenant: str, namespace: str, flow_id: str, keepers: Keepers = NO_KEEPERS) -> Keepers:
    """Keepers that seal secrets for one flow: copied into another flow's inputs, a value there does not open."""

    def close(text: str) -> dict[str, str]:
        return {"type": ENCRYPTED, "value": encrypt(text.encode(), belongs_to=_place(tenant, namespace, flow_id))}

    return replace(keepers, close_secret=close)


def opened(
    scope: dict[str, Any], flow: CompiledFlow, execution: Execution, needs: Needs
) -> tuple[dict[str, Any], list[str]]:
    """The variables with those secrets in the clear that may be touched, and the secrets, to be masked."""
    asked = needs.below("inputs")
    names = [name for name in flow.closed_inputs if asked is None or name in asked]
    if not names or not scope.get("inputs"):
        return scope, []
    secrets: list[str] = []
    inputs = dict(scope["inputs"])
    place = _place(execution.tenant, execution.namespace, execution.flow_id)
    for name in names:
        if name in inputs:
            inputs[name] = _opened(inputs[name], place, secrets)
    return {**scope, "inputs": inputs}, secrets


def sealed_order(tenant: str, parent_id: str, inputs: Mapping[str, Any]) -> str | dict[str, Any]:
    """What one execution gives to another, for as long as the order waits: any of it may be a secret of the first."""
    if not inputs:
        return {}
    return encrypt(dumps(inputs).encode(), belongs_to=_order(tenant, parent_id))


def opened_order(tenant: str, parent_id: str, inputs: str | Mapping[str, Any]) -> Mapping[str, Any]:
    if not isinstance(inputs, str):
        return inputs
    opened: dict[str, Any] = loads(decrypt(inputs, belongs_to=_order(tenant, parent_id)).decode())
    return opened


def _opened(value: Any, place: tuple[str, ...], secrets: list[str]) -> Any:
    if not isinstance(value, Mapping):
        return value
    if value.get("type") == ENCRYPTED and isinstance(value.get("value"), str):
        secrets.append(decrypt(value["value"], belongs_to=place).decode())
        return secrets[-1]
    return {name: _opened(each, place, secrets) for name, each in value.items()}


def _place(tenant: str, namespace: str, flow_id: str) -> tuple[str, ...]:
    return ("input", tenant, namespace, flow_id)


def _order(tenant: str, parent_id: str) -> tuple[str, ...]:
    return ("order", tenant, parent_id)
