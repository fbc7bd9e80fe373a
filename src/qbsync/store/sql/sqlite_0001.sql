-- The first format: jobs, their history, and records.
-- Moments are whole microseconds since 1970-01-01T00:00:00Z.
-- All names begin with qbsync_, so that the tables can stand in a host's own database.

CREATE TABLE qbsync_meta (
    name TEXT PRIMARY KEY NOT NULL,
    value INTEGER NOT NULL
) WITHOUT ROWID;

-- The number of the next job; numbers are never used twice.
INSERT INTO qbsync_meta (name, value) VALUES ('next_job', 1);

CREATE TABLE qbsync_job (
    id INTEGER PRIMARY KEY NOT NULL,
    company TEXT NOT NULL,
    kind TEXT NOT NULL,
    key TEXT NOT NULL,
    -- SHA-256 of kind and payload: tells equal content, also when the payload was dropped.
    digest BLOB NOT NULL,
    state TEXT NOT NULL,
    priority INTEGER NOT NULL,
    not_before INTEGER,
    -- NULL: cannot be leased. 0: can be leased now. Else: from that moment on.
    ready_at INTEGER,
    -- JSON array of job numbers, or NULL.
    depends_on TEXT,
    -- How many of them are not done.
    open_parents INTEGER NOT NULL DEFAULT 0,
    attempts INTEGER NOT NULL DEFAULT 0,
    -- How many rows of history there are.
    changes INTEGER NOT NULL DEFAULT 1,
    reason TEXT,
    label TEXT,
    outcome TEXT,
    plan BLOB,
    batch TEXT,
    token TEXT,
    holder TEXT,
    deadline INTEGER,
    created_at INTEGER NOT NULL,
    updated_at INTEGER NOT NULL,
    CHECK ((state = 'waiting') = (ready_at IS NOT NULL)),
    CHECK ((state = 'leased') = (token IS NOT NULL))
);

CREATE UNIQUE INDEX qbsync_job_key ON qbsync_job (company, key);
CREATE INDEX qbsync_job_due ON qbsync_job (company, kind, priority DESC, id) WHERE ready_at = 0;
CREATE INDEX qbsync_job_later ON qbsync_job (company, ready_at) WHERE ready_at > 0;
CREATE INDEX qbsync_job_state ON qbsync_job (company, state, id);
CREATE INDEX qbsync_job_label ON qbsync_job (company, label, id) WHERE label IS NOT NULL;
CREATE INDEX qbsync_job_batch ON qbsync_job (batch, id) WHERE batch IS NOT NULL;
CREATE INDEX qbsync_job_holder ON qbsync_job (holder, priority DESC, id) WHERE holder IS NOT NULL;
CREATE INDEX qbsync_job_deadline ON qbsync_job (deadline) WHERE deadline IS NOT NULL;

-- Apart from the job, whose row is rewritten with every change.
CREATE TABLE qbsync_payload (
    job_id INTEGER PRIMARY KEY NOT NULL,
    payload BLOB NOT NULL
);

CREATE TABLE qbsync_dependency (
    parent_id INTEGER NOT NULL,
    job_id INTEGER NOT NULL,
    PRIMARY KEY (parent_id, job_id)
) WITHOUT ROWID;

CREATE TABLE qbsync_history (
    job_id INTEGER NOT NULL,
    n INTEGER NOT NULL,
    at INTEGER NOT NULL,
    before TEXT,
    after TEXT NOT NULL,
    reason TEXT,
    batch TEXT,
    PRIMARY KEY (job_id, n)
) WITHOUT ROWID;

-- How many jobs a company has in a state; kept up to date with every change.
CREATE TABLE qbsync_tally (
    company TEXT NOT NULL,
    state TEXT NOT NULL,
    jobs INTEGER NOT NULL,
    PRIMARY KEY (company, state)
) WITHOUT ROWID;

CREATE TABLE qbsync_record (
    id INTEGER PRIMARY KEY NOT NULL,
    company TEXT NOT NULL,
    kind TEXT NOT NULL,
    key TEXT NOT NULL,
    state TEXT NOT NULL,
    sort TEXT NOT NULL,
    value BLOB NOT NULL,
    revision INTEGER NOT NULL
);

CREATE UNIQUE INDEX qbsync_record_key ON qbsync_record (company, kind, key);
CREATE INDEX qbsync_record_sort ON qbsync_record (company, kind, sort, key);
CREATE INDEX qbsync_record_state ON qbsync_record (company, kind, state, sort, key);
