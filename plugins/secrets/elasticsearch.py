"""Secrets in an index of Elasticsearch or OpenSearch, encrypted with a key that it never sees."""

from __future__ import annotations

import base64
import hashlib
import json
import os
from functools import cached_property
from typing import Any

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from pydantic import Field, SecretStr, model_validator

from plugins.secrets.port import BackendMisconfigured, Described, Place, SecretsBackend
from plugins.secrets.settings import RemoteSettings
from plugins.secrets.speaking import Answer, Speaker

_SHORTEST_KEY = 32
_NONCE = 12
_MOST = 10_000
_MAPPINGS = {
    "dynamic": False,
    "properties": {name: {"type": "keyword"} for name in ("tenant", "namespace", "key", "lookup")},
}


class ElasticsearchSettings(RemoteSettings):
    ADDRESSES = ("address", "caCertificate", "index")

    address: str
    secret: SecretStr
    """What values are encrypted with: 32 characters at least."""
    index: str = Field(default="kestra_secrets", pattern=r"^[a-z0-9][a-z0-9_.-]*$")
    username: str | None = None
    password: SecretStr | None = None
    api_key: SecretStr | None = None

    @model_validator(mode="after")
    def _has_a_long_key(self) -> ElasticsearchSettings:
        if len(self.secret.get_secret_value()) < _SHORTEST_KEY:
            raise ValueError(f"secret: must have at least {_SHORTEST_KEY} characters")
        if self.api_key is not None and self.username is not None:
            raise ValueError("say either username and password, or apiKey")
        return self


class ElasticsearchBackend(SecretsBackend):
    """A document copied to another tenant, namespace or key does not open there."""

    TYPE = "elasticsearch"
    ALIASES = ("opensearch",)
    TITLE = "Elasticsearch or OpenSearch"
    SETTINGS = ElasticsearchSettings

    def entries(self, place: Place) -> list[Described]:
        terms = [{"term": {"tenant": place.tenant}}, {"term": {"namespace": place.namespace}}]
        query = {"size": _MOST, "query": {"bool": {"filter": terms}}, "_source": ["key", "description", "tags"]}
        answer = self._ask("POST", f"/{self.settings.index}/_search", accepted=(200, 404), json=query)
        if answer.status_code == 404:
            return []
        found = [each["_source"] for each in self._speaker.json(answer)["hits"]["hits"]]
        return [Described(each["key"], each.get("description", ""), each.get("tags") or {}) for each in found]

    def get(self, place: Place, key: str) -> str | None:
        answer = self._ask("GET", self._document(place, key), accepted=(200, 404))
        if answer.status_code == 404:
            self._check_missing(answer)
            return None
        source = self._speaker.json(answer)["_source"]
        return self._opened(source["value"], place, key) if source["key"] == key else None

    def _check_missing(self, answer: Answer) -> None:
        """No document, or no index yet; anything else that is not found is no such server."""
        told = self._speaker.json(answer)
        if told.get("found") is not False and told["error"]["type"] != "index_not_found_exception":
            raise self._speaker.refusal(answer)

    def put(self, place: Place, described: Described, value: str) -> None:
        self._make_index()
        content = {
            "tenant": place.tenant,
            "namespace": place.namespace,
            "key": described.key,
            "lookup": described.key.upper(),
            "description": described.description,
            "tags": dict(described.tags),
            "value": self._sealed(value, place, described.key),
        }
        path = f"{self._document(place, described.key)}?refresh=wait_for"
        self._ask("PUT", path, accepted=(200, 201), json=content)

    def remove(self, place: Place, key: str) -> bool:
        path = f"{self._document(place, key)}?refresh=wait_for"
        return self._ask("DELETE", path, accepted=(200, 404)).status_code == 200

    def _document(self, place: Place, key: str) -> str:
        told = json.dumps([place.tenant, place.namespace, key.upper()])
        return f"/{self.settings.index}/_doc/{hashlib.sha256(told.encode()).hexdigest()}"

    def _make_index(self) -> None:
        """Its fields are compared as a whole; one that is there stays as it is."""
        if self._ask("HEAD", f"/{self.settings.index}", accepted=(200, 404)).status_code == 404:
            self._ask("PUT", f"/{self.settings.index}", accepted=(200, 400), json={"mappings": _MAPPINGS})

    @cached_property
    def _key(self) -> AESGCM:
        return AESGCM(hashlib.sha256(self.settings.secret.get_secret_value().encode()).digest())

    def _sealed(self, value: str, place: Place, key: str) -> str:
        nonce = os.urandom(_NONCE)
        return base64.b64encode(nonce + self._key.encrypt(nonce, value.encode(), _belongs_to(place, key))).decode()

    def _opened(self, text: str, place: Place, key: str) -> str:
        try:
            content = base64.b64decode(text)
            return self._key.decrypt(content[:_NONCE], content[_NONCE:], _belongs_to(place, key)).decode()
        except (ValueError, InvalidTag):
            raise BackendMisconfigured(f"'{key}' was encrypted with another key, or for another place") from None

    @cached_property
    def _speaker(self) -> Speaker:
        known: ElasticsearchSettings = self.settings
        return Speaker(known.address, self.policy, timeout=known.timeout_seconds, ca=known.ca_certificate)

    def _ask(self, method: str, path: str, **more: Any) -> Answer:
        known: ElasticsearchSettings = self.settings
        headers = {"Authorization": f"ApiKey {known.api_key.get_secret_value()}"} if known.api_key else {}
        if known.username is not None and known.password is not None:
            more["auth"] = (known.username, known.password.get_secret_value())
        return self._speaker.ask(method, path, headers=headers, **more)


def _belongs_to(place: Place, key: str) -> bytes:
    return json.dumps(["secret", place.tenant, place.namespace, key.upper()]).encode()
