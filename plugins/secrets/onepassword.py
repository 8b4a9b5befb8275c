"""Secrets in a vault of 1Password, by a Connect server."""

from __future__ import annotations

import json
from collections.abc import Mapping
from functools import cached_property
from typing import Any

from pydantic import Field, SecretStr

from plugins.secrets.named import Item, NamedBackend, NamedSettings
from plugins.secrets.port import Described
from plugins.secrets.speaking import Answer, Speaker

_PASSWORD, _NOTES = "PASSWORD", "NOTES"


class OnePasswordSettings(NamedSettings):
    ADDRESSES = ("address", "caCertificate")

    address: str
    """Of the Connect server."""
    token: SecretStr
    vault_id: str = Field(pattern=r"^[0-9A-Za-z]+$")


class OnePasswordBackend(NamedBackend):
    """Each secret is an item of the category password; one that people made with several fields is the JSON of them."""

    TYPE = "1password"
    ALIASES = ("onepassword",)
    TITLE = "1Password Connect"
    SETTINGS = OnePasswordSettings
    keeps_descriptions = False

    def items(self, beginning: str) -> list[Item]:
        return [_item(each) for each in self._speaker.json(self._ask("GET", self._items))]

    def item(self, name: str) -> Item | None:
        quoted = name.replace("\\", "\\\\").replace('"', '\\"')
        asked = {"filter": f'title eq "{quoted}"'}
        found = self._speaker.json(self._ask("GET", self._items, params=asked))
        return next((_item(each) for each in found if each.get("title") == name), None)

    def value_of(self, item: Item) -> str | None:
        answer = self._ask("GET", f"{self._items}/{item.id}", accepted=(200, 404))
        if answer.status_code == 404:
            return None
        fields = [each for each in self._speaker.json(answer).get("fields") or () if each.get("value")]
        of_password = [each["value"] for each in fields if each.get("purpose") == _PASSWORD]
        others = {each.get("label") or each["id"]: each["value"] for each in fields if each.get("purpose") != _NOTES}
        if of_password and len(others) == 1:
            return str(of_password[0])
        return json.dumps(others, ensure_ascii=False) if others else None

    def create(self, name: str, described: Described, value: str) -> None:
        self._ask("POST", self._items, accepted=(200, 201), json=self._content(name, described, value))

    def change(self, item: Item, described: Described, value: str) -> None:
        content = {"id": item.id, **self._content(item.name, described, value)}
        self._ask("PUT", f"{self._items}/{item.id}", json=content)

    def drop(self, item: Item) -> None:
        self._ask("DELETE", f"{self._items}/{item.id}", accepted=(200, 204, 404))

    def _content(self, name: str, described: Described, value: str) -> dict[str, Any]:
        fields = [{"id": "password", "type": "CONCEALED", "purpose": _PASSWORD, "label": "password", "value": value}]
        if described.description:
            note = {"id": "notesPlain", "type": "STRING", "purpose": _NOTES, "label": "notesPlain"}
            fields.append({**note, "value": described.description})
        return {
            "title": name,
            "vault": {"id": self.settings.vault_id},
            "category": _PASSWORD,
            "tags": [f"{key}:{text}" for key, text in described.tags.items()],
            "fields": fields,
        }

    @property
    def _items(self) -> str:
        return f"/v1/vaults/{self.settings.vault_id}/items"

    @cached_property
    def _speaker(self) -> Speaker:
        known: OnePasswordSettings = self.settings
        return Speaker(known.address, self.policy, timeout=known.timeout_seconds, ca=known.ca_certificate)

    def _ask(self, method: str, path: str, **more: Any) -> Answer:
        headers = {"Authorization": f"Bearer {self.settings.token.get_secret_value()}"}
        return self._speaker.ask(method, path, headers=headers, **more)


def _item(told: Mapping[str, Any]) -> Item:
    pairs = [text.partition(":") for text in told.get("tags") or ()]
    return Item(told["id"], told.get("title") or "", "", {key: text for key, colon, text in pairs if colon})
