"""Names of another tenant at the endpoints that wait: streams, the live socket, and what a job may ask for."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from typing import Any
from urllib.parse import quote, urlencode

import pytest

from control_plane.embedded.valkey import Valkey
from control_plane.kernel.api.schema import STREAMS
from executions.services.starting import start_execution
from tests.architecture.test_twins import MARK, fingerprint, nobodys
from tests.architecture.twins import Twin, make_twin
from tests.architecture.wire import Told, send
from tests.cast import ACME, GLOBEX, Cast, make_cast
from tests.executions.ground import FakeWorker
from tests.executions.live.test_consumers import Browser
from workers.runtime.protocol import BASE, Job

pytestmark = pytest.mark.django_db
NOWHERE = "nobody"  # as long as the name of the other
TOPICS = ("execution", "logs")
_REQUEST = re.compile(r'(?<="requestId":")[^"]*')


@pytest.fixture
def cast(valkey: Valkey) -> Cast:
    return make_cast()


@pytest.fixture
def own(cast: Cast) -> Twin:
    return make_twin(ACME, "zqown", cast.olga)


@pytest.fixture
def theirs(cast: Cast, own: Twin) -> Twin:
    return make_twin(GLOBEX, MARK, cast.otto)


def stream_paths() -> list[str]:
    return [stream.path for stream in STREAMS]


def at(path: str, tenant: str, twin: Twin) -> str:
    return path.replace("{tenant}", tenant).replace("{executionId}", twin.slots["execution_id"])


def masked(told: Told, twin: Twin) -> str:
    return _REQUEST.sub("_", str(told).replace(twin.slots["execution_id"], "_"))


def test_a_foreign_stream_is_one_of_nothing(cast: Cast, own: Twin, theirs: Twin):
    nobody = nobodys(theirs)
    for path in stream_paths():
        assert send("GET", at(path, ACME, own), who=cast.olga).status == 200, path
        foreign = send("GET", at(path, ACME, theirs), who=cast.olga)
        assert foreign.status == 404 and MARK not in str(foreign), path
        assert masked(foreign, theirs) == masked(send("GET", at(path, ACME, nobody), who=cast.olga), nobody), path
        inside = send("GET", at(path, GLOBEX, theirs), who=cast.olga)
        beside = send("GET", at(path, NOWHERE, theirs), who=cast.olga)
        assert inside.status == 404 and masked(inside, theirs).replace(GLOBEX, NOWHERE) == masked(beside, theirs)
        assert send("GET", at(path, ACME, own)).status == 401


def test_a_start_by_names_of_the_other_starts_nothing(cast: Cast, own: Twin, theirs: Twin):
    before = fingerprint(GLOBEX)
    names = f"{theirs.slots['namespace']}/{theirs.slots['flow_id']}"
    assert send("POST", f"/api/v1/acme/executions/{names}", who=cast.olga).status == 404
    assert send("POST", f"/api/v1/globex/executions/{names}", who=cast.olga).status == 404
    assert fingerprint(GLOBEX) == before


@pytest.fixture
def browser(cast: Cast) -> Iterator[Browser]:
    opened = Browser(cast.olga.token)
    yield opened
    opened.close()


def test_the_live_socket_tells_nothing_of_the_other(cast: Cast, own: Twin, theirs: Twin, browser: Browser):
    assert browser.next()["type"] == "websocket.accept"
    heard: dict[str, list[Any]] = {}
    for topic in TOPICS:
        for twin in (own, theirs, nobodys(theirs)):
            browser.say(type="subscribe", id=topic, topic=topic, executionId=twin.slots["execution_id"])
            told = browser.next()
            told["message"] = told.get("message", "").replace(twin.slots["execution_id"], "_")
            heard.setdefault(topic, []).append(told)
            if told["type"] == "state":
                assert browser.until("end")
    for topic, (mine, foreign, absent) in heard.items():
        assert mine["type"] == "state", topic
        assert foreign == absent and foreign["code"] == "not_found", topic


def test_the_live_list_tells_nothing_of_the_other(cast: Cast, own: Twin, theirs: Twin, browser: Browser):
    assert browser.next()["type"] == "websocket.accept"
    browser.say(type="subscribe", id="1", topic="executions")
    first = browser.next()
    assert first["type"] == "state" and MARK not in json.dumps(first)
    for twin in (theirs, own):
        names = {"namespace": twin.slots["namespace"], "flow_id": twin.slots["flow_id"]}
        start_execution(twin.owner.context(twin.tenant), **names)
    assert MARK not in json.dumps(browser.next())


def test_a_socket_of_the_other_tenant_is_not_opened(cast: Cast, own: Twin):
    answers = []
    for tenant in (GLOBEX, NOWHERE):
        browser = Browser(cast.olga.token, tenant)
        answers.append(browser.next())
        browser.close()
    assert answers[0] == answers[1] and answers[0]["type"] == "websocket.close"


# What a job asks, with the names of a twin in it. Both twins have a value under each name.
def asking(twin: Twin) -> dict[str, tuple[str, str, str, Any]]:
    namespace, key = twin.slots["namespace"], twin.slots["key"]
    secret = f"{twin.mark}-secret".upper().replace("-", "_")

    def call(service: str, method: str, **arguments: Any) -> tuple[str, str, str, Any]:
        return "POST", f"services/{service}", "", {"method": method, "arguments": arguments}

    return {
        "file": ("GET", "files", urlencode({"uri": twin.file}), None),
        "file size": call("storage", "size", uri=twin.file),
        "file is there": call("storage", "exists", uri=twin.file),
        "delete file": call("storage", "delete", uri=twin.file),
        "namespace file": ("GET", "namespace-files", urlencode({"path": "a.txt", "namespace": namespace}), None),
        "write namespace file": ("PUT", "namespace-files", urlencode({"path": "a.txt", "namespace": namespace}), "x"),
        "namespace files": call("files", "list", namespace=namespace),
        "value": call("kv", "find", key=key, namespace=namespace),
        "inherited value": call("kv", "find", key=key),
        "values": call("kv", "keys", namespace=namespace),
        "set value": call("kv", "put", key=key, value="x", namespace=namespace),
        "secret": call("secrets", "read", key=secret, namespace=namespace),
        "own secret": call("secrets", "read", key=secret),
        "token": call("secrets", "credential", name=f"{twin.mark}-credential"),
        "logs": call("logs", "fetch", execution_id=twin.slots["execution_id"]),
    }


@pytest.fixture
def job(cast: Cast, own: Twin, theirs: Twin) -> Job:
    """Runs in Acme."""
    start_execution(cast.olga.context(ACME), namespace=own.slots["namespace"], flow_id=own.slots["flow_id"])
    (claimed,) = FakeWorker().claim()
    assert claimed.tenant == ACME
    return claimed


def asked(job: Job, address: str, question: tuple[str, str, str, Any]) -> Told:
    method, path, query, body = question
    sent = json.dumps(body).encode() if body is not None else b""
    return send(method, f"{BASE}jobs/{address}/{path}", query=query, body=sent, authorization=f"Bearer {job.token}")


def test_a_job_reaches_nothing_of_another_tenant(cast: Cast, own: Twin, theirs: Twin, job: Job):
    before, nobody = fingerprint(GLOBEX), nobodys(theirs)
    positive = 0
    for name, question in asking(theirs).items():
        mine = asked(job, job.id, asking(own)[name])
        foreign, absent = asked(job, job.id, question), asked(job, job.id, asking(nobody)[name])
        positive += mine.status == 200
        assert "kept" not in str(foreign) and "hidden" not in str(foreign) and "in,a,file" not in str(foreign), name
        assert words(foreign, theirs) == words(absent, nobody), name
        assert foreign.status < 500, name
    assert positive > 8
    assert fingerprint(GLOBEX) == before
    assert send("GET", file_of(theirs), who=cast.otto, query=f"path={quote(theirs.file)}").status == 200


def words(told: Told, twin: Twin) -> str:
    text = str(told)
    for value in sorted([twin.file, *twin.slots.values(), twin.mark, twin.mark.upper()], key=len, reverse=True):
        text = text.replace(value, "_")
    return text


def file_of(twin: Twin) -> str:
    return f"/api/v1/{twin.tenant}/executions/{twin.slots['execution_id']}/file"


def test_one_name_in_two_tenants_is_two_things(cast: Cast, own: Twin, theirs: Twin, job: Job):
    """The same namespace, key and path: each tenant's own."""
    for who, tenant, value in ((cast.olga, ACME, '"mine"'), (cast.otto, GLOBEX, '"theirs"')):
        path = f"/api/v1/{tenant}/namespaces/{own.slots['namespace']}/kv/same"
        assert send("PUT", path, who=who, body=value.encode(), kind="text/plain").status == 200
    question = "POST", "services/kv", "", {"method": "find", "arguments": {"key": "same"}}
    told = asked(job, job.id, question)
    assert told.status == 200 and b"mine" in told.body and b"theirs" not in told.body


