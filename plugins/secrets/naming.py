"""What a secret is called where it is kept, made of tenant, namespace and key."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass
from functools import cached_property

from plugins.secrets.port import Place

_KEY = "{key}"
_FIELDS = re.compile(r"\{([^{}]*)\}")
_KNOWN = frozenset({"tenant", "namespace", "key"})


def check_template(text: str) -> str:
    """Raises ValueError for one by which secrets could not be found again."""
    unknown = [name for name in _FIELDS.findall(text) if name not in _KNOWN]
    if unknown:
        raise ValueError(f"`{{{unknown[0]}}}` is none of {{tenant}}, {{namespace}} and {{key}}")
    if text.count(_KEY) != 1 or not text.endswith(_KEY):
        raise ValueError("a template names {key} once, at its end")
    return text


@dataclass(frozen=True)
class Template:
    """Names like `main/company.team/DB_PASSWORD`; parts of them never hold the separator."""

    text: str
    separator: str = "/"
    namespace_separator: str = "."

    @cached_property
    def _before(self) -> str:
        return self.text.removesuffix(_KEY)

    def before_key(self, place: Place) -> str:
        """What the names of all secrets of the place begin with."""
        namespace = place.namespace.replace(".", self.namespace_separator)
        return self._before.replace("{tenant}", place.tenant).replace("{namespace}", namespace)

    def name(self, place: Place, key: str) -> str:
        return self.before_key(place) + key

    def keys(self, place: Place, names: Iterable[str]) -> list[str]:
        """The keys among names that are of this place."""
        before = self.before_key(place)
        rests = (name.removeprefix(before) for name in names if name.startswith(before))
        return [rest for rest in rests if rest and self.separator not in rest]
