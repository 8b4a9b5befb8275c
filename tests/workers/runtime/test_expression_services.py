"""What expressions may ask of the world: each question goes to the store of the job, each failure has its words."""

from __future__ import annotations

import contextlib
import io
import json
from collections.abc import Iterator
from typing import Any, BinaryIO

import httpx
import pytest

from control_plane.kernel.words.errors import Forbidden
from flows.expressions import ServiceError, UndefinedError
from plugins.contracts import PluginError
from workers.runtime import expression_services
from workers.runtime.expression_services import MAX_READ_BYTES, JobServices


class FakeStores:
    """Answers by (service, method); remembers what it was asked."""

    def __init__(self, **answers: Any) -> None:
        self.answers = answers
        self.asked: list[tuple[str, dict[str, Any]]] = []
        self.files: dict[str, bytes] = {}
        self.answer: httpx.Response | Exception = httpx.Response(200)
        self.waited: list[float] = []
        self.must_stop = False

    def call(self, service: str, method: str, arguments: dict[str, Any]) -> Any:
        self.asked.append((f"{service}.{method}", arguments))
        answer = self.answers[f"{service}_{method}"]
        if isinstance(answer, Exception):
            raise answer
        if callable(answer):
            return answer()
        return answer

    def wait(self, seconds: float) -> bool:
        self.waited.append(seconds)
        return self.must_stop

    def download(self, route: str, query: dict[str, Any]) -> BinaryIO:
        return self.open(path=query["uri"])

    def service(self, name: str) -> Any:
        return self

    def open(self, *, path: str, namespace: str | None = None) -> BinaryIO:
        if path not in self.files:
            raise PluginError(f"There is no file {path}")
        return io.BytesIO(self.files[path])

    @contextlib.contextmanager
    def client(self, timeout: float) -> Iterator[FakeStores]:
        yield self

    def request(self, method: str, uri: str, **given: Any) -> httpx.Response:
        self.asked.append((f"{method} {uri}", given))
        if isinstance(self.answer, Exception):
            raise self.answer
        return self.answer


def services(stores: FakeStores, seen: list[str] | None = None) -> JobServices:
    return JobServices(stores, (seen if seen is not None else []).extend, "company.team")  # type: ignore[arg-type]


def test_a_secret_is_seen_by_whoever_hides_it():
    seen: list[str] = []
    assert services(FakeStores(secrets_read="s3cret-value"), seen).secret("KEY") == "s3cret-value"
    assert seen == ["s3cret-value"]


def test_a_secret_that_an_attempt_names_again_is_asked_for_once():
    stores = FakeStores(secrets_read=iter(["first", "second", "third"]).__next__)
    port = services(stores)
    assert [port.secret(key) for key in ("KEY", "key", "KEY")] == ["first"] * 3
    assert port.secret("KEY", namespace="other") == "second"
    assert services(stores).secret("KEY") == "third"


def test_one_that_could_not_be_read_is_asked_for_again():
    answers = iter([PluginError("it sleeps"), "v"])

    def answer():
        found = next(answers)
        if isinstance(found, Exception):
            raise found
        return found

    port = services(FakeStores(secrets_read=answer))
    with pytest.raises(ServiceError, match="it sleeps"):
        port.secret("KEY")
    assert port.secret("KEY") == "v"


def test_an_entry_of_a_secret_is_hidden_too():
    seen: list[str] = []
    stores = FakeStores(secrets_read=json.dumps({"user": "bob-the-user", "port": 5432}))
    port = services(stores, seen)
    assert port.secret("KEY", subkey="user") == "bob-the-user"
    assert port.secret("KEY", subkey="port") == "5432"
    assert {"bob-the-user", "5432"} <= set(seen)


@pytest.mark.parametrize("value", ["no json", "[1]", "1", '{"other": 1}'])
def test_an_entry_that_a_secret_does_not_have_is_named(value):
    with pytest.raises(ServiceError, match="`KEY` has no entry `user`"):
        services(FakeStores(secrets_read=value)).secret("KEY", subkey="user")


def test_a_credential_is_hidden_like_a_secret():
    seen: list[str] = []
    stores = FakeStores(secrets_credential={"token": "a-token"})
    assert services(stores, seen).credential("git") == "a-token"
    assert seen == ["a-token"]


def test_a_credential_that_is_being_asked_for_is_waited_for():
    answers = iter([{"wait": 0.5, "why": ""}, {"wait": 2.0, "why": "it answered 503"}, {"token": "a-token"}])
    stores = FakeStores(secrets_credential=lambda: next(answers))
    assert services(stores).credential("git") == "a-token"
    assert stores.waited == [0.5, 2.0]


def test_a_credential_is_not_waited_for_by_a_job_that_must_stop():
    stores = FakeStores(secrets_credential={"wait": 0.5, "why": "it answered 503"})
    stores.must_stop = True
    with pytest.raises(ServiceError, match="The credential `git` gives no token: it answered 503"):
        services(stores).credential("git")


def test_a_credential_is_not_waited_for_without_end(monkeypatch):
    monkeypatch.setattr(expression_services, "CREDENTIAL_SECONDS", 0.0)
    stores = FakeStores(secrets_credential={"wait": 0.5, "why": ""})
    with pytest.raises(ServiceError, match="the token endpoint has not answered yet"):
        services(stores).credential("git")
    assert stores.waited == []


