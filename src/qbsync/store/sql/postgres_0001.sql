-- The first format: jobs, their history, and records.
-- Moments are whole microseconds since 1970-01-01T00:00:00Z.
-- All names begin with qbsync_, so that the tables can stand in a host's own database.
-- Texts are compared by code point, whatever the language of the database.

CREATE TABLE qbsync_meta (
    name TEXT PRIMARY KEY,
    value TEXT NOT NULL
);

-- One row a company: who changes its jobs locks it.
CREATE TABLE qbsync_company (
    company TEXT COLLATE "C" PRIMARY KEY
);

-- Numbers are never used twice.
CREATE SEQUENCE qbsync_job_number AS BIGINT;

CREATE TABLE qbsync_job (
    id BIGINT PRIMARY KEY,
    company TEXT COLLATE "C" NOT NULL,
    kind TEXT COLLATE "C" NOT NULL,
    key TEXT COLLATE "C" NOT NULL,
    -- SHA-256 of kind and payload: tells equal content, also when the payload was dropped.
    digest BYTEA NOT NULL,
    state TEXT COLLATE "C" NOT NULL,
    priority INTEGER NOT NULL,
    not_before BIGINT,
    -- NULL: cannot be leased. 0: can be leased now. Else: from that moment on.
    ready_at BIGINT,
    -- JSON array of job numbers, or NULL.
    depends_on TEXT,
    -- How many of them are not done.
    open_parents INTEGER NOT NULL DEFAULT 0,
    attempts INTEGER NOT NULL DEFAULT 0,
    -- How many rows of history there are.
    changes INTEGER NOT NULL DEFAULT 1,
    reason TEXT,
    label TEXT COLLATE "C",
    outcome TEXT,
    plan BYTEA,
    batch TEXT COLLATE "C",
    token TEXT,
    holder TEXT COLLATE "C",
    deadline BIGINT,
    created_at BIGINT NOT NULL,
    updated_at BIGINT NOT NULL,
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

-- Apart from the job, whose row is written again with every change.
CREATE TABLE qbsync_payload (
    job_id BIGINT PRIMARY KEY,
    payload BYTEA NOT NULL
);

CREATE TABLE qbsync_dependency (
    parent_id BIGINT NOT NULL,
    job_id BIGINT NOT NULL,
    PRIMARY KEY (parent_id, job_id)
);

CREATE TABLE qbsync_history (
    job_id BIGINT NOT NULL,
    n INTEGER NOT NULL,
    at BIGINT NOT NULL,
    before TEXT COLLATE "C",
    after TEXT COLLATE "C" NOT NULL,
    reason TEXT,
    batch TEXT COLLATE "C",
    PRIMARY KEY (job_id, n)
);

-- How many jobs a company has in a state; kept up to date with every change.
CREATE TABLE qbsync_tally (
    company TEXT COLLATE "C" NOT NULL,
    state TEXT COLLATE "C" NOT NULL,
    jobs BIGINT NOT NULL,
    PRIMARY KEY (company, state)
);

-- What puts count, until the next lease adds it up: a put waits for nobody.
CREATE TABLE qbsync_tally_put (
    company TEXT COLLATE "C" NOT NULL,
    state TEXT COLLATE "C" NOT NULL,
    jobs BIGINT NOT NULL
);

CREATE INDEX qbsync_tally_put_company ON qbsync_tally_put (company);

CREATE TABLE qbsync_record (
    company TEXT COLLATE "C" NOT NULL,
    kind TEXT COLLATE "C" NOT NULL,
    key TEXT COLLATE "C" NOT NULL,
    state TEXT COLLATE "C" NOT NULL,
    sort TEXT COLLATE "C" NOT NULL,
    value BYTEA NOT NULL,
    revision BIGINT NOT NULL,
    PRIMARY KEY (company, kind, key)
);

CREATE INDEX qbsync_record_sort ON qbsync_record (company, kind, sort, key);
CREATE INDEX qbsync_record_state ON qbsync_record (company, kind, state, sort, key);
