"""Secrets in Google Secret Manager."""

from __future__ import annotations

import base64
import binascii
import json
import os
import time
from collections.abc import Iterator, Mapping
from functools import cached_property
from pathlib import Path
from typing import Any

from pydantic import Field, SecretStr, ValidationInfo, model_validator

from control_plane.kernel.words.egress import EgressPolicy
from plugins.secrets.port import BackendMisconfigured, Level, Place
from plugins.secrets.speaking import Answer, Speaker, Token
from plugins.secrets.tagged import OUR_TAGS, Entry, TaggedBackend, TaggedSettings, readable_name

_ADDRESS = "https://secretmanager.googleapis.com"
_SCOPE = "https://www.googleapis.com/auth/cloud-platform"
_LONGEST_NAME = 255
_PAGE = 250
_DESCRIPTION = "description"
_TOKEN_SECONDS = 3600


class GoogleSettings(TaggedSettings):
    ADDRESSES = ("project", "endpoint", "caCertificate")

    project: str = Field(pattern=r"^[0-9A-Za-z:.-]+$")
    service_account: SecretStr | None = None
    """The JSON of a service account's key; the file that `GOOGLE_APPLICATION_CREDENTIALS` names when absent, for the
    operator of the instance alone."""
    endpoint: str = _ADDRESS

    @model_validator(mode="after")
    def _has_an_account(self, info: ValidationInfo) -> GoogleSettings:
        if self.service_account is not None:
            _account(self.service_account.get_secret_value())
        elif (info.context or {}).get("level", Level.INSTANCE) is not Level.INSTANCE:
            raise ValueError("serviceAccount is needed: the machine's own is the operator's alone")
        return self


class GoogleBackend(TaggedBackend):
    """What says whose a secret is lies in annotations, since labels know neither capitals nor dots; both count."""

    TYPE = "google-secret-manager"
    TITLE = "Google Secret Manager"
    SETTINGS = GoogleSettings

    def __init__(self, settings: Any, level: Level, policy: EgressPolicy) -> None:
        super().__init__(settings, level, policy)
        self._token = Token(self._signed_in)

    def own_name(self, place: Place, key: str) -> str:
        return readable_name(self.settings.prefix, place.tenant, place.namespace, key.upper(), longest=_LONGEST_NAME)

    def listed(self, tags: Mapping[str, str]) -> Iterator[Entry]:
        asked: dict[str, Any] = {"pageSize": _PAGE}
        while True:
            page = self._speaker.json(self._ask("GET", self._secrets, params=asked))
            for each in page.get("secrets", ()):
                found = {**(each.get("labels") or {}), **(each.get("annotations") or {})}
                yield Entry(each["name"].rpartition("/")[2], found.pop(_DESCRIPTION, ""), found)
            if not page.get("nextPageToken"):
                return
            asked["pageToken"] = page["nextPageToken"]

    def value_of(self, name: str) -> str | None:
        path = f"{self._secrets}/{name}/versions/latest:access"
        answer = self._ask("GET", path, accepted=(200, 400, 404))
        told = self._speaker.json(answer)
        if answer.status_code == 404 or _status(told) == "FAILED_PRECONDITION":
            return None
        if answer.status_code != 200:
            raise self._speaker.refusal(answer)
        try:
            return base64.b64decode(told["payload"]["data"]).decode()
        except (KeyError, binascii.Error, UnicodeDecodeError):
            raise BackendMisconfigured(f"The secret {name} is no text") from None

    def keep(self, name: str, value: str, description: str, tags: Mapping[str, str]) -> None:
        annotations = {**tags, **({_DESCRIPTION: description} if description else {})}
        labels = {key: text for key, text in tags.items() if key not in OUR_TAGS and _is_label(key, text)}
        new = {"replication": {"automatic": {}}, "labels": labels, "annotations": annotations}
        answer = self._ask("POST", self._secrets, accepted=(200, 409), params={"secretId": name}, json=new)
        if answer.status_code == 409:
            changed = {"labels": labels, "annotations": annotations}
            mask = {"updateMask": "labels,annotations"}
            self._ask("PATCH", f"{self._secrets}/{name}", params=mask, json=changed)
        data = base64.b64encode(value.encode()).decode()
        self._ask("POST", f"{self._secrets}/{name}:addVersion", json={"payload": {"data": data}})

    def drop(self, name: str) -> bool:
        return self._ask("DELETE", f"{self._secrets}/{name}", accepted=(200, 404)).status_code == 200

    @property
    def _secrets(self) -> str:
        return f"/v1/projects/{self.settings.project}/secrets"

    def _ask(self, method: str, path: str, **more: Any) -> Answer:
        def ask(token: str) -> Answer:
            return self._speaker.ask(method, path, headers={"Authorization": f"Bearer {token}"}, **more)

        return self._token.using(ask)

    @cached_property
    def _speaker(self) -> Speaker:
        known: GoogleSettings = self.settings
        return Speaker(known.endpoint, self.policy, timeout=known.timeout_seconds, ca=known.ca_certificate)

    @cached_property
    def _service_account(self) -> dict[str, str]:
        known: GoogleSettings = self.settings
        if known.service_account is not None:
            return _account(known.service_account.get_secret_value())
        file = os.environ.get("GOOGLE_APPLICATION_CREDENTIALS")
        try:
            return _account(Path(file or "").read_text())
        except (OSError, ValueError) as error:
            raise BackendMisconfigured(
                f"serviceAccount is needed, or GOOGLE_APPLICATION_CREDENTIALS: {error}"
            ) from None

    @cached_property
    def _login(self) -> Speaker:
        known: GoogleSettings = self.settings
        uri = self._service_account["token_uri"]
        return Speaker(uri, self.policy, timeout=known.timeout_seconds, ca=known.ca_certificate)

    def _signed_in(self, _: str | None) -> tuple[str, float | None]:
        form = {
            "grant_type": "urn:ietf:params:oauth:grant-type:jwt-bearer",
            "assertion": _assertion(self._service_account),
        }
        told = self._login.json(self._login.ask("POST", "", data=form))
        return str(told["access_token"]), float(told.get("expires_in") or 300)


