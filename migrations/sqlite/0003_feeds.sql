-- What feeds need to be rendered once a change: which watch changed when, the words of articles for searches, sealed archive
-- documents, and which changes a hub was told of.

CREATE TABLE change_clock (        -- one row: counts changes in the order of their commits
    id INTEGER PRIMARY KEY CHECK (id = 1),
    value INTEGER NOT NULL
) STRICT;
INSERT INTO change_clock (id, value) VALUES (1, 0);

ALTER TABLE watches ADD COLUMN change INTEGER NOT NULL DEFAULT 0;  -- the clock at the last change of what the watch's feed shows
ALTER TABLE watches ADD COLUMN changed_at TEXT;                    -- the moment of it
CREATE INDEX watches_change ON watches (change);

-- The last change of what is told of an article, in the order of the commits: what a mirror has yet to hear. A row outlives
-- its article, so that a mirror hears of the removal.
CREATE TABLE article_changes (
    article_id INTEGER PRIMARY KEY,
    change INTEGER NOT NULL,       -- the clock then
    changed_at TEXT NOT NULL
) STRICT;
CREATE INDEX article_changes_change ON article_changes (change, article_id);
CREATE INDEX article_changes_moment ON article_changes (changed_at, change);
INSERT INTO article_changes (article_id, change, changed_at)
SELECT id, ROW_NUMBER() OVER (ORDER BY moment, id), moment
FROM (SELECT id, CASE WHEN withdrawn_at > updated_at THEN withdrawn_at ELSE updated_at END AS moment FROM articles) AS known;
UPDATE change_clock SET value = (SELECT COUNT(*) FROM article_changes);

-- The month (YYYY-MM, in the portal's zone) whose archive document holds the article; given once, since a sealed document
-- takes nothing more.
ALTER TABLE articles ADD COLUMN archive_month TEXT;
UPDATE articles SET archive_month = strftime('%Y-%m', listed_at, '+7 hours');
CREATE INDEX articles_archive_month ON articles (archive_month, listed_at, id) WHERE withdrawn_at IS NULL;

-- What lists and feeds show, in their order: on SQLite, `withdrawn_at` stands behind the texts in a row.
CREATE INDEX articles_shown ON articles (listed_at, id) WHERE withdrawn_at IS NULL;

CREATE TABLE archives (            -- archive documents as they were first served: byte for byte the same ever after
    watch_id INTEGER NOT NULL REFERENCES watches (id) ON DELETE CASCADE,
    month TEXT NOT NULL,
    variant TEXT NOT NULL,         -- the format, and whether it holds full texts
    seal INTEGER NOT NULL,         -- the clock of changes at this sealing
    sealed_at TEXT NOT NULL,      -- from then on the month takes no article more
    prev_month TEXT,               -- the months that its links name
    next_month TEXT,
    body BLOB,                     -- gzip; null while it is being written
    etag TEXT,
    PRIMARY KEY (watch_id, month, variant)
) STRICT;
CREATE INDEX archives_month ON archives (month);

-- Which form of its words the search table holds for an article; 0: none yet.
ALTER TABLE articles ADD COLUMN search_version INTEGER NOT NULL DEFAULT 0;
CREATE INDEX articles_search_version ON articles (search_version, id);

-- The words of an article, with and without diacritics, separated by single spaces. Loa has cut and lower-cased them itself:
-- the tokenizer `ascii` splits at the spaces alone. The row is the article's place in lists, its second and its id, so that the
-- newest that hold a word are found without a look at all of them.
CREATE VIRTUAL TABLE article_search USING fts5 (
    exact, folded, content = '', contentless_delete = 1, tokenize = "ascii"
);
CREATE TRIGGER articles_forget_words AFTER DELETE ON articles BEGIN
    DELETE FROM article_search WHERE rowid = unixepoch(old.listed_at) * 2147483648 + old.id;
END;
UPDATE articles SET listed_at = strftime('%Y-%m-%dT%H:%M:%S+00:00', listed_at);

CREATE TABLE portals (             -- every portal that the settings ever named: its articles keep their identity
    id TEXT PRIMARY KEY,
    name TEXT NOT NULL,
    authority TEXT NOT NULL,
    year INTEGER NOT NULL
) STRICT;

CREATE TABLE pings (               -- WebSub: how much of a watch's changes its hub was told
    watch_id INTEGER PRIMARY KEY REFERENCES watches (id) ON DELETE CASCADE,
    change INTEGER NOT NULL,       -- the last change that the hub knows
    due_at TEXT NOT NULL,          -- when to try; moved ahead by a claim's lease
    claim INTEGER,                 -- the claim that holds the lease
    attempts INTEGER NOT NULL DEFAULT 0,
    last_error TEXT,
    waiting_since TEXT           -- since when there is something that it was not told
) STRICT;
CREATE INDEX pings_due ON pings (due_at);

-- What is remembered of an article that was removed for good.
ALTER TABLE tombstones ADD COLUMN article_id INTEGER;               -- the row that it had, which its page is named by
ALTER TABLE tombstones ADD COLUMN url TEXT;                         -- its page on the portal
ALTER TABLE tombstones ADD COLUMN section_ids TEXT;                 -- JSON: the sections that it stood in
ALTER TABLE tombstones ADD COLUMN note TEXT;                        -- why, in the operator's words
CREATE INDEX tombstones_article ON tombstones (article_id) WHERE article_id IS NOT NULL;
CREATE INDEX tombstones_url ON tombstones (url) WHERE url IS NOT NULL;
