-- Named queries of the PostgreSQL store: a line with the name, a line of description, the statement.
-- Lists come in as arrays; a statement for many rows takes one array a column.

-- name: begin
-- Begin a transaction, and tell the moment by the database's own clock, which all hosts share.
BEGIN ISOLATION LEVEL READ COMMITTED;
SELECT (extract(epoch FROM clock_timestamp()) * 1000000)::bigint;

-- name: now
-- The moment by the database's own clock.
SELECT (extract(epoch FROM clock_timestamp()) * 1000000)::bigint;

-- name: joined
-- Which table of jobs a connection sees (0: none), and the moment.
SELECT coalesce(to_regclass('qbsync_job')::oid::bigint, 0),
    (extract(epoch FROM clock_timestamp()) * 1000000)::bigint;

-- name: lock_timeout
-- How long to wait for a lock.
SELECT set_config('lock_timeout', $1, false);

-- name: by_index
-- All queries here find few rows by an index. A plan that is made while the tables are all but empty, and
-- kept, would read them from end to end when they are full.
SELECT set_config('enable_seqscan', 'off', false), set_config('enable_hashjoin', 'off', false),
    set_config('enable_mergejoin', 'off', false);

-- name: durable
-- Wait for the disk at each commit where the server would not; leave what is stricter.
SELECT set_config('synchronous_commit', 'on', false) WHERE current_setting('synchronous_commit') = 'off';

-- name: has_tables
-- Whether the tables are there; to_regclass would not see those that were made while this waited for a lock.
SELECT EXISTS (SELECT 1 FROM pg_class WHERE relname = 'qbsync_meta' AND pg_table_is_visible(oid));

-- name: format
-- The format number of the tables.
SELECT value FROM qbsync_meta WHERE name = 'format';

-- name: set_meta
-- Say something about the tables.
INSERT INTO qbsync_meta (name, value) VALUES ($1, $2)
ON CONFLICT (name) DO UPDATE SET value = excluded.value;

-- name: meta
-- What is said about the tables.
SELECT value FROM qbsync_meta WHERE name = $1;

-- name: identity
-- Other after a dump was restored (a new table), or a base backup was (a new timeline).
SELECT 'qbsync_job'::regclass::oid || '/' || left(pg_walfile_name(pg_current_wal_lsn()), 8);

-- name: lock_tables
-- Let one program at a time make or change the tables.
SELECT pg_advisory_xact_lock(7737596315551);

-- name: lock_company
-- Who changes jobs of a company locks its row until the end.
SELECT 1 FROM qbsync_company WHERE company = $1 FOR UPDATE;

-- name: add_company
-- The row of a company that had none.
INSERT INTO qbsync_company (company) VALUES ($1) ON CONFLICT DO NOTHING;

-- name: take_numbers
-- Take numbers for new jobs.
SELECT string_agg(nextval('qbsync_job_number')::text, ',') FROM generate_series(1, $1::int);

-- name: keys
-- The jobs of a company that have one of these keys. LIMIT keeps the planner from reading all the company's
-- jobs once instead of one step in the index for each key, which seems cheaper while it knows no statistics.
SELECT job.key, job.id, job.state, job.digest, job.kind, NULL, job.depends_on, job.changes
FROM unnest($2::text[]) AS wanted (key) CROSS JOIN LATERAL (
    SELECT * FROM qbsync_job WHERE company = $1 AND qbsync_job.key = wanted.key LIMIT 1
) AS job;

-- name: find
-- The numbers of the jobs of a company that have one of these keys; see ``keys``.
SELECT job.key, job.id
FROM unnest($2::text[]) AS wanted (key) CROSS JOIN LATERAL (
    SELECT * FROM qbsync_job WHERE company = $1 AND qbsync_job.key = wanted.key LIMIT 1
) AS job;

-- name: parents
-- The company and state of jobs that others depend on.
SELECT id, company, state FROM qbsync_job WHERE id = ANY ($1::bigint[]);

