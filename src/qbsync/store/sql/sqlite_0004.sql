-- The fourth format: what was put is written once, and apart from what becomes of it.

ALTER TABLE qbsync_job RENAME TO qbsync_job_3;

ALTER TABLE qbsync_payload RENAME TO qbsync_payload_3;

-- What was put. Only a put under the same key, when the job failed or was cancelled, changes it.
CREATE TABLE qbsync_job (
    id INTEGER PRIMARY KEY NOT NULL,
    company TEXT NOT NULL,
    kind TEXT NOT NULL,
    key TEXT NOT NULL,
    -- SHA-256 of kind and payload, which tells equal content where the payload was dropped; else mostly NULL.
    digest BLOB,
    priority INTEGER NOT NULL,
    -- JSON array of job numbers, or NULL.
    depends_on TEXT,
    created_at INTEGER NOT NULL,
    -- NULL: dropped. The last column, so that the others are read without it.
    payload BLOB
);

INSERT INTO qbsync_job (id, company, kind, key, digest, priority, depends_on, created_at, payload)
SELECT job.id, company, kind, key, digest, priority, depends_on, created_at, payload
FROM qbsync_job_3 AS job LEFT JOIN qbsync_payload_3 AS payload ON payload.job_id = job.id ORDER BY job.id;

-- What became of it. A job that waits and of which nothing else is to be said needs no row.
CREATE TABLE qbsync_progress (
    job_id INTEGER PRIMARY KEY NOT NULL,
    company TEXT NOT NULL,
    state TEXT NOT NULL,
    not_before INTEGER,
    -- How many of the jobs it depends on are not done.
    open_parents INTEGER NOT NULL DEFAULT 0,
    attempts INTEGER NOT NULL DEFAULT 0,
    -- How many changes its history has.
    changes INTEGER NOT NULL DEFAULT 1,
    reason TEXT,
    label TEXT,
    outcome TEXT,
    plan BLOB,
    batch TEXT,
    token TEXT,
    holder TEXT,
    deadline INTEGER,
    updated_at INTEGER NOT NULL,
    -- When the job was leased, as long as no row of history says so.
    leased_at INTEGER,
    -- 1: payload, plan and responses were dropped.
    purged INTEGER NOT NULL DEFAULT 0,
    CHECK ((state = 'leased') = (token IS NOT NULL))
);

INSERT INTO qbsync_progress
    (job_id, company, state, not_before, open_parents, attempts, changes, reason, label, outcome, plan,
     batch, token, holder, deadline, updated_at, leased_at, purged)
SELECT id, company, state, not_before, open_parents, attempts, changes, reason, label, outcome, plan,
    batch, token, holder, deadline, updated_at, leased_at, purged
FROM qbsync_job_3 ORDER BY id;

-- The jobs that wait stand here or there: those that can be leased, in the order in which they are,
CREATE TABLE qbsync_due (
    company TEXT NOT NULL,
    kind TEXT NOT NULL,
    -- The priority, negated.
    urgency INTEGER NOT NULL,
    job_id INTEGER NOT NULL,
    PRIMARY KEY (company, kind, urgency, job_id)
) WITHOUT ROWID;

INSERT INTO qbsync_due (company, kind, urgency, job_id)
SELECT company, kind, -priority, id FROM qbsync_job_3 WHERE ready_at = 0
ORDER BY company, kind, -priority, id;

-- and those that can be later. Of jobs that come due at one moment the urgent ones are the first.
CREATE TABLE qbsync_later (
    company TEXT NOT NULL,
    ready_at INTEGER NOT NULL,
    urgency INTEGER NOT NULL,
    job_id INTEGER NOT NULL,
    PRIMARY KEY (company, ready_at, urgency, job_id)
) WITHOUT ROWID;

INSERT INTO qbsync_later (company, ready_at, urgency, job_id)
SELECT company, ready_at, -priority, id FROM qbsync_job_3 WHERE ready_at > 0
ORDER BY company, ready_at, -priority, id;

-- The number of the next job follows from the last one.
DELETE FROM qbsync_meta WHERE name = 'next_job';

DROP TABLE qbsync_job_3;

DROP TABLE qbsync_payload_3;

CREATE UNIQUE INDEX qbsync_job_key ON qbsync_job (company, key);

CREATE INDEX qbsync_progress_state ON qbsync_progress (company, state, label, job_id);

CREATE INDEX qbsync_progress_batch ON qbsync_progress (batch, job_id) WHERE batch IS NOT NULL;
