"""HTTP tasks against a real server."""

import http.server
import json
import threading
from collections.abc import Iterator

import pytest

from plugins.contracts import PluginError
from tests.plugins.tasks.memory import run

REQUEST = "io.kestra.plugin.core.http.Request"
DOWNLOAD = "io.kestra.plugin.core.http.Download"


class _Site(http.server.BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def _answer(self) -> None:
        body = self.rfile.read(int(self.headers.get("Content-Length", 0)))
        status, content, headers = self._choose(body)
        self.send_response(status)
        for name, value in headers:
            self.send_header(name, value)
        if status != 204:
            self.send_header("Content-Length", str(len(content)))
        self.end_headers()
        if self.command != "HEAD":
            self.wfile.write(content)

    def _choose(self, body: bytes):
        path = self.path.partition("?")[0]
        if path == "/hello":
            return (
                200,
                b'{ "hello": "world" }',
                [("Content-Type", "application/json"), ("Set-Cookie", "a=1"), ("Set-Cookie", "b=2")],
            )
        if path == "/echo":
            said = {
                "method": self.command,
                "path": self.path,
                "body": body.decode(),
                "headers": {k.lower(): v for k, v in self.headers.items()},
            }
            return 200, json.dumps(said).encode(), [("Content-Type", "application/json")]
        if path == "/disposition":
            return 200, b"Hello World", [("Content-Disposition", 'attachment; filename="filename.jpg"')]
        if path == "/evil":
            return 200, b"x", [("Content-Disposition", 'attachment; filename="../../etc/pass wd"')]
        if path == "/extended":
            return (
                200,
                b"x",
                [("Content-Disposition", "attachment; filename=a.txt; filename*=UTF-8''na%C3%AFve%20file.txt")],
            )
        if path == "/latin":
            return 200, "é".encode("latin-1"), [("Content-Type", "text/plain; charset=iso-8859-1")]
        if path == "/large":
            return 200, b"x" * (11 * 1024 * 1024), []
        if path == "/redirect":
            return 302, b"", [("Location", "/hello")]
        if path == "/inside":
            return 302, b"", [("Location", "http://169.254.169.254/latest")]
        return int(path.strip("/")), b'{ "hello": "world" }', [("Content-Type", "application/json")]

    do_GET = do_POST = do_PUT = do_DELETE = do_HEAD = do_PATCH = _answer

    def log_message(self, *args) -> None:
        pass


@pytest.fixture
def site() -> Iterator[str]:
    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), _Site)
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
    thread.start()
    yield f"http://127.0.0.1:{server.server_address[1]}"
    server.shutdown()
    server.server_close()
    thread.join()


def echo(ctx, site, **properties):
    return json.loads(run(ctx, REQUEST, uri=f"{site}/echo", **properties)["body"])


def test_a_request_gives_code_headers_and_body(ctx, site):
    outputs = (
        run(ctx, REQUEST, uri="{{ inputs.site }}/hello") if ctx.scope.update(inputs={"site": site}) is None else {}
    )
    assert outputs["code"] == 200
    assert outputs["body"] == '{ "hello": "world" }'
    assert outputs["headers"]["content-type"] == ["application/json"]
    assert outputs["headers"]["set-cookie"] == ["a=1", "b=2"]
    assert outputs["uri"] == f"{site}/hello"
    tags = {
        "request.hostname": "127.0.0.1",
        "request.method": "GET",
        "request.scheme": "http",
        "response.code": "200",
    }
    assert {name: told for _, name, _, told in ctx.metrics} == dict.fromkeys(
        ["request.count", "response.count", "request.bytes", "response.bytes", "response.length"], tags
    )
    counts = {name: value for _, name, value, _ in ctx.metrics}
    assert (counts["request.count"], counts["response.count"], counts["response.length"]) == (1, 1, 20)
    assert counts["response.bytes"] > 20


def test_method_body_headers_and_parameters_are_sent(ctx, site):
    ctx.scope["inputs"] = {"payload": {"a": 1}}
    said = echo(
        ctx,
        site,
        method="POST",
        body="{{ inputs.payload }}",
        contentType="application/json",
        headers={"X-Test": "{{ flow.id }}"},
        params={"q": "a b", "n": [1, 2]},
    )
    assert said["method"] == "POST"
    assert json.loads(said["body"]) == {"a": 1}
    assert said["headers"]["content-type"] == "application/json; charset=UTF-8"
    assert said["headers"]["x-test"] == "flow"
    assert said["path"] == "/echo?q=a%20b&n=1&n=2"


