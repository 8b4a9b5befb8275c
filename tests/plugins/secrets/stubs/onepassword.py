"""1Password Connect as the API reference of its maker describes it: items of a vault, listed without their fields."""

from __future__ import annotations

import re
from typing import Any

from tests.plugins.secrets.stubs.server import Asked, Stub, Told


class Connect(Stub):
    def __init__(self) -> None:
        super().__init__()
        self.kept: dict[str, dict[str, Any]] = {}
        self.token = "connect-token"
        self._count = 0

    def answer(self, asked: Asked) -> Told:
        if asked.headers.get("authorization") != f"Bearer {self.token}":
            return Told(401, {"status": 401, "message": "Invalid token signature"})
        match = re.fullmatch(r"/v1/vaults/v1/items(?:/([a-z0-9]{26}))?", asked.path)
        if match is None:
            return Told(404, {"status": 404, "message": "vault not found"})
        if match[1] is None:
            return self._make(asked) if asked.method == "POST" else self._listed(asked)
        if match[1] not in self.kept:
            return Told(404, {"status": 404, "message": "item not found"})
        if asked.method == "DELETE":
            del self.kept[match[1]]
            return Told(204)
        if asked.method == "PUT":
            assert asked.json["id"] == match[1]
            self.kept[match[1]] = asked.json
        return Told(200, self.kept[match[1]])

    def _make(self, asked: Asked) -> Told:
        assert asked.json["category"] == "PASSWORD" and asked.json["vault"] == {"id": "v1"}
        self._count += 1
        identity = f"item{self._count:022}"
        self.kept[identity] = {**asked.json, "id": identity}
        return Told(200, self.kept[identity])

    def _listed(self, asked: Asked) -> Told:
        items = list(self.kept.values())
        if "filter" in asked.query:
            match = re.fullmatch(r'title eq "(.*)"', asked.query["filter"])
            assert match is not None
            wanted = match[1].replace('\\"', '"').replace("\\\\", "\\")
            items = [each for each in items if each["title"] == wanted]
        return Told(200, [{key: each for key, each in item.items() if key != "fields"} for item in items])