def test_a_jobs_token_opens_no_other_job(cast: Cast, own: Twin, theirs: Twin, job: Job):
    start_execution(cast.otto.context(GLOBEX), namespace=theirs.slots["namespace"], flow_id=theirs.slots["flow_id"])
    (other,) = FakeWorker().claim()
    assert other.tenant == GLOBEX
    forged = job.id.replace(ACME, GLOBEX, 1)
    for name, question in asking(theirs).items():
        for address in (other.id, forged, f"{GLOBEX}.{job.id.partition('.')[2]}"):
            told = asked(job, address, question)
            assert told.status == 401, (name, address, told)
        assert asked(other, other.id, question).status != 401, name


def test_a_jobs_token_opens_nothing_else(cast: Cast, own: Twin, job: Job):
    for path in ("/api/v1/me", "/api/v1/acme/flows/search", "/api/v1/acme/kv", f"{BASE}orders", file_of(own)):
        assert send("GET", path, authorization=f"Bearer {job.token}").status in (401, 404), path


# Ways to write the address of a file so that it leads out of one's own place.
FORMS = (
    "kestra:///../{tenant}/{rest}",
    "kestra:///{rest}/../../{tenant}",
    "kestra:///..%2f{tenant}/{rest}",
    "kestra:///%2e%2e/{tenant}/{rest}",
    "kestra://{tenant}/{rest}",
    "kestra:////{tenant}/{rest}",
    "kestra:///{tenant}/{rest}",
    "kestra:///./{rest}",
    "KESTRA:///{rest}",
    "file:///{tenant}/{rest}",
    "nsfile://{tenant}/{rest}",
    "nsfile:///../../{tenant}/{rest}",
    "/{tenant}/{rest}",
    "../{tenant}/{rest}",
)


@pytest.mark.parametrize("form", FORMS)
def test_no_form_of_a_files_address_leads_out(cast: Cast, own: Twin, theirs: Twin, job: Job, form: str):
    uri = form.format(tenant=GLOBEX, rest=theirs.file.removeprefix("kestra:///"))
    for told in (
        send("GET", file_of(own), who=cast.olga, query=urlencode({"path": uri})),
        asked(job, job.id, ("GET", "files", urlencode({"uri": uri}), None)),
    ):
        assert 400 <= told.status < 500 and "in,a,file" not in str(told), told
