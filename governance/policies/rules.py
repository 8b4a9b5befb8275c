"""The rules of a policy: some change a flow before it runs, others say what it must be.

A rule is known by the last part of its type, so `orrery.policies.Add` and a name of another house are the same.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any

from governance.policies.conditions import Condition, check_pattern, fits, read_conditions
from governance.policies.paths import MISSING, is_path, read

MOST_RULES = 100
MOST_VALUES = 500


class On(StrEnum):
    """What a rule looks at: the flow as a whole, or each plugin in it: tasks, triggers, runners, conditions."""

    FLOW = "FLOW"
    PLUGIN = "PLUGIN"


class Severity(StrEnum):
    BLOCK = "BLOCK"
    WARN = "WARN"


@dataclass(frozen=True, slots=True)
class Rule:
    """`name` is what it does; `type` is how its author has called it. `values` are patterns of plugin types, or values
    that a property may have."""

    type: str
    name: str
    on: On
    where: tuple[Condition, ...] = ()
    target: str = ""
    value: Any = None
    values: tuple[Any, ...] = ()
    severity: Severity = Severity.BLOCK
    message: str = ""

    @property
    def changes(self) -> bool:
        return self.name in CHANGES

    def objection(self, document: Any, names: Sequence[str] = ()) -> str | None:
        """Why this part of a flow breaks the rule; None when it does not. `names`: all that a plugin is called."""
        found = _JUDGES[self.name](self, document, names)
        return (self.message or found) if found is not None else None


CHANGES = ("Add", "Replace", "Delete")
_OTHER_NAMES = {
    "Set": "Replace",
    "Remove": "Delete",
    "Required": "Require",
    "Forbidden": "Forbid",
    "AllowPlugins": "Allow",
    "AllowedPlugins": "Allow",
    "DenyPlugins": "Deny",
    "DeniedPlugins": "Deny",
    "Pattern": "Match",
    "Matches": "Match",
    "In": "OneOf",
    "AllowedValues": "OneOf",
}
_ALIASES_OF_VALUES = ("values", "plugins", "types", "patterns")


def read_rules(said: Any) -> list[Rule]:
    """Raises ValueError with a sentence that names the rule."""
    if not isinstance(said, list) or not said:
        raise ValueError("a policy has at least one rule")
    if len(said) > MOST_RULES:
        raise ValueError(f"a policy has at most {MOST_RULES} rules")
    found = []
    for place, each in enumerate(said):
        try:
            found.append(_rule(each))
        except ValueError as error:
            raise ValueError(f"rules[{place}]: {error}") from None
    return found


def _rule(said: Any) -> Rule:
    if not isinstance(said, Mapping) or not isinstance(said.get("type"), str):
        raise ValueError("a rule needs a `type`")
    short = said["type"].rpartition(".")[2]
    name = _OTHER_NAMES.get(short, short)
    if name not in CHANGES and name not in _JUDGES:
        raise ValueError(f"`{said['type'][:100]}` is no rule: use one of {', '.join((*CHANGES, *_JUDGES))}")
    rule = Rule(
        type=said["type"],
        name=name,
        on=_choice(On, said.get("on", "PLUGIN" if name in ("Allow", "Deny") else None), "on"),
        where=read_conditions(said.get("where")),
        target=said.get("target") or said.get("property") or "",
        value=said.get("value"),
        values=_values(said),
        severity=_choice(Severity, said.get("action") or said.get("severity") or "BLOCK", "action"),
        message=said.get("message") or "",
    )
    _check(rule)
    return rule


def _choice(kind: Any, said: Any, name: str) -> Any:
    try:
        return kind(said)
    except ValueError:
        raise ValueError(f"`{name}` must be one of {', '.join(kind)}") from None


def _values(said: Mapping[str, Any]) -> tuple[Any, ...]:
    for name in _ALIASES_OF_VALUES:
        if said.get(name) is not None:
            found = said[name]
            if not isinstance(found, list) or len(found) > MOST_VALUES:
                raise ValueError(f"`{name}` must be a list of at most {MOST_VALUES}")
            return tuple(found)
    return ()


def _check(rule: Rule) -> None:
    if rule.name in ("Allow", "Deny"):
        if rule.on is not On.PLUGIN:
            raise ValueError(f"{rule.name} looks at plugins: `on` must be PLUGIN")
        for pattern in rule.values:
            check_pattern(pattern)
        if not rule.values and (rule.name == "Allow" or not rule.where):
            raise ValueError(f"{rule.name} needs `values`: patterns of plugin types")
        return
    if not isinstance(rule.target, str) or not is_path(rule.target):
        raise ValueError(f"{rule.name} needs a `target`, which is the path of a property")
    if rule.name in ("Add", "Replace") and rule.value is None:
        raise ValueError(f"{rule.name} needs a `value`")
    if rule.name == "Match":
        check_pattern(rule.value)
    if rule.name == "OneOf" and not rule.values:
        raise ValueError("OneOf needs `values`")
    if not isinstance(rule.message, str) or len(rule.message) > 2000:
        raise ValueError("`message` must be a text of at most 2000 characters")


def _allow(rule: Rule, document: Any, names: Sequence[str]) -> str | None:
    return None if _is_named(rule, names) else f"the plugin `{document.get('type')}` is not allowed"


def _deny(rule: Rule, document: Any, names: Sequence[str]) -> str | None:
    """Without values its conditions alone say what is denied."""
    is_denied = not rule.values or _is_named(rule, names)
    return f"the plugin `{document.get('type')}` is denied" if is_denied else None


def _is_named(rule: Rule, names: Sequence[str]) -> bool:
    return any(fits(pattern, name) for pattern in rule.values for name in names)


def _require(rule: Rule, document: Any, names: Sequence[str]) -> str | None:
    return None if read(document, rule.target) not in (MISSING, None, "") else f"`{rule.target}` is required"


def _forbid(rule: Rule, document: Any, names: Sequence[str]) -> str | None:
    return f"`{rule.target}` is forbidden" if read(document, rule.target) is not MISSING else None


def _match(rule: Rule, document: Any, names: Sequence[str]) -> str | None:
    found = read(document, rule.target)
    if found is MISSING or (isinstance(found, str) and fits(rule.value, found)):
        return None
    return f"`{rule.target}` must match `{rule.value}`"


def _one_of(rule: Rule, document: Any, names: Sequence[str]) -> str | None:
    found = read(document, rule.target)
    if found is MISSING or found in rule.values:
        return None
    return f"`{rule.target}` must be one of {', '.join(map(str, rule.values[:20]))}"


_JUDGES = {"Allow": _allow, "Deny": _deny, "Require": _require, "Forbid": _forbid, "Match": _match, "OneOf": _one_of}


@dataclass(frozen=True, slots=True)
class Policy:
    """A policy as it is compared with flows. `tenants` and `namespaces` empty means the whole of its scope."""

    id: str
    scope: str
    enforcement: str
    rules: Sequence[Rule] = field(hash=False, default=())
    namespace: str = ""
    tenants: tuple[str, ...] = ()
    namespaces: tuple[str, ...] = ()

    def reaches(self, tenant: str, namespace: str) -> bool:
        if self.tenants and tenant not in self.tenants:
            return False
        if self.namespace and not _is_in(namespace, self.namespace):
            return False
        return not self.namespaces or any(_is_in(namespace, each) for each in self.namespaces)


def _is_in(namespace: str, root: str) -> bool:
    return namespace == root or namespace.startswith(f"{root}.")
