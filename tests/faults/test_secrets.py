"""A secret's way through a real worker: it reaches the script, and nothing else that anybody could read."""

from __future__ import annotations

import base64
import contextlib
import hashlib
import secrets
import threading
from pathlib import Path

import psutil
import pytest

from tests.bench.instance import TENANT
from tests.faults.conftest import SHELL, Cluster, Drill
from tests.faults.test_joining import log_of

pytestmark = pytest.mark.faults

FLOW = """
id: %(name)s
namespace: bench
inputs:
  - {id: pass, type: SECRET}
tasks:
  - id: use
    type: io.kestra.plugin.scripts.shell.Commands
    workerGroup: {key: %(group)s}
    env:
      FROM_STORE: "{{ secret('CANARY') }}"
      FROM_INPUT: "{{ inputs.pass }}"
      FROM_PAIR: "{{ kv('canary_pair') }}"
    commands:
      - echo "store=$FROM_STORE input=$FROM_INPUT pair=$FROM_PAIR"
      - echo "written out {{ secret('CANARY') }} and {{ inputs.pass }}"
      - printf %%s "$FROM_STORE" | base64
      - >-
        python3 -c "import base64, json, os, shlex, urllib.parse as u; v = os.environ['FROM_STORE']; r = v.encode();
        [print(f'form {n}', t) for n, t in enumerate([v, base64.b64encode(b'x' + r).decode(),
        base64.b64encode(b'xy' + r).decode(), u.quote(v, safe=''), json.dumps(v), r.hex(), shlex.quote(v),
        ''.join(c.upper() if i %% 2 else c for i, c in enumerate(r.hex())), v + chr(10) + v])]"
      - echo "::{\"outputs\":{\"told\":\"out $FROM_STORE\",\"n\":[{\"x\":\"$FROM_INPUT\"}]}}::"
      - echo "::{\"metrics\":[{\"name\":\"m $FROM_STORE\",\"type\":\"counter\",\"value\":1,\"tags\":{\"t\":\"$FROM_STORE\"}}]}::"
      - echo "sum $(printf %%s "$FROM_STORE$FROM_INPUT" | sha256sum)"
      - sleep 1.5
      - echo "to the other stream $FROM_STORE" >&2
  - id: say
    type: io.kestra.plugin.core.log.Log
    message: "{{ secret('CANARY') | upper }} {{ inputs.pass }}"
  - id: fail
    type: io.kestra.plugin.core.execution.Fail
    errorMessage: "it failed with {{ secret('CANARY') }}"
    allowFailure: true
"""
SAYS_ALL = "SELECT string_agg(x::text, ' ') FROM {table} x"


class Canaries:
    """Two values that occur nowhere else, in the spellings by which they could be read."""

    def __init__(self) -> None:
        self.store, self.given = (f"zq{secrets.token_hex(12)}-{name}" for name in ("store", "input"))

    def spellings(self) -> list[bytes]:
        plain = [value.encode() for value in (self.store, self.given)]
        coded = [base64.b64encode(value).rstrip(b"=") for value in plain]
        shifted = [base64.b64encode(b"x" * count + value)[4:-4] for value in plain for count in (1, 2)]
        return [
            *plain,
            *coded,
            *shifted,
            *(value.upper() for value in plain),
            *(value.hex().encode() for value in plain),
            *(value.hex().upper().encode() for value in plain),
        ]

    def in_text(self, text: bytes) -> list[bytes]:
        return [spelling for spelling in self.spellings() if spelling in text]


class Arguments:
    """Arguments of every process of this machine, looked at again and again."""

    def __init__(self) -> None:
        self.seen: set[bytes] = set()
        self._enough = threading.Event()
        self._thread = threading.Thread(target=self._look_on)

    def __enter__(self) -> Arguments:
        self._thread.start()
        return self

    def __exit__(self, *failure: object) -> None:
        self._enough.set()
        self._thread.join()

    def _look_on(self) -> None:
        while not self._enough.wait(0.1):
            for process in psutil.process_iter():
                try:
                    self.seen.add(" ".join(process.cmdline()).encode())
                except psutil.Error:
                    continue


def rows_of_everything(drill: Drill) -> bytes:
    """The whole database as text."""
    with drill.instance.database() as database:
        names = database.execute(
            "SELECT relname FROM pg_class WHERE relkind = 'r' AND relnamespace = 'public'::regnamespace"
        )
        tables = [name for (name,) in names.fetchall()]
        assert {"secret", "execution", "log_entry", "audit_entry", "job"} <= set(tables)
        texts = [database.execute(SAYS_ALL.format(table=f'"{table}"')).fetchone() for table in tables]
    return " ".join(text[0] for text in texts if text is not None and text[0]).encode()


