"""Places that keep a flat list of secrets, found by a name that is made of tenant, namespace and key."""

from __future__ import annotations

from abc import abstractmethod
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, ClassVar

from pydantic import Field, model_validator

from control_plane.kernel.words.egress import EgressPolicy
from plugins.secrets.naming import Template, check_template
from plugins.secrets.port import Described, Level, Place, SecretsBackend
from plugins.secrets.settings import RemoteSettings


class NamedSettings(RemoteSettings):
    prefix: str = "kestra"
    """What the names of secrets begin with, so that several instances share a place."""
    name_template: str | None = Field(default=None, min_length=1)
    """How a secret is called; `{key}` alone lends what is there to every namespace that uses this place."""

    @model_validator(mode="after")
    def _names_are_found_again(self) -> NamedSettings:
        if self.name_template is not None:
            check_template(self.name_template)
        return self


@dataclass(frozen=True, slots=True)
class Item:
    """One secret as the place lists it. `id` is what it is asked for by."""

    id: str
    name: str
    description: str = ""
    tags: Mapping[str, str] = field(default_factory=dict)


class NamedBackend(SecretsBackend):
    """A subclass says how items are listed, read, made, changed and dropped."""

    SEPARATOR: ClassVar[str] = "/"

    def __init__(self, settings: Any, level: Level, policy: EgressPolicy) -> None:
        super().__init__(settings, level, policy)
        parts = (settings.prefix, "{tenant}", "{namespace}", "{key}")
        text = settings.name_template or self.SEPARATOR.join(part for part in parts if part)
        self._template = self.template(text)

    def template(self, text: str) -> Template:
        return Template(text, separator=self.SEPARATOR)

    @abstractmethod
    def items(self, beginning: str) -> list[Item]:
        """Those whose names begin so, and maybe others."""

    @abstractmethod
    def value_of(self, item: Item) -> str | None:
        """None for one without a value."""

    @abstractmethod
    def create(self, name: str, described: Described, value: str) -> None: ...

    @abstractmethod
    def change(self, item: Item, described: Described, value: str) -> None: ...

    @abstractmethod
    def drop(self, item: Item) -> None: ...

    def item(self, name: str) -> Item | None:
        """The one that is called exactly so; a subclass asks for it more directly where it can."""
        return next((each for each in self.items(name) if each.name == name), None)

    def names(self, place: Place) -> list[str]:
        return self._template.keys(place, [each.name for each in self.items(self._template.before_key(place))])

    def entries(self, place: Place) -> list[Described]:
        items = {each.name: each for each in self.items(self._template.before_key(place))}
        return [
            Described(key, items[name].description, items[name].tags)
            for name in items
            for key in self._template.keys(place, [name])
        ]

    def get(self, place: Place, key: str) -> str | None:
        found = self.item(self._template.name(place, key))
        return self.value_of(found) if found is not None else None

    def put(self, place: Place, described: Described, value: str) -> None:
        name = self._template.name(place, described.key)
        found = self.item(name)
        if found is None:
            self.create(name, described, value)
        else:
            self.change(found, described, value)

    def remove(self, place: Place, key: str) -> bool:
        found = self.item(self._template.name(place, key))
        if found is not None:
            self.drop(found)
        return found is not None
