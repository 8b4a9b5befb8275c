"""What a job may ask about executions: its own children's outputs, and a clear refusal for what is not served."""

from __future__ import annotations

import pytest

from control_plane.kernel.scope import tenant_scope
from control_plane.kernel.words.errors import Forbidden, NotFound
from executions.job_places import call, place_of
from executions.models import Execution
from tests.cast import ACME, Cast
from tests.executions.ground import log_flow, save, start, task_runs

pytestmark = pytest.mark.django_db


def test_outputs_of_children_come_in_the_order_of_their_batches(people: Cast) -> None:
    save(people, log_flow())
    parent = start(people)
    (run,) = task_runs(parent.id)
    for batch, outputs in ((2, {"n": 2}), (0, {"n": "old"}), (0, {"n": 0}), (1, None)):
        child = start(people)
        with tenant_scope(ACME):
            Execution.objects.filter(id=child.id).update(
                parent_id=parent.id, parent_task_run_id=run.id, parent_iteration=batch, outputs=outputs
            )
    with tenant_scope(ACME):
        place = place_of(parent.id, run.id)
        assert call(place, "executions", "child_outputs", {"task_id": "log0"}) == [{"n": 0}, {"n": 2}]
        with pytest.raises(NotFound):
            call(place, "executions", "child_outputs", {"task_id": "nobody"})


@pytest.mark.parametrize(
    ("service", "method"),
    [("executions", "resume"), ("executions", "purge"), ("logs", "purge"), ("triggers", "toggle")],
)
def test_what_is_not_served_is_refused_by_what_it_does(people: Cast, service: str, method: str) -> None:
    save(people, log_flow())
    parent = start(people)
    with tenant_scope(ACME):
        place = place_of(parent.id, task_runs_id(parent.id))
        with pytest.raises(Forbidden, match="not supported"):
            call(place, service, method, {"anything": 1})


def task_runs_id(execution_id: str) -> str:
    return task_runs(execution_id)[0].id
