"""An execution of two tasks that has ended, as its readers find it."""

import pytest

from tests.cast import make_cast
from tests.executions.ground import FakeWorker, ended, log_flow, save, start


@pytest.fixture
def people(db):
    return make_cast()


@pytest.fixture
def done(people):
    """Two lines a task, and an output of the first one."""
    save(people, log_flow(tasks=2))
    execution = start(people)
    FakeWorker().work_off(lambda job: ended(job, f"one of {job.task['id']}", "two", value=job.task["id"]))
    return execution


@pytest.fixture
def read(people):
    def fetch(address, /, status=200, who=None, **query):
        answer = (who or people.vera).client.get(f"/api/v1/acme/{address}", query)
        assert answer.status_code == status, (answer.status_code, answer.content)
        return answer if status != 200 or "json" not in answer.headers["Content-Type"] else answer.json()

    return fetch
