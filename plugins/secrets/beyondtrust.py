"""Secrets in BeyondTrust Password Safe: texts of a folder of its Secrets Safe."""

from __future__ import annotations

from functools import cached_property
from typing import Any

from pydantic import Field, SecretStr, model_validator

from control_plane.kernel.words.egress import EgressPolicy
from plugins.secrets.named import Item, NamedBackend, NamedSettings
from plugins.secrets.port import Described, Level
from plugins.secrets.speaking import Answer, Speaker, Token

_API = "/BeyondTrust/api/public/v3"
_SAFE = f"{_API}/secrets-safe"
_PAGE = 200
_SESSION_SECONDS = 10 * 60.0


class BeyondTrustSettings(NamedSettings):
    ADDRESSES = ("address", "caCertificate")

    address: str
    api_key: SecretStr | None = None
    run_as: str | None = None
    """The user that a key of the API acts as, as `domain\\user`."""
    client_id: str | None = None
    """Of an application user, who needs no key."""
    client_secret: SecretStr | None = None
    folder_id: str = Field(pattern=r"^[0-9A-Za-z-]+$")
    """The folder of the secrets."""

    @model_validator(mode="after")
    def _one_way_in(self) -> BeyondTrustSettings:
        by_key = self.api_key is not None and self.run_as is not None
        by_client = self.client_id is not None and self.client_secret is not None
        if by_key == by_client:
            raise ValueError("say either apiKey and runAs, or clientId and clientSecret")
        return self


class BeyondTrustBackend(NamedBackend):
    """A session is a cookie; each sign-in opens one, and it is ended when the place is closed."""

    TYPE = "beyondtrust"
    TITLE = "BeyondTrust Password Safe"
    SETTINGS = BeyondTrustSettings
    keeps_tags = False

    def __init__(self, settings: Any, level: Level, policy: EgressPolicy) -> None:
        super().__init__(settings, level, policy)
        self._token = Token(self._signed_in)

    def items(self, beginning: str) -> list[Item]:
        found: list[Item] = []
        while True:
            page = {"folderId": self.settings.folder_id, "limit": _PAGE, "offset": len(found)}
            told = self._speaker.json(self._ask("GET", f"{_SAFE}/secrets", params=page))
            found += [Item(each["Id"], each["Title"], each.get("Description") or "") for each in told]
            if len(told) < _PAGE:
                return found

    def value_of(self, item: Item) -> str | None:
        answer = self._ask("GET", f"{_SAFE}/secrets/{item.id}/text", accepted=(200, 400, 404))
        if answer.status_code == 200:
            return self._speaker.json(answer).get("Text") or None
        # One that people made as a credential has a password and no text.
        answer = self._ask("GET", f"{_SAFE}/secrets/{item.id}", accepted=(200, 404))
        return self._speaker.json(answer).get("Password") or None if answer.status_code == 200 else None

    def create(self, name: str, described: Described, value: str) -> None:
        new = {"Title": name, "Description": described.description, "Text": value}
        self._ask("POST", f"{_SAFE}/folders/{self.settings.folder_id}/secrets/text", accepted=(200, 201), json=new)

    def change(self, item: Item, described: Described, value: str) -> None:
        new = {"Title": item.name, "Description": described.description, "Text": value}
        new["FolderId"] = self.settings.folder_id
        self._ask("PUT", f"{_SAFE}/secrets/{item.id}/text", accepted=(200, 204), json=new)

    def drop(self, item: Item) -> None:
        self._ask("DELETE", f"{_SAFE}/secrets/{item.id}", accepted=(200, 204, 404))

    @cached_property
    def _speaker(self) -> Speaker:
        known: BeyondTrustSettings = self.settings
        return Speaker(known.address, self.policy, timeout=known.timeout_seconds, ca=known.ca_certificate)

    def _ask(self, method: str, path: str, **more: Any) -> Answer:
        def ask(session: str) -> Answer:
            return self._speaker.ask(method, path, headers={"Cookie": session}, **more)

        return self._token.using(ask)

    def _signed_in(self, _: str | None) -> tuple[str, float | None]:
        answer = self._speaker.ask("POST", f"{_API}/Auth/SignAppin", headers={"Authorization": self._authorization()})
        return answer.headers.get("set-cookie", "").partition(";")[0], _SESSION_SECONDS

    def _authorization(self) -> str:
        known: BeyondTrustSettings = self.settings
        if known.api_key is not None:
            return f"PS-Auth key={known.api_key.get_secret_value()}; runas={known.run_as};"
        assert known.client_secret is not None
        form = {
            "grant_type": "client_credentials",
            "client_id": known.client_id,
            "client_secret": known.client_secret.get_secret_value(),
        }
        told = self._speaker.json(self._speaker.ask("POST", f"{_API}/Auth/connect/token", data=form))
        return f"Bearer {told['access_token']}"
