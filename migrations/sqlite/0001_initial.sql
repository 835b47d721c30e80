-- The words of ARCHITECTURE.md as tables. Moments are UTC with microseconds. Nullable moments are the state.

CREATE TABLE secrets (
    name TEXT PRIMARY KEY,
    value TEXT NOT NULL
) STRICT;

CREATE TABLE sections (
    id INTEGER PRIMARY KEY,
    portal TEXT NOT NULL,
    slug TEXT NOT NULL,
    title TEXT NOT NULL,
    etag TEXT,                     -- validators of the list page, byte for byte
    last_modified TEXT,
    next_poll_at TEXT NOT NULL,    -- what is due stands here; also the lease of a poll under way
    polled_at TEXT,
    baseline_at TEXT,              -- end of the first whole poll; until then nothing is announced
    failures INTEGER NOT NULL DEFAULT 0,
    last_error TEXT,
    retired_at TEXT,               -- no longer in the configuration
    UNIQUE (portal, slug)
) STRICT;

CREATE TABLE articles (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    portal TEXT NOT NULL,
    key TEXT NOT NULL,             -- the portal's own id
    url TEXT NOT NULL,
    title TEXT NOT NULL,
    lead TEXT,
    source TEXT,
    author TEXT,
    published_at TEXT,
    published_precision TEXT CHECK (published_precision IN ('minute', 'day')),
    body_html TEXT NOT NULL,
    body_text TEXT NOT NULL,
    images TEXT NOT NULL,          -- JSON
    attachments TEXT NOT NULL,     -- JSON
    content_hash TEXT NOT NULL,    -- of the normalised values: differs only for a material edit
    first_seen_at TEXT NOT NULL,
    updated_at TEXT NOT NULL,
    listed_at TEXT NOT NULL,       -- place in lists: published, or first seen
    withdrawn_at TEXT,
    UNIQUE (portal, key)
) STRICT;
CREATE INDEX articles_listed ON articles (listed_at, id);

CREATE TABLE revisions (           -- what an article said before a material edit
    id INTEGER PRIMARY KEY,
    article_id INTEGER NOT NULL REFERENCES articles (id) ON DELETE CASCADE,
    content_hash TEXT NOT NULL,
    title TEXT NOT NULL,
    lead TEXT,
    body_html TEXT NOT NULL,
    body_text TEXT NOT NULL,
    replaced_at TEXT NOT NULL,
    UNIQUE (article_id, replaced_at)
) STRICT;

CREATE TABLE tombstones (          -- removed articles, so that a list that still shows one does not bring it back
    portal TEXT NOT NULL,
    key TEXT NOT NULL,
    removed_at TEXT NOT NULL,
    reason TEXT NOT NULL,
    PRIMARY KEY (portal, key)
) STRICT;

CREATE TABLE article_sections (
    article_id INTEGER NOT NULL REFERENCES articles (id) ON DELETE CASCADE,
    section_id INTEGER NOT NULL REFERENCES sections (id) ON DELETE CASCADE,
    list_title TEXT NOT NULL,      -- as the list showed it, normalised: a change there is a reason to look again
    PRIMARY KEY (article_id, section_id)
) STRICT;
CREATE INDEX article_sections_section ON article_sections (section_id, article_id);

CREATE TABLE wanted_pages (        -- articles that a list showed and whose pages are still to be read, oldest first
    id INTEGER PRIMARY KEY,
    section_id INTEGER NOT NULL REFERENCES sections (id) ON DELETE CASCADE,
    key TEXT NOT NULL,
    url TEXT NOT NULL,
    list_title TEXT NOT NULL,
    is_news INTEGER NOT NULL CHECK (is_news IN (0, 1)),  -- 0: listed at the first poll, to be stored silently
    attempts INTEGER NOT NULL DEFAULT 0,
    next_try_at TEXT NOT NULL,
    last_error TEXT,
    UNIQUE (section_id, key)
) STRICT;

CREATE TABLE topics (
    id INTEGER PRIMARY KEY,
    slug TEXT NOT NULL UNIQUE,
    vi TEXT NOT NULL,
    en TEXT NOT NULL,
    position INTEGER NOT NULL,
    retired_at TEXT
) STRICT;

CREATE TABLE article_topics (
    article_id INTEGER NOT NULL REFERENCES articles (id) ON DELETE CASCADE,
    topic_id INTEGER NOT NULL REFERENCES topics (id) ON DELETE CASCADE,
    score REAL NOT NULL,
    evidence TEXT NOT NULL,        -- JSON
    PRIMARY KEY (article_id, topic_id)
) STRICT;
CREATE INDEX article_topics_topic ON article_topics (topic_id, article_id);

CREATE TABLE watches (
    id INTEGER PRIMARY KEY,
    kind TEXT NOT NULL CHECK (kind IN ('all', 'topic', 'section', 'phrase')),
    value TEXT NOT NULL,
    created_at TEXT NOT NULL,
    UNIQUE (kind, value)
) STRICT;

CREATE TABLE article_watches (
    article_id INTEGER NOT NULL REFERENCES articles (id) ON DELETE CASCADE,
    watch_id INTEGER NOT NULL REFERENCES watches (id) ON DELETE CASCADE,
    PRIMARY KEY (article_id, watch_id)
) STRICT;
CREATE INDEX article_watches_watch ON article_watches (watch_id, article_id);