def _account(text: str) -> dict[str, str]:
    """Raises ValueError for what is no key of a service account."""
    try:
        found = json.loads(text)
    except (ValueError, RecursionError):
        raise ValueError("serviceAccount is no JSON") from None
    missing = [name for name in ("client_email", "private_key", "token_uri") if not (found or {}).get(name)]
    if missing:
        raise ValueError(f"serviceAccount has no {missing[0]}")
    return {name: str(text) for name, text in found.items()}


def _assertion(account: Mapping[str, str]) -> str:
    """A statement signed with the account's key, which is exchanged for a token."""
    from joserfc import jwt
    from joserfc.jwk import RSAKey

    at = int(time.time())
    claims = {
        "iss": account["client_email"],
        "scope": _SCOPE,
        "aud": account["token_uri"],
        "iat": at,
        "exp": at + _TOKEN_SECONDS,
    }
    header = {
        "alg": "RS256",
        "typ": "JWT",
        **({"kid": account["private_key_id"]} if account.get("private_key_id") else {}),
    }
    try:
        return jwt.encode(header, claims, RSAKey.import_key(account["private_key"]))
    except ValueError:
        raise BackendMisconfigured("private_key of serviceAccount is no RSA key") from None


def _status(told: Any) -> str:
    error = told.get("error") if isinstance(told, Mapping) else None
    return str(error.get("status", "")) if isinstance(error, Mapping) else ""


def _is_label(key: str, text: str) -> bool:
    plain = key.replace("-", "").replace("_", "") + text.replace("-", "").replace("_", "")
    return len(key) <= 63 and len(text) <= 63 and plain.isalnum() and plain == plain.lower() and key[0].isalpha()
