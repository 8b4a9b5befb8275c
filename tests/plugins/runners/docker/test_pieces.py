"""Parts of the Docker runner that need no engine: frames, archives, ports, accounts and addresses."""

from __future__ import annotations

import io
import socket
import struct
import tarfile
import threading
from datetime import timedelta

import httpx
import pytest

from plugins.contracts import PluginError, ScriptCommand
from plugins.runners.docker import archive
from plugins.runners.docker.address import engine_at
from plugins.runners.docker.engine import Engine
from plugins.runners.docker.frames import Frames
from plugins.runners.docker.properties import ports_of
from plugins.runners.docker.runner import Docker
from workers.runtime.documents import runnable
from workers.runtime.local_paths import LocalPaths


def frame(stream: int, content: bytes) -> bytes:
    return struct.pack(">BxxxL", stream, len(content)) + content


@pytest.mark.parametrize("size", [1, 3, 8, 1000])
def test_frames_are_told_apart_wherever_the_chunks_end(size):
    sent = frame(1, b"one") + frame(2, b"") + frame(2, b"oops\n") + frame(0, b"input") + frame(1, b" more\n")
    output, error = bytearray(), bytearray()
    frames = Frames(output.extend, error.extend)
    for place in range(0, len(sent), size):
        frames.feed(sent[place : place + size])
    assert (bytes(output), bytes(error)) == (b"one more\n", b"oops\n")


def test_files_go_in_and_come_back(ctx, workdir, tmp_path):
    (workdir / "sub").mkdir()
    (workdir / "sub" / "run.sh").write_text("x")
    (workdir / "sub" / "run.sh").chmod(0o700)
    written = io.BytesIO()
    archive.packed([workdir], written)
    with tarfile.open(fileobj=io.BytesIO(written.getvalue())) as inside:
        members = {member.name: member for member in inside}
    path = str(workdir).lstrip("/")
    assert members[path].mode == 0o777
    assert (members[f"{path}/sub/run.sh"].mode, members[f"{path}/sub/run.sh"].uid) == (0o777, 0)


def sent(*members: tuple[str, bytes, bytes]) -> list[bytes]:
    written = io.BytesIO()
    with tarfile.open(fileobj=written, mode="w") as target:
        for name, kind, content in members:
            entry = tarfile.TarInfo(name)
            entry.type, entry.size = kind, len(content) if kind == tarfile.REGTYPE else 0
            entry.linkname = content.decode() if kind in (tarfile.SYMTYPE, tarfile.LNKTYPE) else ""
            target.addfile(entry, io.BytesIO(content))
    whole = written.getvalue()
    return [whole[place : place + 700] for place in range(0, len(whole), 700)]


def test_what_comes_back_is_taken_without_links(ctx, workdir):
    chunks = sent(
        ("work", tarfile.DIRTYPE, b""),
        ("work/a/b.txt", tarfile.REGTYPE, b"b" * 2000),
        ("work/link", tarfile.SYMTYPE, b"/etc"),
        ("work/link/passwd", tarfile.REGTYPE, b"plain"),
        ("work/hard", tarfile.LNKTYPE, b"work/a/b.txt"),
        ("work/fifo", tarfile.FIFOTYPE, b""),
    )
    archive.unpack(ctx, iter(chunks), workdir)
    assert (workdir / "a/b.txt").read_bytes() == b"b" * 2000
    assert sorted(path.name for path in workdir.rglob("*")) == ["a", "b.txt", "link", "passwd"]
    assert not (workdir / "link").is_symlink()
    assert ctx.messages == ["3 links and special files were left in the container"]


@pytest.mark.parametrize("name", ["work/../../out", "work/a/../../../out", "work/\\x"])
def test_what_leads_out_of_the_folder_is_refused(ctx, workdir, name):
    with pytest.raises(PluginError, match="is no name of a file"):
        archive.unpack(ctx, iter(sent((name, tarfile.REGTYPE, b"x"))), workdir)
    assert not (workdir.parent / "out").exists()


def test_an_archive_that_is_none_fails_the_task(ctx, workdir):
    with pytest.raises(PluginError, match="cannot be read"):
        archive.unpack(ctx, iter([b"no archive at all" * 100]), workdir)


def test_ports_are_bound():
    exposed, bound = ports_of(["8080:80", "127.0.0.1:53:53/udp", "443"])
    assert set(exposed) == {"80/tcp", "53/udp", "443/tcp"}
    assert bound["53/udp"] == [{"HostIp": "127.0.0.1", "HostPort": "53"}]
    assert bound["443/tcp"] == [{"HostIp": "", "HostPort": ""}]
    with pytest.raises(PluginError, match="`portBindings`"):
        ports_of(["eighty"])


def docker(**properties) -> Docker:
    told = {"type": Docker.TYPE, **properties}
    task = runnable({"id": "t", "type": "io.kestra.plugin.scripts.shell.Commands", "commands": [], "taskRunner": told})
    return task.task_runner


LOGIN = {"serveraddress": "registry.example.org", "username": "me", "password": "value-of-P"}