-- name: parents_held
-- The same; until the transaction ends they stay what they are.
SELECT id, company, state FROM qbsync_job WHERE id = ANY ($1::bigint[]) ORDER BY id FOR SHARE;

-- name: above
-- Some jobs and all that they depend on, directly or not.
WITH RECURSIVE above (id) AS (
    SELECT unnest($1::bigint[])
    UNION
    SELECT up.value::bigint FROM above JOIN qbsync_job AS job ON job.id = above.id,
        json_array_elements_text(job.depends_on::json) AS up (value)
)
SELECT id, depends_on FROM qbsync_job WHERE id IN (SELECT id FROM above);

-- name: insert_job
-- New jobs, but for those whose key is there, with their payloads; and count them, waiting for nobody.
WITH job AS (
    INSERT INTO qbsync_job
        (id, company, kind, key, state, priority, not_before, ready_at, depends_on, open_parents, reason,
         created_at, updated_at, digest)
    SELECT id, company, kind, key, state, priority, not_before, ready_at, depends_on, open_parents, reason,
        at, at, digest
    FROM unnest(
        $1::bigint[], $2::text[], $3::text[], $4::text[], $5::int[], $6::text[], $7::bigint[], $9::text[],
        $10::bigint[], $11::bigint[], $12::int[], $13::text[], $14::bytea[]
    ) AS new (
        id, company, kind, key, priority, depends_on, at, state, not_before, ready_at, open_parents, reason,
        digest
    )
    ON CONFLICT (company, key) DO NOTHING
    RETURNING id, company, state
), payload AS (
    INSERT INTO qbsync_payload (job_id, payload)
    SELECT new.id, new.payload FROM unnest($1::bigint[], $8::bytea[]) AS new (id, payload)
    WHERE new.id IN (SELECT id FROM job)
), tally AS (
    INSERT INTO qbsync_tally_put (company, state, jobs)
    SELECT company, state, count(*) FROM job GROUP BY company, state
)
SELECT string_agg(id::text, ',') FROM job;

-- name: replace_job
-- New content under the key of a job that failed or was cancelled. An outcome stays with equal content.
UPDATE qbsync_job SET
    kind = $2, priority = $3, depends_on = $4, updated_at = $5, state = $6, not_before = $7, ready_at = $8,
    open_parents = $9, reason = $10, digest = $11, attempts = 0, changes = changes + 1,
    outcome = CASE WHEN $12 THEN outcome END, label = CASE WHEN $12 THEN label END, purged = 0
WHERE id = $1;

-- name: replace_payload
-- The new payload.
INSERT INTO qbsync_payload (job_id, payload) VALUES ($1, $2)
ON CONFLICT (job_id) DO UPDATE SET payload = excluded.payload;

-- name: insert_dependency
-- Jobs wait for others.
INSERT INTO qbsync_dependency (parent_id, job_id) SELECT * FROM unnest($1::bigint[], $2::bigint[]);

-- name: delete_dependency
-- Jobs wait for others no longer.
DELETE FROM qbsync_dependency USING unnest($1::bigint[], $2::bigint[]) AS gone (parent_id, job_id)
WHERE qbsync_dependency.parent_id = gone.parent_id AND qbsync_dependency.job_id = gone.job_id;

-- name: insert_history
-- Rows of history.
INSERT INTO qbsync_history (job_id, n, at, before, after, reason, batch)
SELECT * FROM unnest($1::bigint[], $2::int[], $3::bigint[], $4::text[], $5::text[], $6::text[], $7::text[]);

-- name: tally
-- Count jobs in or out of a state; the company is locked.
INSERT INTO qbsync_tally AS tally (company, state, jobs)
SELECT * FROM unnest($1::text[], $2::text[], $3::bigint[])
ON CONFLICT (company, state) DO UPDATE SET jobs = tally.jobs + excluded.jobs;

