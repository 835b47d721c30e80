-- What a citizen asked for before it is confirmed, and letters: mails that are about the subscription itself.

ALTER TABLE subscribers ADD COLUMN paused_until TEXT;          -- their own wish: nothing is sent before
ALTER TABLE subscribers ADD COLUMN suppressed_at TEXT;         -- mails came back or were complained about
ALTER TABLE subscribers ADD COLUMN link_number INTEGER NOT NULL DEFAULT 0;  -- another number, and the private page has another address

CREATE TABLE signups (             -- an answer to the form; kept as the record of the consent once it is confirmed
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    subscriber_id INTEGER NOT NULL REFERENCES subscribers (id) ON DELETE CASCADE,
    watches TEXT NOT NULL,         -- JSON: what was asked for, each as topic:SLUG, section:PORTAL/SLUG, phrase:TEXT or all
    frequency TEXT NOT NULL CHECK (frequency IN ('instant', 'daily', 'weekly')),
    language TEXT NOT NULL CHECK (language IN ('vi', 'en')),
    wording TEXT NOT NULL,         -- the version of the words that were agreed to
    created_at TEXT NOT NULL,
    expires_at TEXT NOT NULL,
    confirmed_at TEXT
) STRICT;
CREATE INDEX signups_subscriber ON signups (subscriber_id, created_at);
CREATE INDEX signups_expires ON signups (expires_at) WHERE confirmed_at IS NULL;

-- A CHECK cannot be altered on SQLite: the table is made anew. Nothing refers to it.
CREATE TABLE deliveries_new (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    subscriber_id INTEGER NOT NULL REFERENCES subscribers (id) ON DELETE CASCADE,
    channel TEXT NOT NULL CHECK (channel IN ('email', 'telegram')),
    kind TEXT NOT NULL CHECK (kind IN ('confirmation', 'link', 'welcome', 'alert', 'digest')),
    priority INTEGER NOT NULL,
    fanout_id INTEGER REFERENCES fanouts (id),
    digest_run_id INTEGER REFERENCES digest_runs (id),
    state TEXT NOT NULL CHECK (state IN ('queued', 'sending', 'sent', 'failed', 'unknown', 'folded', 'cancelled')),
    attempts INTEGER NOT NULL DEFAULT 0,
    due_at TEXT NOT NULL,
    claim INTEGER,
    created_at TEXT NOT NULL,
    sent_at TEXT,
    unknown_at TEXT,
    remote_id TEXT,
    reason TEXT,
    folded_into INTEGER REFERENCES digest_runs (id),
    signup_id INTEGER REFERENCES signups (id) ON DELETE CASCADE,  -- what a confirmation confirms
    UNIQUE (subscriber_id, fanout_id),
    UNIQUE (subscriber_id, digest_run_id),
    UNIQUE (signup_id)
) STRICT;
INSERT INTO deliveries_new (id, subscriber_id, channel, kind, priority, fanout_id, digest_run_id, state, attempts, due_at,
        claim, created_at, sent_at, unknown_at, remote_id, reason, folded_into)
    SELECT id, subscriber_id, channel, kind, priority, fanout_id, digest_run_id, state, attempts, due_at,
        claim, created_at, sent_at, unknown_at, remote_id, reason, folded_into FROM deliveries;
-- Message-IDs are made from row ids: none may come twice, also where the newest rows are gone.
INSERT INTO sqlite_sequence (name, seq) SELECT 'deliveries_new', 0
    WHERE NOT EXISTS (SELECT 1 FROM sqlite_sequence WHERE name = 'deliveries_new');
UPDATE sqlite_sequence SET seq = MAX(seq, COALESCE((SELECT s.seq FROM sqlite_sequence s WHERE s.name = 'deliveries'), 0))
    WHERE name = 'deliveries_new';
DROP TABLE deliveries;
ALTER TABLE deliveries_new RENAME TO deliveries;
CREATE INDEX deliveries_due ON deliveries (channel, priority, due_at, id) WHERE state = 'queued';
CREATE INDEX deliveries_sending ON deliveries (due_at) WHERE state = 'sending';
CREATE INDEX deliveries_claim ON deliveries (claim) WHERE claim IS NOT NULL;
CREATE INDEX deliveries_fanout ON deliveries (fanout_id);
CREATE INDEX deliveries_digest_run ON deliveries (digest_run_id);
CREATE INDEX deliveries_folded ON deliveries (folded_into) WHERE state = 'folded';
CREATE UNIQUE INDEX deliveries_welcome ON deliveries (subscriber_id) WHERE kind = 'welcome';
