"""Google Secret Manager as its REST reference v1 describes it, with the token endpoint of service accounts beside it."""

from __future__ import annotations

import re
from typing import Any

from tests.plugins.secrets.stubs.server import Asked, Stub, Told

_SECRETS = re.compile(r"/v1/projects/p/secrets(?:/([^/:]+))?(?:/versions/(latest))?(?::(\w+))?")


def _error(status: int, name: str) -> Told:
    return Told(status, {"error": {"code": status, "message": f"said no: {name}", "status": name}})


class SecretManager(Stub):
    def __init__(self) -> None:
        super().__init__()
        self.kept: dict[str, dict[str, Any]] = {}
        self.token = "google-token"

    def answer(self, asked: Asked) -> Told:
        if asked.path == "/token":
            assert asked.form["grant_type"] == "urn:ietf:params:oauth:grant-type:jwt-bearer"
            assert asked.form["assertion"].count(".") == 2
            return Told(200, {"access_token": self.token, "expires_in": 3599, "token_type": "Bearer"})
        if asked.headers.get("authorization") != f"Bearer {self.token}":
            return _error(401, "UNAUTHENTICATED")
        match = _SECRETS.fullmatch(asked.path)
        assert match is not None, asked.path
        name, version, verb = match.groups()
        if name is None:
            return self._page(asked) if asked.method == "GET" else self._create(asked)
        if name not in self.kept:
            return _error(404, "NOT_FOUND")
        if verb == "addVersion":
            self.kept[name]["versions"].append(asked.json["payload"]["data"])
            return Told(200, {"name": f"projects/p/secrets/{name}/versions/{len(self.kept[name]['versions'])}"})
        if version is not None:
            versions = self.kept[name]["versions"]
            if not versions:
                return _error(404, "NOT_FOUND")
            if versions[-1] is None:
                return _error(400, "FAILED_PRECONDITION")
            return Told(200, {"name": "x", "payload": {"data": versions[-1]}})
        if asked.method == "DELETE":
            del self.kept[name]
            return Told(200, {})
        if asked.method == "PATCH":
            assert asked.query["updateMask"] == "labels,annotations"
            self.kept[name].update(asked.json)
        return Told(200, self._shown(name))

    def _create(self, asked: Asked) -> Told:
        name = asked.query["secretId"]
        assert re.fullmatch(r"[A-Za-z0-9_-]{1,255}", name)
        assert asked.json["replication"] == {"automatic": {}}
        for key, text in asked.json["labels"].items():
            assert re.fullmatch(r"[a-z][a-z0-9_-]{0,62}", key) and re.fullmatch(r"[a-z0-9_-]{0,63}", text)
        if name in self.kept:
            return _error(409, "ALREADY_EXISTS")
        self.kept[name] = {"labels": asked.json["labels"], "annotations": asked.json["annotations"], "versions": []}
        return Told(200, self._shown(name))

    def _shown(self, name: str) -> dict[str, Any]:
        found = self.kept[name]
        shown = {"name": f"projects/123/secrets/{name}", "labels": found["labels"], "annotations": found["annotations"]}
        return {key: each for key, each in shown.items() if each}

    def _page(self, asked: Asked) -> Told:
        start, size = int(asked.query.get("pageToken", 0)), min(int(asked.query["pageSize"]), 20)
        names = sorted(self.kept)
        page: dict[str, Any] = {"totalSize": len(names)}
        if names[start : start + size]:
            page["secrets"] = [self._shown(name) for name in names[start : start + size]]
        if start + size < len(names):
            page["nextPageToken"] = str(start + size)
        return Told(200, page)