-- name: tally_put
-- Count jobs that are put, without waiting for whoever has the company locked.
INSERT INTO qbsync_tally_put (company, state, jobs)
SELECT * FROM unnest($1::text[], $2::text[], $3::bigint[]);

-- name: tidy
-- Add up what puts counted; the company is locked. And jobs whose moment has come stand among those that are
-- due, each once in its life of waiting. Not more at a time than can be done in a reply: the others follow.
WITH promoted AS (
    UPDATE qbsync_job SET ready_at = 0 WHERE id = ANY (ARRAY(
        SELECT id FROM qbsync_job WHERE company = $1 AND ready_at > 0 AND ready_at <= $2
        ORDER BY ready_at, priority DESC, id LIMIT 5000
    ))
), gone AS (
    DELETE FROM qbsync_tally_put WHERE company = $1 RETURNING company, state, jobs
)
INSERT INTO qbsync_tally AS tally (company, state, jobs)
SELECT company, state, sum(jobs) FROM gone GROUP BY company, state
ON CONFLICT (company, state) DO UPDATE SET jobs = tally.jobs + excluded.jobs;

-- name: counts
-- How many jobs a company has in each state.
SELECT state, sum(jobs)::bigint FROM (
    SELECT state, jobs FROM qbsync_tally WHERE company = $1
    UNION ALL
    SELECT state, jobs FROM qbsync_tally_put WHERE company = $1
) AS both_tallies GROUP BY state HAVING sum(jobs) > 0;

-- name: companies
-- The companies that have jobs.
SELECT company FROM qbsync_tally UNION SELECT company FROM qbsync_tally_put ORDER BY company;

-- name: jobs
-- Whole jobs by number: a JSON array of the values, and the documents.
SELECT json_build_array(
    job.id, job.company, job.kind, job.key, NULL, job.priority, job.not_before, job.depends_on,
    job.attempts, job.outcome, job.created_at, job.state, job.reason, NULL, job.batch, job.updated_at,
    job.purged, job.token, job.holder, job.deadline
)::text, payload.payload, job.plan
FROM qbsync_job AS job LEFT JOIN qbsync_payload AS payload ON payload.job_id = job.id
WHERE job.id = ANY ($1::bigint[]);

-- name: ready
-- Whether a job of a company could be leased now.
SELECT EXISTS (SELECT 1 FROM qbsync_job WHERE company = $1 AND ready_at = 0)
    OR EXISTS (SELECT 1 FROM qbsync_job WHERE company = $1 AND ready_at > 0 AND ready_at <= $2);

-- name: due
-- The due jobs of some kinds (NULL: of all), in the order in which they are leased, with the first columns of
-- ``jobs``: one JSON array of the values of all, the payloads in base 64. All kinds are found by a step in the
-- index for each, however many jobs it has.
WITH RECURSIVE found (kind) AS (
    (
        SELECT kind FROM qbsync_job WHERE company = $1 AND ready_at = 0 AND $2::text[] IS NULL
        ORDER BY kind LIMIT 1
    )
    UNION ALL
    SELECT (
        SELECT kind FROM qbsync_job WHERE company = $1 AND kind > found.kind AND ready_at = 0
        ORDER BY kind LIMIT 1
    )
    FROM found WHERE found.kind IS NOT NULL
), wanted (kind) AS (
    SELECT DISTINCT unnest($2::text[]) UNION ALL SELECT kind FROM found
)
SELECT coalesce(json_agg(json_build_array(
    id, company, kind, key, encode(payload, 'base64'), priority, not_before, depends_on, attempts, outcome,
    created_at
) ORDER BY priority DESC, id), '[]')::text
FROM (
    SELECT one.* FROM wanted CROSS JOIN LATERAL (
        SELECT job.*, payload.payload
        FROM qbsync_job AS job LEFT JOIN qbsync_payload AS payload ON payload.job_id = job.id
        WHERE job.company = $1 AND job.kind = wanted.kind AND job.ready_at = 0
        ORDER BY job.priority DESC, job.id LIMIT $3
    ) AS one
    ORDER BY one.priority DESC, one.id LIMIT $3
) AS due;

