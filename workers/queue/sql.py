"""The statements of the queue, by name."""

from __future__ import annotations

JOB_COLUMNS = (
    "id, tenant_id, group_key, kind, subject_id, part_id, attempt, key, payload, phase, worker_id, claimed_at,"
    " last_report, kill_at, EXTRACT(EPOCH FROM lease_until - clock_timestamp())::float8"
)

INSERT_JOBS = """
INSERT INTO job (id, tenant_id, group_key, kind, subject_id, part_id, attempt, key, payload, phase, due_at, offered_at,
    offers, worker_id, claim_request, last_report, fallback)
VALUES {rows} ON CONFLICT (tenant_id, subject_id, part_id, attempt, key) DO NOTHING"""
JOB_ROW = "(%s, %s, %s, %s, %s, %s, %s, %s, %s, 'queued', %s, clock_timestamp(), 1, '', '', '', %s)"

_QUEUED = "group_key = %(group)s AND phase = 'queued'"
_ALLOWED = " AND tenant_id = ANY(%(tenants)s::text[])"

# What a line may still have of a worker: what is reserved for it, and, unless it is strict, what others leave of the
# rest.
_ROOM = """(
    WITH in_hand AS (
        SELECT line.key, line.reserved, count(job.id) AS jobs
        FROM unnest(%(lines)s::text[], %(reserved)s::int[]) AS line(key, reserved)
        LEFT JOIN job ON job.worker_id = %(worker)s AND job.phase <> 'queued' AND job.group_key = line.key
        GROUP BY line.key, line.reserved
    )
    SELECT CASE WHEN %(strict)s THEN own.reserved - own.jobs
        ELSE GREATEST(0, own.reserved - own.jobs)
            + GREATEST(0, %(shared)s - (SELECT sum(GREATEST(0, jobs - reserved)) FROM in_hand)) END
    FROM in_hand AS own WHERE own.key = %(group)s
)::int8"""

# Two claims of one worker at once would each find the same room.
ONE_CLAIM_AT_A_TIME = "SELECT pg_advisory_xact_lock(hashtextextended('claim:' || %(worker)s, 0))"


# Tenants in turn, beginning after the one that was served last, and no more of them than jobs are asked for; of each
# its oldest. What another claim holds is passed over, and what it has taken meanwhile is seen when the row is locked.
# Each row is looked up by itself, so that the cost follows what is asked for, however long the queue is.
def claim_many(*, is_kept: bool = False, is_bounded: bool = False) -> str:
    """Up to so many jobs of one line; `is_kept` for some tenants, `is_bounded` by what it may have of the worker."""
    queued = _QUEUED + _ALLOWED * is_kept
    room = _ROOM if is_bounded else "%(most)s"
    return f"""
WITH RECURSIVE later AS (
    (SELECT tenant_id, 1 AS place FROM job
     WHERE {queued} AND tenant_id > %(after)s ORDER BY tenant_id LIMIT 1)
    UNION ALL
    SELECT (SELECT job.tenant_id FROM job
            WHERE {queued} AND job.tenant_id > later.tenant_id ORDER BY job.tenant_id LIMIT 1), place + 1
    FROM later WHERE later.tenant_id IS NOT NULL AND place < %(most)s
), sooner AS (
    (SELECT tenant_id, %(most)s + 1 AS place FROM job
     WHERE {queued} AND tenant_id <= %(after)s AND (SELECT count(tenant_id) FROM later) < %(most)s
     ORDER BY tenant_id LIMIT 1)
    UNION ALL
    SELECT (SELECT job.tenant_id FROM job
            WHERE {queued} AND job.tenant_id > sooner.tenant_id AND job.tenant_id <= %(after)s
            ORDER BY job.tenant_id LIMIT 1), place + 1
    FROM sooner WHERE sooner.tenant_id IS NOT NULL AND place < 2 * %(most)s
), tenant AS MATERIALIZED (
    SELECT tenant_id, place FROM later WHERE tenant_id IS NOT NULL
    UNION ALL SELECT tenant_id, place FROM sooner WHERE tenant_id IS NOT NULL
), waiting AS MATERIALIZED (
    SELECT oldest.id, row_number() OVER (ORDER BY oldest.turn, tenant.place) AS place
    FROM tenant CROSS JOIN LATERAL (
        SELECT id, row_number() OVER (ORDER BY due_at) AS turn FROM (
            SELECT id, due_at FROM job
            WHERE {queued} AND tenant_id = tenant.tenant_id AND due_at <= clock_timestamp()
            ORDER BY due_at LIMIT %(most)s / (SELECT GREATEST(1, count(*)) FROM tenant) + 17
        ) AS first
    ) AS oldest
    ORDER BY place
), picked AS MATERIALIZED (
    SELECT free.id, waiting.place FROM waiting CROSS JOIN LATERAL (
        SELECT id FROM job WHERE job.id = waiting.id AND phase = 'queued' FOR UPDATE SKIP LOCKED
    ) AS free
    LIMIT GREATEST(0, LEAST(%(most)s - (
        SELECT count(*) FROM job
        WHERE worker_id = %(worker)s AND claim_request = %(request)s AND phase <> 'queued'
    ), {room}))
), taken AS (
    UPDATE job SET phase = 'leased', worker_id = %(worker)s, claim_request = %(request)s,
        claimed_at = clock_timestamp(), lease_until = clock_timestamp() + make_interval(secs => %(lease)s)
    FROM picked WHERE job.id = picked.id
    RETURNING job.*, picked.place
)
SELECT {JOB_COLUMNS} FROM taken ORDER BY place"""


