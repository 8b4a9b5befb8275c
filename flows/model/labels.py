"""Labels: their two spellings, and which of them an author may set."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence

from pydantic import Field

from plugins.contracts import Model

SYSTEM_PREFIX = "system."
READ_ONLY = "system.readOnly"
CORRELATION_ID = "system.correlationId"


class Label(Model):
    """One label, as lists of labels hold it."""

    key: str = Field(min_length=1)
    value: str = Field(min_length=1)


Labels = dict[str, str] | list[Label]
"""Labels as they are written: a map, or a list of `{key, value}`."""


def label_map(labels: Mapping[str, str] | Sequence[Label] | None) -> dict[str, str]:
    """Labels of either spelling as a map; of a key given twice the last one counts."""
    if not labels:
        return {}
    if isinstance(labels, Mapping):
        return dict(labels)
    return {label.key: label.value for label in labels}


def label_list(labels: Mapping[str, str]) -> list[dict[str, str]]:
    """Labels as the API shows them."""
    return [{"key": key, "value": value} for key, value in labels.items()]


def forbidden_system_labels(labels: Mapping[str, str], allowed: Iterable[str] = ()) -> list[str]:
    """A sentence for each label that only the system may set."""
    fine = set(allowed)
    return [
        f"System labels can only be set by Kestra itself, offending label: {key}={value}."
        for key, value in labels.items()
        if key.startswith(SYSTEM_PREFIX) and key not in fine
    ]
