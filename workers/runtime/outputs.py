"""What a task or a trigger brings, as plain JSON values of a size that can be kept."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import msgspec

from plugins.contracts import PluginError
from workers.runtime.text import readable_deep

MAX_OUTPUT_BYTES = 1024 * 1024
"""Outputs beyond this fail the task: large results belong into the internal storage."""

_encoder = msgspec.json.Encoder(decimal_format="number")


def checked_outputs(outputs: Mapping[str, Any]) -> dict[str, Any]:
    """Outputs as plain JSON values. Raises PluginError when they are none, or too large."""
    try:
        encoded = _encoded(outputs)
        if len(encoded) > MAX_OUTPUT_BYTES:
            raise PluginError(
                "Unable to emit the worker task result to the queue: "
                f"Message of size {len(encoded)} has exceeded the configured limit of {MAX_OUTPUT_BYTES}, "
                "keep large results in a file",
                retryable=False,
            )
        plain: dict[str, Any] = msgspec.json.decode(encoded)
    except (TypeError, ValueError, RecursionError) as error:
        raise PluginError(f"The outputs cannot be kept: {error}", retryable=False) from error
    return plain


def _encoded(outputs: Mapping[str, Any]) -> bytes:
    try:
        return _encoder.encode(outputs)
    except UnicodeEncodeError:
        return _encoder.encode(readable_deep(outputs))