CLAIM = claim_many()

_NOT_TAKEN = """NOT EXISTS (
    SELECT FROM job WHERE worker_id = %(worker)s AND claim_request = %(request)s AND phase <> 'queued'
)"""


def _claim_one(side: str, *, is_kept: bool = False, is_bounded: bool = False) -> str:
    """The oldest job of the first tenant on one side of the one that was served last."""
    more = _ALLOWED * is_kept + f" AND {_ROOM} > 0" * is_bounded
    return f"""
UPDATE job SET phase = 'leased', worker_id = %(worker)s, claim_request = %(request)s, claimed_at = clock_timestamp(),
    lease_until = clock_timestamp() + make_interval(secs => %(lease)s)
WHERE id = (
    SELECT id FROM job
    WHERE group_key = %(group)s AND phase = 'queued' AND tenant_id {side} %(after)s AND due_at <= clock_timestamp()
      AND {_NOT_TAKEN}{more}
    ORDER BY tenant_id, due_at LIMIT 1 FOR UPDATE SKIP LOCKED
) RETURNING {JOB_COLUMNS}"""


# For a single job these two together do what CLAIM does, at a fraction of the planning. After it they find the one that
# it did not, when others held whatever it had looked at.
CLAIM_ONE_AFTER = _claim_one(">")
CLAIM_ONE_UP_TO = _claim_one("<=")


def claim_one(*, is_kept: bool = False, is_bounded: bool = False) -> list[str]:
    """Both of them for a line."""
    return [_claim_one(side, is_kept=is_kept, is_bounded=is_bounded) for side in (">", "<=")]


# What a repeated request took the first time and has not begun.
CLAIMED_BEFORE = f"""
SELECT {JOB_COLUMNS} FROM job
WHERE worker_id = %s AND claim_request = %s AND phase <> 'queued' ORDER BY due_at, id"""

# Each is looked up by its own key, and the subject is no way to it: what the planner holds of a queue that was empty
# when it looked sends it through all jobs of a tenant or of a subject for one of them. SELECT hides how many are
# wanted, so that one plan serves every number: making it costs five times its run.
LOCK_JOBS = f"""
SELECT {JOB_COLUMNS} FROM unnest((SELECT %s::text[])) AS wanted(job_id) CROSS JOIN LATERAL (
    SELECT * FROM job WHERE job.id = wanted.job_id AND job.subject_id || '' = %s FOR UPDATE
) AS job"""

MARK_REPORTED = "UPDATE job SET phase = CASE WHEN %s THEN 'started' ELSE phase END, last_report = %s WHERE id = %s"

END_JOB = "DELETE FROM job WHERE id = %s"

# Of a subject that is gone; only by whoever has the job, when somebody says so.
END_JOBS_OF_NOBODY = """
DELETE FROM job WHERE id = ANY(%s) AND subject_id = %s AND (%s::text IS NULL OR worker_id = %s)"""

END_JOBS_OF = "DELETE FROM job WHERE subject_id = %s"

# What nobody has taken is withdrawn; what is in a worker's hand is to be stopped there.
WITHDRAW = "DELETE FROM job WHERE subject_id = %s AND part_id = ANY(%s) AND phase = 'queued'"

ASK_KILL = """
UPDATE job SET kill_at = COALESCE(kill_at, clock_timestamp())
WHERE subject_id = %s AND part_id = ANY(%s) AND phase <> 'queued' RETURNING worker_id, id, tenant_id, subject_id"""

# All jobs of a subject go at once; those in a worker's hand are named, so that it can be told.
WITHDRAW_ALL = """
WITH gone AS (DELETE FROM job WHERE subject_id = %s RETURNING worker_id, id, tenant_id, subject_id, phase)
SELECT worker_id, id, tenant_id, subject_id FROM gone WHERE phase <> 'queued'"""

RENEW = """
UPDATE job SET lease_until = clock_timestamp() + make_interval(secs => %s)
WHERE worker_id = %s AND id = ANY(%s) AND phase <> 'queued' AND lease_until > clock_timestamp()
RETURNING id, kill_at IS NOT NULL"""

