"""Secrets in Azure Key Vault."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from functools import cached_property
from typing import Any
from urllib.parse import quote

from pydantic import Field, SecretStr, field_validator, model_validator

from control_plane.kernel.words.egress import EgressPolicy
from plugins.secrets.port import BackendFailed, Level, Place
from plugins.secrets.settings import Group
from plugins.secrets.speaking import Answer, Speaker, Token
from plugins.secrets.tagged import Entry, TaggedBackend, TaggedSettings, readable_name

_VERSION = "7.4"
_LOGIN = "https://login.microsoftonline.com"
_SCOPE = "https://vault.azure.net/.default"
_LONGEST_NAME = 127
_DESCRIPTION = "description"


class ServicePrincipal(Group):
    tenant_id: str = Field(pattern=r"^[0-9A-Za-z.-]+$")
    client_id: str
    client_secret: SecretStr


class AzureSettings(TaggedSettings):
    ADDRESSES = ("vaultName", "keyVaultUri", "authority", "scope", "caCertificate")

    client_secret: ServicePrincipal
    """The service principal that signs in."""
    vault_name: str | None = Field(default=None, pattern=r"^[0-9A-Za-z-]+$")
    key_vault_uri: str | None = None
    """Whole address of the vault, in place of its name."""
    authority: str = _LOGIN
    """Where principals sign in; another one in sovereign clouds."""
    scope: str = _SCOPE

    @field_validator("key_vault_uri", "authority")
    @classmethod
    def _is_an_address(cls, value: str | None) -> str | None:
        if value is not None and not value.startswith(("https://", "http://")):
            raise ValueError("must begin with https://")
        return value

    @model_validator(mode="after")
    def _names_a_vault(self) -> AzureSettings:
        if (self.vault_name is None) == (self.key_vault_uri is None):
            raise ValueError("say either vaultName or keyVaultUri")
        return self


class AzureBackend(TaggedBackend):
    """Deleted secrets stay for their recovery time over there; one that is set again meanwhile is recovered first."""

    TYPE = "azure-key-vault"
    TITLE = "Azure Key Vault"
    SETTINGS = AzureSettings

    def __init__(self, settings: Any, level: Level, policy: EgressPolicy) -> None:
        super().__init__(settings, level, policy)
        self._token = Token(self._signed_in)

    def own_name(self, place: Place, key: str) -> str:
        return readable_name(self.settings.prefix, place.tenant, place.namespace, key.upper(), longest=_LONGEST_NAME)

    def listed(self, tags: Mapping[str, str]) -> Iterator[Entry]:
        path = f"/secrets?api-version={_VERSION}&maxresults=25"
        while path:
            page = self._speaker.json(self._ask("GET", path))
            for each in page.get("value", ()):
                if each.get("attributes", {}).get("enabled", True):
                    found = dict(each.get("tags") or {})
                    yield Entry(_name_in(each["id"]), found.pop(_DESCRIPTION, ""), found)
            path = page.get("nextLink")

    def value_of(self, name: str) -> str | None:
        answer = self._ask("GET", self._path(name), accepted=(200, 404))
        if answer.status_code == 404:
            return None
        value: str | None = self._speaker.json(answer).get("value")
        return value

    def keep(self, name: str, value: str, description: str, tags: Mapping[str, str]) -> None:
        told = {**tags, **({_DESCRIPTION: description} if description else {})}
        answer = self._ask("PUT", self._path(name), accepted=(200, 409), json={"value": value, "tags": told})
        if answer.status_code == 409:
            self._ask("POST", f"/deletedsecrets/{quote(name, safe='')}/recover?api-version={_VERSION}")
            raise BackendFailed(f"{name} was deleted lately and is being recovered: try again in some seconds")

    def drop(self, name: str) -> bool:
        return self._ask("DELETE", self._path(name), accepted=(200, 404)).status_code == 200

    @staticmethod
    def _path(name: str) -> str:
        return f"/secrets/{quote(name, safe='')}?api-version={_VERSION}"

    def _ask(self, method: str, path: str, **more: Any) -> Answer:
        def ask(token: str) -> Answer:
            return self._speaker.ask(method, path, headers={"Authorization": f"Bearer {token}"}, **more)

        return self._token.using(ask)

    @cached_property
    def _speaker(self) -> Speaker:
        known: AzureSettings = self.settings
        address = known.key_vault_uri or f"https://{known.vault_name}.vault.azure.net"
        return Speaker(address, self.policy, timeout=known.timeout_seconds, ca=known.ca_certificate)

    @cached_property
    def _login(self) -> Speaker:
        known: AzureSettings = self.settings
        return Speaker(known.authority, self.policy, timeout=known.timeout_seconds, ca=known.ca_certificate)

    def _signed_in(self, _: str | None) -> tuple[str, float | None]:
        known: AzureSettings = self.settings
        form = {
            "grant_type": "client_credentials",
            "client_id": known.client_secret.client_id,
            "client_secret": known.client_secret.client_secret.get_secret_value(),
            "scope": known.scope,
        }
        answer = self._login.ask("POST", f"/{known.client_secret.tenant_id}/oauth2/v2.0/token", data=form)
        told = self._login.json(answer)
        return str(told["access_token"]), float(told.get("expires_in") or 300)


def _name_in(address: str) -> str:
    """`https://vault/secrets/NAME` and `https://vault/secrets/NAME/VERSION` name the same."""
    found = re.search(r"/secrets/([^/?]+)", address)
    return found[1] if found else address
