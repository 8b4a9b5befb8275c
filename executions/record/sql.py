"""The statements of the hot path, by name. Everything else goes through the models."""

from __future__ import annotations

from executions.record.rows import EXECUTION_COLUMNS, SHOWN_TASK_RUN_COLUMNS, TASK_RUN_COLUMNS

# Of the scope that is open. Row-level security says the same once more; each wall stands without the other.
OF_THIS_TENANT = "tenant_id = NULLIF(current_setting('orrery.tenant', true), '')"

LOCK_EXECUTION = f"""SELECT {EXECUTION_COLUMNS}, clock_timestamp() FROM execution
WHERE id = %s AND {OF_THIS_TENANT} FOR UPDATE"""

# Passes by one that somebody else holds.
LOCK_EXECUTION_IF_FREE = f"{LOCK_EXECUTION} SKIP LOCKED"

READ_EXECUTION = f"SELECT {EXECUTION_COLUMNS} FROM execution WHERE id = %s AND {OF_THIS_TENANT}"

# Held while a child is started, so that a kill of the parent comes before it or finds it.
SHARE_EXECUTION = f"SELECT {EXECUTION_COLUMNS} FROM execution WHERE id = %s AND {OF_THIS_TENANT} FOR SHARE"

VERSION = f"SELECT version FROM execution WHERE id = %s AND {OF_THIS_TENANT}"

NOW = "SELECT clock_timestamp()"

# A task run by its own key: the execution is no way to it, it may have thousands. `(SELECT %s)` around keys: see
# workers/queue/sql.py:LOCK_JOBS.
_OF_EXECUTION = "task_run.execution_id || '' = %s"
TASK_RUN = f"SELECT {TASK_RUN_COLUMNS} FROM task_run WHERE {_OF_EXECUTION} AND id = %s"

# Task runs, those of jobs too.
TASK_RUNS = f"""
SELECT {TASK_RUN_COLUMNS} FROM (
    SELECT DISTINCT unnest((SELECT %s::text[]) || ARRAY(
        SELECT (SELECT part_id::text FROM job WHERE job.id = given.job_id)
        FROM unnest((SELECT %s::text[])) AS given(job_id)
    )) AS run_id
) AS wanted CROSS JOIN LATERAL (
    SELECT * FROM task_run WHERE task_run.id = wanted.run_id AND {_OF_EXECUTION} OFFSET 0
) AS task_run"""

# An end is told from child to parent.
TASK_RUNS_WITH_ANCESTORS = f"""
WITH RECURSIVE up AS (
    SELECT task_run.*, 0 AS height FROM unnest((SELECT %s::text[])) AS wanted(run_id) CROSS JOIN LATERAL (
        SELECT * FROM task_run WHERE task_run.id = wanted.run_id AND {_OF_EXECUTION} OFFSET 0
    ) AS task_run
    UNION ALL
    SELECT task_run.*, up.height + 1 FROM task_run JOIN up ON task_run.id = up.parent_id
    WHERE task_run.execution_id || '' = up.execution_id
)
SELECT {TASK_RUN_COLUMNS} FROM up ORDER BY height"""

# With the value of the turn that a loop begins next.
LOOPS = f"""
SELECT {TASK_RUN_COLUMNS}, items -> (frame ->> 'next')::int FROM task_run WHERE {_OF_EXECUTION} AND id = %s"""

ITEMS = f"SELECT items FROM task_run WHERE {_OF_EXECUTION} AND id = %s"

TURN_OUTPUTS = f"""SELECT (loop_run ->> 'index')::int, outputs FROM execution
WHERE parent_id = %s AND parent_task_run_id = %s AND state IN ('SUCCESS', 'WARNING') AND outputs IS NOT NULL
  AND {OF_THIS_TENANT} ORDER BY end_date, id"""

# Of a turn that was tried anew, the last.
TURN_STATES = f"""SELECT DISTINCT ON (parent_iteration) parent_iteration, id, state FROM execution
WHERE parent_id = %s AND parent_task_run_id = %s AND {OF_THIS_TENANT}
ORDER BY parent_iteration, attempt_number DESC, updated_at DESC"""

