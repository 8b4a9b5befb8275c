"""Secrets in a config of a Doppler project."""

from __future__ import annotations

import re
from functools import cached_property
from typing import Any

from pydantic import AliasChoices, Field, SecretStr

from plugins.secrets.named import Item, NamedBackend, NamedSettings
from plugins.secrets.naming import Template
from plugins.secrets.port import Described, Place
from plugins.secrets.speaking import Answer, Speaker

_ADDRESS = "https://api.doppler.com"
_OWN = frozenset({"DOPPLER_PROJECT", "DOPPLER_ENVIRONMENT", "DOPPLER_CONFIG"})
"""What every config holds by itself."""
_SECRETS = "/v3/configs/config/secrets"
_SECRET = "/v3/configs/config/secret"


class DopplerSettings(NamedSettings):
    ADDRESSES = ("address", "caCertificate")

    token: SecretStr
    project: str
    config: str
    prefix: str = Field(default="KESTRA", validation_alias=AliasChoices("secret_name_prefix", "prefix"))
    address: str = _ADDRESS


class DopplerNames(Template):
    """Names of capitals, digits and underscores: two between parts, three before the code of any other character."""

    def before_key(self, place: Place) -> str:
        before = self.text.removesuffix("{key}")
        tenant, namespace = _encoded(place.tenant), _encoded(place.namespace)
        return _plain(before.replace("{tenant}", tenant).replace("{namespace}", namespace))

    def name(self, place: Place, key: str) -> str:
        return self.before_key(place) + _encoded(key)

    def keys(self, place: Place, names: Any) -> list[str]:
        before = self.before_key(place)
        found = [name.removeprefix(before) for name in names if name.startswith(before) and name not in _OWN]
        return [_decoded(rest) for rest in found if rest and _encoded(_decoded(rest)) == rest]


class DopplerBackend(NamedBackend):
    TYPE = "doppler"
    TITLE = "Doppler"
    SETTINGS = DopplerSettings
    SEPARATOR = "__"
    keeps_descriptions = False
    keeps_tags = False

    def template(self, text: str) -> Template:
        return DopplerNames(text, separator=self.SEPARATOR)

    def items(self, beginning: str) -> list[Item]:
        told = self._speaker.json(self._ask("GET", f"{_SECRETS}/names", params=self._config))
        return [Item(name, name) for name in told.get("names", ())]

    def item(self, name: str) -> Item | None:
        return Item(name, name)

    def value_of(self, item: Item) -> str | None:
        answer = self._ask("GET", _SECRET, accepted=(200, 400, 404), params={**self._config, "name": item.id})
        if answer.status_code == 404 or "could not find" in answer.text.lower():
            return None
        if answer.status_code != 200:
            raise self._speaker.refusal(answer)
        value = self._speaker.json(answer).get("value") or {}
        # A restricted secret is there, and tells nobody its value.
        return value.get("computed") or value.get("raw") or None

    def create(self, name: str, described: Described, value: str) -> None:
        change = {"name": name, "originalName": name, "value": value}
        self._ask("POST", _SECRETS, json={**self._config, "change_requests": [change]})

    def change(self, item: Item, described: Described, value: str) -> None:
        self.create(item.name, described, value)

    def drop(self, item: Item) -> None:
        self._ask("DELETE", _SECRET, accepted=(200, 204), params={**self._config, "name": item.id})

    @property
    def _config(self) -> dict[str, str]:
        return {"project": self.settings.project, "config": self.settings.config}

    @cached_property
    def _speaker(self) -> Speaker:
        known: DopplerSettings = self.settings
        return Speaker(known.address, self.policy, timeout=known.timeout_seconds, ca=known.ca_certificate)

    def _ask(self, method: str, path: str, **more: Any) -> Answer:
        headers = {"Authorization": f"Bearer {self.settings.token.get_secret_value()}", "Accept": "application/json"}
        return self._speaker.ask(method, path, headers=headers, **more)


def _encoded(text: str) -> str:
    """Another text for each text, whatever its case."""
    return re.sub(r"(?<![A-Z0-9])_|_(?![A-Z0-9])|[^A-Z0-9_]", lambda match: f"___{ord(match[0]):02X}", text.upper())


def _decoded(text: str) -> str:
    return re.sub(r"___([0-9A-F]{2})", lambda match: chr(int(match[1], 16)), text)


def _plain(text: str) -> str:
    """A prefix that people wrote, as such names may be."""
    return re.sub(r"[^A-Z0-9_]", "_", text.upper())
