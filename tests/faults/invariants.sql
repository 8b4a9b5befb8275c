-- What must hold whatever happened. Each statement returns the rows that break one rule; run them read-only, as a role
-- that sees every tenant. The name of the rule stands in the comment before it.

-- I1 every execution has ended, or something will bring it on
SELECT e.tenant_id, e.id, e.state FROM execution e
WHERE e.end_date IS NULL AND e.state NOT IN ('PAUSED', 'BREAKPOINT', 'QUEUED')
  AND NOT EXISTS (SELECT FROM job WHERE subject_id = e.id)
  AND NOT EXISTS (SELECT FROM timer WHERE execution_id = e.id)
  AND NOT EXISTS (SELECT FROM outbox_event WHERE execution_id = e.id)
  AND NOT EXISTS (SELECT FROM execution c WHERE c.parent_id = e.id AND c.end_date IS NULL);

-- I2 an attempt is recorded once, and attempts are counted 1, 2, 3
SELECT t.tenant_id, t.execution_id, t.id FROM task_run t
WHERE t.attempts <> '[]'::jsonb
  AND (SELECT array_agg((a.value ->> 'number')::int ORDER BY a.ordinality) FROM jsonb_array_elements(t.attempts)
       WITH ORDINALITY AS a)
      IS DISTINCT FROM (SELECT array_agg(n) FROM generate_series(1, jsonb_array_length(t.attempts)) n);

-- I4 no lease ended a minute ago; no job waits a minute while a worker of its group lives
SELECT j.tenant_id, j.id, j.phase FROM job j
WHERE (j.phase <> 'queued' AND j.lease_until < clock_timestamp() - interval '60 seconds')
   OR (j.phase = 'queued' AND j.due_at < clock_timestamp() - interval '60 seconds'
       AND EXISTS (SELECT FROM worker w WHERE w.group_id = j.group_key AND w.left_at IS NULL
                   AND w.seen_at > clock_timestamp() - interval '15 seconds'));

-- I5 after its end an execution starts nothing: no job and no timer is left of one that is done
SELECT e.tenant_id, e.id, e.state FROM execution e
WHERE e.end_date IS NOT NULL AND COALESCE(e.frame ->> 'stage', 'done') = 'done'
  AND (EXISTS (SELECT FROM job WHERE subject_id = e.id) OR EXISTS (SELECT FROM timer WHERE execution_id = e.id));

-- I6 the state is the last word of the history
SELECT tenant_id, id, state FROM execution WHERE state <> history -> -1 ->> 'state'
UNION ALL
SELECT tenant_id, id, state FROM task_run WHERE state <> history -> -1 ->> 'state';

-- I6b nothing of an execution that is done still runs
SELECT t.tenant_id, t.execution_id, t.id FROM task_run t JOIN execution e ON e.id = t.execution_id
WHERE e.end_date IS NOT NULL AND COALESCE(e.frame ->> 'stage', 'done') = 'done'
  AND t.state IN ('CREATED', 'RUNNING', 'RETRYING', 'RESTARTED', 'PAUSED');

-- I7 a place under a limit belongs to an execution that has not ended
SELECT s.tenant_id, s.execution_id, s.number::text FROM concurrency_slot s
LEFT JOIN execution e ON e.id = s.execution_id
WHERE e.id IS NULL OR e.end_date IS NOT NULL;

-- I8 the audit trail has no gap
SELECT tenant_id, count(*)::text, max(seq)::text FROM audit_entry GROUP BY tenant_id HAVING count(*) <> max(seq);

-- I9 nothing due lies about
SELECT tenant_id, id, kind FROM outbox_event WHERE due_at < clock_timestamp() - interval '60 seconds'
UNION ALL
SELECT tenant_id, id, key FROM timer WHERE due_at < clock_timestamp() - interval '60 seconds';

-- I10 no row belongs to another tenant than its execution
SELECT t.tenant_id, t.id, e.tenant_id FROM task_run t JOIN execution e ON e.id = t.execution_id
WHERE t.tenant_id <> e.tenant_id
UNION ALL
SELECT j.tenant_id, j.id, e.tenant_id FROM job j JOIN execution e ON e.id = j.subject_id WHERE j.tenant_id <> e.tenant_id
UNION ALL
SELECT l.tenant_id, l.id, e.tenant_id FROM log_entry l JOIN execution e ON e.id = l.execution_id
WHERE l.tenant_id <> e.tenant_id;

-- I11 lines of a log are numbered without a gap
SELECT e.tenant_id, e.id, e.log_seq::text FROM execution e
WHERE e.log_seq <> (SELECT count(*) FROM log_entry l WHERE l.execution_id = e.id)
   OR e.log_seq <> COALESCE((SELECT max(l.seq) FROM log_entry l WHERE l.execution_id = e.id), 0);