ITEM = f"SELECT items -> %s FROM task_run WHERE {_OF_EXECUTION} AND id = %s"

OUTPUTS = """SELECT id, path, outputs FROM task_run
WHERE execution_id = %s AND task_id = %s
AND (%s::text[] IS NULL OR path = '{}' OR path[1] = ANY (%s::text[])) ORDER BY seq"""

STATES = "SELECT id, path, state FROM task_run WHERE execution_id = %s AND task_id = %s ORDER BY seq"

_UNFINISHED = (
    "state NOT IN ('SUCCESS', 'WARNING', 'FAILED', 'KILLED', 'CANCELLED', 'RETRIED', 'SKIPPED', 'RESUBMITTED')"
)

UNFINISHED = f"""SELECT {TASK_RUN_COLUMNS} FROM task_run
WHERE execution_id = %s AND parent_id IS NOT DISTINCT FROM %s AND {_UNFINISHED} ORDER BY seq"""

CHILDREN = f"""SELECT {TASK_RUN_COLUMNS} FROM task_run
WHERE execution_id = %s AND parent_id IS NOT DISTINCT FROM %s ORDER BY seq"""

ALL_TASK_RUNS = f"SELECT {TASK_RUN_COLUMNS} FROM task_run WHERE execution_id = %s ORDER BY seq"

# Of an execution that has at most so many.
FEW_TASK_RUNS = f"""SELECT {SHOWN_TASK_RUN_COLUMNS} FROM task_run
WHERE execution_id = %s AND (SELECT task_run_count FROM execution WHERE id = %s) <= %s ORDER BY seq"""

COUNTED_TASK_RUNS = """
WITH counted AS (
    SELECT task_id, state, count(*) AS count, max(seq) AS newest FROM task_run
    WHERE execution_id = %s GROUP BY task_id, state
)
SELECT counted.task_id, counted.state, counted.count, task_run.id
FROM counted JOIN task_run ON task_run.execution_id = %s AND task_run.seq = counted.newest ORDER BY counted.newest"""

PAGE_OF_TASK_RUNS = f"SELECT {SHOWN_TASK_RUN_COLUMNS} FROM task_run WHERE {{where}} ORDER BY seq LIMIT %s OFFSET %s"

COUNT_OF_TASK_RUNS = "SELECT count(*) FROM task_run WHERE {where}"

CHILDREN_COUNTED = """SELECT parent_id, count(*) FROM task_run
WHERE execution_id = %s AND parent_id = ANY(%s) GROUP BY parent_id"""

SHOWN_TASK_RUN = f"SELECT {SHOWN_TASK_RUN_COLUMNS} FROM task_run WHERE {_OF_EXECUTION} AND id = %s"

WAY_TO_TASK_RUN = f"""
WITH RECURSIVE up AS (
    SELECT id, parent_id, seq, 0 AS height FROM task_run WHERE {_OF_EXECUTION} AND id = %s
    UNION ALL
    SELECT task_run.id, task_run.parent_id, task_run.seq, up.height + 1
    FROM task_run JOIN up ON task_run.id = up.parent_id
)
SELECT up.id, (
    SELECT count(*) FROM task_run
    WHERE execution_id = %s AND parent_id IS NOT DISTINCT FROM up.parent_id AND seq < up.seq
) FROM up ORDER BY height DESC"""

ITEMS_OF_ALL = "SELECT id, items FROM task_run WHERE execution_id = %s AND items IS NOT NULL"

ERROR_LOGS = """SELECT task_id, task_run_id, attempt, at, message FROM log_entry
WHERE execution_id = %s AND level = 'ERROR' ORDER BY seq LIMIT 1000"""

INSERT_EXECUTION = """
INSERT INTO execution (id, tenant_id, namespace, flow_id, flow_revision, revision_id, state, history, labels, inputs,
    outputs, variables, trigger, parent_id, parent_task_run_id, parent_iteration, original_id, kind, breakpoints,
    schedule_date, attempt_number, original_created_date, task_run_count, frame, start_date, end_date, updated_at,
    version, log_seq, loop_run)
VALUES (%s, %s, %s, %s, %s, %s, %s, %s, %s, %s, %s, %s, %s, %s, %s, %s, %s, %s, %s, %s, %s, %s, %s, %s, %s, %s, %s,
    1, %s, %s)"""

