"""Cases that speak HTTP, against an instance that is started for the first of them, or with LIVE=1 one that runs."""

from __future__ import annotations

import atexit
import json
import os
import tempfile
from collections.abc import Mapping
from contextlib import ExitStack
from functools import cache
from pathlib import Path
from typing import Any

import httpx

from tests.bench.instance import ROOT, TENANT, running_instance
from tests.conformance.http_steps import ALSO, HttpSteps
from tests.conformance.live import Api, is_live, live_api, message_of
from tests.conformance.matchers import Matching
from tests.conformance.playing import Played
from tests.conformance.served_stage import ServedRuns
from tests.conformance.stages import Refused

KINDS = {"api", "kv_api"}
KV_NAMESPACE = "io.namespace"
KV_KEY = "my-key"
_TEXT = {"Content-Type": "text/plain"}


def run_case(case: Mapping[str, Any], folder: Path) -> None:
    """Raises AssertionError with what differs."""
    api = live_api() if is_live() else started_api()
    if case["kind"] == "kv_api":
        _check_pair(api, case)
        return
    runs = ServedRuns(api)
    runs.empty()
    played = Played(case, folder, runs, http=HttpSteps(api))
    if case.get("flow_file") or case.get("flow_source"):
        played.prepare()
    played.play()


@cache
def started_api() -> Api:
    """An instance that runs until the process ends, with the task types of corpora that a server must know."""
    held = ExitStack()
    atexit.register(held.close)
    plugins = Path(held.enter_context(tempfile.TemporaryDirectory()))
    about = plugins / "conformance-1.dist-info"
    about.mkdir()
    (about / "METADATA").write_text("Metadata-Version: 2.1\nName: conformance\nVersion: 1\n")
    (about / "entry_points.txt").write_text("[orrery.plugins]\nencrypted = tests.conformance.custom_tasks:Encrypted\n")
    paths = os.pathsep.join((str(plugins), str(ROOT), os.environ.get("PYTHONPATH", "")))
    instance = held.enter_context(running_instance(PYTHONPATH=paths))
    headers = {"Authorization": f"Bearer {instance.token}"}
    return Api(httpx.Client(base_url=f"http://127.0.0.1:{instance.port}", headers=headers, timeout=15), TENANT)


def _check_pair(api: Api, case: Mapping[str, Any]) -> None:
    """One pair of the store: written, asked for, listed or deleted."""
    namespace = case.get("namespace", KV_NAMESPACE)
    address = f"/namespaces/{namespace}/kv/{case.get('key', KV_KEY)}"
    api.ask("DELETE", f"/namespaces/{namespace}/kv/{KV_KEY}")
    if "stored_ion" in case:
        put = api.ask("PUT", address, content=case["stored_ion"], headers=_TEXT)
        if put.status_code >= 300:
            raise Refused(message_of(put))
    if case.get("steps"):
        played = Played(case, Path(), ServedRuns(api), http=HttpSteps(api))
        played.play()
        return
    method = case.get("method", "PUT" if "key" in case and "stored_ion" not in case else "GET")
    sent = {"content": str(case.get("body", "1")), "headers": _TEXT} if method in ("PUT", "POST") else {}
    _check_answer(api.ask(method, address, **sent), case["expect"])


def _check_answer(answer: httpx.Response, expect: Mapping[str, Any]) -> None:
    for name, wanted in expect.items():
        if name == "status":
            assert answer.status_code in ALSO.get(wanted, {wanted}), answer.text
        elif name in ("message", "message_contains"):
            _, _, detail = wanted.partition(": ")
            assert (detail or wanted) in message_of(answer), answer.text
        elif name == "value_json":
            shown = json.dumps(answer.json()["value"], separators=(",", ":"), ensure_ascii=False)
            assert shown == wanted, shown
        elif name in ("type", "value"):
            assert Matching().fits(answer.json().get(name), wanted), answer.text
        else:
            raise AssertionError(f"the expectation {name} of a pair is unknown")
