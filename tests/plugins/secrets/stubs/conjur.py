"""Conjur as the API description of its maker tells it: authentication, resources, secrets and policies."""

from __future__ import annotations

import base64
import json
from typing import Any

import yaml

from tests.plugins.secrets.stubs.server import Asked, Stub, Told


class _Tagged:
    def __init__(self, kind: str, value: Any) -> None:
        self.kind, self.value = kind, value


class _Loader(yaml.SafeLoader):
    """Policies are YAML with tags of their own."""


def _tagged(loader: Any, kind: str, node: Any) -> _Tagged:
    if isinstance(node, yaml.MappingNode):
        return _Tagged(kind, loader.construct_mapping(node, deep=True))
    return _Tagged(kind, loader.construct_scalar(node) or {})


_Loader.add_multi_constructor("!", _tagged)


class Conjur(Stub):
    def __init__(self) -> None:
        super().__init__()
        self.variables: dict[str, dict[str, str]] = {}
        self.values: dict[str, bytes] = {}
        self.token = b'{"protected":"x","payload":"y","signature":"z"}'

    def answer(self, asked: Asked) -> Told:
        if asked.path == "/authn/acct/login":
            pair = base64.b64decode(asked.headers["authorization"].removeprefix("Basic ")).decode()
            return Told(200, b"the-api-key") if pair == "host/app:pw" else Told(401)
        if asked.raw_path == "/authn/acct/host%2Fapp/authenticate":
            return Told(200, self.token) if asked.body == b"the-api-key" else Told(401)
        if asked.headers.get("authorization") != f'Token token="{base64.b64encode(self.token).decode()}"':
            return Told(401)
        parts = asked.path.strip("/").split("/", 3)
        if parts[0] == "policies":
            return self._load(asked)
        if parts[0] == "resources":
            return self._resources(asked, parts[3] if len(parts) > 3 else None)
        return self._secret(asked, parts[3])

    def _load(self, asked: Asked) -> Told:
        assert asked.path == "/policies/acct/policy/apps"
        for each in yaml.load(asked.body, _Loader):
            if each.kind == "variable":
                self.variables[f"apps/{each.value['id']}"] = each.value.get("annotations", {})
            else:
                name = f"apps/{each.value['record'].value}"
                self.variables.pop(name)
                self.values.pop(name, None)
        return Told(201, {"created_roles": {}, "version": 1})

    def _resources(self, asked: Asked, name: str | None) -> Told:
        if name is not None:
            return Told(200, self._shown(name)) if name in self.variables else self._missing(name)
        start, count = int(asked.query["offset"]), int(asked.query["limit"])
        return Told(200, [self._shown(each) for each in sorted(self.variables)[start : start + count]])

    def _shown(self, name: str) -> dict[str, Any]:
        notes = [{"name": key, "value": text, "policy": "x"} for key, text in self.variables[name].items()]
        return {"id": f"acct:variable:{name}", "annotations": notes, "owner": "x"}

    def _secret(self, asked: Asked, name: str) -> Told:
        if asked.method == "POST":
            if name not in self.variables:
                return self._missing(name)
            self.values[name] = asked.body
            return Told(201)
        return Told(200, self.values[name]) if name in self.values else self._missing(name)

    def _missing(self, name: str) -> Told:
        return Told(404, json.dumps({"error": {"code": "not_found", "message": f"{name} not found"}}).encode())