@pytest.mark.parametrize(
    ("properties", "sent"),
    [
        ({}, "application/json"),
        ({"headers": {"X-Test": "a"}}, None),
        ({"headers": {"X-Test": "a"}, "contentType": "text/csv"}, "text/csv"),
        ({"method": "POST", "body": "a"}, "application/json; charset=UTF-8"),
        ({"method": "POST", "body": "a", "contentType": "text/csv"}, "text/csv; charset=UTF-8"),
        ({"method": "POST", "body": "a", "contentType": "text/csv; charset=utf-8"}, "text/csv; charset=utf-8"),
        ({"method": "POST", "body": "a", "headers": {"content-type": "text/xml"}}, "text/xml"),
    ],
)
def test_the_content_type_is_that_of_json_unless_another_is_said(ctx, site, properties, sent):
    assert echo(ctx, site, **properties)["headers"].get("content-type") == sent


def test_parameters_are_added_to_those_of_the_address(ctx, site):
    outputs = run(ctx, REQUEST, uri=f"{site}/echo?x=1%202", params={"y": "a&b", "z": "ü+"})
    assert json.loads(outputs["body"])["path"] == "/echo?x=1%202&y=a%26b&z=%C3%BC%2B"
    assert outputs["uri"] == f"{site}/echo?x=1%202&y=a%26b&z=%C3%BC%2B"


def test_a_form_is_sent_encoded(ctx, site):
    said = echo(ctx, site, method="POST", formData={"hello": "wörld", "n": 1})
    assert said["body"] == "hello=w%F6rld&n=1"
    assert said["headers"]["content-type"] == "application/x-www-form-urlencoded; charset=ISO-8859-1"


@pytest.mark.parametrize(
    ("content_type", "text", "body", "sent"),
    [
        ("application/x-www-form-urlencoded; charset=UTF-8", "ö", "a=%C3%B6", "charset=UTF-8"),
        ("application/x-www-form-urlencoded", "ö €", "a=%C3%B6+%E2%82%AC", "charset=UTF-8"),
        ("application/json", "ö", "a=%F6", "charset=ISO-8859-1"),
    ],
)
def test_a_form_is_in_the_charset_that_is_named_or_can_spell_it(ctx, site, content_type, text, body, sent):
    said = echo(ctx, site, method="POST", formData={"a": text}, contentType=content_type)
    assert said["body"] == body
    assert said["headers"]["content-type"] == f"application/x-www-form-urlencoded; {sent}"


def test_a_body_in_an_unknown_charset_fails(ctx, site):
    for given in ({"body": "a", "contentType": "a/b; charset=klingon"}, {"formData": {"a": "b"}}):
        kind = given.get("contentType", "application/x-www-form-urlencoded; charset=klingon")
        with pytest.raises(PluginError, match="klingon"):
            echo(ctx, site, method="POST", **{**given, "contentType": kind})


def test_a_multipart_form_sends_files(ctx, site):
    uri = ctx.keep("file content", "stored.yml")
    form = {"hello": "world", "file": {"content": uri, "name": "test.yml"}, "plain": uri}
    said = echo(ctx, site, method="POST", formData=form, contentType="multipart/form-data")
    assert said["headers"]["content-type"].startswith("multipart/form-data; boundary=")
    assert 'name="file"; filename="test.yml"' in said["body"]
    assert 'name="plain"; filename="stored.yml"' in said["body"]
    assert said["body"].count("file content") == 2


@pytest.mark.parametrize(
    ("auth", "header"),
    [
        ({"type": "BASIC", "username": "u", "password": "p"}, "Basic dTpw"),
        ({"type": "BEARER", "token": "{{ flow.id }}"}, "Bearer flow"),
    ],
)
def test_credentials_are_sent(ctx, site, auth, header):
    assert echo(ctx, site, options={"auth": auth})["headers"]["authorization"] == header


@pytest.mark.parametrize(("code", "retryable"), [(404, False), (401, False), (429, True), (500, True), (503, True)])
def test_a_failed_answer_fails_the_task(ctx, site, code, retryable):
    with pytest.raises(PluginError, match=str(code)) as caught:
        run(ctx, REQUEST, uri=f"{site}/{code}")
    assert caught.value.retryable is retryable
    assert caught.value.outputs == {}


def test_an_answer_without_content_has_no_body(ctx, site):
    assert "body" not in run(ctx, REQUEST, uri=f"{site}/204")
    assert "body" not in run(ctx, REQUEST, uri=f"{site}/hello", method="HEAD")


