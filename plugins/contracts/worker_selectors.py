"""Which workers a task asks for: the older `workerGroup` and the newer `workerSelector`, read as one thing."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

MOST_TAGS = 20
LONGEST_TAG = 64
FALLBACKS = ("WAIT", "FAIL", "CANCEL", "IGNORE")
MATCHES = ("ALL", "ANY")
_TAG = re.compile(r"[a-z0-9]([a-z0-9-]*[a-z0-9])?")
_PROPERTIES = {
    "workerGroup": ("key", "fallback"),
    "workerSelector": ("tags", "match", "fallback"),
    "defaultWorkerSelector": ("key", "tags", "match", "fallback"),
}


@dataclass(frozen=True, slots=True)
class WantedWorkers:
    """`key` names a group, `tags` choose a queue: one that has all of them, or any. `fallback` says what becomes of the
    task when no worker is there for it; empty where nobody has said it."""

    key: str = ""
    tags: tuple[str, ...] = ()
    matches_any: bool = False
    fallback: str = ""

    @property
    def what_then(self) -> str:
        """What becomes of the task. A group that is away is waited for, tags that nobody serves fail."""
        return self.fallback or ("WAIT" if self.key else "FAIL")

    def as_kept(self) -> dict[str, Any]:
        """As a job keeps it."""
        return {"key": self.key, "tags": list(self.tags), "any": self.matches_any}


def from_kept(kept: Mapping[str, Any], fallback: str) -> WantedWorkers:
    return WantedWorkers(kept.get("key", ""), tuple(kept.get("tags") or ()), bool(kept.get("any")), fallback or "WAIT")


def is_tag(text: object) -> bool:
    """An RFC 1123 label: lower case letters, digits and hyphens inside."""
    return isinstance(text, str) and len(text) <= LONGEST_TAG and _TAG.fullmatch(text) is not None


def wanted_workers(group: Mapping[str, Any] | None, selector: Mapping[str, Any] | None) -> WantedWorkers | None:
    """None when neither names any, which is what a blank key says too. The newer one counts where both do.

    The values must be rendered already.
    """
    tags = _tags(selector)
    if selector and tags:
        return WantedWorkers(
            tags=tags,
            matches_any=str(selector.get("match") or "").upper() == "ANY",
            fallback=fallback_in(selector),
        )
    key = str(group["key"]).strip() if group and group.get("key") is not None else ""
    return WantedWorkers(key=key, fallback=fallback_in(group)) if group and key else None


def problems(name: str, said: Mapping[str, Any] | None) -> Iterator[tuple[str, str]]:
    """What is wrong with one of the two as it is written: property and sentence. An expression may become anything."""
    if said is None:
        return
    for unknown in sorted(said.keys() - set(_PROPERTIES[name])):
        yield unknown, f"`{name}` has no property `{unknown[:60]}`: use {', '.join(_PROPERTIES[name])}"
    if not isinstance(said.get("key"), str | None):
        yield "key", f"`{name}.key` must be a text"
    yield from _tag_problems(name, said.get("tags"))
    for choice, legal in (("match", MATCHES), ("fallback", FALLBACKS)):
        value = said.get(choice)
        if choice in _PROPERTIES[name] and value is not None and not is_dynamic(value) and value not in legal:
            yield choice, f"`{name}.{choice}` must be one of {', '.join(legal)}"


def is_dynamic(value: Any) -> bool:
    """Whether a value is, or holds, an expression."""
    if isinstance(value, str):
        return "{{" in value or "{%" in value
    if isinstance(value, Mapping):
        return any(is_dynamic(each) for each in value.values())
    return isinstance(value, list) and any(is_dynamic(each) for each in value)


def _tag_problems(name: str, tags: Any) -> Iterator[tuple[str, str]]:
    if tags is None or is_dynamic(tags):
        return
    if not isinstance(tags, list) or len(tags) > MOST_TAGS:
        yield "tags", f"`{name}.tags` must be a list of at most {MOST_TAGS}"
    elif not all(map(is_tag, tags)):
        yield "tags", "a tag has lower case letters, digits and hyphens inside, and at most 64 of them"


def _tags(selector: Mapping[str, Any] | None) -> tuple[str, ...]:
    said = selector.get("tags") if selector else None
    found = said if isinstance(said, list) else str(said).split(",") if said else []
    return tuple(dict.fromkeys(str(tag).strip() for tag in found if tag is not None and str(tag).strip()))


def fallback_in(said: Mapping[str, Any] | None) -> str:
    """Empty where it says none."""
    named = str((said or {}).get("fallback") or "").upper()
    return named if named in FALLBACKS else ""
