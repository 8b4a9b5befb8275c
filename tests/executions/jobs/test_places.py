"""What a job may ask about executions: its own children's outputs, and nothing that is not served."""

from __future__ import annotations

import pytest

from control_plane.kernel.scope import tenant_scope
from control_plane.kernel.words.errors import BadParameter, NotFound
from executions.jobs.places import call, place_of
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


def test_what_nobody_serves_is_a_bad_request(people: Cast) -> None:
    save(people, log_flow())
    parent = start(people)
    with tenant_scope(ACME):
        place = place_of(parent.id, task_runs(parent.id)[0].id)
        with pytest.raises(BadParameter, match="nothing serves"):
            call(place, "executions", "nothing", {})
        with pytest.raises(BadParameter, match="other arguments"):
            call(place, "executions", "count", {"anything": 1})
