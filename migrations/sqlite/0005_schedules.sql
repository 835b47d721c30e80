-- Digests at each subscriber's own time, and what offices order for their people.

-- One row, locked to the commit by whatever has to stand in an order: a polling round becomes ready, a digest run starts,
-- somebody's frequency or time changes. Which run tells a round, and at which frequency, is then told by comparing numbers.
CREATE TABLE digest_clock (
    id INTEGER PRIMARY KEY CHECK (id = 1),
    value INTEGER NOT NULL
) STRICT;
INSERT INTO digest_clock (id, value) SELECT 1, COALESCE(MAX(id), 0) + 1 FROM digest_runs;

CREATE TABLE schedules (           -- when digests are made; all who wish for the same share a row, and rows stay for ever
    id INTEGER PRIMARY KEY,
    frequency TEXT NOT NULL CHECK (frequency IN ('daily', 'weekly')),
    at_time TEXT NOT NULL,         -- HH:MM in the zone; empty: as the setting says
    days INTEGER NOT NULL,         -- a bit a day of the week, Monday is 1; 0: as the setting says
    zone TEXT NOT NULL,            -- an IANA name
    created_at TEXT NOT NULL,      -- moments before are not made up for
    number INTEGER NOT NULL,       -- the digest clock then: where its first digest begins
    UNIQUE (frequency, at_time, days, zone)
) STRICT;
-- The first two are everybody's who never asked for others (the defaults of subscribers). They are as old as time: the run
-- that is due when this migration happens is not lost.
INSERT INTO schedules (frequency, at_time, days, zone, created_at, number) VALUES
    ('daily', '', 0, 'Asia/Ho_Chi_Minh', '1970-01-01T00:00:00+00:00', 0),
    ('weekly', '', 1, 'Asia/Ho_Chi_Minh', '1970-01-01T00:00:00+00:00', 0);

CREATE TABLE offices (             -- whose members are sent one shared digest
    id INTEGER PRIMARY KEY,
    name TEXT NOT NULL UNIQUE,
    daily_schedule_id INTEGER NOT NULL DEFAULT 1 REFERENCES schedules (id),
    weekly_schedule_id INTEGER NOT NULL DEFAULT 2 REFERENCES schedules (id),
    created_at TEXT NOT NULL
) STRICT;

CREATE TABLE office_watches (      -- what every member hears about
    office_id INTEGER NOT NULL REFERENCES offices (id) ON DELETE CASCADE,
    watch_id INTEGER NOT NULL REFERENCES watches (id) ON DELETE CASCADE,
    frequency TEXT NOT NULL CHECK (frequency IN ('instant', 'daily', 'weekly')),
    PRIMARY KEY (office_id, watch_id)
) STRICT;

-- When somebody's digests come. After a change of the schedule, `since` is the digest clock at the change and `told` is how far
-- the schedule before had told them: the first digest of the new one begins there. Null: as everybody on the schedule.
ALTER TABLE subscribers ADD COLUMN daily_schedule_id INTEGER NOT NULL DEFAULT 1;
ALTER TABLE subscribers ADD COLUMN daily_told INTEGER;
ALTER TABLE subscribers ADD COLUMN daily_since INTEGER;
ALTER TABLE subscribers ADD COLUMN weekly_schedule_id INTEGER NOT NULL DEFAULT 2;
ALTER TABLE subscribers ADD COLUMN weekly_told INTEGER;
ALTER TABLE subscribers ADD COLUMN weekly_since INTEGER;
ALTER TABLE subscribers ADD COLUMN office_id INTEGER REFERENCES offices (id);
CREATE INDEX subscribers_daily ON subscribers (daily_schedule_id, id);
CREATE INDEX subscribers_weekly ON subscribers (weekly_schedule_id, id);
CREATE INDEX subscribers_office ON subscribers (office_id, id) WHERE office_id IS NOT NULL;

-- A round belongs to the frequency that the subscription had when the round became ready, whatever happens afterwards.
ALTER TABLE subscriptions ADD COLUMN changed INTEGER NOT NULL DEFAULT 0;  -- the digest clock at the last change of the frequency
CREATE INDEX subscriptions_changed ON subscriptions (changed) WHERE changed > 0;
CREATE TABLE subscription_changes (
    subscription_id INTEGER NOT NULL REFERENCES subscriptions (id) ON DELETE CASCADE,
    number INTEGER NOT NULL,       -- the digest clock at the change
    frequency TEXT NOT NULL CHECK (frequency IN ('instant', 'daily', 'weekly')),  -- the one before
    PRIMARY KEY (subscription_id, number)
) STRICT;