def test_a_refusal_keeps_its_words():
    with pytest.raises(ServiceError, match="you may not"):
        services(FakeStores(secrets_read=PluginError("you may not"))).secret("KEY")


def test_a_pair_that_is_not_there_counts_as_undefined():
    port = services(FakeStores(kv_find=None))
    assert port.kv("k", None, False) is None
    with pytest.raises(UndefinedError, match=r"'k' does not exist in the namespace 'company\.team'"):
        port.kv("k", None, True)
    assert services(FakeStores(kv_find={"value": 3})).kv("k", None, True) == 3


def test_a_file_is_read_whole_or_not_at_all():
    stores = FakeStores()
    stores.files = {"/a.txt": b"a\xff", "kestra:///b.txt": b"b", "/big": b"x" * (MAX_READ_BYTES + 1)}
    port = services(stores)
    assert port.read("a.txt") == "a\ufffd"
    assert port.read("kestra:///b.txt") == "b"
    with pytest.raises(ServiceError, match="larger than 8 MB"):
        port.read("big")
    with pytest.raises(ServiceError, match="no file"):
        port.read("none")


def test_a_path_of_the_machine_is_refused():
    with pytest.raises(ServiceError, match="not authorized"):
        services(FakeStores()).read("file:///etc/passwd")


@pytest.mark.parametrize(
    ("path", "namespace", "uri"),
    [
        ("kestra:///a", None, "kestra:///a"),
        ("a.txt", None, "nsfile:///a.txt"),
        ("/a.txt", "other", "nsfile://other/a.txt"),
        ("nsfile://other/a.txt", None, "nsfile://other/a.txt"),
        ("nsfile:///a.txt", "other", "nsfile://other/a.txt"),
    ],
)
def test_questions_about_files_name_them_the_same_way(path, namespace, uri):
    stores = FakeStores(storage_size=0, storage_exists=True, expressions_file_uri="kestra:///x")
    port = services(stores)
    assert port.file_size(path, namespace) == 0
    assert port.is_file_empty(path, namespace)
    assert port.file_exists(path, namespace)
    assert port.file_uri(path, namespace) == "kestra:///x"
    assert {arguments["uri"] for _, arguments in stores.asked} == {uri}


def test_questions_about_the_execution_go_to_its_store():
    stores = FakeStores(
        expressions_error_logs=["a"],
        expressions_tasks_with_state=[{"id": "t"}],
        expressions_app_link="http://app",
        expressions_assets=[],
    )
    port = services(stores)
    assert port.error_logs() == ["a"]
    assert port.tasks_with_state("FAILED") == [{"id": "t"}]
    assert port.app_link("a", True) == "http://app"
    assert port.assets({"type": "TABLE"}) == []
    assert [name for name, _ in stores.asked] == [
        "expressions.error_logs",
        "expressions.tasks_with_state",
        "expressions.app_link",
        "expressions.assets",
    ]


def test_a_free_port_is_a_number_and_a_key_is_not_known():
    port = services(FakeStores())
    assert 1024 <= port.random_port() <= 65535
    with pytest.raises(ServiceError, match="`k` is not known here"):
        port.encryption_key("k")


JSON = {"content-type": "application/json"}


@pytest.mark.parametrize(
    ("request_", "answer", "value"),
    [
        ({}, httpx.Response(200, text='{"a": 1}', headers=JSON), {"a": 1}),
        ({}, httpx.Response(200, text="broken {", headers=JSON), "broken {"),
        ({"accept": "application/json"}, httpx.Response(200, text="[1]"), [1]),
        ({"accept": "text/plain"}, httpx.Response(200, text="[1]", headers=JSON), "[1]"),
    ],
)
def test_an_answer_is_decoded_as_it_was_asked_for(request_, answer, value):
    stores = FakeStores()
    stores.answer = answer
    assert services(stores).http({"uri": "http://x/", **request_}) == value


def test_a_request_is_sent_as_it_was_written():
    stores = FakeStores()
    asked = {"uri": "http://x/", "method": "POST", "body": {"a": 1}, "headers": {"X": 1}, "contentType": "text/x"}
    services(stores).http({**asked, "accept": "text/y", "queryParameters": {"q": "1"}})
    services(stores).http({"uri": "http://x/", "body": "plain"})
    (first, given), (_, other) = stores.asked
    assert first == "POST http://x/"
    assert given["headers"] == {"X": "1", "Content-Type": "text/x", "Accept": "text/y"}
    assert (given["content"], other["content"]) == (b'{"a": 1}', b"plain")
    assert given["params"] == {"q": "1"}


@pytest.mark.parametrize(
    ("answer", "words"),
    [
        (httpx.Response(404), "failed with response code 404"),
        (httpx.ConnectError("no route"), "The request to http://x/ failed: no route"),
        (httpx.InvalidURL("bad"), "failed: bad"),
        (Forbidden("not there"), "not there"),
    ],
)
def test_a_request_that_fails_says_how(answer, words):
    stores = FakeStores()
    stores.answer = answer
    with pytest.raises(ServiceError, match=words):
        services(stores).http({"uri": "http://x/"})
