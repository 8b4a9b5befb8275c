"""BeyondTrust Password Safe as its guide of the Secrets Safe API (v3) describes it: a session, and texts of a folder."""

from __future__ import annotations

import re
from typing import Any

from tests.plugins.secrets.stubs.server import Asked, Stub, Told

_API = "/BeyondTrust/api/public/v3"


class PasswordSafe(Stub):
    def __init__(self) -> None:
        super().__init__()
        self.kept: dict[str, dict[str, Any]] = {}
        self.session = "ASP.NET_SessionId=abc"
        self._count = 0

    def answer(self, asked: Asked) -> Told:
        if asked.path == f"{_API}/Auth/connect/token":
            right = {"grant_type": "client_credentials", "client_id": "id", "client_secret": "cs"}
            return Told(200, {"access_token": "t", "expires_in": 600}) if asked.form == right else Told(401)
        if asked.path == f"{_API}/Auth/SignAppin":
            if asked.headers.get("authorization") not in ("PS-Auth key=k; runas=corp\\app;", "Bearer t"):
                return Told(401, b'"Unauthorized"')
            return Told(200, {"UserId": 1}, {"set-cookie": f"{self.session}; path=/; secure; HttpOnly"})
        if asked.headers.get("cookie") != self.session:
            return Told(401, b'"Unauthorized"')
        path = asked.path.removeprefix(f"{_API}/secrets-safe")
        if path == "/secrets":
            start, size = int(asked.query["offset"]), int(asked.query["limit"])
            shown = [{key: each for key, each in item.items() if key != "Text"} for item in self.kept.values()]
            return Told(200, shown[start : start + size])
        if path == "/folders/f1/secrets/text":
            self._count += 1
            identity = f"00000000-0000-0000-0000-{self._count:012}"
            self.kept[identity] = {"Id": identity, "FolderId": "f1", **asked.json}
            return Told(201, self.kept[identity])
        match = re.fullmatch(r"/secrets/([0-9a-f-]{36})(/text)?", path)
        assert match is not None, path
        return self._one(asked, match[1])

    def _one(self, asked: Asked, identity: str) -> Told:
        if identity not in self.kept:
            return Told(404, b'"Secret was not found"')
        if asked.method == "DELETE":
            del self.kept[identity]
            return Told(200)
        if asked.method == "PUT":
            self.kept[identity].update(asked.json)
            return Told(204)
        return Told(200, self.kept[identity])
