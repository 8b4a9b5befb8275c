"""One execution, whole."""

from __future__ import annotations

from control_plane.kernel.pipeline import Pipeline
from control_plane.kernel.words.errors import ControlPlaneError, NotFound
from executions.engine.records import TaskRun
from executions.engine.variables import variables_of
from executions.record import sql
from executions.record.flow_source import running_revision
from executions.record.ledger import DbLedger
from executions.record.rows import Kept, execution_from


def no_execution(execution_id: str) -> NotFound:
    """What is said of one that is not there, or is hidden from whoever asks."""
    return NotFound(f"Execution '{execution_id}' was not found")


def read_execution(execution_id: str) -> tuple[Kept, list[TaskRun]]:
    """With all its task runs, as one moment saw them. NotFound when there is none."""
    for _ in range(_TRIES):
        pipeline = Pipeline()
        place = pipeline.add(sql.READ_EXECUTION, [execution_id])
        runs = pipeline.add(sql.ALL_TASK_RUNS, [execution_id])
        again = pipeline.add(sql.VERSION, [execution_id])
        results = pipeline.run()
        if not results[place] or not results[again]:
            raise no_execution(execution_id)
        kept = execution_from(results[place][0])
        # Each statement sees its own moment: nothing may have been committed between the first and the last.
        if results[again][0][0] == kept.version:
            break
    return kept, DbLedger(kept).admit(results[runs])


_TRIES = 5


def read_shown(execution_id: str) -> tuple[Kept, list[TaskRun]]:
    """The same for whoever looks at it: with the variables of its flow as long as nothing has changed them."""
    kept, runs = read_execution(execution_id)
    try:
        flow = running_revision(kept.revision_id).compiled
    except ControlPlaneError:  # its flow is gone, or says nothing that can be read any more
        return kept, runs
    kept.record.variables = dict(variables_of(flow, kept.record))
    return kept, runs


def read_kept(execution_id: str) -> Kept:
    """Without its task runs. NotFound when there is none."""
    pipeline = Pipeline()
    place = pipeline.add(sql.READ_EXECUTION, [execution_id])
    rows = pipeline.run()[place]
    if not rows:
        raise no_execution(execution_id)
    return execution_from(rows[0])


def namespace_of(execution_id: str) -> str:
    """What rights on it are asked for. NotFound when there is none."""
    return flow_of(execution_id)[0]


def flow_of(execution_id: str) -> tuple[str, str]:
    """The namespace and the id of its flow. NotFound when there is none."""
    pipeline = Pipeline()
    statement = f"SELECT namespace, flow_id FROM execution WHERE id = %s AND {sql.OF_THIS_TENANT}"
    place = pipeline.add(statement, [execution_id])
    rows = pipeline.run()[place]
    if not rows:
        raise no_execution(execution_id)
    namespace, flow_id = rows[0]
    return namespace, flow_id
