"""A task may keep its log in a file: its attempts say where, and its lines are nowhere else."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from control_plane.kernel.scope import tenant_scope
from executions.models import LogEntry
from stores.secrets.services import put_secret
from tests.cast import ACME, Cast
from tests.executions.ground import FakeWorker, row, save, start
from tests.executions.worker_at_hand import work_for_real
from tests.plugins.reachable import reachable_folder

pytestmark = pytest.mark.django_db
CORE = "io.kestra.plugin.core"
SHELL = "io.kestra.plugin.scripts.shell.Commands"


@pytest.fixture
def folder() -> Iterator[Path]:
    """Scripts run under an id of their own, which enters no folder of pytest's."""
    with reachable_folder() as made:
        yield made


def ran(people: Cast, folder: Path, tasks: str) -> str:
    put_secret(people.olga.context(ACME), namespace="prod.data", key="PW", value="hunter2-hunter2")
    save(people, f"id: files\nnamespace: prod.data\ntasks:\n{tasks}")
    execution_id = start(people, "files").id
    work_for_real(FakeWorker(), folder)
    return execution_id


def log_of(people: Cast, execution_id: str, task_id: str) -> list[str]:
    """The lines that the last attempt of the task kept, without their times."""
    shown = people.olga.client.get(f"/api/v1/{ACME}/executions/{execution_id}").json()
    run = next(each for each in shown["taskRunList"] if each["taskId"] == task_id)
    path = run["attempts"][-1]["logFile"]
    answer = people.olga.client.get(f"/api/v1/{ACME}/executions/{execution_id}/file", {"path": path})
    assert answer.status_code == 200
    text = b"".join(answer.streaming_content).decode()  # type: ignore[attr-defined]  # it is a stream
    return [line.split(" ", 1)[1] for line in text.splitlines()]


def messages(execution_id: str) -> list[str]:
    with tenant_scope(ACME):
        return list(LogEntry.objects.filter(execution_id=execution_id).values_list("message", flat=True))


def test_its_lines_are_in_the_file_with_secrets_masked(people: Cast, folder: Path):
    execution_id = ran(
        people,
        folder,
        f"  - {{id: a, type: {SHELL}, logToFile: true, commands: [\"echo one {{{{ secret('PW') }}}}; echo two >&2\"]}}\n"
        f"  - {{id: b, type: {CORE}.log.Log, message: of b}}",
    )
    assert row(execution_id).state == "SUCCESS"
    assert sorted(log_of(people, execution_id, "a")) == ["ERROR two", "INFO one ******"]
    assert messages(execution_id) == ["of b"]


def test_a_failed_attempt_keeps_its_file_and_tells_its_error(people: Cast, folder: Path):
    execution_id = ran(people, folder, f"  - {{id: a, type: {SHELL}, logToFile: true, commands: [echo one, exit 3]}}")
    assert row(execution_id).state == "FAILED"
    assert log_of(people, execution_id, "a") == ["INFO one"]
    assert messages(execution_id) == ["Command failed with exit code 3"], "an error is told once"


def test_tasks_of_a_working_directory_have_a_file_each(people: Cast, folder: Path):
    tasks = "\n".join(
        f"      - {{id: {name}, type: {CORE}.log.Log, message: of {name}, logToFile: true}}" for name in ("a", "b")
    )
    execution_id = ran(people, folder, f"  - id: d\n    type: {CORE}.flow.WorkingDirectory\n    tasks:\n{tasks}")
    assert [log_of(people, execution_id, name) for name in ("a", "b")] == [["INFO of a"], ["INFO of b"]]
    assert messages(execution_id) == []


def test_the_least_level_holds_for_the_file_too(people: Cast, folder: Path):
    task = f"{{id: a, type: {SHELL}, logToFile: true, logLevel: ERROR, commands: [echo one; echo two >&2]}}"
    assert log_of(people, ran(people, folder, f"  - {task}"), "a") == ["ERROR two"]