-- name: lease
-- Give jobs of a company to a holder, and count them.
WITH leased AS (
    UPDATE qbsync_job SET state = 'leased', ready_at = NULL, reason = NULL, updated_at = $3, leased_at = $3,
        token = $4, holder = $5, deadline = $6, changes = changes + 1
    WHERE id = ANY ($2::bigint[])
    RETURNING id
)
INSERT INTO qbsync_tally AS tally (company, state, jobs)
SELECT $1, way.state, way.jobs * (SELECT count(*) FROM leased)
FROM (VALUES ('waiting', -1), ('leased', 1)) AS way (state, jobs)
ON CONFLICT (company, state) DO UPDATE SET jobs = tally.jobs + excluded.jobs;

-- name: leases
-- The jobs that a holder has, in the order in which they are leased.
SELECT id FROM qbsync_job WHERE holder = $1 ORDER BY priority DESC, id;

-- name: standing
-- Where jobs stand, before they are moved: one JSON array of the values of all.
SELECT coalesce(
    json_agg(json_build_array(id, company, state, token, open_parents, batch, leased_at, purged)), '[]'
)::text
FROM qbsync_job WHERE id = ANY ($1::bigint[]);

-- name: lock_companies_of
-- Whose jobs these are: who changes them locks the company's row until the end, as in ``lock_company``.
SELECT company FROM qbsync_company
WHERE company = ANY (ARRAY(SELECT DISTINCT company FROM qbsync_job WHERE id = ANY ($1::bigint[])))
ORDER BY company FOR UPDATE;

-- name: keep_lease
-- Leased jobs stay leased: a plan, a hand-out, a later deadline. With the rows of history.
WITH moved AS (
    UPDATE qbsync_job AS job SET
        outcome = coalesce(new.outcome, job.outcome), label = coalesce(new.label, job.label),
        plan = coalesce(new.plan, job.plan), batch = coalesce(new.batch, job.batch),
        deadline = coalesce(new.deadline, job.deadline), reason = new.reason,
        attempts = job.attempts + new.once, changes = job.changes + new.noted, updated_at = new.at,
        leased_at = CASE WHEN new.noted = 1 THEN NULL ELSE job.leased_at END
    FROM unnest(
        $1::text[], $2::text[], $3::bytea[], $4::text[], $5::text[], $6::bigint[], $7::text[], $8::int[],
        $9::int[], $10::bigint[], $11::text[], $12::text[], $13::text[], $14::bigint[]
    ) AS new (
        ids, outcome, plan, label, batch, deadline, reason, once, noted, at, before, after, note_batch, leased
    )
    WHERE job.id = ANY (new.ids::bigint[])
    RETURNING job.id, job.company, job.changes, new.at, new.before, new.after, new.reason, new.note_batch,
        new.leased, new.noted
)
INSERT INTO qbsync_history (job_id, n, at, before, after, reason, batch, leased_at)
SELECT id, changes, at, before, after, reason, note_batch, leased FROM moved WHERE noted = 1;

