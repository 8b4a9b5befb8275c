"""Elasticsearch as its reference describes documents, searches by terms and the making of an index."""

from __future__ import annotations

from typing import Any

from tests.plugins.secrets.stubs.server import Asked, Stub, Told


class Elasticsearch(Stub):
    def __init__(self) -> None:
        super().__init__()
        self.indices: dict[str, dict[str, dict[str, Any]]] = {}

    def answer(self, asked: Asked) -> Told:
        if asked.headers.get("authorization") != "Basic dTpwdw==":
            return Told(
                401, {"error": {"type": "security_exception", "reason": "missing authentication"}, "status": 401}
            )
        index, _, rest = asked.path.strip("/").partition("/")
        if not rest:
            return self._index(asked, index)
        if index not in self.indices:
            return Told(404, {"error": {"type": "index_not_found_exception", "reason": "no such index"}, "status": 404})
        documents = self.indices[index]
        if rest == "_search":
            terms = {
                name: text for each in asked.json["query"]["bool"]["filter"] for name, text in each["term"].items()
            }
            found = [each for each in documents.values() if all(each[name] == text for name, text in terms.items())]
            hits = [{"_source": {name: each[name] for name in asked.json["_source"]}} for each in found]
            return Told(200, {"hits": {"total": {"value": len(hits), "relation": "eq"}, "hits": hits}})
        identity = rest.removeprefix("_doc/")
        if asked.method == "PUT":
            status = 200 if identity in documents else 201
            documents[identity] = asked.json
            return Told(status, {"_id": identity, "result": "created"})
        if identity not in documents:
            return Told(404, {"_id": identity, "found": False})
        if asked.method == "DELETE":
            del documents[identity]
            return Told(200, {"_id": identity, "result": "deleted"})
        return Told(200, {"_id": identity, "found": True, "_source": documents[identity]})

    def _index(self, asked: Asked, index: str) -> Told:
        if asked.method == "HEAD":
            return Told(200 if index in self.indices else 404)
        if index in self.indices:
            return Told(400, {"error": {"type": "resource_already_exists_exception", "reason": "exists"}})
        self.indices[index] = {}
        return Told(200, {"acknowledged": True})
