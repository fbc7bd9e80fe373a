-- What a version that knew format 1 wrote: a job that is done, one that failed, one leased, one that waits,
-- one that waits for it, and one for later.
-- @at, @payload and @digest stand for literals of the database at hand.
INSERT INTO qbsync_job (id, company, kind, key, digest, state, priority, ready_at, attempts, changes,
    label, outcome, created_at, updated_at)
VALUES (1, 'shop', 'order', 'done', @digest, 'done', 0, NULL, 1, 3, 'posted',
    '{"format":1,"label":"posted","ids":{"invoice":"1A-1"},"requests":[]}', @at, @at);

INSERT INTO qbsync_job (id, company, kind, key, digest, state, priority, ready_at, attempts, changes,
    reason, created_at, updated_at)
VALUES (2, 'shop', 'order', 'failed', @digest, 'failed', 0, NULL, 1, 3, 'said so', @at, @at);

INSERT INTO qbsync_job (id, company, kind, key, digest, state, priority, ready_at, attempts, changes,
    token, holder, deadline, created_at, updated_at)
VALUES (3, 'shop', 'order', 'leased', @digest, 'leased', 0, NULL, 0, 2, 'token', 's', @at + 60000000, @at, @at);

INSERT INTO qbsync_job (id, company, kind, key, digest, state, priority, ready_at, created_at, updated_at)
VALUES (4, 'shop', 'order', 'waiting', @digest, 'waiting', 7, 0, @at, @at);

INSERT INTO qbsync_job (id, company, kind, key, digest, state, priority, depends_on, open_parents, reason,
    created_at, updated_at)
VALUES (5, 'shop', 'order', 'blocked', @digest, 'blocked', 0, '[4]', 1, 'waits', @at, @at);

INSERT INTO qbsync_job (id, company, kind, key, digest, state, priority, not_before, ready_at, created_at,
    updated_at)
VALUES (6, 'shop', 'order', 'waiting for later', @digest, 'waiting', 9, @at + 5000000, @at + 5000000, @at, @at);

INSERT INTO qbsync_dependency (parent_id, job_id) VALUES (4, 5);

INSERT INTO qbsync_payload (job_id, payload) SELECT id, @payload FROM qbsync_job;

INSERT INTO qbsync_history (job_id, n, at, before, after, reason, batch)
SELECT id, 1, @at, NULL, 'waiting', NULL, NULL FROM qbsync_job;

INSERT INTO qbsync_history (job_id, n, at, before, after, reason, batch)
SELECT id, 2, @at, 'waiting', 'leased', NULL, NULL FROM qbsync_job WHERE changes > 1;

INSERT INTO qbsync_history (job_id, n, at, before, after, reason, batch)
SELECT id, 3, @at, 'leased', state, reason, 'set' FROM qbsync_job WHERE changes > 2;

INSERT INTO qbsync_tally (company, state, jobs)
SELECT company, state, count(*) FROM qbsync_job GROUP BY company, state;

INSERT INTO qbsync_record (company, kind, key, state, sort, value, revision)
VALUES ('shop', 'company', 'state', '', '', @payload, 5);