-- name: keep_doubt
-- Jobs become or stay in doubt; what belongs to their hand-out is kept. With the rows of history
-- and the counts.
WITH moved AS (
    UPDATE qbsync_job AS job SET
        state = 'in_doubt', outcome = coalesce(new.outcome, job.outcome),
        label = coalesce(new.label, job.label), plan = coalesce(new.plan, job.plan),
        batch = coalesce(new.batch, job.batch), reason = new.reason, attempts = job.attempts + new.once,
        changes = job.changes + new.noted, updated_at = new.at, leased_at = NULL, token = NULL,
        holder = NULL, deadline = NULL
    FROM unnest(
        $1::text[], $2::text[], $3::bytea[], $4::text[], $5::text[], $6::text[], $7::int[], $8::int[],
        $9::bigint[], $10::text[], $11::text[], $12::text[], $13::bigint[]
    ) AS new (
        ids, outcome, plan, label, batch, reason, once, noted, at, before, after, note_batch, leased
    )
    WHERE job.id = ANY (new.ids::bigint[])
    RETURNING job.id, job.company, job.changes, new.at, new.before, new.after, new.reason, new.note_batch,
        new.leased, new.noted
), counted AS (
    INSERT INTO qbsync_tally AS tally (company, state, jobs)
    SELECT company, state, sum(jobs) FROM (
        SELECT company, before AS state, -1 AS jobs FROM moved WHERE noted = 1
        UNION ALL
        SELECT company, after, 1 FROM moved WHERE noted = 1
    ) AS ways
    GROUP BY company, state HAVING sum(jobs) <> 0
    ON CONFLICT (company, state) DO UPDATE SET jobs = tally.jobs + excluded.jobs
)
INSERT INTO qbsync_history (job_id, n, at, before, after, reason, batch, leased_at)
SELECT id, changes, at, before, after, reason, note_batch, leased FROM moved WHERE noted = 1;

-- name: move
-- Any other move; what belongs to a hand-out is dropped (there is no new plan). With the rows of history, the
-- counts, and what ended.
WITH moved AS (
    UPDATE qbsync_job AS job SET
        outcome = coalesce(new.outcome, job.outcome), plan = new.plan,
        label = coalesce(new.label, job.label), state = new.state,
        attempts = CASE WHEN new.anew THEN 0 ELSE job.attempts END + new.once,
        not_before = CASE WHEN new.asked THEN new.until ELSE job.not_before END, ready_at = new.ready_at,
        reason = new.reason, changes = job.changes + new.noted, updated_at = new.at, leased_at = NULL,
        batch = NULL, token = NULL, holder = NULL, deadline = NULL
    FROM unnest(
        $1::text[], $2::text[], $3::bytea[], $4::text[], $5::text[], $6::boolean[], $7::boolean[],
        $8::bigint[], $9::bigint[], $10::text[], $11::int[], $12::int[], $13::bigint[], $14::text[],
        $15::text[], $16::text[], $17::bigint[]
    ) AS new (
        ids, outcome, plan, label, state, anew, asked, until, ready_at, reason, once, noted, at, before,
        after, note_batch, leased
    )
    WHERE job.id = ANY (new.ids::bigint[])
    RETURNING job.id, job.company, job.changes, new.at, new.before, new.after, new.reason, new.note_batch,
        new.leased, new.noted
), counted AS (
    INSERT INTO qbsync_tally AS tally (company, state, jobs)
    SELECT company, state, sum(jobs) FROM (
        SELECT company, before AS state, -1 AS jobs FROM moved WHERE noted = 1
        UNION ALL
        SELECT company, after, 1 FROM moved WHERE noted = 1
    ) AS ways
    GROUP BY company, state HAVING sum(jobs) <> 0
    ON CONFLICT (company, state) DO UPDATE SET jobs = tally.jobs + excluded.jobs
), settled AS (
    INSERT INTO qbsync_settled (at, jobs)
    SELECT at, json_agg(id)::text FROM moved
    WHERE noted = 1 AND after IN ('done', 'failed', 'cancelled') GROUP BY at
)
INSERT INTO qbsync_history (job_id, n, at, before, after, reason, batch, leased_at)
SELECT id, changes, at, before, after, reason, note_batch, leased FROM moved WHERE noted = 1;

-- name: children
-- The jobs that wait for one of these.
SELECT DISTINCT job_id FROM qbsync_dependency WHERE parent_id = ANY ($1::bigint[]);

-- name: close_parents
-- Some of these jobs are done: count down for those that wait for them.
UPDATE qbsync_job AS job SET open_parents = job.open_parents - closed.parents
FROM (
    SELECT job_id, count(*) AS parents FROM qbsync_dependency
    WHERE parent_id = ANY ($1::bigint[]) GROUP BY job_id
) AS closed
WHERE job.id = closed.job_id;