UPDATE_EXECUTION = """
UPDATE execution SET state = %s, history = %s, labels = %s, outputs = %s, variables = %s, breakpoints = %s,
    task_run_count = %s, frame = %s, end_date = %s, updated_at = %s, version = %s, log_seq = %s
WHERE id = %s"""

# Only a line or a task run was added: the wide columns stay as they are.
TOUCH_EXECUTION = "UPDATE execution SET updated_at = %s, version = %s, log_seq = %s WHERE id = %s"

INSERT_TASK_RUNS = """
INSERT INTO task_run (id, tenant_id, execution_id, task_id, seq, state, history, parent_id, value, iteration, lane,
    position, branch, attempts, outputs, frame, items, waits_for, path)
VALUES {rows}"""
TASK_RUN_ROW = "(%s, %s, %s, %s, %s, %s, %s, %s, %s, %s, %s, %s, %s, %s, %s, %s, %s, %s, %s::text[])"

# `items` is written once, when the loop begins.
UPDATE_TASK_RUN = """
UPDATE task_run SET state = %s, history = %s, attempts = %s, outputs = %s, frame = %s, iteration = %s, waits_for = %s,
    items = COALESCE(%s, items)
WHERE id = %s"""

DELETE_TASK_RUNS = "DELETE FROM task_run WHERE execution_id = %s AND id = ANY(%s)"

INSERT_LOGS = """
INSERT INTO log_entry (id, tenant_id, execution_id, seq, namespace, flow_id, task_id, task_run_id, attempt, at, level,
    message)
VALUES {rows}"""
LOG_ROW = "(%s, %s, %s, %s, %s, %s, %s, %s, %s, %s, %s, %s)"

INSERT_METRICS = """
INSERT INTO metric (id, tenant_id, execution_id, namespace, flow_id, task_id, task_run_id, at, type, name, value, tags)
VALUES {rows}"""
METRIC_ROW = "(%s, %s, %s, %s, %s, %s, %s, %s, %s, %s, %s, %s)"

LINES_AFTER = """
SELECT seq, at, level, message, task_id, task_run_id, attempt FROM log_entry
WHERE execution_id = %s AND seq > %s{where} ORDER BY seq LIMIT %s"""

SET_TIMER = """
INSERT INTO timer (id, tenant_id, execution_id, key, due_at) VALUES (%s, %s, %s, %s, %s)
ON CONFLICT (tenant_id, execution_id, key) DO UPDATE SET due_at = excluded.due_at"""

HOLDING_TENANTS = "SELECT DISTINCT tenant_id FROM timer WHERE key = %s AND due_at = %s"

RELEASE_HELD = "UPDATE timer SET due_at = clock_timestamp() WHERE key = %s AND due_at = %s"

END_RESTS = "UPDATE timer SET due_at = clock_timestamp() WHERE execution_id = %s AND key LIKE ANY(%s)"

CANCEL_TIMERS = "DELETE FROM timer WHERE execution_id = %s AND key = ANY(%s)"

CANCEL_ALL_TIMERS = "DELETE FROM timer WHERE execution_id = %s"

TAKE_TIMER = "DELETE FROM timer WHERE id = %s AND due_at <= clock_timestamp() RETURNING execution_id, key"

INSERT_DUE_EVENT = """
INSERT INTO outbox_event (id, tenant_id, kind, execution_id, key, payload, due_at)
VALUES (%s, %s, %s, %s, %s, %s, %s) ON CONFLICT (tenant_id, key) DO NOTHING RETURNING id"""

TAKE_DUE_EVENT = """
DELETE FROM outbox_event WHERE id = (SELECT id FROM outbox_event WHERE id = %s FOR UPDATE SKIP LOCKED)
RETURNING kind, execution_id, payload"""

# Whoever fills or frees a place of a flow does it alone.
LOCK_SLOTS = "SELECT pg_advisory_xact_lock(hashtextextended(%s, 0))"

