"""Every resource a role may name, with its actions; the older names of both; the roles each tenant starts with."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from control_plane.kernel.words.errors import Invalid, Violation

Permissions = dict[str, list[str]]

_CRUD = "VIEW LIST CREATE UPDATE DELETE"
ACTIONS: Mapping[str, tuple[str, ...]] = {
    resource: tuple(actions.split())
    for resource, actions in {
        "FLOW": f"{_CRUD} VALIDATE ENABLE DISABLE EXPORT IMPORT",
        "EXECUTION": f"{_CRUD} EXECUTE RESTART KILL REPLAY PAUSE RESUME UNQUEUE FORCE_RUN FOLLOW CHANGE_LABELS"
        " ACCESS_LOGS ACCESS_OUTPUTS ACCESS_FILES EXPORT",
        "TRIGGER": f"{_CRUD} EXPORT DISABLE ENABLE UNLOCK RESTART BACKFILL",
        "NAMESPACE": _CRUD,
        "NAMESPACE_FILE": f"{_CRUD} EXPORT IMPORT MANAGE_FILES",
        "KVSTORE": _CRUD,
        "SECRET": _CRUD,
        "CREDENTIAL": f"{_CRUD} USE",
        "REUSABLE_INPUTS": _CRUD,
        "DASHBOARD": f"{_CRUD} VALIDATE EXPORT",
        "BLUEPRINT": f"{_CRUD} USE",
        "APP": f"{_CRUD} ENABLE DISABLE EXPORT IMPORT",
        "APP_EXECUTION": "VIEW LIST EXECUTE FOLLOW ACCESS_FILES ACCESS_LOGS",
        "ASSET": f"{_CRUD} LOCK UNLOCK",
        "TESTSUITE": f"{_CRUD} VALIDATE ENABLE DISABLE EXECUTE",
        "TESTSUITE_RUN": "VIEW LIST",
        "AUDITLOG": "VIEW LIST EXPORT DELETE",
        "POLICY": f"{_CRUD} EXPORT IMPORT",
        "USER": f"{_CRUD} MANAGE_GROUP_MEMBERSHIP IMPERSONATE",
        "GROUP": f"{_CRUD} MANAGE_MEMBERS",
        "ROLE": _CRUD,
        "BINDING": "VIEW LIST CREATE DELETE",
        "INVITATION": "VIEW LIST CREATE DELETE",
        "TENANT_ACCESS": "VIEW LIST CREATE DELETE",
        "SERVICE_ACCOUNT": _CRUD,
        "MCP_SERVER": f"{_CRUD} USE",
        "COPILOT": "USE",
        "SUPPORT": "USE",
        "TENANT_SETTINGS": "VIEW UPDATE",
        "SYSTEM_SETTINGS": "VIEW UPDATE",
        "SECURITY_INTEGRATION": f"{_CRUD} ENABLE DISABLE",
        "KILL_SWITCH": _CRUD,
        "TENANT": _CRUD,
        "VERSIONED_PLUGIN": _CRUD,
        "WORKER_GROUP": _CRUD,
        "WORKER_QUEUE": _CRUD,
        "INSTANCE": "VIEW UPDATE EXPORT",
    }.items()
}
INSTANCE_ONLY = frozenset({"KILL_SWITCH", "TENANT", "VERSIONED_PLUGIN", "WORKER_GROUP", "WORKER_QUEUE", "INSTANCE"})
ASSIGNABLE: Mapping[str, tuple[str, ...]] = {name: acts for name, acts in ACTIONS.items() if name not in INSTANCE_ONLY}
# What a superadmin may do in any tenant without a binding: govern it, and see nothing that runs in it.
GOVERNED = frozenset(
    {
        *("USER", "GROUP", "ROLE", "BINDING", "INVITATION", "TENANT_ACCESS", "SERVICE_ACCOUNT"),
        *("TENANT_SETTINGS", "SECURITY_INTEGRATION"),
    }
)

_RENAMED: Mapping[str, tuple[str, ...]] = {
    "APPEXECUTION": ("APP_EXECUTION",),
    "TEST": ("TESTSUITE", "TESTSUITE_RUN"),
    "AI_COPILOT": ("COPILOT",),
    "SETTING": ("TENANT_SETTINGS", "SYSTEM_SETTINGS"),
    "GROUP_MEMBERSHIP": ("GROUP",),
    "IMPERSONATE": ("USER",),
}
_OLD_READ = frozenset({"VIEW", "LIST", "EXPORT", "FOLLOW", "VALIDATE", "ACCESS_LOGS", "ACCESS_OUTPUTS", "ACCESS_FILES"})
_OLD_CREATE = frozenset({"CREATE", "EXECUTE", "IMPORT", "USE"})
_OLD_DELETE = frozenset({"DELETE"})
_OLD = ("READ", "CREATE", "UPDATE", "DELETE")


def expand(permissions: Mapping[str, Iterable[str]]) -> Permissions:
    """The permissions in today's words. An unknown resource is Invalid, an unknown action is dropped.

    A resource whose actions are all of the older four is taken as older: `READ` then means every way of looking,
    `UPDATE` every change of state. `READ` is understood beside today's actions too.
    """
    result: dict[str, set[str]] = {}
    for resource, actions in permissions.items():
        for name in _names(resource):
            legal = ASSIGNABLE[name]
            wanted = _today(legal, {str(action).upper() for action in actions})
            result.setdefault(name, set()).update(action for action in legal if action in wanted)
    return {name: [action for action in ASSIGNABLE[name] if action in found] for name, found in result.items() if found}


def _names(resource: str) -> tuple[str, ...]:
    names = _RENAMED.get(resource, (resource,))
    if any(name not in ASSIGNABLE for name in names):
        message = f"`{resource[:60]}` is no resource that a role can name"
        raise Invalid(message, violations=[Violation(message, f"permissions.{resource[:60]}")])
    return names


def _today(legal: tuple[str, ...], asked: set[str]) -> set[str]:
    wanted = set(asked)
    if "READ" in asked:
        wanted |= _OLD_READ
    if "READ" in asked and asked.issubset(_OLD):
        if "CREATE" in asked:
            wanted |= _OLD_CREATE
        if "UPDATE" in asked:
            wanted |= set(legal) - _OLD_READ - _OLD_CREATE - _OLD_DELETE
    return wanted


def _every(*actions: str, but: Iterable[str] = ()) -> Permissions:
    left_out = set(but)
    return {
        resource: [action for action in legal if action in actions]
        for resource, legal in ASSIGNABLE.items()
        if resource not in left_out and any(action in actions for action in legal)
    }


_GOVERNING = GOVERNED | {"AUDITLOG", "SYSTEM_SETTINGS", "SUPPORT", "POLICY"}
_WORK = tuple(sorted({action for legal in ASSIGNABLE.values() for action in legal} - {"IMPERSONATE"}))
_LOOK = tuple(sorted(_OLD_READ))

ADMIN = "Admin"
MANAGED: Mapping[str, Permissions] = {
    ADMIN: {resource: list(actions) for resource, actions in ASSIGNABLE.items()},
    "Editor": _every(*_WORK, but=_GOVERNING),
    "Viewer": _every(*_LOOK, but=_GOVERNING | {"SECRET", "CREDENTIAL"}),
    "Launcher": {
        **_every("VIEW", "LIST", but=_GOVERNING | {"SECRET", "CREDENTIAL"}),
        "EXECUTION": [
            *("VIEW", "LIST", "CREATE", "EXECUTE", "RESTART", "KILL", "REPLAY", "PAUSE", "RESUME", "FOLLOW"),
            *("ACCESS_LOGS", "ACCESS_OUTPUTS", "ACCESS_FILES"),
        ],
        "APP_EXECUTION": list(ASSIGNABLE["APP_EXECUTION"]),
    },
    "Developer": _every(*_WORK, but=_GOVERNING | {"SECRET", "CREDENTIAL", "APP"}),
}
# Raised with every change of what a managed role holds; `tests/iam/authorization/managed_roles.json` has each version.
MANAGED_VERSIONS: Mapping[str, int] = {ADMIN: 2, "Editor": 1, "Viewer": 1, "Launcher": 1, "Developer": 1}


def managed_version(name: str, is_managed: bool) -> int | None:
    """The version of a managed role; others are changed by whoever may, and have none."""
    return MANAGED_VERSIONS.get(name) if is_managed else None