-- name: free_children
-- Those of them that wait for nothing any more.
SELECT id, company, not_before, changes FROM qbsync_job
WHERE state = 'blocked' AND open_parents = 0 AND id = ANY ($1::bigint[]);

-- name: unblock
-- Jobs wait for no other one any more.
UPDATE qbsync_job AS job SET
    state = 'waiting', ready_at = new.ready_at, reason = NULL, changes = changes + 1, updated_at = new.at
FROM unnest($1::bigint[], $2::bigint[], $3::bigint[]) AS new (ready_at, at, id)
WHERE job.id = new.id;

-- name: waiting_children
-- Jobs that are blocked by the jobs they depend on.
SELECT id, depends_on FROM qbsync_job
WHERE state = 'blocked' AND open_parents > 0 AND id = ANY ($1::bigint[]);

-- name: set_reason
-- Say anew why jobs are blocked.
UPDATE qbsync_job AS job SET reason = new.reason
FROM unnest($1::text[], $2::bigint[]) AS new (reason, id)
WHERE job.id = new.id;

-- name: expired
-- Leases of some companies that are past their deadline.
SELECT id, token, batch, company FROM qbsync_job
WHERE company = ANY ($1::text[]) AND state = 'leased' AND deadline <= $2
ORDER BY company, id;

-- name: settled
-- The jobs that ended before a moment, not to go on later, and still have documents. LIMIT keeps the planner
-- from looking for them among all that ended.
SELECT job.id FROM qbsync_settled AS settled
CROSS JOIN LATERAL json_array_elements_text(settled.jobs::json) AS one (number)
CROSS JOIN LATERAL (
    SELECT id FROM qbsync_job
    WHERE id = one.number::bigint AND updated_at = settled.at AND purged = 0
        AND state IN ('done', 'failed', 'cancelled')
    LIMIT 1
) AS job
WHERE settled.at < $1
ORDER BY settled.at, job.id LIMIT $2;

-- name: tidy_settled
-- Of what is remembered longest drop what leads to no job with documents any more.
DELETE FROM qbsync_settled
WHERE at <= (SELECT max(at) FROM (SELECT at FROM qbsync_settled ORDER BY at LIMIT 1000) AS oldest)
    AND NOT EXISTS (
        SELECT 1 FROM json_array_elements_text(qbsync_settled.jobs::json) AS one (number)
        CROSS JOIN LATERAL (
            SELECT 1 FROM qbsync_job
            WHERE id = one.number::bigint AND updated_at = qbsync_settled.at AND purged = 0
                AND state IN ('done', 'failed', 'cancelled')
            LIMIT 1
        ) AS job
    );

-- name: ended
-- Jobs that are to be purged.
SELECT id, company, state, outcome FROM qbsync_job WHERE id = ANY ($1::bigint[]);

-- name: purge
-- Jobs without their documents.
UPDATE qbsync_job AS job SET purged = 1, plan = NULL, outcome = new.outcome
FROM unnest($1::bigint[], $2::text[]) AS new (id, outcome)
WHERE job.id = new.id;

-- name: delete_payloads
-- The payloads of jobs.
DELETE FROM qbsync_payload WHERE job_id = ANY ($1::bigint[]);

-- name: forget_reasons
-- Why jobs are what they are is forgotten.
UPDATE qbsync_job SET reason = NULL WHERE id = ANY ($1::bigint[]);

-- name: forget_history
-- And why they became it.
UPDATE qbsync_history SET reason = NULL WHERE job_id = ANY ($1::bigint[]);

-- name: page_all
-- A part of all jobs.
SELECT id FROM qbsync_job WHERE id > $2 AND ($3::text IS NULL OR kind = $3) ORDER BY id LIMIT $1;

