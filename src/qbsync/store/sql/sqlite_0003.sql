-- The third format: less is written for each job.

-- When the job was leased, as long as no row of history says so.
ALTER TABLE qbsync_job ADD COLUMN leased_at INTEGER;

-- When the job had been leased just before: a row of its own (n - 1, from waiting to leased) is not written.
ALTER TABLE qbsync_history ADD COLUMN leased_at INTEGER;

-- One index lists the jobs of a state, of a label, or of both: there are few of either.
DROP INDEX qbsync_job_label;

DROP INDEX qbsync_job_state;

CREATE INDEX qbsync_job_state ON qbsync_job (company, state, label, id);

-- The jobs of a holder are found among the leased ones of those companies that have any.
DROP INDEX qbsync_job_holder;

ALTER TABLE qbsync_tally RENAME TO qbsync_tally_2;

CREATE TABLE qbsync_tally (
    company TEXT NOT NULL,
    state TEXT NOT NULL,
    jobs INTEGER NOT NULL,
    PRIMARY KEY (state, company)
) WITHOUT ROWID;

INSERT INTO qbsync_tally SELECT company, state, jobs FROM qbsync_tally_2;

DROP TABLE qbsync_tally_2;

-- The jobs that ended in one call, with the moment: what is to be purged some day is found here.
CREATE TABLE qbsync_settled (
    at INTEGER NOT NULL,
    -- JSON array of job numbers. Those that went on, or ended again at another moment, count no more.
    jobs TEXT NOT NULL,
    PRIMARY KEY (at, jobs)
) WITHOUT ROWID;

INSERT INTO qbsync_settled (at, jobs)
SELECT updated_at, json_group_array(id) FROM qbsync_job
WHERE purged = 0 AND state IN ('done', 'failed', 'cancelled') GROUP BY updated_at ORDER BY updated_at;

DROP INDEX qbsync_job_settled;