def files_of(folder: Path) -> bytes:
    """Every file of the instance: the database's own and its log of writes, storage, logs."""
    return b" ".join(path.read_bytes() for path in folder.rglob("*") if path.is_file() and not path.is_symlink())


def keys_of_broker(drill: Drill) -> bytes:
    with drill.broker() as broker:
        return b" ".join((broker.dump(key) or b"") + key for key in broker.scan_iter())


def answers_about(drill: Drill, execution_id: str, flow_id: str) -> bytes:
    """What the API tells whoever may see everything."""
    base = f"/api/v1/{TENANT}"
    paths = (
        f"/executions/{execution_id}",
        f"/executions/search?filters[flowId][EQUALS]={flow_id}",
        f"/logs/{execution_id}",
        f"/metrics/{execution_id}",
        f"/flows/bench/{flow_id}?source=true",
        f"/logs/{execution_id}/download",
        f"/executions/{execution_id}/follow",
        f"/executions/export/by-query/csv?filters[flowId][EQUALS]={flow_id}",
        "/metrics/names/flow/bench/" + flow_id,
        "/secrets",
        "/namespaces/bench/secrets-backend",
        "/namespaces/bench/secrets-usage",
        "/auditlogs/export",
        "/auditlogs/search",
    )
    told: list[bytes] = []
    with contextlib.closing(drill.instance.client()) as client:
        for path in paths:
            client.request("GET", base + path, headers={"Authorization": f"Bearer {drill.instance.token}"})
            answer = client.getresponse()
            told.append(answer.read())
            assert answer.status in (200, 404), (path, answer.status)
    return b" ".join(told)


def ask_eval(drill: Drill, execution_id: str, expression: str) -> bytes:
    address = f"/api/v1/{TENANT}/executions/{execution_id}/actions/eval"
    return str(drill.instance.ask("POST", address, expression.encode(), "text/plain")).encode()


def test_a_secret_reaches_the_script_and_nobody_else(steady_cluster: Cluster) -> None:
    cluster, drill = steady_cluster, steady_cluster.drill
    canaries, flow = Canaries(), f"{cluster.key}-secret"
    namespace = f"/api/v1/{TENANT}/namespaces/bench"
    drill.instance.ask("PUT", f"{namespace}/secrets", {"key": "CANARY", "value": canaries.store})
    drill.instance.ask("PUT", f"{namespace}/kv/canary_pair", b'"from the pair"', "application/json")
    drill.instance.save(FLOW % {"name": flow, "group": cluster.key})
    worker = cluster.hire(slots="1")
    with Arguments() as arguments:
        started = drill.instance.ask("POST", f"/api/v1/{TENANT}/executions/bench/{flow}", {"pass": canaries.given})
        execution = str(started["id"])
        drill.wait(lambda: drill.one("SELECT end_date FROM execution WHERE id = %s", execution), 30)

    log = log_of(drill, execution)
    expected = hashlib.sha256((canaries.store + canaries.given).encode()).hexdigest()
    assert f"sum {expected}" in log, "the script did not get the values"
    assert "store=****** input=****** pair=from the pair" in log
    assert log.count("******") >= 8

    assert any(b"sleep 1.5" in line or b"sleep" in line for line in arguments.seen), "nobody was looking"
    assert canaries.in_text(b" ".join(arguments.seen)) == []
    assert canaries.in_text(rows_of_everything(drill)) == []
    assert canaries.in_text(files_of(drill.instance.folder)) == []
    assert canaries.in_text(keys_of_broker(drill)) == []
    assert canaries.in_text((drill.log() + worker.log).encode()) == []
    assert canaries.in_text(answers_about(drill, execution, flow)) == []
    for expression in ("{{ secret('CANARY') }}", "{{ inputs.pass }}", "{{ inputs }}"):
        assert canaries.in_text(ask_eval(drill, execution, expression)) == []
    drill.assert_whole()


def test_the_search_for_secrets_finds_one_that_is_there(steady_cluster: Cluster) -> None:
    """A positive control: what is no secret is found wherever the search looks."""
    cluster, drill = steady_cluster, steady_cluster.drill
    word = f"zq{secrets.token_hex(12)}"
    flow = cluster.save("open", f'id: o, {SHELL}, commands: ["echo {word}; sleep 1"]')
    cluster.hire(slots="1")
    execution = drill.start(flow)
    drill.wait(lambda: drill.all_ended([execution]), 30)
    for place in (rows_of_everything(drill), files_of(drill.instance.folder), answers_about(drill, execution, flow)):
        assert word.encode() in place
