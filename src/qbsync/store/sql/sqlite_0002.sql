-- The second format: documents are dropped some time after a job ended.

-- 1: payload, plan and responses were dropped.
ALTER TABLE qbsync_job ADD COLUMN purged INTEGER NOT NULL DEFAULT 0;

CREATE INDEX qbsync_job_settled ON qbsync_job (updated_at, id)
WHERE purged = 0 AND state IN ('done', 'failed', 'cancelled');

-- A company's leases are found by its state; they are few.
DROP INDEX qbsync_job_deadline;

-- Jobs that come due at one moment are taken by priority.
DROP INDEX qbsync_job_later;

CREATE INDEX qbsync_job_later ON qbsync_job (company, ready_at, priority DESC, id) WHERE ready_at > 0;
