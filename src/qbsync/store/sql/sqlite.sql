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
UPDATE qbsync_meta SET value = value WHERE name = 'next_job';

-- name: take_numbers
-- Take numbers for new jobs; the first taken one is what the column held before.
UPDATE qbsync_meta SET value = value + ? WHERE name = 'next_job' RETURNING value;

-- name: keys
-- The jobs of a company that have one of these keys.
SELECT key, id, state, digest, depends_on, changes FROM qbsync_job
WHERE company = ? AND key IN (SELECT value FROM json_each(?));

-- name: parents
-- The company and state of jobs that others depend on.
SELECT id, company, state FROM qbsync_job WHERE id IN (SELECT value FROM json_each(?));

-- name: parents_held
-- The same, as they stay until the transaction ends: nobody else writes here meanwhile.
SELECT id, company, state FROM qbsync_job WHERE id IN (SELECT value FROM json_each(?));

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
INSERT INTO qbsync_job
    (id, company, kind, key, digest, state, priority, not_before, ready_at, depends_on, open_parents,
     reason, created_at, updated_at)
VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?);

-- name: insert_payload
-- The payload of a new job.
INSERT INTO qbsync_payload (job_id, payload) VALUES (?, ?);

-- name: replace_job
-- New content under the key of a job that failed or was cancelled. An outcome stays with equal content.
UPDATE qbsync_job SET
    kind = ?2, digest = ?3, state = ?4, priority = ?5, not_before = ?6, ready_at = ?7, depends_on = ?8,
    open_parents = ?9, reason = ?10, updated_at = ?11, attempts = 0, changes = changes + 1,
    outcome = CASE WHEN digest = ?3 THEN outcome END,
    label = CASE WHEN digest = ?3 THEN label END,
    purged = 0
WHERE id = ?1;

-- name: replace_payload
-- The new payload.
INSERT INTO qbsync_payload (job_id, payload) VALUES (?, ?)
ON CONFLICT (job_id) DO UPDATE SET payload = excluded.payload;

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
SELECT job.id, job.company, job.kind, job.key, job.state, payload.payload, job.priority, job.not_before,
    job.depends_on, job.attempts, job.reason, job.outcome, job.plan, job.batch, job.created_at,
    job.updated_at, job.token, job.holder, job.deadline, job.purged
FROM qbsync_job AS job LEFT JOIN qbsync_payload AS payload ON payload.job_id = job.id
WHERE job.id IN (SELECT value FROM json_each(?));

-- name: ready
-- Whether a job of a company could be leased now.
SELECT EXISTS (SELECT 1 FROM qbsync_job WHERE company = ?1 AND ready_at = 0)
    OR EXISTS (SELECT 1 FROM qbsync_job WHERE company = ?1 AND ready_at > 0 AND ready_at <= ?2);

-- name: tidy
-- Jobs whose moment has come stand among those that are due, each once in its life of waiting. Not more at
-- a time than can be done in a reply: the others follow with the next leases.
UPDATE qbsync_job SET ready_at = 0 WHERE id IN (
    SELECT id FROM qbsync_job WHERE company = ? AND ready_at > 0 AND ready_at <= ?
    ORDER BY ready_at, priority DESC, id LIMIT 5000
);

-- name: due_kinds
-- The kinds that have a due job, in order; a step in the index for each, however many jobs it has.
WITH RECURSIVE found (kind) AS (
    SELECT min(kind) FROM qbsync_job WHERE company = ?1 AND ready_at = 0
    UNION ALL
    SELECT (SELECT min(kind) FROM qbsync_job WHERE company = ?1 AND kind > found.kind AND ready_at = 0)
    FROM found WHERE found.kind IS NOT NULL
)
SELECT kind FROM found WHERE kind IS NOT NULL;

-- name: due
-- The due jobs of a kind, in the order in which they are leased, as ``jobs`` gives them when that is done.
SELECT job.id, job.company, job.kind, job.key, 'leased', payload.payload, job.priority, job.not_before,
    job.depends_on, job.attempts, NULL, job.outcome, job.plan, job.batch, job.created_at, ?3, ?4, ?5, ?6, 0
FROM qbsync_job AS job LEFT JOIN qbsync_payload AS payload ON payload.job_id = job.id
WHERE job.company = ?1 AND job.kind = ?2 AND job.ready_at = 0
ORDER BY job.priority DESC, job.id LIMIT ?7;

-- name: lease
-- Give jobs to a holder.
UPDATE qbsync_job SET state = 'leased', ready_at = NULL, reason = NULL, updated_at = ?2, leased_at = ?2,
    token = ?3, holder = ?4, deadline = ?5, changes = changes + 1
WHERE id IN (SELECT value FROM json_each(?1));

