"""Azure Key Vault as its REST reference for secrets describes it (api-version 7.4), with the token endpoint beside it."""

from __future__ import annotations

import re
from typing import Any
from uuid import uuid4

from tests.plugins.secrets.stubs.server import Asked, Stub, Told


class KeyVault(Stub):
    def __init__(self) -> None:
        super().__init__()
        self.kept: dict[str, dict[str, Any]] = {}
        self.deleted: dict[str, dict[str, Any]] = {}
        self.token = "azure-token"

    def answer(self, asked: Asked) -> Told:
        if asked.path.endswith("/oauth2/v2.0/token"):
            assert asked.form["grant_type"] == "client_credentials" and asked.form["client_secret"] == "s3cret"
            return Told(200, {"token_type": "Bearer", "expires_in": 3599, "access_token": self.token})
        if asked.headers.get("authorization") != f"Bearer {self.token}":
            return Told(401, {"error": {"code": "Unauthorized", "message": "AKV10000: Request is missing a token."}})
        if "api-version" not in asked.query:
            return Told(400, {"error": {"code": "BadParameter", "message": "api-version must be specified"}})
        parts = asked.path.strip("/").split("/")
        if parts == ["secrets"]:
            return self._page(asked)
        if parts[0] == "deletedsecrets" and parts[2:] == ["recover"]:
            self.kept[parts[1].lower()] = self.deleted.pop(parts[1].lower())
            return Told(200, {"id": f"{self.address}/secrets/{parts[1]}"})
        return self._one(asked, parts[1])

    def _page(self, asked: Asked) -> Told:
        start, size = int(asked.query.get("$skiptoken", 0)), int(asked.query.get("maxresults", 25))
        names = sorted(self.kept)
        shown = [{key: each for key, each in self.kept[name].items() if key != "value"} for name in names]
        link = f"{self.address}/secrets?api-version=7.4&maxresults={size}&$skiptoken={start + size}"
        more = start + size < len(names)
        return Told(200, {"value": shown[start : start + size], "nextLink": link if more else None})

    def _one(self, asked: Asked, name: str) -> Told:
        key = name.lower()
        if asked.method == "PUT":
            if not re.fullmatch(r"[0-9a-zA-Z-]{1,127}", name):
                return Told(400, {"error": {"code": "BadParameter", "message": "an invalid name"}})
            if key in self.deleted:
                return Told(409, {"error": {"code": "Conflict", "message": "ObjectIsDeletedButRecoverable"}})
            self.kept[key] = {
                "id": f"{self.address}/secrets/{name}",
                "value": asked.json["value"],
                "attributes": {"enabled": True},
                "tags": asked.json.get("tags") or {},
            }
            return Told(200, {**self.kept[key], "id": f"{self.address}/secrets/{name}/{uuid4().hex}"})
        if key not in self.kept:
            return Told(404, {"error": {"code": "SecretNotFound", "message": f"{name} was not found"}})
        if asked.method == "DELETE":
            self.deleted[key] = self.kept.pop(key)
            return Told(200, {"recoveryId": f"{self.address}/deletedsecrets/{name}"})
        return Told(200, self.kept[key])
