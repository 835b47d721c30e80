-- What polling has to remember to be trusted: where a list moved, what is usual, what broke, which articles to look at
-- again, who is asking a host, and how far a backfill came.

ALTER TABLE sections ADD COLUMN url TEXT NOT NULL DEFAULT '';        -- the list page that the validators belong to
ALTER TABLE sections ADD COLUMN moved_to TEXT;                       -- where the portal redirects the list for good
ALTER TABLE sections ADD COLUMN redirects INTEGER NOT NULL DEFAULT 0;  -- polls in a row that were redirected for good
ALTER TABLE sections ADD COLUMN gone_at TEXT;                        -- the list answered 410: not asked again by itself
ALTER TABLE sections ADD COLUMN usual_items REAL;                  -- items on the first list page, moving average
ALTER TABLE sections ADD COLUMN usual_yield REAL;                  -- share of an article page that is found (0 to 1), likewise
ALTER TABLE sections ADD COLUMN recent_yield REAL;                 -- the same over the last few pages
ALTER TABLE sections ADD COLUMN degraded_at TEXT;                    -- since when something is broken
ALTER TABLE sections ADD COLUMN degraded_by TEXT;                    -- what kind of breakage, one word
ALTER TABLE sections ADD COLUMN degraded_why TEXT;                   -- the same for people

ALTER TABLE articles ADD COLUMN etag TEXT;                           -- validators of the article's page, byte for byte
ALTER TABLE articles ADD COLUMN last_modified TEXT;
ALTER TABLE articles ADD COLUMN looked_at TEXT;                      -- when its page was last asked for
ALTER TABLE articles ADD COLUMN next_look_at TEXT;                   -- when to look for edits; null once it is old
ALTER TABLE articles ADD COLUMN missing_since TEXT;                  -- its page has not been there since
CREATE INDEX articles_next_look ON articles (next_look_at) WHERE next_look_at IS NOT NULL;

-- 1: on the section's first list page when that was last read
ALTER TABLE article_sections ADD COLUMN is_listed INTEGER NOT NULL DEFAULT 0 CHECK (is_listed IN (0, 1));

CREATE TABLE hosts (               -- manners that hold for all processes and survive a restart
    host TEXT PRIMARY KEY,
    lease INTEGER,                 -- the process that may ask, a random number
    leased_until TEXT,
    wanted_until TEXT,             -- a poll waits for its turn: a backfill leaves the host to it until then
    hold_until TEXT                -- the host asked to be left alone until then
) STRICT;

CREATE TABLE alarms (              -- what the operator is told by e-mail: once when a section breaks, once when it recovers
    id INTEGER PRIMARY KEY,
    section_id INTEGER NOT NULL REFERENCES sections (id) ON DELETE CASCADE,
    kind TEXT NOT NULL CHECK (kind IN ('degraded', 'recovered')),
    cause TEXT NOT NULL,           -- one word, as sections.degraded_by
    why TEXT NOT NULL,
    created_at TEXT NOT NULL,
    due_at TEXT NOT NULL,          -- when to try; moved ahead by a claim's lease
    attempts INTEGER NOT NULL DEFAULT 0,
    mail INTEGER,                   -- the mail that it stands in, a random number; null while it stands in none
    sent_at TEXT
) STRICT;
CREATE INDEX alarms_due ON alarms (due_at) WHERE sent_at IS NULL;
CREATE INDEX alarms_section ON alarms (section_id, id);

CREATE TABLE alarm_mails (         -- how far such a mail came, for each address of the operator
    mail INTEGER NOT NULL,
    address TEXT NOT NULL,
    state TEXT NOT NULL CHECK (state IN ('told', 'unsure', 'given up')),
    PRIMARY KEY (mail, address)
) STRICT;

CREATE TABLE backfills (           -- how far a walk over older list pages came
    section_id INTEGER PRIMARY KEY REFERENCES sections (id) ON DELETE CASCADE,
    next_url TEXT,                 -- the list page to read next; null at the end of the list
    pages_read INTEGER NOT NULL DEFAULT 0,
    started_at TEXT NOT NULL,
    done_at TEXT
) STRICT;
