"""Delinea Secret Server as its REST reference describes it: the token, the search, the stub and the secret."""

from __future__ import annotations

import re
from typing import Any

from tests.plugins.secrets.stubs.server import Asked, Stub, Told


def _fields(value: str = "", notes: str = "") -> list[dict[str, Any]]:
    return [
        {"fieldName": "Username", "slug": "username", "itemValue": "", "isFile": False},
        {"fieldName": "Password", "slug": "password", "itemValue": value, "isFile": False},
        {"fieldName": "Notes", "slug": "notes", "itemValue": notes, "isFile": False},
    ]


class SecretServer(Stub):
    def __init__(self) -> None:
        super().__init__()
        self.kept: dict[int, dict[str, Any]] = {}
        self.token = "delinea-token"
        self._count = 0

    def answer(self, asked: Asked) -> Told:
        if asked.path == "/oauth2/token":
            right = {"grant_type": "password", "username": "u", "password": "pw"}
            if asked.form != right:
                return Told(400, {"error": "Login failed."})
            return Told(200, {"access_token": self.token, "token_type": "bearer", "expires_in": 1199})
        if asked.headers.get("authorization") != f"Bearer {self.token}":
            return Told(401, {"message": "Authentication failed."})
        if asked.path == "/api/v1/secrets/stub":
            template = int(asked.query["filter.secretTemplateId"])
            return Told(200, {"id": 0, "name": "", "secretTemplateId": template, "siteId": 1, "items": _fields()})
        if asked.path == "/api/v1/secrets":
            return self._make(asked) if asked.method == "POST" else self._page(asked)
        match = re.fullmatch(r"/api/v1/secrets/(\d+)", asked.path)
        assert match is not None, asked.path
        identity = int(match[1])
        if identity not in self.kept:
            return Told(400, {"errorCode": "API_AccessDenied", "message": "Access Denied"})
        if asked.method == "DELETE":
            del self.kept[identity]
            return Told(200, {"id": identity, "objectType": "Secret"})
        if asked.method == "PUT":
            self.kept[identity] = {**asked.json, "id": identity}
        return Told(200, self.kept[identity])

    def _make(self, asked: Asked) -> Told:
        assert asked.json["folderId"] == 7 and asked.json["secretTemplateId"] == 2
        self._count += 1
        self.kept[self._count] = {**asked.json, "id": self._count}
        return Told(200, self.kept[self._count])

    def _page(self, asked: Asked) -> Told:
        start, size = int(asked.query["skip"]), min(int(asked.query["take"]), 10)
        text = asked.query.get("filter.searchText", "").lower()
        found = [each for _, each in sorted(self.kept.items()) if text in each["name"].lower()]
        records = [{"id": each["id"], "name": each["name"], "folderId": 7} for each in found[start : start + size]]
        return Told(
            200,
            {"records": records, "hasNext": start + size < len(found), "nextSkip": start + size, "total": len(found)},
        )
