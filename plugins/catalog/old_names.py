"""Old names of plugins: how a type of an earlier generation becomes the one it is called now."""

from __future__ import annotations

_PREFIXES = (
    ("io.kestra.core.models.triggers.types.", "io.kestra.plugin.core.trigger."),
    ("io.kestra.core.models.conditions.types.", "io.kestra.plugin.core.condition."),
    ("io.kestra.plugin.fs.http.", "io.kestra.plugin.core.http."),
    ("io.kestra.core.tasks.", "io.kestra.plugin.core."),
)
_GROUPS = {
    "debugs": "debug",
    "executions": "execution",
    "flows": "flow",
    "logs": "log",
    "states": "state",
    "storages": "storage",
    "triggers": "trigger",
}
_CORE = "io.kestra.plugin.core."
_CONDITIONS = "io.kestra.plugin.core.condition."


def renamed(type_name: str) -> str | None:
    """The present name a type would have had it been renamed with its generation; None when it is no old name."""
    name = _modern_prefix(type_name)
    if name.startswith(_CONDITIONS) and name.endswith("Condition") and not name.endswith(".MultipleCondition"):
        name = name.removesuffix("Condition")
    return name if name != type_name else None


def _modern_prefix(type_name: str) -> str:
    for old, new in _PREFIXES:
        if type_name.startswith(old):
            return _singular_group(new + type_name.removeprefix(old))
    return type_name


def _singular_group(name: str) -> str:
    group, dot, rest = name.removeprefix(_CORE).partition(".")
    return f"{_CORE}{_GROUPS.get(group, group)}{dot}{rest}"