-- Rounds and runs were tied by marks, each run to one date of its frequency. Both tables are made anew: SQLite alters no
-- constraint. Rows that refer to them find theirs again, which SQLite checks with these indexes.
PRAGMA defer_foreign_keys = ON;
DROP INDEX deliveries_folded;
CREATE INDEX deliveries_folded_into ON deliveries (folded_into);

CREATE TABLE fanouts_before AS SELECT * FROM fanouts;
DROP TABLE fanouts;
CREATE TABLE fanouts (             -- one polling round's new articles, owed to everyone who watches them
    id INTEGER PRIMARY KEY,
    opened_at TEXT NOT NULL,
    ready_at TEXT,                 -- the round is over: work may begin
    cursor INTEGER NOT NULL DEFAULT 0,  -- the last subscriber whose delivery exists
    done_at TEXT,
    number INTEGER                 -- the digest clock when it became ready
) STRICT;
-- A run's number was its id, and a round was taken by the first run of either frequency after it was ready.
INSERT INTO fanouts (id, opened_at, ready_at, cursor, done_at, number)
    SELECT id, opened_at, ready_at, cursor, done_at, CASE WHEN ready_at IS NOT NULL THEN
        COALESCE(MIN(COALESCE(daily_run_id, weekly_run_id), COALESCE(weekly_run_id, daily_run_id)),
            (SELECT value FROM digest_clock)) END
    FROM fanouts_before;
DROP TABLE fanouts_before;
CREATE INDEX fanouts_owed ON fanouts (id) WHERE done_at IS NULL;
CREATE INDEX fanouts_number ON fanouts (number);

CREATE TABLE digest_runs_before AS SELECT * FROM digest_runs;
DROP TABLE digest_runs;
CREATE TABLE digest_runs (
    id INTEGER PRIMARY KEY,
    schedule_id INTEGER NOT NULL REFERENCES schedules (id),
    date TEXT NOT NULL,            -- YYYY-MM-DD in the schedule's zone
    number INTEGER NOT NULL,       -- the digest clock at its start: it tells the rounds up to here
    after_number INTEGER NOT NULL, -- and after here, where the schedule's run before ended
    created_at TEXT NOT NULL,
    cursor INTEGER NOT NULL DEFAULT 0,
    done_at TEXT,
    UNIQUE (schedule_id, date)
) STRICT;
INSERT INTO digest_runs (id, schedule_id, date, number, after_number, created_at, cursor, done_at)
    SELECT r.id, CASE r.frequency WHEN 'daily' THEN 1 ELSE 2 END, r.date, r.id,
        COALESCE((SELECT MAX(b.id) FROM digest_runs_before b WHERE b.frequency = r.frequency AND b.id < r.id), 0),
        r.created_at, r.cursor, r.done_at
    FROM digest_runs_before r;
DROP TABLE digest_runs_before;
CREATE INDEX digest_runs_owed ON digest_runs (id) WHERE done_at IS NULL;

ALTER TABLE deliveries ADD COLUMN after_number INTEGER;  -- a digest tells this subscriber the rounds after here
UPDATE deliveries SET after_number = (SELECT r.after_number FROM digest_runs r WHERE r.id = deliveries.digest_run_id)
    WHERE digest_run_id IS NOT NULL;
-- A run takes folded alerts when it comes to their owner, no longer at its start: one half done has those ahead to take.
UPDATE deliveries SET folded_into = NULL WHERE state = 'folded' AND folded_into IS NOT NULL
    AND EXISTS (SELECT 1 FROM digest_runs r WHERE r.id = deliveries.folded_into AND r.done_at IS NULL)
    AND NOT EXISTS (SELECT 1 FROM deliveries d WHERE d.subscriber_id = deliveries.subscriber_id
                    AND d.digest_run_id = deliveries.folded_into);
DROP INDEX deliveries_folded_into;
CREATE INDEX deliveries_folded ON deliveries (subscriber_id, folded_into) WHERE state = 'folded';