TAKE_SLOT = """
INSERT INTO concurrency_slot (id, tenant_id, namespace, flow_id, number, execution_id)
SELECT %s, %s, %s, %s, place, %s FROM generate_series(1, %s) AS place
WHERE NOT EXISTS (
    SELECT FROM concurrency_slot WHERE namespace = %s AND flow_id = %s AND number = place
) ORDER BY place LIMIT 1 RETURNING number"""

FREE_SLOT = "DELETE FROM concurrency_slot WHERE execution_id = %s RETURNING namespace, flow_id, number"

LONGEST_QUEUED = """
SELECT id FROM execution
WHERE namespace = %s AND flow_id = %s AND state = 'QUEUED'
  AND NOT EXISTS (SELECT FROM concurrency_slot WHERE execution_id = execution.id)
ORDER BY start_date, id LIMIT 1"""

COUNT_SLOTS = "SELECT count(*) FROM concurrency_slot WHERE namespace = %s AND flow_id = %s"

FREE_LEFT_OVER = """
DELETE FROM concurrency_slot AS slot WHERE namespace = %s AND flow_id = %s AND NOT EXISTS (
    SELECT FROM execution WHERE execution.id = slot.execution_id AND (
        execution.end_date IS NULL OR COALESCE(execution.frame ->> 'stage', 'done') <> 'done'))"""

GIVE_SLOT = """
INSERT INTO concurrency_slot (id, tenant_id, namespace, flow_id, number, execution_id)
VALUES (%s, %s, %s, %s, %s, %s)"""

TURNS_BELOW = f"""
WITH RECURSIVE below AS (
    SELECT id, namespace, flow_id, end_date FROM execution
    WHERE parent_id = ANY(%s) AND kind = 'LOOP' AND {OF_THIS_TENANT}
    UNION ALL
    SELECT execution.id, execution.namespace, execution.flow_id, execution.end_date
    FROM execution JOIN below ON execution.parent_id = below.id
    WHERE execution.kind = 'LOOP' AND execution.{OF_THIS_TENANT}
)
SELECT id, namespace, flow_id, end_date IS NOT NULL FROM below"""

# Over means that nothing of it runs any more, `afterExecution` included: it has no job and no place under a limit.
HOLD_OVER = f"""
SELECT id, namespace, flow_id, state FROM execution
WHERE id = ANY(%s) AND end_date IS NOT NULL AND COALESCE(frame ->> 'stage', 'done') = 'done' AND {OF_THIS_TENANT}
ORDER BY id FOR UPDATE"""

# How many went is told, since a batch counts what it did.
_COUNTED = (
    "WITH gone AS (DELETE FROM {} WHERE {} = ANY(%s) AND " + OF_THIS_TENANT + " RETURNING 1) SELECT count(*) FROM gone"
)
DELETE_OVER = (
    _COUNTED.format("task_run", "execution_id"),
    f"DELETE FROM timer WHERE execution_id = ANY(%s) AND {OF_THIS_TENANT}",
    f"DELETE FROM outbox_event WHERE execution_id = ANY(%s) AND {OF_THIS_TENANT}",
    _COUNTED.format("execution", "id"),
)
DELETE_LOGS_OF = _COUNTED.format("log_entry", "execution_id")
DELETE_METRICS_OF = _COUNTED.format("metric", "execution_id")

CHILD_EXECUTIONS = """
SELECT id FROM execution WHERE parent_id = %s AND parent_task_run_id = ANY(%s) AND end_date IS NULL"""

# Those that tasks have started, however deep: what repeats an execution names it too, but no task of it.
UNFINISHED_BELOW = f"""
WITH RECURSIVE below AS (
    SELECT id, end_date FROM execution
    WHERE parent_id = %s AND parent_task_run_id IS NOT NULL AND {OF_THIS_TENANT}
    UNION ALL
    SELECT execution.id, execution.end_date FROM execution JOIN below ON execution.parent_id = below.id
    WHERE execution.parent_task_run_id IS NOT NULL AND execution.{OF_THIS_TENANT}
)
SELECT id FROM below WHERE end_date IS NULL"""