def test_failed_answers_may_be_allowed(ctx, site):
    assert run(ctx, REQUEST, uri=f"{site}/417", options={"allowFailed": True})["code"] == 417
    assert run(ctx, REQUEST, uri=f"{site}/417", allowFailed=True)["code"] == 417
    assert run(ctx, REQUEST, uri=f"{site}/404", options={"allowedResponseCodes": [404]})["code"] == 404
    with pytest.raises(PluginError):
        run(ctx, REQUEST, uri=f"{site}/hello", options={"allowedResponseCodes": [404]})


def test_the_charset_is_the_servers(ctx, site):
    assert run(ctx, REQUEST, uri=f"{site}/latin")["body"] == "é"


def test_a_large_answer_is_refused(ctx, site):
    with pytest.raises(PluginError, match="use Download"):
        run(ctx, REQUEST, uri=f"{site}/large")


def test_redirects_are_followed_unless_told_otherwise(ctx, site):
    outputs = run(ctx, REQUEST, uri=f"{site}/redirect")
    assert (outputs["uri"], outputs["code"]) == (f"{site}/redirect", 200)
    assert run(ctx, REQUEST, uri=f"{site}/redirect", options={"followRedirects": False})["code"] == 302


@pytest.mark.parametrize("task", [REQUEST, DOWNLOAD])
def test_a_redirect_to_the_inside_is_refused_and_not_tried_again(ctx, site, task):
    with pytest.raises(PluginError, match="metadata") as caught:
        run(ctx, task, uri=f"{site}/inside")
    assert not caught.value.retryable


@pytest.mark.parametrize(
    "uri", ["", "nonsense", "ftp://x/", "file:///etc/passwd", "http://exa mple/", "http://[::1", "http://x:99999/"]
)
def test_what_is_no_address_is_refused(ctx, uri):
    with pytest.raises(PluginError) as caught:
        run(ctx, REQUEST, uri=uri)
    assert not caught.value.retryable


def test_nobody_there_is_tried_again(ctx, site):
    with pytest.raises(PluginError) as caught:
        run(ctx, REQUEST, uri="http://127.0.0.1:1/")
    assert caught.value.retryable


def test_an_encrypted_body_is_kept_encrypted(ctx, site):
    class Ciphers:
        def encrypt(self, *, text):
            return f"sealed {len(text)}"

    ctx.services["ciphers"] = Ciphers()
    outputs = run(ctx, REQUEST, uri=f"{site}/hello", encryptBody=True)
    assert outputs["encryptedBody"] == "sealed 20"
    assert "body" not in outputs


def test_parts_of_the_exchange_may_be_logged_without_credentials(ctx, site):
    options = {"logs": ["REQUEST_HEADERS", "RESPONSE_HEADERS"], "auth": {"type": "BEARER", "token": "s3cret"}}
    run(ctx, REQUEST, uri=f"{site}/hello", options=options, headers={"X-Api-Key": "s3cret"})
    assert len(ctx.lines) == 2
    assert "s3cret" not in " ".join(ctx.messages)


def test_a_download_is_stored_and_measured(ctx, site):
    outputs = run(ctx, DOWNLOAD, uri=f"{site}/hello")
    assert ctx.text(outputs["uri"]) == '{ "hello": "world" }'
    assert (outputs["code"], outputs["length"]) == (200, 20)
    assert outputs["uri"].endswith("/hello")


@pytest.mark.parametrize(
    ("path", "name"),
    [
        ("disposition", "filename.jpg"),
        ("evil", "pass wd"),
        ("extended", "naïve file.txt"),
        ("hello?a=../../b", "hello"),
    ],
)
def test_a_download_is_called_as_the_server_says(ctx, site, path, name):
    assert run(ctx, DOWNLOAD, uri=f"{site}/{path}")["uri"].endswith(f"/{name}")


def test_an_empty_answer_fails_a_download_unless_allowed(ctx, site):
    with pytest.raises(PluginError, match=r"^No response from server$"):
        run(ctx, DOWNLOAD, uri=f"{site}/204")
    outputs = run(ctx, DOWNLOAD, uri=f"{site}/204", failOnEmptyResponse=False)
    assert outputs["length"] == 0
    assert ctx.text(outputs["uri"]) == ""


def test_a_failed_download_says_what_the_server_said(ctx, site):
    with pytest.raises(PluginError, match=r"^Internal Server Error$"):
        run(ctx, DOWNLOAD, uri=f"{site}/500")
    outputs = run(ctx, DOWNLOAD, uri=f"{site}/417", allowFailed=True)
    assert outputs["code"] == 417
    assert outputs["headers"]["content-type"] == ["application/json"]