@pytest.mark.parametrize(
    ("properties", "image", "login"),
    [
        ({}, "ubuntu", None),
        ({"credentials": {"username": "me", "password": "{{ secret('P') }}"}}, "registry.example.org/a/b:1", LOGIN),
        ({"config": {"auths": {"registry.example.org": {"auth": "eA=="}}}}, "ubuntu", None),
        (
            {"config": '{"auths": {"https://index.docker.io/v1/": {"auth": "eA=="}}}'},
            "ubuntu",
            {"auth": "eA==", "serveraddress": "https://index.docker.io/v1/"},
        ),
    ],
)
def test_the_account_of_a_registry_is_found(ctx, properties, image, login):
    assert docker(**properties)._login(ctx, image) == login


def test_an_image_is_pulled_with_its_tag_and_an_error_in_the_stream_is_heard():
    asked = []

    def answer(request):
        asked.append((dict(request.url.params), request.headers.get("X-Registry-Auth")))
        said = b'{"status": "Pulling"}\r\n'
        return httpx.Response(200, content=said + (b'{"error": "denied"}\r\n' if len(asked) == 4 else b""))

    engine = Engine(httpx.Client(transport=httpx.MockTransport(answer)), "http://engine")
    for image in ("ubuntu", "a.example:5000/b:2", "a@sha256:00"):
        engine.pull(image, None, lambda: "")
    with pytest.raises(PluginError, match="ubuntu cannot be pulled: denied"):
        engine.pull("ubuntu", {"username": "me"}, lambda: "")
    assert [query for query, _ in asked[:3]] == [
        {"fromImage": "ubuntu", "tag": "latest"},
        {"fromImage": "a.example:5000/b", "tag": "2"},
        {"fromImage": "a@sha256:00"},
    ]
    assert asked[0][1] is None
    assert asked[3][1] == "eyJ1c2VybmFtZSI6ICJtZSJ9"


@pytest.mark.parametrize(("how", "told"), [("kill", "was killed"), ("time", "ran out of time")])
def test_a_pull_that_does_not_end_is_given_up(ctx, monkeypatch, how, told):
    """The engine says nothing at all: a server that takes the question and never answers it."""
    with socket.create_server(("127.0.0.1", 0)) as server:
        monkeypatch.setenv("DOCKER_HOST", f"tcp://127.0.0.1:{server.getsockname()[1]}")

        def serve():
            connection, _ = server.accept()
            with connection:
                connection.recv(65536)
                connection.sendall(b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n3\r\n{}\n\r\n")
                if how == "kill":
                    ctx.kill()
                connection.recv(1)

        thread = threading.Thread(target=serve)
        thread.start()
        timeout = timedelta(seconds=0.5) if how == "time" else None
        command = ScriptCommand(argv=["true"], env={}, workdir=ctx.workdir, image="ubuntu", timeout=timeout)
        with pytest.raises(PluginError, match=told):
            docker(pullPolicy="ALWAYS").run_commands(ctx, command)
        thread.join()


@pytest.mark.parametrize(
    ("host", "told"),
    [
        ("unix:///run/other.sock", "not authorized"),
        ("unix://relative.sock", "is no path"),
        ("ssh://engine", "is not a way to an engine"),
        ("engine:2375", "is no address"),
        ("tcp://169.254.169.254:80", "cannot be reached"),
    ],
)
def test_a_flow_names_no_engine_that_it_may_not_reach(ctx, monkeypatch, host, told):
    monkeypatch.delenv("DOCKER_HOST", raising=False)
    command = ScriptCommand(argv=["true"], env={}, workdir=ctx.workdir, image="ubuntu")
    with pytest.raises(PluginError, match=told):
        docker(host=host).run_commands(ctx, command)


ALL_RIGHTS = [{"privileged": True}, {"networkMode": "host"}, {"networkMode": "{{ 'container:x' }}"}]


@pytest.mark.parametrize("asked", ALL_RIGHTS)
def test_the_machine_itself_is_its_operator_s_to_give(ctx, monkeypatch, tmp_path, asked):
    monkeypatch.setenv("DOCKER_HOST", f"unix://{tmp_path}/none.sock")
    command = ScriptCommand(argv=["true"], env={}, workdir=ctx.workdir, image="ubuntu")
    with pytest.raises(PluginError, match="not authorized"):
        docker(**asked).run_commands(ctx, command)
    ctx.services["local"] = LocalPaths(trusts_containers=True)
    with pytest.raises(PluginError, match="engine does not answer"):
        docker(**asked).run_commands(ctx, command)


def test_an_engine_that_is_away_is_tried_again_later(ctx, monkeypatch, tmp_path):
    monkeypatch.setenv("DOCKER_HOST", f"unix://{tmp_path}/none.sock")
    command = ScriptCommand(argv=["true"], env={}, workdir=ctx.workdir, image="ubuntu")
    with pytest.raises(PluginError, match="does not answer") as caught:
        docker().run_commands(ctx, command)
    assert caught.value.retryable


def test_an_engine_over_tcp_is_asked_under_the_rules_for_the_way_out(ctx, monkeypatch):
    monkeypatch.delenv("DOCKER_HOST", raising=False)
    seen = []

    class Out:
        def client(self):
            return httpx.Client(
                transport=httpx.MockTransport(lambda request: seen.append(request.url) or httpx.Response(404))
            )

    ctx.services["http"] = Out()
    with engine_at(ctx, "tcp://engine:2375") as engine:
        assert not engine.has_image("a/b:1")
    assert [str(url) for url in seen] == ["http://engine:2375/images/a/b:1/json"]


def test_the_kept_account_is_json_or_refused(ctx):
    with pytest.raises(PluginError, match="`config` is not JSON"):
        docker(config="{no")._login(ctx, "ubuntu")