HAND_BACK = """
UPDATE job SET phase = 'queued', worker_id = '', claim_request = '', claimed_at = NULL, lease_until = NULL,
    offered_at = clock_timestamp()
WHERE worker_id = %s AND id = ANY(%s) AND phase = 'leased' AND kill_at IS NULL RETURNING id, group_key"""

KILLS_OF = """
SELECT tenant_id, subject_id, id, EXTRACT(EPOCH FROM kill_at)::float8 FROM job
WHERE worker_id = %s AND kill_at IS NOT NULL AND phase <> 'queued'"""

KINDS_OF = "SELECT id, kind FROM job WHERE id = ANY(%s)"

ENDED_LEASES = """
SELECT tenant_id, subject_id, id, kind FROM job
WHERE phase <> 'queued' AND lease_until < clock_timestamp() ORDER BY lease_until LIMIT %s"""

# Back-off: a job is offered again after 5, 10, 20 ... at most 120 s.
OFFER_AGAIN = """
UPDATE job SET offered_at = clock_timestamp(), offers = offers + 1
WHERE id IN (
    SELECT id FROM job
    WHERE phase = 'queued' AND due_at <= clock_timestamp()
      AND offered_at < clock_timestamp() - make_interval(secs => LEAST(%s * 2 ^ (offers - 1), 120))
    ORDER BY offered_at LIMIT %s FOR UPDATE SKIP LOCKED
) RETURNING group_key"""

# Lines in which jobs wait that do not wait for ever; each is looked up by itself, however many there are.
IMPATIENT_LINES = """
WITH RECURSIVE line AS (
    (SELECT group_key FROM job WHERE phase = 'queued' AND fallback <> '' ORDER BY group_key LIMIT 1)
    UNION ALL
    SELECT (SELECT job.group_key FROM job WHERE phase = 'queued' AND fallback <> ''
              AND job.group_key > line.group_key ORDER BY job.group_key LIMIT 1)
    FROM line WHERE line.group_key IS NOT NULL
)
SELECT group_key FROM line WHERE group_key IS NOT NULL"""

UNSERVED = """
SELECT id, tenant_id, subject_id, kind, group_key, payload, fallback FROM job
WHERE phase = 'queued' AND fallback <> '' AND group_key = ANY(%s)
  AND due_at < clock_timestamp() - make_interval(secs => %s) LIMIT %s"""

UNROUTED_JOBS = """
SELECT id, tenant_id, subject_id, kind, group_key, payload, fallback FROM job
WHERE phase = 'queued' AND group_key = %s LIMIT %s"""

# In the default line everybody is served.
MOVE_JOB = """
UPDATE job SET group_key = %s, fallback = CASE WHEN %s = 'default' THEN '' ELSE fallback END,
    offered_at = clock_timestamp()
WHERE id = %s AND phase = 'queued' RETURNING group_key"""

# Jobs of tenants that a line does not take any more look for another one.
LET_GO = """
UPDATE job SET group_key = %s WHERE group_key = %s AND phase = 'queued' AND NOT tenant_id = ANY(%s::text[])"""

LIVE_LEASE = """
SELECT kind, subject_id, part_id, attempt, key, payload FROM job
WHERE id = %s AND attempt = %s AND phase <> 'queued' AND lease_until > clock_timestamp() AND kill_at IS NULL"""

TOKEN = """
SELECT token.id, token.group_id FROM worker_group_token AS token
WHERE token.hash = %s AND token.revoked_at IS NULL
  AND (token.expires_at IS NULL OR token.expires_at > clock_timestamp())"""

# The group of a live token and its queues, and the worker if it joined by this very token and has not left.
MEMBER = """
SELECT token.group_id, worker.id, COALESCE(worker.is_draining, false), COALESCE(worker.slots, 0), (
    SELECT json_agg(json_build_array(queue.id, own.reserved_percent, own.mode, queue.allowed_tenants))
    FROM worker_subscription AS own JOIN worker_queue AS queue ON queue.id = own.queue_id
    WHERE own.group_id = token.group_id
)
FROM worker_group_token AS token
LEFT JOIN worker ON worker.token_id = token.id AND worker.id = %s AND worker.left_at IS NULL
WHERE token.hash = %s AND token.revoked_at IS NULL
  AND (token.expires_at IS NULL OR token.expires_at > clock_timestamp())"""

# The rate is that between two heartbeats, smoothed a little.
SEEN = """
UPDATE worker SET seen_at = clock_timestamp(), ended = GREATEST(ended, %s),
    ended_rate = ended_rate / 2 + GREATEST(0, %s - ended)
        / GREATEST(0.1, EXTRACT(EPOCH FROM clock_timestamp() - seen_at))::float8 / 2
WHERE id = %s"""


def rows(statement: str, row: str, count: int) -> str:
    """A statement that writes so many rows."""
    return statement.format(rows=", ".join([row] * count))
