"""What task runs brought, over HTTP."""

import pytest

pytestmark = pytest.mark.django_db


def test_task_runs_with_outputs_are_listed_and_read_one_by_one(read, done):
    listed = read(f"outputs/{done.id}")
    assert [each["taskId"] for each in listed] == ["log0", "log1"]
    assert read(f"outputs/{done.id}/{listed[0]['taskRunId']}") == {"value": "log0"}


def test_what_there_is_not_is_404(read, done, people):
    read(f"outputs/{done.id}/nobody", status=404)
    read("outputs/nobody", status=404)
    read(f"outputs/{done.id}", status=404, who=people.otto)


def test_newer_clients_find_them_under_tasks(read, done):
    listed = read(f"outputs/tasks/{done.id}")
    assert listed == read(f"outputs/{done.id}")
    assert read(f"outputs/tasks/{done.id}/{listed[0]['taskRunId']}") == {"value": "log0"}
    assert read(f"outputs/executions/{done.id}") == {}
    read("outputs/executions/nobody", status=404)
