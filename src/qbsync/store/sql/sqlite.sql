-- Named queries of the SQLite store: a line with the name, a line of description, the statement.
-- Lists come in as one JSON array, so that every statement has a fixed text.

-- name: format
-- The format number of the tables.
SELECT value FROM qbsync_meta WHERE name = 'format';

-- name: set_format
-- Say which format the tables have now.
INSERT INTO qbsync_meta (name, value) VALUES ('format', ?)
ON CONFLICT (name) DO UPDATE SET value = excluded.value;

-- name: touch
-- Change nothing, but take the write lock (of a host's transaction) before anything is read.
UPDATE qbsync_meta SET value = value WHERE name = 'format';

-- name: last_number
-- The number of the last job, 0 if there is none: jobs are never deleted, so no number is used twice.
SELECT coalesce(max(id), 0) FROM qbsync_job;

-- name: keys
-- The jobs of a company that have one of these keys.
SELECT job.key, job.id, coalesce(progress.state, 'waiting'), job.digest, job.kind, job.payload, job.depends_on,
    coalesce(progress.changes, 1)
FROM qbsync_job AS job LEFT JOIN qbsync_progress AS progress ON progress.job_id = job.id
WHERE job.company = ? AND job.key IN (SELECT value FROM json_each(?));

-- name: find
-- The numbers of the jobs of a company that have one of these keys.
SELECT key, id FROM qbsync_job WHERE company = ? AND key IN (SELECT value FROM json_each(?));

-- name: parents
-- The company and state of jobs that others depend on.
SELECT job.id, job.company, coalesce(progress.state, 'waiting')
FROM qbsync_job AS job LEFT JOIN qbsync_progress AS progress ON progress.job_id = job.id
WHERE job.id IN (SELECT value FROM json_each(?));

-- name: parents_held
-- The same, as they stay until the transaction ends: nobody else writes here meanwhile.
SELECT job.id, job.company, coalesce(progress.state, 'waiting')
FROM qbsync_job AS job LEFT JOIN qbsync_progress AS progress ON progress.job_id = job.id
WHERE job.id IN (SELECT value FROM json_each(?));

-- name: above
-- Some jobs and all that they depend on, directly or not.
WITH RECURSIVE above (id) AS (
    SELECT value FROM json_each(?)
    UNION
    SELECT up.value FROM above JOIN qbsync_job AS job ON job.id = above.id, json_each(job.depends_on) AS up
)
SELECT id, depends_on FROM qbsync_job WHERE id IN (SELECT id FROM above);

-- name: insert_job
-- A new job.
INSERT INTO qbsync_job (id, company, kind, key, priority, depends_on, created_at, payload)
VALUES (?, ?, ?, ?, ?, ?, ?, ?);

-- name: insert_progress
-- A new job of which there is more to say than that it waits.
INSERT INTO qbsync_progress (job_id, company, state, not_before, open_parents, reason, updated_at)
VALUES (?, ?, ?, ?, ?, ?, ?);

-- name: replace_progress
-- New content under the key of a job that failed or was cancelled. An outcome stays with equal content.
UPDATE qbsync_progress SET
    state = ?2, not_before = ?3, open_parents = ?4, reason = ?5, updated_at = ?6, attempts = 0,
    changes = changes + 1, purged = 0,
    outcome = CASE WHEN ?7 THEN outcome END, label = CASE WHEN ?7 THEN label END
WHERE job_id = ?1;

-- name: replace_job
-- The new content.
UPDATE qbsync_job SET kind = ?2, digest = NULL, priority = ?3, depends_on = ?4, payload = ?5 WHERE id = ?1;

-- name: queue_due
-- Jobs wait, and can be leased.
INSERT INTO qbsync_due (company, kind, urgency, job_id)
SELECT company, kind, -priority, id FROM qbsync_job WHERE id IN (SELECT value FROM json_each(?));

-- name: queue_later
-- A job waits, and can be leased from a moment on.
INSERT INTO qbsync_later (company, ready_at, urgency, job_id)
SELECT company, ?2, -priority, id FROM qbsync_job WHERE id = ?1;

-- name: leave_due
-- Jobs do not wait any more.
DELETE FROM qbsync_due WHERE (company, kind, urgency, job_id) IN (
    SELECT company, kind, -priority, id FROM qbsync_job WHERE id IN (SELECT value FROM json_each(?))
);

-- name: leave_first
-- The first due jobs of a kind do not wait any more: those up to one of them.
DELETE FROM qbsync_due WHERE company = ? AND kind = ? AND (urgency, job_id) <= (?, ?);

-- name: leave_later
-- Jobs do not wait any more, not even for later.
DELETE FROM qbsync_later WHERE (company, ready_at, urgency, job_id) IN (
    SELECT job.company, progress.not_before, -job.priority, job.id
    FROM qbsync_job AS job JOIN qbsync_progress AS progress ON progress.job_id = job.id
    WHERE job.id IN (SELECT value FROM json_each(?))
);

-- name: insert_dependency
-- A job waits for another one.
INSERT INTO qbsync_dependency (parent_id, job_id) VALUES (?, ?);

-- name: delete_dependency
-- A job waits for another one no longer.
DELETE FROM qbsync_dependency WHERE parent_id = ? AND job_id = ?;

-- name: insert_history
-- A row of history.
INSERT INTO qbsync_history (job_id, n, at, before, after, reason, batch) VALUES (?, ?, ?, ?, ?, ?, ?);

-- name: tally
-- Count jobs in or out of a state.
INSERT INTO qbsync_tally (company, state, jobs) VALUES (?, ?, ?)
ON CONFLICT (state, company) DO UPDATE SET jobs = jobs + excluded.jobs;

-- name: counts
-- How many jobs a company has in each state.
SELECT state, jobs FROM qbsync_tally
WHERE state IN ('waiting', 'blocked', 'leased', 'in_doubt', 'done', 'failed', 'cancelled') AND company = ?
    AND jobs > 0;

-- name: jobs
-- Whole jobs by number.
SELECT job.id, job.company, job.kind, job.key, job.payload, job.priority, progress.not_before, job.depends_on,
    coalesce(progress.attempts, 0), progress.outcome, job.created_at,
    coalesce(progress.state, 'waiting'), progress.reason, progress.plan, progress.batch,
    coalesce(progress.updated_at, job.created_at), coalesce(progress.purged, 0), progress.token,
    progress.holder, progress.deadline
FROM qbsync_job AS job LEFT JOIN qbsync_progress AS progress ON progress.job_id = job.id
WHERE job.id IN (SELECT value FROM json_each(?));

-- name: ready
-- Whether a job of a company could be leased now.
SELECT EXISTS (SELECT 1 FROM qbsync_due WHERE company = ?1)
    OR EXISTS (SELECT 1 FROM qbsync_later WHERE company = ?1 AND ready_at <= ?2);

-- name: ripe
-- Jobs whose moment has come. Not more at a time than can be done in a reply: the others follow.
SELECT company, ready_at, urgency, job_id FROM qbsync_later WHERE company = ? AND ready_at <= ?
ORDER BY ready_at, urgency, job_id LIMIT 5000;

-- name: pick
-- Such a job stands among those that are due, once in its life of waiting.
DELETE FROM qbsync_later WHERE company = ? AND ready_at = ? AND urgency = ? AND job_id = ?;

-- name: due_kinds
-- The kinds that have a due job, in order; a step for each, however many jobs it has.
WITH RECURSIVE found (kind) AS (
    SELECT min(kind) FROM qbsync_due WHERE company = ?1
    UNION ALL
    SELECT (SELECT min(kind) FROM qbsync_due WHERE company = ?1 AND kind > found.kind)
    FROM found WHERE found.kind IS NOT NULL
)
SELECT kind FROM found WHERE kind IS NOT NULL;

-- name: due
-- The due jobs of a kind, in the order in which they are leased, with the first columns of ``jobs``.
SELECT job.id, job.company, job.kind, job.key, job.payload, job.priority, progress.not_before, job.depends_on,
    coalesce(progress.attempts, 0), progress.outcome, job.created_at
FROM qbsync_due AS due CROSS JOIN qbsync_job AS job ON job.id = due.job_id
LEFT JOIN qbsync_progress AS progress ON progress.job_id = due.job_id
WHERE due.company = ? AND due.kind = ?
ORDER BY due.urgency, due.job_id LIMIT ?;

-- name: lease
-- Give jobs to a holder.
INSERT INTO qbsync_progress (job_id, company, state, updated_at, leased_at, token, holder, deadline, changes)
SELECT value, ?2, 'leased', ?3, ?3, ?4, ?5, ?6, 2 FROM json_each(?1) WHERE true
ON CONFLICT (job_id) DO UPDATE SET
    state = excluded.state, reason = NULL, updated_at = excluded.updated_at, leased_at = excluded.leased_at,
    token = excluded.token, holder = excluded.holder, deadline = excluded.deadline, changes = changes + 1;

-- name: leases
-- The jobs that a holder has, in the order in which they are leased.
SELECT job.id FROM qbsync_progress AS progress CROSS JOIN qbsync_job AS job ON job.id = progress.job_id
WHERE progress.company IN (SELECT company FROM qbsync_tally WHERE state = 'leased' AND jobs > 0)
    AND progress.state = 'leased' AND progress.holder = ?
ORDER BY job.priority DESC, job.id;

-- name: standing
-- Where jobs stand, before they are moved.
SELECT job.id, job.company, coalesce(progress.state, 'waiting'), progress.token,
    coalesce(progress.open_parents, 0), progress.batch, progress.leased_at, coalesce(progress.purged, 0)
FROM qbsync_job AS job LEFT JOIN qbsync_progress AS progress ON progress.job_id = job.id
WHERE job.id IN (SELECT value FROM json_each(?));

-- name: begin_progress
-- Of jobs that wait something is to be said.
INSERT INTO qbsync_progress (job_id, company, state, updated_at)
SELECT id, company, 'waiting', created_at FROM qbsync_job WHERE id IN (SELECT value FROM json_each(?))
ON CONFLICT DO NOTHING;

-- name: note_moves
-- The rows of history of jobs that are about to be moved in the same way.
INSERT INTO qbsync_history (job_id, n, before, after, batch, leased_at, reason, at)
SELECT job_id, changes + 1, ?2, ?3, ?4, ?5, ?6, ?7 FROM qbsync_progress
WHERE job_id IN (SELECT value FROM json_each(?1));

-- name: keep_lease
-- Leased jobs stay leased: a plan, a hand-out, a later deadline.
UPDATE qbsync_progress SET
    outcome = coalesce(?2, outcome), plan = coalesce(?3, plan), label = coalesce(?4, label),
    batch = coalesce(?5, batch), deadline = coalesce(?6, deadline), reason = ?7, attempts = attempts + ?8,
    changes = changes + ?9, updated_at = ?10, leased_at = CASE WHEN ?9 THEN NULL ELSE leased_at END
WHERE job_id IN (SELECT value FROM json_each(?1));

-- name: keep_doubt
-- Jobs become or stay in doubt; what belongs to their hand-out is kept.
UPDATE qbsync_progress SET
    state = 'in_doubt', outcome = coalesce(?2, outcome), plan = coalesce(?3, plan),
    label = coalesce(?4, label), batch = coalesce(?5, batch), reason = ?6, attempts = attempts + ?7,
    changes = changes + ?8, updated_at = ?9, leased_at = NULL, token = NULL, holder = NULL, deadline = NULL
WHERE job_id IN (SELECT value FROM json_each(?1));

-- name: move
-- Any other move; what belongs to a hand-out is dropped (?3, a plan, is none).
UPDATE qbsync_progress SET
    outcome = coalesce(?2, outcome), plan = ?3, label = coalesce(?4, label), state = ?5,
    attempts = CASE WHEN ?6 THEN 0 ELSE attempts END + ?10,
    not_before = CASE WHEN ?7 THEN ?8 ELSE not_before END, reason = ?9, changes = changes + ?11,
    updated_at = ?12, leased_at = NULL, batch = NULL, token = NULL, holder = NULL, deadline = NULL
WHERE job_id IN (SELECT value FROM json_each(?1));

-- name: documents
-- The documents of a job, where those that are moved together have other ones.
UPDATE qbsync_progress SET outcome = coalesce(?2, outcome), plan = coalesce(?3, plan) WHERE job_id = ?1;

-- name: children
-- The jobs that wait for one of these.
SELECT DISTINCT job_id FROM qbsync_dependency WHERE parent_id IN (SELECT value FROM json_each(?));

-- name: close_parents
-- Some of these jobs are done: count down for those that wait for them.
UPDATE qbsync_progress SET open_parents = open_parents - (
    SELECT count(*) FROM qbsync_dependency AS wait
    WHERE wait.job_id = qbsync_progress.job_id AND wait.parent_id IN (SELECT value FROM json_each(?1))
)
WHERE job_id IN (SELECT job_id FROM qbsync_dependency WHERE parent_id IN (SELECT value FROM json_each(?1)));

-- name: free_children
-- Those of them that wait for nothing any more.
SELECT job_id, company, not_before, changes FROM qbsync_progress
WHERE state = 'blocked' AND open_parents = 0 AND job_id IN (SELECT value FROM json_each(?));

-- name: unblock
-- A job waits for no other one any more.
UPDATE qbsync_progress SET state = 'waiting', reason = NULL, changes = changes + 1, updated_at = ?
WHERE job_id = ?;

-- name: waiting_children
-- Jobs that are blocked by the jobs they depend on.
SELECT job.id, job.depends_on
FROM qbsync_progress AS progress JOIN qbsync_job AS job ON job.id = progress.job_id
WHERE progress.state = 'blocked' AND progress.open_parents > 0
    AND progress.job_id IN (SELECT value FROM json_each(?));

-- name: set_reason
-- Say anew why a job is blocked.
UPDATE qbsync_progress SET reason = ? WHERE job_id = ?;

-- name: expired
-- Leases of some companies that are past their deadline.
SELECT job_id, token, batch, company FROM qbsync_progress
WHERE company IN (SELECT value FROM json_each(?)) AND state = 'leased' AND deadline <= ?
ORDER BY company, job_id;

-- name: insert_settled
-- Some jobs ended now.
INSERT INTO qbsync_settled (at, jobs) VALUES (?, ?) ON CONFLICT DO NOTHING;

-- name: settled
-- The jobs that ended before a moment, not to go on later, and still have documents.
SELECT progress.job_id FROM qbsync_settled AS settled
CROSS JOIN json_each(settled.jobs) AS one CROSS JOIN qbsync_progress AS progress ON progress.job_id = one.value
WHERE settled.at < ? AND progress.updated_at = settled.at AND progress.purged = 0
    AND progress.state IN ('done', 'failed', 'cancelled')
ORDER BY settled.at, progress.job_id LIMIT ?;

-- name: tidy_settled
-- Of what is remembered longest drop what leads to no job with documents any more.
DELETE FROM qbsync_settled
WHERE at <= (SELECT max(at) FROM (SELECT at FROM qbsync_settled ORDER BY at LIMIT 1000) AS oldest)
    AND NOT EXISTS (
        SELECT 1 FROM json_each(qbsync_settled.jobs) AS one
        JOIN qbsync_progress AS progress ON progress.job_id = one.value
        WHERE progress.updated_at = qbsync_settled.at AND progress.purged = 0
            AND progress.state IN ('done', 'failed', 'cancelled')
    );

-- name: ended
-- Jobs that are to be purged.
SELECT job.id, job.company, coalesce(progress.state, 'waiting'), progress.outcome
FROM qbsync_job AS job LEFT JOIN qbsync_progress AS progress ON progress.job_id = job.id
WHERE job.id IN (SELECT value FROM json_each(?));

-- name: purge
-- A job without its documents.
UPDATE qbsync_progress SET purged = 1, plan = NULL, outcome = ?2 WHERE job_id = ?1;

-- name: payloads
-- The content of jobs, before it is dropped.
SELECT id, kind, payload FROM qbsync_job WHERE id IN (SELECT value FROM json_each(?)) AND payload IS NOT NULL;

-- name: delete_payload
-- A digest instead of the payload.
UPDATE qbsync_job SET digest = ?, payload = NULL WHERE id = ?;

-- name: forget_reasons
-- Why jobs are what they are is forgotten.
UPDATE qbsync_progress SET reason = NULL WHERE job_id IN (SELECT value FROM json_each(?));

-- name: forget_history
-- And why they became it.
UPDATE qbsync_history SET reason = NULL WHERE job_id IN (SELECT value FROM json_each(?));

-- name: page_all
-- A part of all jobs.
SELECT id FROM qbsync_job WHERE id > ?2 AND (?3 IS NULL OR kind = ?3) ORDER BY id LIMIT ?1;

-- name: page_company
-- A part of a company's jobs in one state, or (NULL) in all, of which there is something to say: some of each
-- label, which are found one after the other; the last one of a state is NULL and stands for those that have
-- none. The others are in ``page_due``.
WITH RECURSIVE one (state) AS (
    VALUES ('waiting'), ('blocked'), ('leased'), ('in_doubt'), ('done'), ('failed'), ('cancelled')
), found (state, label) AS (
    SELECT state, (SELECT min(label) FROM qbsync_progress WHERE company = ?4 AND state = one.state)
    FROM one WHERE ?5 IS NULL OR state = ?5
    UNION ALL
    SELECT found.state, (
        SELECT min(label) FROM qbsync_progress
        WHERE company = ?4 AND state = found.state AND label > found.label
    )
    FROM found WHERE found.label IS NOT NULL
)
SELECT progress.job_id FROM found JOIN qbsync_progress AS progress ON progress.job_id IN (
    SELECT job_id FROM qbsync_progress
    WHERE company = ?4 AND state = found.state AND label IS found.label AND job_id > ?2
        AND (?3 IS NULL OR ?3 = (SELECT kind FROM qbsync_job AS job WHERE job.id = qbsync_progress.job_id))
    ORDER BY job_id LIMIT ?1
)
ORDER BY progress.job_id LIMIT ?1;

-- name: page_due
-- A part of a company's due jobs, where waiting ones or all are asked for: some of each kind and urgency, which
-- are found one after the other. Where they are many (priorities may be anything) all are read instead.
WITH RECURSIVE sort (kind) AS (
    SELECT min(kind) FROM qbsync_due WHERE company = ?4 AND (?5 IS NULL OR ?5 = 'waiting')
    UNION ALL
    SELECT (SELECT min(kind) FROM qbsync_due WHERE company = ?4 AND kind > sort.kind)
    FROM sort WHERE sort.kind IS NOT NULL
), step (kind, urgency) AS (
    SELECT kind, (SELECT min(urgency) FROM qbsync_due WHERE company = ?4 AND kind = sort.kind)
    FROM sort WHERE kind IS NOT NULL AND (?3 IS NULL OR kind = ?3)
    UNION ALL
    SELECT step.kind, (
        SELECT min(urgency) FROM qbsync_due
        WHERE company = ?4 AND kind = step.kind AND urgency > step.urgency
    )
    FROM step WHERE step.urgency IS NOT NULL
    LIMIT 50
), seen (steps) AS (
    SELECT count(*) FROM step
)
SELECT job.id AS id FROM step JOIN qbsync_job AS job ON job.id IN (
    SELECT job_id FROM qbsync_due
    WHERE company = ?4 AND kind = step.kind AND urgency = step.urgency AND job_id > ?2
    ORDER BY job_id LIMIT ?1
)
WHERE (SELECT steps FROM seen) < 50
UNION ALL
SELECT due.job_id FROM seen CROSS JOIN qbsync_due AS due
WHERE seen.steps = 50 AND due.company = ?4 AND due.job_id > ?2 AND (?3 IS NULL OR due.kind = ?3)
ORDER BY id LIMIT ?1;

-- name: page_label
-- A part of a company's jobs with one word for their outcome: some of each state.
WITH found (state) AS (
    VALUES ('waiting'), ('blocked'), ('leased'), ('in_doubt'), ('done'), ('failed'), ('cancelled')
)
SELECT progress.job_id FROM found JOIN qbsync_progress AS progress ON progress.job_id IN (
    SELECT job_id FROM qbsync_progress
    WHERE company = ?4 AND state = found.state AND label = ?6 AND job_id > ?2
        AND (?3 IS NULL OR ?3 = (SELECT kind FROM qbsync_job AS job WHERE job.id = qbsync_progress.job_id))
    ORDER BY job_id LIMIT ?1
)
WHERE ?5 IS NULL OR found.state = ?5
ORDER BY progress.job_id LIMIT ?1;

-- name: page_batch
-- A part of the jobs of one batch.
SELECT progress.job_id FROM qbsync_progress AS progress JOIN qbsync_job AS job ON job.id = progress.job_id
WHERE progress.batch = ?7 AND progress.job_id > ?2 AND (?3 IS NULL OR job.kind = ?3)
    AND (?4 IS NULL OR progress.company = ?4) AND (?5 IS NULL OR progress.state = ?5)
    AND (?6 IS NULL OR progress.label = ?6)
ORDER BY progress.job_id LIMIT ?1;

-- name: companies
-- The companies that have jobs.
SELECT DISTINCT company FROM qbsync_tally ORDER BY company;

-- name: history
-- The written history of a job, each row behind what none of them says: when it was put, and when it was
-- leased. One statement, so that a lease which ends at this moment is told once.
SELECT job.created_at, progress.leased_at,
    one.n, one.leased_at, one.at, one.before, one.after, one.reason, one.batch
FROM qbsync_job AS job LEFT JOIN qbsync_progress AS progress ON progress.job_id = job.id
LEFT JOIN qbsync_history AS one ON one.job_id = job.id
WHERE job.id = ? ORDER BY one.n;

-- name: record
-- One record.
SELECT state, sort, value, revision FROM qbsync_record WHERE company = ? AND kind = ? AND key = ?;

-- name: insert_record
-- A new record, unless it is there.
INSERT INTO qbsync_record (company, kind, key, state, sort, value, revision) VALUES (?, ?, ?, ?, ?, ?, 1)
ON CONFLICT (company, kind, key) DO NOTHING;

-- name: update_record
-- Change a record, if nobody else did.
UPDATE qbsync_record SET state = ?4, sort = ?5, value = ?6, revision = revision + 1
WHERE company = ?1 AND kind = ?2 AND key = ?3 AND revision = ?7;

-- name: delete_record
-- Delete a record, if nobody changed it.
DELETE FROM qbsync_record WHERE company = ? AND kind = ? AND key = ? AND revision = ?;

-- name: page_records
-- A part of a kind of records.
SELECT key, state, sort, value, revision FROM qbsync_record
WHERE company = ?1 AND kind = ?2 AND (sort, key) > (?3, ?4) ORDER BY sort, key LIMIT ?5;

-- name: page_records_state
-- A part of a kind of records in one state.
SELECT key, state, sort, value, revision FROM qbsync_record
WHERE company = ?1 AND kind = ?2 AND state = ?6 AND (sort, key) > (?3, ?4) ORDER BY sort, key LIMIT ?5;