CREATE TABLE subscribers (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    channel TEXT NOT NULL CHECK (channel IN ('email', 'telegram')),
    address TEXT NOT NULL,
    language TEXT NOT NULL DEFAULT 'vi' CHECK (language IN ('vi', 'en')),
    basis TEXT NOT NULL,           -- why this person may be written to: the office's basis, or the consent's wording
    basis_at TEXT NOT NULL,
    created_at TEXT NOT NULL,
    confirmed_at TEXT,             -- nobody is written to before
    ended_at TEXT,
    ended_reason TEXT,
    UNIQUE (channel, address)
) STRICT;

CREATE TABLE subscriptions (
    id INTEGER PRIMARY KEY,
    subscriber_id INTEGER NOT NULL REFERENCES subscribers (id) ON DELETE CASCADE,
    watch_id INTEGER NOT NULL REFERENCES watches (id) ON DELETE CASCADE,
    frequency TEXT NOT NULL CHECK (frequency IN ('instant', 'daily', 'weekly')),
    created_at TEXT NOT NULL,
    ended_at TEXT,
    UNIQUE (subscriber_id, watch_id)
) STRICT;
CREATE INDEX subscriptions_watch ON subscriptions (frequency, watch_id, subscriber_id) WHERE ended_at IS NULL;

CREATE TABLE digest_runs (
    id INTEGER PRIMARY KEY,
    date TEXT NOT NULL,            -- YYYY-MM-DD in the portal's zone
    frequency TEXT NOT NULL CHECK (frequency IN ('daily', 'weekly')),
    created_at TEXT NOT NULL,
    cursor INTEGER NOT NULL DEFAULT 0,
    done_at TEXT,
    UNIQUE (date, frequency)
) STRICT;

CREATE TABLE fanouts (             -- one polling round's new articles, owed to everyone who watches them
    id INTEGER PRIMARY KEY,
    opened_at TEXT NOT NULL,
    ready_at TEXT,                 -- the round is over: work may begin
    cursor INTEGER NOT NULL DEFAULT 0,  -- the last subscriber whose delivery exists
    done_at TEXT,
    daily_run_id INTEGER REFERENCES digest_runs (id),   -- the digest that tells these articles
    weekly_run_id INTEGER REFERENCES digest_runs (id)
) STRICT;
CREATE INDEX fanouts_owed ON fanouts (id) WHERE done_at IS NULL;
CREATE INDEX fanouts_daily ON fanouts (daily_run_id);
CREATE INDEX fanouts_weekly ON fanouts (weekly_run_id);

CREATE TABLE fanout_articles (     -- the marker, written in the article's transaction
    id INTEGER PRIMARY KEY,
    article_id INTEGER NOT NULL REFERENCES articles (id) ON DELETE CASCADE,
    fanout_id INTEGER NOT NULL REFERENCES fanouts (id),
    only_watch_id INTEGER REFERENCES watches (id)  -- the article came to match one more watch: news to those who have no other
) STRICT;
CREATE UNIQUE INDEX fanout_articles_once ON fanout_articles (article_id) WHERE only_watch_id IS NULL;
CREATE UNIQUE INDEX fanout_articles_watch ON fanout_articles (article_id, only_watch_id);
CREATE INDEX fanout_articles_fanout ON fanout_articles (fanout_id, article_id);

CREATE TABLE deliveries (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    subscriber_id INTEGER NOT NULL REFERENCES subscribers (id) ON DELETE CASCADE,
    channel TEXT NOT NULL CHECK (channel IN ('email', 'telegram')),
    kind TEXT NOT NULL CHECK (kind IN ('confirmation', 'alert', 'digest')),
    priority INTEGER NOT NULL,
    fanout_id INTEGER REFERENCES fanouts (id),
    digest_run_id INTEGER REFERENCES digest_runs (id),
    state TEXT NOT NULL CHECK (state IN ('queued', 'sending', 'sent', 'failed', 'unknown', 'folded', 'cancelled')),
    attempts INTEGER NOT NULL DEFAULT 0,
    due_at TEXT NOT NULL,          -- when to try; moved ahead by a claim's lease
    claim INTEGER,                 -- the claim that holds the lease
    created_at TEXT NOT NULL,
    sent_at TEXT,
    unknown_at TEXT,               -- when an outcome was first found to be unknown
    remote_id TEXT,                -- the channel's own id of the message (Telegram's message_id)
    reason TEXT,                   -- why it failed, waits or was cancelled; never an address
    folded_into INTEGER REFERENCES digest_runs (id),
    UNIQUE (subscriber_id, fanout_id),
    UNIQUE (subscriber_id, digest_run_id)
) STRICT;
CREATE INDEX deliveries_due ON deliveries (channel, priority, due_at, id) WHERE state = 'queued';
CREATE INDEX deliveries_sending ON deliveries (due_at) WHERE state = 'sending';
CREATE INDEX deliveries_claim ON deliveries (claim) WHERE claim IS NOT NULL;
CREATE INDEX deliveries_fanout ON deliveries (fanout_id);
CREATE INDEX deliveries_digest_run ON deliveries (digest_run_id);
CREATE INDEX deliveries_folded ON deliveries (folded_into) WHERE state = 'folded';