# An execution and those above it whose tasks have started it, the outermost first.
LINEAGE = f"""
WITH RECURSIVE up AS (
    SELECT execution.*, 0 AS height, 0 AS flows FROM execution WHERE id = %s AND {OF_THIS_TENANT}
    UNION ALL
    SELECT execution.*, up.height + 1, up.flows + (execution.kind IS DISTINCT FROM 'LOOP')::int
    FROM execution JOIN up ON execution.id = up.parent_id
    WHERE up.parent_task_run_id IS NOT NULL AND up.flows < %s AND execution.{OF_THIS_TENANT}
)
SELECT namespace || '.' || flow_id, state, kind FROM up ORDER BY height DESC"""

# Repetitions that are still to come, of executions that these task runs have started.
REPETITIONS_TO_COME = f"""
SELECT outbox_event.id FROM outbox_event JOIN execution ON execution.id = outbox_event.execution_id
WHERE outbox_event.kind = 'start_again' AND execution.parent_id = %s AND execution.parent_task_run_id = ANY(%s)
  AND execution.{OF_THIS_TENANT}"""

# Each has at most one parent, so the way up is a line.
ANCESTORS = f"""
WITH RECURSIVE up AS (
    SELECT parent_id, 1 AS height FROM execution WHERE id = %s AND {OF_THIS_TENANT}
    UNION ALL
    SELECT execution.parent_id, up.height + 1 FROM execution JOIN up ON execution.id = up.parent_id
    WHERE up.height < %s AND execution.{OF_THIS_TENANT}
)
SELECT parent_id FROM up WHERE parent_id IS NOT NULL"""

DESCENDANTS = f"""
WITH RECURSIVE down AS (
    SELECT id, 0 AS depth FROM execution WHERE id = ANY(%s) AND {OF_THIS_TENANT}
    UNION
    SELECT execution.id, down.depth + 1 FROM execution JOIN down ON execution.parent_id = down.id
    WHERE down.depth < %s AND execution.{OF_THIS_TENANT}
)
SELECT DISTINCT id FROM down WHERE depth > 0 LIMIT %s"""

DUE_TIMERS = """
SELECT tenant_id, id, execution_id, key FROM timer WHERE due_at <= clock_timestamp() ORDER BY due_at LIMIT %s"""

OPEN_OPERATIONS = "SELECT tenant_id, id FROM bulk_operation WHERE ended_at IS NULL ORDER BY created_at LIMIT %s"

ITEMS_OF_OPERATION = f"""
SELECT item FROM bulk_operation,
    jsonb_array_elements_text(execution_ids) WITH ORDINALITY AS items (item, number)
WHERE number > %s::bigint AND number <= %s::bigint AND id = %s AND {OF_THIS_TENANT} ORDER BY number"""

HOLD_OPERATION = f"""SELECT done FROM bulk_operation
WHERE id = %s AND ended_at IS NULL AND {OF_THIS_TENANT} FOR UPDATE SKIP LOCKED"""

# `failures` is what people look at: the first ones tell enough.
COUNT_ITEM = f"""
UPDATE bulk_operation SET done = done + 1,
    ended_at = CASE WHEN done + 1 >= total THEN clock_timestamp() END,
    failures = CASE WHEN failed < %s THEN failures || %s::jsonb ELSE failures END,
    failed = failed + %s
WHERE id = %s AND {OF_THIS_TENANT}"""

STATES_OF = f"SELECT id, state FROM execution WHERE id = ANY(%s) AND {OF_THIS_TENANT}"

NAMESPACES_OF = f"SELECT id, namespace FROM execution WHERE id = ANY(%s) AND {OF_THIS_TENANT}"

ORPHANED_DUE_EVENTS = """
SELECT tenant_id, id FROM outbox_event WHERE due_at <= clock_timestamp() - make_interval(secs => %s)
ORDER BY due_at LIMIT %s"""


def rows(statement: str, row: str, count: int) -> str:
    """A statement that writes so many rows."""
    return statement.format(rows=", ".join([row] * count))
