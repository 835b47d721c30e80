-- What feeds need to be rendered once a change: which watch changed when, the words of articles for searches, sealed archive
-- documents, and which changes a hub was told of.

CREATE TABLE change_clock (        -- one row: counts changes in the order of their commits
    id BIGINT PRIMARY KEY CHECK (id = 1),
    value BIGINT NOT NULL
);
INSERT INTO change_clock (id, value) VALUES (1, 0);

ALTER TABLE watches ADD COLUMN change BIGINT NOT NULL DEFAULT 0;  -- the clock at the last change of what the watch's feed shows
ALTER TABLE watches ADD COLUMN changed_at TIMESTAMPTZ;            -- the moment of it
CREATE INDEX watches_change ON watches (change);

-- The last change of what is told of an article, in the order of the commits: what a mirror has yet to hear. A row outlives
-- its article, so that a mirror hears of the removal.
CREATE TABLE article_changes (
    article_id BIGINT PRIMARY KEY,
    change BIGINT NOT NULL,       -- the clock then
    changed_at TIMESTAMPTZ NOT NULL
);
CREATE INDEX article_changes_change ON article_changes (change, article_id);
CREATE INDEX article_changes_moment ON article_changes (changed_at, change);
INSERT INTO article_changes (article_id, change, changed_at)
SELECT id, ROW_NUMBER() OVER (ORDER BY moment, id), moment
FROM (SELECT id, CASE WHEN withdrawn_at > updated_at THEN withdrawn_at ELSE updated_at END AS moment FROM articles) AS known;
UPDATE change_clock SET value = (SELECT COUNT(*) FROM article_changes);

-- The month (YYYY-MM, in the portal's zone) whose archive document holds the article; given once, since a sealed document
-- takes nothing more.
ALTER TABLE articles ADD COLUMN archive_month TEXT;
UPDATE articles SET archive_month = to_char(listed_at AT TIME ZONE 'Asia/Ho_Chi_Minh', 'YYYY-MM');
CREATE INDEX articles_archive_month ON articles (archive_month, listed_at, id) WHERE withdrawn_at IS NULL;

-- What lists and feeds show, in their order: on SQLite, `withdrawn_at` stands behind the texts in a row.
CREATE INDEX articles_shown ON articles (listed_at, id) WHERE withdrawn_at IS NULL;

CREATE TABLE archives (            -- archive documents as they were first served: byte for byte the same ever after
    watch_id BIGINT NOT NULL REFERENCES watches (id) ON DELETE CASCADE,
    month TEXT NOT NULL,
    variant TEXT NOT NULL,         -- the format, and whether it holds full texts
    seal BIGINT NOT NULL,         -- the clock of changes at this sealing
    sealed_at TIMESTAMPTZ NOT NULL,      -- from then on the month takes no article more
    prev_month TEXT,               -- the months that its links name
    next_month TEXT,
    body BYTEA,                     -- gzip; null while it is being written
    etag TEXT,
    PRIMARY KEY (watch_id, month, variant)
);
CREATE INDEX archives_month ON archives (month);

-- Which form of its words the search table holds for an article; 0: none yet.
ALTER TABLE articles ADD COLUMN search_version BIGINT NOT NULL DEFAULT 0;
CREATE INDEX articles_search_version ON articles (search_version, id);

-- The words of an article, with and without diacritics: as sets of the words and of each two that stand next to each other,
-- to find articles by, and as texts (a space before and after each word) in which longer phrases are looked for. The positions
-- of a TSVECTOR would not do: it keeps 255 of a word.
CREATE TABLE article_search (
    article_id BIGINT PRIMARY KEY REFERENCES articles (id) ON DELETE CASCADE,
    exact TEXT NOT NULL,
    folded TEXT NOT NULL,
    exact_words TSVECTOR NOT NULL,
    folded_words TSVECTOR NOT NULL
);
CREATE INDEX article_search_exact ON article_search USING gin (exact_words);
CREATE INDEX article_search_folded ON article_search USING gin (folded_words);
UPDATE articles SET listed_at = date_trunc('second', listed_at);

CREATE TABLE portals (             -- every portal that the settings ever named: its articles keep their identity
    id TEXT PRIMARY KEY,
    name TEXT NOT NULL,
    authority TEXT NOT NULL,
    year BIGINT NOT NULL
);

CREATE TABLE pings (               -- WebSub: how much of a watch's changes its hub was told
    watch_id BIGINT PRIMARY KEY REFERENCES watches (id) ON DELETE CASCADE,
    change BIGINT NOT NULL,        -- the last change that the hub knows
    due_at TIMESTAMPTZ NOT NULL,   -- when to try; moved ahead by a claim's lease
    claim BIGINT,                  -- the claim that holds the lease
    attempts BIGINT NOT NULL DEFAULT 0,
    last_error TEXT,
    waiting_since TIMESTAMPTZ           -- since when there is something that it was not told
);
CREATE INDEX pings_due ON pings (due_at);

-- What is remembered of an article that was removed for good.
ALTER TABLE tombstones ADD COLUMN article_id BIGINT;               -- the row that it had, which its page is named by
ALTER TABLE tombstones ADD COLUMN url TEXT;                         -- its page on the portal
ALTER TABLE tombstones ADD COLUMN section_ids JSONB;                 -- JSON: the sections that it stood in
ALTER TABLE tombstones ADD COLUMN note TEXT;                        -- why, in the operator's words
CREATE INDEX tombstones_article ON tombstones (article_id) WHERE article_id IS NOT NULL;
CREATE INDEX tombstones_url ON tombstones (url) WHERE url IS NOT NULL;