-- name: leases
-- The jobs that a holder has, in the order in which they are leased.
SELECT id FROM qbsync_job
WHERE company IN (SELECT company FROM qbsync_tally WHERE state = 'leased' AND jobs > 0)
    AND state = 'leased' AND holder = ?
ORDER BY priority DESC, id;

-- name: standing
-- Where jobs stand, before they are moved.
SELECT id, company, state, token, open_parents, batch, leased_at, purged FROM qbsync_job
WHERE id IN (SELECT value FROM json_each(?));

-- name: note_moves
-- The rows of history of jobs that are about to be moved in the same way.
INSERT INTO qbsync_history (job_id, n, before, after, batch, leased_at, reason, at)
SELECT id, changes + 1, ?2, ?3, ?4, ?5, ?6, ?7 FROM qbsync_job
WHERE id IN (SELECT value FROM json_each(?1));

-- name: keep_lease
-- Leased jobs stay leased: a plan, a hand-out, a later deadline.
UPDATE qbsync_job SET
    outcome = coalesce(?2, outcome), plan = coalesce(?3, plan), label = coalesce(?4, label),
    batch = coalesce(?5, batch), deadline = coalesce(?6, deadline), reason = ?7, attempts = attempts + ?8,
    changes = changes + ?9, updated_at = ?10, leased_at = CASE WHEN ?9 THEN NULL ELSE leased_at END
WHERE id IN (SELECT value FROM json_each(?1));

-- name: keep_doubt
-- Jobs become or stay in doubt; what belongs to their hand-out is kept.
UPDATE qbsync_job SET
    state = 'in_doubt', outcome = coalesce(?2, outcome), plan = coalesce(?3, plan),
    label = coalesce(?4, label), batch = coalesce(?5, batch), reason = ?6, attempts = attempts + ?7,
    changes = changes + ?8, updated_at = ?9, leased_at = NULL, token = NULL, holder = NULL, deadline = NULL
WHERE id IN (SELECT value FROM json_each(?1));

-- name: move
-- Any other move; what belongs to a hand-out is dropped (?3, a plan, is none).
UPDATE qbsync_job SET
    outcome = coalesce(?2, outcome), plan = ?3, label = coalesce(?4, label), state = ?5,
    attempts = CASE WHEN ?6 THEN 0 ELSE attempts END + ?11,
    not_before = CASE WHEN ?7 THEN ?8 ELSE not_before END, ready_at = ?9, reason = ?10,
    changes = changes + ?12, updated_at = ?13, leased_at = NULL, batch = NULL, token = NULL, holder = NULL,
    deadline = NULL
WHERE id IN (SELECT value FROM json_each(?1));

-- name: documents
-- The documents of a job, where those that are moved together have other ones.
UPDATE qbsync_job SET outcome = coalesce(?2, outcome), plan = coalesce(?3, plan) WHERE id = ?1;

-- name: children
-- The jobs that wait for one of these.
SELECT DISTINCT job_id FROM qbsync_dependency WHERE parent_id IN (SELECT value FROM json_each(?));

-- name: close_parents
-- Some of these jobs are done: count down for those that wait for them.
UPDATE qbsync_job SET open_parents = open_parents - (
    SELECT count(*) FROM qbsync_dependency AS wait
    WHERE wait.job_id = qbsync_job.id AND wait.parent_id IN (SELECT value FROM json_each(?1))
)
WHERE id IN (SELECT job_id FROM qbsync_dependency WHERE parent_id IN (SELECT value FROM json_each(?1)));

-- name: free_children
-- Those of them that wait for nothing any more.
SELECT id, company, not_before, changes FROM qbsync_job
WHERE state = 'blocked' AND open_parents = 0 AND id IN (SELECT value FROM json_each(?));

-- name: unblock
-- A job waits for no other one any more.
UPDATE qbsync_job SET state = 'waiting', ready_at = ?, reason = NULL, changes = changes + 1, updated_at = ?
WHERE id = ?;

-- name: waiting_children
-- Jobs that are blocked by the jobs they depend on.
SELECT id, depends_on FROM qbsync_job
WHERE state = 'blocked' AND open_parents > 0 AND id IN (SELECT value FROM json_each(?));

-- name: set_reason
-- Say anew why a job is blocked.
UPDATE qbsync_job SET reason = ? WHERE id = ?;

-- name: expired
-- Leases of some companies that are past their deadline.
SELECT id, token, batch, company FROM qbsync_job
WHERE company IN (SELECT value FROM json_each(?)) AND state = 'leased' AND deadline <= ?
ORDER BY company, id;

-- name: insert_settled
-- Some jobs ended now.
INSERT INTO qbsync_settled (at, jobs) VALUES (?, ?) ON CONFLICT DO NOTHING;

