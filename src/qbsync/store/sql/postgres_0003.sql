-- The third format: less is written for each job.

-- When the job was leased, as long as no row of history says so.
ALTER TABLE qbsync_job ADD COLUMN leased_at BIGINT;

-- When the job had been leased just before: a row of its own (n - 1, from waiting to leased) is not written.
ALTER TABLE qbsync_history ADD COLUMN leased_at BIGINT;

-- One index lists the jobs of a state, of a label, or of both: there are few of either.
DROP INDEX qbsync_job_label;

DROP INDEX qbsync_job_state;

CREATE INDEX qbsync_job_state ON qbsync_job (company, state, coalesce(label, ''), id);

-- The jobs that ended in one call, with the moment: what is to be purged some day is found here.
CREATE TABLE qbsync_settled (
    at BIGINT NOT NULL,
    -- JSON array of job numbers. Those that went on, or ended again at another moment, count no more.
    jobs TEXT NOT NULL
);

CREATE INDEX qbsync_settled_at ON qbsync_settled (at);

INSERT INTO qbsync_settled (at, jobs)
SELECT updated_at, json_agg(id)::text FROM qbsync_job
WHERE purged = 0 AND state IN ('done', 'failed', 'cancelled') GROUP BY updated_at ORDER BY updated_at;

DROP INDEX qbsync_job_settled;
