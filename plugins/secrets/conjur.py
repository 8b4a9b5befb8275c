"""Secrets in CyberArk Conjur: variables of a policy."""

from __future__ import annotations

import base64
import json
from collections.abc import Mapping
from functools import cached_property
from typing import Any
from urllib.parse import quote

from pydantic import Field, SecretStr, model_validator

from control_plane.kernel.words.egress import EgressPolicy
from plugins.secrets.named import Item, NamedBackend, NamedSettings
from plugins.secrets.port import Described, Level
from plugins.secrets.speaking import Answer, Speaker, Token

_PAGE = 1000
_TOKEN_SECONDS = 8 * 60.0
_DESCRIPTION = "description"


class ConjurSettings(NamedSettings):
    ADDRESSES = ("address", "caCertificate")

    address: str
    account: str = Field(default="default", pattern=r"^[^/:]+$")
    username: str
    """A user, or a host as `host/app`."""
    password: SecretStr | None = None
    """Of a user; it is exchanged for the key of their API."""
    api_key: SecretStr | None = None
    policy: str = "root"
    """The policy that variables are made in. Names are told below it."""

    @model_validator(mode="after")
    def _one_way_in(self) -> ConjurSettings:
        if (self.password is None) == (self.api_key is None):
            raise ValueError("say either password or apiKey")
        return self


class ConjurBackend(NamedBackend):
    TYPE = "cyberark"
    ALIASES = ("conjur",)
    TITLE = "CyberArk Conjur"
    SETTINGS = ConjurSettings

    def __init__(self, settings: Any, level: Level, policy: EgressPolicy) -> None:
        super().__init__(settings, level, policy)
        self._token = Token(self._signed_in)

    def items(self, beginning: str) -> list[Item]:
        found: list[Item] = []
        while True:
            page = {"limit": _PAGE, "offset": len(found)}
            told = self._speaker.json(self._ask("GET", f"/resources/{self._account}/variable", params=page))
            found += [self._item(each) for each in told]
            if len(told) < _PAGE:
                return found

    def item(self, name: str) -> Item | None:
        path = f"/resources/{self._account}/variable/{quote(self._below_policy + name, safe='')}"
        answer = self._ask("GET", path, accepted=(200, 404))
        return self._item(self._speaker.json(answer)) if answer.status_code == 200 else None

    def _item(self, told: Mapping[str, Any]) -> Item:
        """`account:variable:policy/name` is called `name` here."""
        identity = str(told["id"]).split(":", 2)[2]
        notes = {each["name"]: str(each.get("value", "")) for each in told.get("annotations") or ()}
        name = identity.removeprefix(self._below_policy) if identity.startswith(self._below_policy) else f"/{identity}"
        return Item(identity, name, notes.pop(_DESCRIPTION, ""), notes)

    def value_of(self, item: Item) -> str | None:
        path = f"/secrets/{self._account}/variable/{quote(item.id, safe='')}"
        answer = self._ask("GET", path, accepted=(200, 404))
        return answer.content.decode() if answer.status_code == 200 else None

    def create(self, name: str, described: Described, value: str) -> None:
        self._make(name, described)
        path = f"/secrets/{self._account}/variable/{quote(self._below_policy + name, safe='')}"
        self._ask("POST", path, accepted=(200, 201), content=value.encode())

    def change(self, item: Item, described: Described, value: str) -> None:
        """Notes that are gone are only forgotten when the variable is made anew, and its value with them."""
        notes = {**described.tags, **({_DESCRIPTION: described.description} if described.description else {})}
        had = {**item.tags, **({_DESCRIPTION: item.description} if item.description else {})}
        if notes != had:
            self.drop(item)
        self.create(item.name, described, value)

    def drop(self, item: Item) -> None:
        name = item.id.removeprefix(self._below_policy)
        self._load("PATCH", f"- !delete\n  record: !variable {json.dumps(name)}\n")

    def _make(self, name: str, described: Described) -> None:
        notes = {**described.tags, **({_DESCRIPTION: described.description} if described.description else {})}
        lines = [f"- !variable\n  id: {json.dumps(name)}\n"]
        if notes:
            lines.append("  annotations:\n")
            lines += [f"    {json.dumps(key)}: {json.dumps(text)}\n" for key, text in notes.items()]
        self._load("POST", "".join(lines))

    def _load(self, method: str, policy: str) -> None:
        """JSON texts are texts of YAML too, so nothing in a name can become a statement."""
        path = f"/policies/{self._account}/policy/{quote(self.settings.policy, safe='')}"
        self._ask(method, path, accepted=(200, 201), content=policy.encode())

    @property
    def _account(self) -> str:
        return quote(self.settings.account, safe="")

    @property
    def _below_policy(self) -> str:
        return "" if self.settings.policy == "root" else f"{self.settings.policy}/"

    @cached_property
    def _speaker(self) -> Speaker:
        known: ConjurSettings = self.settings
        return Speaker(known.address, self.policy, timeout=known.timeout_seconds, ca=known.ca_certificate)

    def _ask(self, method: str, path: str, **more: Any) -> Answer:
        def ask(token: str) -> Answer:
            return self._speaker.ask(method, path, headers={"Authorization": f'Token token="{token}"'}, **more)

        return self._token.using(ask)

    def _signed_in(self, _: str | None) -> tuple[str, float | None]:
        known: ConjurSettings = self.settings
        key = known.api_key.get_secret_value() if known.api_key else self._key_of_user()
        path = f"/authn/{self._account}/{quote(known.username, safe='')}/authenticate"
        answer = self._speaker.ask("POST", path, content=key.encode(), headers={"Content-Type": "text/plain"})
        return base64.b64encode(answer.content).decode(), _TOKEN_SECONDS

    def _key_of_user(self) -> str:
        known: ConjurSettings = self.settings
        assert known.password is not None
        pair = (known.username, known.password.get_secret_value())
        return self._speaker.ask("GET", f"/authn/{self._account}/login", auth=pair).text
