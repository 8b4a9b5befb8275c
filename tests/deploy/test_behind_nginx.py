"""Two web processes behind the proxy as deploy/nginx/ sets it up: nothing is held back, and either one can go."""

import http.client
import json
import os
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
from websockets.sync.client import connect

from control_plane.embedded.leftovers import is_alive
from control_plane.embedded.ports import free_port
from control_plane.kernel.config import load_config
from control_plane.supervisor.instance import Instance as Supervised
from tests.bench.instance import TENANT, Instance, running_instance
from tests.deploy.files import DEPLOY
from tests.deploy.test_readers import certificate, reader

pytestmark = pytest.mark.faults

SLOW = "id: slow\nnamespace: bench\ntasks:\n  - {id: nap, type: io.kestra.plugin.core.flow.Sleep, duration: PT3S}"
SIZE = """
id: size
namespace: bench
inputs: [{id: file, type: FILE}]
tasks: [{id: size, type: io.kestra.plugin.core.storage.Size, uri: "{{ inputs.file }}"}]
"""


def second_web(first: Instance, port: int) -> subprocess.Popen[bytes]:
    """Another process of the same instance, told what the supervisor tells its own."""
    knobs = load_config({"ORRERY_DATA_DIR": str(first.folder), "ORRERY_CONFIG": os.devnull})
    told = Supervised(knobs).server_environment() | {"ORRERY_WEB_PORT": str(port), "ORRERY_CONFIG": os.devnull}
    command = [sys.executable, "-m", "control_plane.cli.main", "server", "web"]
    return subprocess.Popen(command, env=told, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)


def proxy(folder: Path, ports: list[int], port: int) -> subprocess.Popen[bytes]:
    """The shipped file, with this test's ports and without TLS."""
    program = reader("nginx")
    certificate(folder)
    text = (DEPLOY / "nginx/orrery.conf").read_text()
    text = text.replace("server 127.0.0.1:8080;", " ".join(f"server 127.0.0.1:{one};" for one in ports))
    text = text.replace("listen 443 ssl http2;", f"listen 127.0.0.1:{port};").replace("listen [::]:443 ssl http2;", "")
    text = text.replace("listen 80;", f"listen 127.0.0.1:{free_port()};").replace("listen [::]:80;", "")
    for kind in ("crt", "key"):
        text = text.replace(f"/etc/nginx/tls/flows.example.com.{kind}", str(folder / kind))
    (folder / "orrery.conf").write_text(text)
    user = "user root;" if os.geteuid() == 0 else ""
    (folder / "nginx.conf").write_text(
        f"daemon off; {user} worker_processes 1; pid {folder}/pid; error_log {folder}/error.log; events {{}}\n"
        f"http {{ access_log off; client_body_temp_path {folder}/body; proxy_temp_path {folder}/proxy;"
        f" include {folder}/orrery.conf; }}\n"
    )
    return subprocess.Popen([program, "-p", str(folder), "-c", str(folder / "nginx.conf")], stderr=subprocess.DEVNULL)


class Proxied:
    def __init__(self, instance: Instance, outside: Instance, second: subprocess.Popen[bytes]) -> None:
        self.instance = instance
        self.outside = outside
        self.second = second

    def headers(self) -> dict[str, str]:
        return {"Authorization": f"Bearer {self.outside.token}"}

    def answers(self) -> bool:
        try:
            self.outside.ask("GET", "/health")
        except (OSError, RuntimeError, http.client.HTTPException):
            self.outside.hang_up()
            return False
        return True


@pytest.fixture(scope="module")
def proxied(tmp_path_factory) -> Iterator[Proxied]:
    reader("nginx")
    folder, port, other = tmp_path_factory.mktemp("nginx"), free_port(), free_port()
    with running_instance(ORRERY_TRUSTED_PROXIES="127.0.0.1") as instance:
        instance.save(SLOW)
        instance.save(SIZE)
        second = second_web(instance, other)
        nginx = proxy(folder, [instance.port, other], port)
        try:
            direct = Proxied(instance, Instance(other, instance.folder), second)
            _until(direct.answers)
            direct.outside.hang_up()
            made = Proxied(instance, Instance(port, instance.folder, token=instance.token), second)
            _until(made.answers)
            yield made
            made.outside.hang_up()
        finally:
            for process in (nginx, second):
                process.terminate()
                process.wait(20)


def test_events_arrive_as_they_happen(proxied):
    """The first one long before the end: a proxy that buffers would give them all at once."""
    execution = proxied.outside.ask("POST", f"/api/v1/{TENANT}/executions/bench/slow")["id"]
    connection = proxied.outside.client()
    connection.request("GET", f"/api/v1/{TENANT}/executions/{execution}/follow", headers=proxied.headers())
    stream = connection.getresponse()
    first = _event(stream)
    assert first["state"]["current"] in ("CREATED", "RUNNING")
    last = first
    while last["state"]["current"] != "SUCCESS":
        last = _event(stream)
    connection.close()


def test_a_websocket_passes_and_hears_of_what_another_process_started(proxied):
    address = f"ws://127.0.0.1:{proxied.outside.port}/api/v1/{TENANT}/live"
    execution = proxied.instance.ask("POST", f"/api/v1/{TENANT}/executions/bench/slow")["id"]
    with connect(address, additional_headers=proxied.headers()) as socket:
        socket.send(json.dumps({"type": "subscribe", "id": "1", "topic": "execution", "executionId": execution}))
        heard = [json.loads(socket.recv(timeout=20))]
        assert heard[0]["type"] == "state", heard
        while heard[-1]["type"] != "end":
            heard.append(json.loads(socket.recv(timeout=20)))


def test_an_upload_of_many_megabytes_passes(proxied):
    edge = "edge"
    head = f'--{edge}\r\nContent-Disposition: form-data; name="file"; filename="f"\r\n\r\n'.encode()
    body = head + bytes(20_000_000) + f"\r\n--{edge}--\r\n".encode()
    path = f"/api/v1/{TENANT}/executions/bench/size?wait=true"
    ended = proxied.outside.ask("POST", path, body, f"multipart/form-data; boundary={edge}")
    assert ended["state"]["current"] == "SUCCESS"


def test_figures_of_the_instance_stay_behind_the_proxy(proxied):
    connection = proxied.outside.client()
    connection.request("GET", "/prometheus")
    assert connection.getresponse().status == 404
    connection.close()


def test_one_web_process_may_go_and_nobody_sees_it(proxied):
    proxied.second.kill()
    proxied.second.wait()
    assert not is_alive(proxied.second.pid)
    for _ in range(20):
        proxied.outside.hang_up()
        assert "results" in proxied.outside.ask("GET", f"/api/v1/{TENANT}/executions/search?size=1")


def _event(stream: http.client.HTTPResponse) -> dict:
    while True:
        line = stream.readline()
        assert line, "the stream has ended"
        if line.startswith(b"data:") and b'"state"' in line:
            return json.loads(line.removeprefix(b"data:"))


def _until(holds, seconds: float = 60.0) -> None:
    deadline = time.monotonic() + seconds
    while not holds():
        assert time.monotonic() < deadline, "it did not happen"
        time.sleep(0.1)