-- name: page_company
-- A part of a company's jobs in one state, or (NULL) in all: some of each label, which are found one after
-- the other. One statement, so that a job which moves at this moment is listed once.
WITH RECURSIVE found (state, label) AS (
    SELECT one.state, (
        SELECT coalesce(label, '') FROM qbsync_job WHERE company = $4 AND state = one.state
        ORDER BY coalesce(label, '') LIMIT 1
    )
    FROM (
        VALUES ('waiting'), ('blocked'), ('leased'), ('in_doubt'), ('done'), ('failed'), ('cancelled')
    ) AS one (state)
    WHERE $5::text IS NULL OR one.state = $5
    UNION ALL
    SELECT found.state, (
        SELECT coalesce(label, '') FROM qbsync_job
        WHERE company = $4 AND state = found.state AND coalesce(label, '') > found.label
        ORDER BY coalesce(label, '') LIMIT 1
    )
    FROM found WHERE found.label IS NOT NULL
)
SELECT job.id FROM found CROSS JOIN LATERAL (
    SELECT id FROM qbsync_job
    WHERE company = $4 AND state = found.state AND coalesce(label, '') = found.label AND id > $2
        AND ($3::text IS NULL OR kind = $3)
    ORDER BY id LIMIT $1
) AS job
WHERE found.label IS NOT NULL
ORDER BY job.id LIMIT $1;

-- name: page_label
-- A part of a company's jobs with one word for their outcome: some of each state.
SELECT job.id FROM (
    VALUES ('waiting'), ('blocked'), ('leased'), ('in_doubt'), ('done'), ('failed'), ('cancelled')
) AS found (state) CROSS JOIN LATERAL (
    SELECT id FROM qbsync_job
    WHERE company = $4 AND state = found.state AND coalesce(label, '') = $6 AND label = $6 AND id > $2
        AND ($3::text IS NULL OR kind = $3)
    ORDER BY id LIMIT $1
) AS job
WHERE $5::text IS NULL OR found.state = $5
ORDER BY job.id LIMIT $1;

-- name: page_batch
-- A part of the jobs of one batch.
SELECT id FROM qbsync_job
WHERE batch = $7 AND id > $2 AND ($3::text IS NULL OR kind = $3)
    AND ($4::text IS NULL OR company = $4) AND ($5::text IS NULL OR state = $5)
    AND ($6::text IS NULL OR label = $6)
ORDER BY id LIMIT $1;

-- name: history
-- The written history of a job, each row behind what none of them says: when it was put, and when it was
-- leased. One statement, so that a lease which ends at this moment is told once.
SELECT job.created_at, job.leased_at,
    one.n, one.leased_at, one.at, one.before, one.after, one.reason, one.batch
FROM qbsync_job AS job LEFT JOIN qbsync_history AS one ON one.job_id = job.id
WHERE job.id = $1 ORDER BY one.n;

-- name: record
-- One record.
SELECT state, sort, value, revision FROM qbsync_record WHERE company = $1 AND kind = $2 AND key = $3;

-- name: insert_record
-- A new record, unless it is there.
INSERT INTO qbsync_record (company, kind, key, state, sort, value, revision) VALUES ($1, $2, $3, $4, $5, $6, 1)
ON CONFLICT (company, kind, key) DO NOTHING;

-- name: update_record
-- Change a record, if nobody else did.
UPDATE qbsync_record SET state = $4, sort = $5, value = $6, revision = revision + 1
WHERE company = $1 AND kind = $2 AND key = $3 AND revision = $7;

-- name: delete_record
-- Delete a record, if nobody changed it.
DELETE FROM qbsync_record WHERE company = $1 AND kind = $2 AND key = $3 AND revision = $4;

-- name: page_records
-- A part of a kind of records.
SELECT key, state, sort, value, revision FROM qbsync_record
WHERE company = $1 AND kind = $2 AND (sort, key) > ($3, $4) ORDER BY sort, key LIMIT $5;

-- name: page_records_state
-- A part of a kind of records in one state.
SELECT key, state, sort, value, revision FROM qbsync_record
WHERE company = $1 AND kind = $2 AND state = $6 AND (sort, key) > ($3, $4) ORDER BY sort, key LIMIT $5;