-- name: settled
-- The jobs that ended before a moment, not to go on later, and still have documents.
SELECT job.id FROM qbsync_settled AS settled
CROSS JOIN json_each(settled.jobs) AS one CROSS JOIN qbsync_job AS job ON job.id = one.value
WHERE settled.at < ? AND job.updated_at = settled.at AND job.purged = 0
    AND job.state IN ('done', 'failed', 'cancelled')
ORDER BY settled.at, job.id LIMIT ?;

-- name: tidy_settled
-- Of what is remembered longest drop what leads to no job with documents any more.
DELETE FROM qbsync_settled
WHERE at <= (SELECT max(at) FROM (SELECT at FROM qbsync_settled ORDER BY at LIMIT 1000) AS oldest)
    AND NOT EXISTS (
        SELECT 1 FROM json_each(qbsync_settled.jobs) AS one JOIN qbsync_job AS job ON job.id = one.value
        WHERE job.updated_at = qbsync_settled.at AND job.purged = 0
            AND job.state IN ('done', 'failed', 'cancelled')
    );

-- name: ended
-- Jobs that are to be purged.
SELECT id, company, state, outcome FROM qbsync_job WHERE id IN (SELECT value FROM json_each(?));

-- name: purge
-- A job without its documents.
UPDATE qbsync_job SET purged = 1, plan = NULL, outcome = ?2 WHERE id = ?1;

-- name: delete_payloads
-- The payloads of jobs.
DELETE FROM qbsync_payload WHERE job_id IN (SELECT value FROM json_each(?));

-- name: forget_reasons
-- Why jobs are what they are is forgotten.
UPDATE qbsync_job SET reason = NULL WHERE id IN (SELECT value FROM json_each(?));

-- name: forget_history
-- And why they became it.
UPDATE qbsync_history SET reason = NULL WHERE job_id IN (SELECT value FROM json_each(?));

-- name: page_all
-- A part of all jobs.
SELECT id FROM qbsync_job WHERE id > ?2 AND (?3 IS NULL OR kind = ?3) ORDER BY id LIMIT ?1;

-- name: page_company
-- A part of a company's jobs in one state, or (NULL) in all: some of each label, which are found one after
-- the other; the last one of a state is NULL and stands for those that have none.
WITH RECURSIVE one (state) AS (
    VALUES ('waiting'), ('blocked'), ('leased'), ('in_doubt'), ('done'), ('failed'), ('cancelled')
), found (state, label) AS (
    SELECT state, (SELECT min(label) FROM qbsync_job WHERE company = ?4 AND state = one.state)
    FROM one WHERE ?5 IS NULL OR state = ?5
    UNION ALL
    SELECT found.state, (
        SELECT min(label) FROM qbsync_job WHERE company = ?4 AND state = found.state AND label > found.label
    )
    FROM found WHERE found.label IS NOT NULL
)
SELECT job.id FROM found JOIN qbsync_job AS job ON job.id IN (
    SELECT id FROM qbsync_job
    WHERE company = ?4 AND state = found.state AND label IS found.label AND id > ?2
        AND (?3 IS NULL OR kind = ?3)
    ORDER BY id LIMIT ?1
)
ORDER BY job.id LIMIT ?1;

-- name: page_label
-- A part of a company's jobs with one word for their outcome: some of each state.
WITH found (state) AS (
    VALUES ('waiting'), ('blocked'), ('leased'), ('in_doubt'), ('done'), ('failed'), ('cancelled')
)
SELECT job.id FROM found JOIN qbsync_job AS job ON job.id IN (
    SELECT id FROM qbsync_job
    WHERE company = ?4 AND state = found.state AND label = ?6 AND id > ?2 AND (?3 IS NULL OR kind = ?3)
    ORDER BY id LIMIT ?1
)
WHERE ?5 IS NULL OR found.state = ?5
ORDER BY job.id LIMIT ?1;

-- name: page_batch
-- A part of the jobs of one batch.
SELECT id FROM qbsync_job WHERE batch = ?7 AND id > ?2 AND (?3 IS NULL OR kind = ?3)
    AND (?4 IS NULL OR company = ?4) AND (?5 IS NULL OR state = ?5) AND (?6 IS NULL OR label = ?6)
ORDER BY id LIMIT ?1;

-- name: companies
-- The companies that have jobs.
SELECT DISTINCT company FROM qbsync_tally ORDER BY company;

-- name: history
-- The written history of a job, each row behind what none of them says: when it was put, and when it was
-- leased. One statement, so that a lease which ends at this moment is told once.
SELECT job.created_at, job.leased_at,
    one.n, one.leased_at, one.at, one.before, one.after, one.reason, one.batch
FROM qbsync_job AS job LEFT JOIN qbsync_history AS one ON one.job_id = job.id
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
