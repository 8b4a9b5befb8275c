"""The tables of docs/reference/access.md, made from the catalogue of rights itself."""

from __future__ import annotations

from pathlib import Path

from iam.authorization.catalogue import (
    _RENAMED,
    ASSIGNABLE,
    GOVERNED,
    INSTANCE_ONLY,
    MANAGED,
    MANAGED_VERSIONS,
    expand,
)

PAGE = Path(__file__).resolve().parents[2] / "docs" / "reference" / "access.md"
BEGIN, END = "<!-- rights: made from iam/authorization/catalogue.py -->", "<!-- end of rights -->"
TOLD_OF_ROLES = {
    "Admin": "everything there is in a tenant, its people and rights among it",
    "Editor": "all work: flows, executions, secrets and everything else that runs, in every way; no people, no rights",
    "Developer": "the same without secrets, credentials and apps",
    "Launcher": "sees what there is, starts it and looks after what runs",
    "Viewer": "looks at everything but secrets and credentials, and changes nothing",
}


def tables() -> str:
    return "\n\n".join([_managed(), _rights(), _of_the_instance(), _older()])


def _managed() -> str:
    rows = [f"| {name} | {MANAGED_VERSIONS[name]} | {told} |" for name, told in TOLD_OF_ROLES.items()]
    head = ["| Role | Version | What it is for |", "|---|---|---|"]
    text = (
        "Every tenant has these roles. They are the same everywhere and cannot be changed, only copied; a release that\n"
        "changes what one holds raises its version."
    )
    return "\n".join(["## Managed roles", "", text, "", *head, *rows])


def _rights() -> str:
    roles = list(TOLD_OF_ROLES)
    head = [f"| Resource | Actions | {' | '.join(roles)} |", f"|---|---|{'---|' * len(roles)}"]
    rows = [
        f"| {_resource(resource)} | {_code(actions)} | {' | '.join(_held(role, resource, actions) for role in roles)} |"
        for resource, actions in ASSIGNABLE.items()
    ]
    text = (
        "What a role can hold, and what the managed ones do: all of it, nothing, or the actions named.\n"
        "A superadmin holds what is marked * in every tenant, without a binding."
    )
    return "\n".join(["## Resources and actions", "", text, "", *head, *rows])


def _resource(name: str) -> str:
    return f"`{name}`{' *' if name in GOVERNED else ''}"


def _held(role: str, resource: str, actions: tuple[str, ...]) -> str:
    held = MANAGED[role].get(resource, [])
    if not held:
        return "–"
    missing = [action for action in actions if action not in held]
    if not missing:
        return "all"
    return f"all but {_code(missing)}" if len(missing) < len(held) else _code(held)


def _code(words: list[str] | tuple[str, ...]) -> str:
    return " ".join(f"`{word}`" for word in words)


def _of_the_instance() -> str:
    names = _code(sorted(INSTANCE_ONLY))
    return f"## Of the instance alone\n\nNo role can name these; whoever may is a superadmin: {names}."


def _older() -> str:
    head = ["| Older name | Today |", "|---|---|"]
    renamed = [f"| `{name}` | {_code(names)} |" for name, names in _RENAMED.items()]
    verbs = [
        f"| `FLOW: [{', '.join(verbs)}]` | {_code(expand({'FLOW': verbs})['FLOW'])} |"
        for verbs in (["READ"], ["READ", "CREATE"], ["READ", "UPDATE"], ["READ", "DELETE"])
    ]
    text = (
        "Roles of older clients name four actions, `READ`, `CREATE`, `UPDATE` and `DELETE`, and some resources by other\n"
        "names. They are taken, and kept in today's words. An unknown resource is refused, an unknown action left out."
    )
    return "\n".join(["## Older names", "", text, "", *head, *renamed, *verbs])


def written() -> str:
    """What the page shows now."""
    text = PAGE.read_text()
    return text[text.index(BEGIN) + len(BEGIN) : text.index(END)].strip()


if __name__ == "__main__":
    page = PAGE.read_text()
    PAGE.write_text(page[: page.index(BEGIN) + len(BEGIN)] + "\n" + tables() + "\n" + page[page.index(END) :])
