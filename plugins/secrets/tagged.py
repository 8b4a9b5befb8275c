"""Places that keep a flat list of secrets with tags, which say whose secret each is and what flows call it."""

from __future__ import annotations

import hashlib
import re
from abc import abstractmethod
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from pydantic import model_validator

from plugins.secrets.port import Described, Place, SecretsBackend
from plugins.secrets.settings import PrefixFilter, RemoteSettings, TagFilter

TENANT, NAMESPACE, KEY, PREFIX = "tenant", "namespace", "key", "prefix"
OUR_TAGS = frozenset({TENANT, NAMESPACE, KEY, PREFIX})
_DEFAULT_PREFIX = "kestra"


class TaggedSettings(RemoteSettings):
    prefix: str = _DEFAULT_PREFIX
    """Tells secrets of several instances in one place apart: those with another tag `prefix` are not seen."""
    filter_on_tags: TagFilter | None = None
    """Which secrets are seen where they are only read: those that bear all of these tags."""
    filter_on_prefix: PrefixFilter | None = None
    """Which secrets are seen where they are only read: those whose names begin so."""

    @model_validator(mode="after")
    def _one_filter(self) -> TaggedSettings:
        if self.filter_on_tags is not None and not self.filter_on_tags.tags:
            raise ValueError("filterOnTags: say at least one tag")
        return self

    @property
    def is_filtered(self) -> bool:
        return self.filter_on_tags is not None or self.filter_on_prefix is not None


@dataclass(frozen=True, slots=True)
class Entry:
    """One secret as the place lists it."""

    name: str
    description: str = ""
    tags: Mapping[str, str] = field(default_factory=dict)


class TaggedBackend(SecretsBackend):
    """A secret that was set from here has a name that follows from its place and key, so that one request reads it.

    One that was made elsewhere is found by its tags `namespace`, `key` and `prefix`, or by the filters; a tag `tenant`
    keeps it from other tenants.
    """

    @abstractmethod
    def listed(self, tags: Mapping[str, str]) -> Iterable[Entry]:
        """All secrets; those without these tags may be left out."""

    @abstractmethod
    def value_of(self, name: str) -> str | None:
        """The value of the secret of that name; None when there is none, or none with a value."""

    @abstractmethod
    def keep(self, name: str, value: str, description: str, tags: Mapping[str, str]) -> None:
        """Set it, whether it is there or not."""

    @abstractmethod
    def drop(self, name: str) -> bool:
        """False when there was none."""

    def own_name(self, place: Place, key: str) -> str:
        """What one that is set from here is called."""
        return "/".join(part for part in (self.settings.prefix, place.tenant, place.namespace, key.upper()) if part)

    def read(self, place: Place, key: str) -> str:
        value = None if self.settings.is_filtered else self.value_of(self.own_name(place, key))
        return value if value is not None else super().read(place, key)

    def entries(self, place: Place) -> list[Described]:
        return [
            Described(key, entry.description, {name: text for name, text in entry.tags.items() if name not in OUR_TAGS})
            for key, entry in self._of(place)
        ]

    def get(self, place: Place, key: str) -> str | None:
        found = self._entry(place, key)
        return self.value_of(found.name) if found is not None else None

    def put(self, place: Place, described: Described, value: str) -> None:
        found = self._entry(place, described.key)
        name = found.name if found is not None else self.own_name(place, described.key)
        ours = {TENANT: place.tenant, NAMESPACE: place.namespace, KEY: described.key}
        tags = {**described.tags, **ours, **({PREFIX: self.settings.prefix} if self.settings.prefix else {})}
        self.keep(name, value, described.description, tags)

    def remove(self, place: Place, key: str) -> bool:
        found = self._entry(place, key)
        return self.drop(found.name) if found is not None else False

    def _entry(self, place: Place, key: str) -> Entry | None:
        return next((entry for name, entry in self._of(place) if name == key), None)

    def _of(self, place: Place) -> Iterator[tuple[str, Entry]]:
        """What is of the place, by what flows call it."""
        known: TaggedSettings = self.settings
        wanted = dict(known.filter_on_tags.tags) if known.filter_on_tags else {}
        asked = wanted or ({} if known.filter_on_prefix else {NAMESPACE: place.namespace})
        for entry in self.listed(asked):
            if not all(entry.tags.get(name) == text for name, text in wanted.items()):
                continue
            key = self._key(entry, place)
            if key is not None:
                yield key, entry

    def _key(self, entry: Entry, place: Place) -> str | None:
        """What flows of the place call it; None when it is none of theirs."""
        known, tags = self.settings, entry.tags
        if tags.get(TENANT, place.tenant) != place.tenant:
            return None
        if known.is_filtered:
            name = self._name(entry) if tags.get(NAMESPACE, place.namespace) == place.namespace else None
            return name and (tags.get(KEY) or name)
        is_ours = tags.get(NAMESPACE) == place.namespace and tags.get(PREFIX, "") == known.prefix
        return tags.get(KEY) if is_ours else None

    def _name(self, entry: Entry) -> str | None:
        rule = self.settings.filter_on_prefix
        if rule is None:
            return entry.name
        if not entry.name.startswith(rule.prefix):
            return None
        return entry.name if rule.keep_prefix else entry.name.removeprefix(rule.prefix) or None


def readable_name(*parts: Any, longest: int) -> str:
    """A name of letters, digits and hyphens that tells people what it is, and is another one for other parts."""
    told = hashlib.sha256("\0".join(map(str, parts)).encode()).hexdigest()[:12]
    words = "-".join(re.sub(r"[^0-9A-Za-z]+", "-", str(part)).strip("-") for part in parts if part)
    return f"{words[: longest - 13].strip('-')}-{told}"
