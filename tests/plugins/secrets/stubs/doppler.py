"""Doppler as its API reference (v3, secrets of a config) describes it, and as its own command line asks it."""

from __future__ import annotations

import re

from tests.plugins.secrets.stubs.server import Asked, Stub, Told


class Doppler(Stub):
    def __init__(self) -> None:
        super().__init__()
        self.kept: dict[str, str | None] = {
            "DOPPLER_PROJECT": "p",
            "DOPPLER_CONFIG": "dev",
            "DOPPLER_ENVIRONMENT": "dev",
        }
        self.token = "dp.st.dev.token"

    def answer(self, asked: Asked) -> Told:
        if asked.headers.get("authorization") != f"Bearer {self.token}":
            return Told(401, {"messages": ["Invalid Service token"], "success": False})
        if asked.path == "/v3/configs/config/secrets/names":
            return Told(200, {"names": sorted(self.kept), "success": True})
        if asked.path == "/v3/configs/config/secrets" and asked.method == "POST":
            for change in asked.json["change_requests"]:
                assert re.fullmatch(r"[A-Z_][A-Z0-9_]*", change["name"]), change["name"]
                self.kept[change["name"]] = change["value"]
            return Told(200, {"secrets": {}, "success": True})
        assert asked.path == "/v3/configs/config/secret" and asked.query["project"] == "p"
        name = asked.query["name"]
        if name not in self.kept:
            return Told(404, {"messages": [f"Could not find requested secret: {name}"], "success": False})
        if asked.method == "DELETE":
            del self.kept[name]
            return Told(204)
        value = self.kept[name]
        return Told(200, {"name": name, "value": {"raw": value, "computed": value}, "success": True})
