"""Secrets in Delinea Secret Server."""

from __future__ import annotations

import json
from collections.abc import Mapping
from functools import cached_property
from typing import Any

from pydantic import SecretStr

from control_plane.kernel.words.egress import EgressPolicy
from plugins.secrets.named import Item, NamedBackend, NamedSettings
from plugins.secrets.port import BackendMisconfigured, Described, Level
from plugins.secrets.speaking import Answer, Speaker, Token

_PAGE = 100
_VALUE_SLUGS = ("password", "value", "secret")
"""The field that holds a value, in the templates people use; the first one that a secret has."""
_NOTES = "notes"


class DelineaSettings(NamedSettings):
    ADDRESSES = ("address", "caCertificate")

    address: str
    username: str
    password: SecretStr
    domain: str | None = None
    """Of accounts of Active Directory."""
    folder_id: int | None = None
    """The folder of the secrets; needed to make one."""
    secret_template_id: int | None = None
    """What a new secret is made from; needed to make one."""


class DelineaBackend(NamedBackend):
    """A secret that people made with several fields is the JSON of them."""

    TYPE = "delinea"
    TITLE = "Delinea Secret Server"
    SETTINGS = DelineaSettings
    keeps_descriptions = False
    keeps_tags = False

    def __init__(self, settings: Any, level: Level, policy: EgressPolicy) -> None:
        super().__init__(settings, level, policy)
        self._token = Token(self._signed_in)

    def items(self, beginning: str) -> list[Item]:
        asked: dict[str, Any] = {"take": _PAGE, "skip": 0, "filter.searchText": beginning}
        if self.settings.folder_id is not None:
            asked["filter.folderId"] = self.settings.folder_id
        found: list[Item] = []
        while True:
            page = self._speaker.json(self._ask("GET", "/api/v1/secrets", params=asked))
            found += [Item(str(each["id"]), each["name"]) for each in page.get("records", ())]
            if not page.get("hasNext"):
                return found
            asked["skip"] = page["nextSkip"]

    def value_of(self, item: Item) -> str | None:
        answer = self._ask("GET", f"/api/v1/secrets/{item.id}", accepted=(200, 400, 404))
        if answer.status_code != 200:
            return None
        fields = {each["slug"]: each.get("itemValue") for each in self._fields(answer) if not each.get("isFile")}
        filled = {slug: text for slug, text in fields.items() if text and slug != _NOTES}
        slug = next((each for each in _VALUE_SLUGS if each in filled), None)
        if slug is not None and len(filled) == 1:
            return str(filled[slug])
        return json.dumps(filled, ensure_ascii=False) if filled else None

    def create(self, name: str, described: Described, value: str) -> None:
        known: DelineaSettings = self.settings
        if known.folder_id is None or known.secret_template_id is None:
            raise BackendMisconfigured("folderId and secretTemplateId are needed to make a secret")
        asked = {"filter.secretTemplateId": known.secret_template_id, "filter.folderId": known.folder_id}
        stub = self._speaker.json(self._ask("GET", "/api/v1/secrets/stub", params=asked))
        new = {**stub, "name": name, "folderId": known.folder_id, "siteId": stub.get("siteId") or 1}
        new["items"] = _filled(stub.get("items") or (), described, value)
        self._ask("POST", "/api/v1/secrets", json=new)

    def change(self, item: Item, described: Described, value: str) -> None:
        found = self._speaker.json(self._ask("GET", f"/api/v1/secrets/{item.id}"))
        found["items"] = _filled(found.get("items") or (), described, value)
        self._ask("PUT", f"/api/v1/secrets/{item.id}", json=found)

    def drop(self, item: Item) -> None:
        self._ask("DELETE", f"/api/v1/secrets/{item.id}", accepted=(200, 204, 404))

    def _fields(self, answer: Answer) -> list[Mapping[str, Any]]:
        return list(self._speaker.json(answer).get("items") or ())

    @cached_property
    def _speaker(self) -> Speaker:
        known: DelineaSettings = self.settings
        return Speaker(known.address, self.policy, timeout=known.timeout_seconds, ca=known.ca_certificate)

    def _ask(self, method: str, path: str, **more: Any) -> Answer:
        def ask(token: str) -> Answer:
            return self._speaker.ask(method, path, headers={"Authorization": f"Bearer {token}"}, **more)

        return self._token.using(ask)

    def _signed_in(self, _: str | None) -> tuple[str, float | None]:
        known: DelineaSettings = self.settings
        form = {"grant_type": "password", "username": known.username, "password": known.password.get_secret_value()}
        if known.domain:
            form["domain"] = known.domain
        told = self._speaker.json(self._speaker.ask("POST", "/oauth2/token", data=form))
        if "access_token" not in told:
            raise BackendMisconfigured(f"{self._speaker.name} gave no token")
        return str(told["access_token"]), float(told.get("expires_in") or 300)


def _filled(items: Any, described: Described, value: str) -> list[dict[str, Any]]:
    """The fields with the value in the one that is for it."""
    fields = [dict(each) for each in items]
    slug = next((each for each in _VALUE_SLUGS if any(field.get("slug") == each for field in fields)), None)
    if slug is None:
        raise BackendMisconfigured(f"The template of secrets has no field called {', '.join(_VALUE_SLUGS)}")
    for field in fields:
        if field.get("slug") == slug:
            field["itemValue"] = value
        elif field.get("slug") == _NOTES:
            field["itemValue"] = described.description
    return fields
