"""A server as the place where cases run, over HTTP: one that is started here, or with LIVE=1 one that runs already."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

import httpx

from tests.conformance.live import Api, holds_soon, message_of
from tests.conformance.seen import Seen, seen_answer
from tests.conformance.stages import FlowName, Json, Refused, Start
from tests.conformance.stored import file_content, namespace_files, stored_pairs

PATIENCE = 15.0
_YAML = {"Content-Type": "application/x-yaml"}
_OWNER = re.compile(r"/executions/(?P<id>[^/]+)/")
_PATHS = {"mark_as": "state", "force_run": "force-run", "change_status": "change-status", "resume": "resume"}


@dataclass
class ServedRuns:
    """One tenant of an instance, emptied for a case."""

    api: Api
    cut: set[str] = field(default_factory=set)

    def empty(self) -> None:
        self.api.ask("DELETE", "/executions/by-query", params={"includeNonTerminated": "true"})
        self.api.ask("DELETE", "/flows/delete/by-query")

    def lay_out(self, needs: Json, text: Callable[[str], str]) -> None:
        for (namespace, key), value in stored_pairs(needs).items():
            plain = {"content": json.dumps(value), "headers": {"Content-Type": "text/plain"}}
            self._taken(self.api.ask("PUT", f"/namespaces/{namespace}/kv/{key}", **plain))
        for namespace, files in namespace_files(needs, text).items():
            for path, content in files.items():
                sent = {"params": {"path": path}, "files": {"fileContent": (path.rpartition("/")[2], content)}}
                self._taken(self.api.ask("POST", f"/namespaces/{namespace}/files", **sent))
        for file in needs.get("storage_files") or ():
            raise Refused(
                f"a server takes no file {file['path']} of {len(file_content(file, text))} bytes from outside"
            )
        if needs.get("env"):
            raise Refused("the environment of a running server cannot be changed")

    def _taken(self, answer: httpx.Response) -> Any:
        if answer.status_code >= 300:
            raise Refused(message_of(answer))
        return answer.json() if answer.content else None

    def add(self, source: str) -> FlowName:
        made = self.api.ask("POST", "/flows", content=source, headers=_YAML)
        if made.status_code in (409, 422):
            name = (
                re.search(r"^id: *(\S+)", source, re.MULTILINE),
                re.search(r"^namespace: *(\S+)", source, re.MULTILINE),
            )
            if all(name):
                path = f"/flows/{name[1][1]}/{name[0][1]}"  # type: ignore[index] # both were found
                made = self.api.ask("PUT", path, content=source, headers=_YAML)
        shown = self._taken(made)
        return FlowName(shown["namespace"], shown["id"])

    def start(self, flow: FlowName, start: Start) -> str:
        query: list[tuple[str, str]] = [("labels", f"{key}:{value}") for key, value in start.labels.items()]
        if start.schedule_date is not None:
            query.append(("scheduleDate", str(start.schedule_date)))
        if start.revision is not None:
            query.append(("revision", str(start.revision)))
        path = f"/executions/{flow.namespace}/{flow.flow_id}"
        return str(self._taken(self.api.ask("POST", path, params=query, **parts(start.inputs)))["id"])

    def until(self, condition: Callable[[], bool], seconds: float | None) -> bool:
        return holds_soon(condition, max(seconds or PATIENCE, PATIENCE))

    def settle(self, execution_id: str | None) -> None:
        if execution_id is not None:
            self.until(lambda: self.see(execution_id).state in TERMINAL, PATIENCE)

    def rest(self, seconds: float) -> None:
        holds_soon(lambda: False, seconds)

    def see(self, execution_id: str) -> Seen:
        if not self.exists(execution_id):
            raise Refused(f"there is no execution {execution_id}")
        return self.api.see(execution_id)

    def exists(self, execution_id: str) -> bool:
        return self.api.ask("GET", f"/executions/{execution_id}").status_code == 200

    def all(self) -> Sequence[Seen]:
        query = {"size": "100", "sort": "state.startDate:asc"}
        found = self._taken(self.api.ask("GET", "/executions/search", params=query))
        return [self.see(each["id"]) for each in found["results"]]

    def act(self, name: str, execution_id: str, asked: Json) -> Seen:
        """A server does what it tells: `emit: false` makes no difference here."""
        path = f"/executions/{execution_id}/actions/{_PATHS.get(name, name)}"
        method, sent = "POST", self._sent(name, asked)
        if name == "kill":
            method = "DELETE"
        shown = self._taken(self.api.ask(method, path, **sent))
        is_whole = isinstance(shown, dict) and "state" in shown
        return seen_answer(shown) if is_whole else self.see(execution_id)

    def _sent(self, name: str, asked: Json) -> dict[str, Any]:
        if name in ("mark_as", "change_status"):
            body = {"state": asked["state"], "status": asked["state"]}
            return {"json": {**body, "taskRunId": asked["run_id"]} if "run_id" in asked else body}
        if name == "labels":
            return {"json": [{"key": key, "value": value} for key, value in asked["labels"].items()]}
        if name == "resume":
            return parts(asked.get("inputs") or {})
        query = {"revision": asked.get("revision"), "taskRunId": asked.get("run_id")}
        return {"params": {key: str(value) for key, value in query.items() if value is not None}}

    def aside_name(self, shown: Seen) -> str:
        return shown.id

    def delete(self, execution_id: str, asked: Json) -> None:
        wanted = {"deleteLogs": "logs", "deleteMetrics": "metrics", "deleteStorage": "storage"}
        query = {name: str(asked.get(key, True)).lower() for name, key in wanted.items()}
        self._taken(self.api.ask("DELETE", f"/executions/{execution_id}", params=query))

    def skip(self, execution_id: str) -> None:
        raise Refused("a running server skips what its settings say")

    def clear_cache(self, flow: FlowName) -> None:
        raise Refused(f"a server keeps the cache of {flow.flow_id} to itself")

    def evaluate(self, execution_id: str, run_id: str, expression: str) -> Any:
        path = f"/executions/{execution_id}/actions/eval/{run_id}"
        answer = self._taken(self.api.ask("POST", path, content=expression, headers={"Content-Type": "text/plain"}))
        if answer.get("error"):
            raise Refused(answer["error"])
        return answer.get("result")

    def put_file(self, name: str, content: bytes) -> str:
        raise Refused("a server takes files with a form alone")

    def read(self, uri: str) -> bytes:
        owner = _OWNER.search(uri)
        if owner is None:
            raise Refused(f"no execution owns {uri}")
        answer = self.api.ask("GET", f"/executions/{owner['id']}/file", params={"path": uri})
        if answer.status_code >= 300:
            raise Refused(message_of(answer))
        return answer.content

    def open_secret(self, value: Any) -> Any:
        raise Refused("a server keeps its key to itself")

    def now(self) -> datetime:
        return datetime.now(UTC)


TERMINAL = frozenset({"SUCCESS", "WARNING", "FAILED", "KILLED", "CANCELLED", "SKIPPED", "RETRIED"})


def parts(values: Mapping[str, Any]) -> dict[str, Any]:
    """Values as parts of a multipart form; files keep their names, a null is left out."""
    found: dict[str, Any] = {}
    for name, value in values.items():
        if hasattr(value, "content"):
            found[name] = (value.name, value.content)
        elif value is not None:
            found[name] = (None, value if isinstance(value, str) else json.dumps(value))
    return {"files": found} if found else {}
