-- What is remembered of posts: which of their messages were accepted, what they tell, when a chat may be written to again; and
-- webhooks as a third channel.

-- A CHECK cannot be altered on SQLite, and half of the tables refer to these two. What a CHECK allows is no matter of what is
-- stored, so that its text may be changed in place (https://www.sqlite.org/lang_altertable.html, "making other kinds of changes").
PRAGMA writable_schema = ON;
UPDATE sqlite_schema SET sql = replace(sql, '(''email'', ''telegram'')', '(''email'', ''telegram'', ''webhook'')')
    WHERE type = 'table' AND name IN ('subscribers', 'deliveries');
UPDATE sqlite_schema SET sql = replace(sql, '''alert'', ''digest'')', '''alert'', ''digest'', ''edit'')')
    WHERE type = 'table' AND name = 'deliveries';
PRAGMA writable_schema = RESET;

ALTER TABLE deliveries ADD COLUMN parts TEXT;      -- JSON: the messages of a post that takes several, until the last is accepted
ALTER TABLE deliveries ADD COLUMN edits_id INTEGER REFERENCES deliveries (id) ON DELETE CASCADE;  -- an edit: of which delivery's post
CREATE UNIQUE INDEX deliveries_edits ON deliveries (edits_id) WHERE edits_id IS NOT NULL;

CREATE TABLE post_parts (          -- the messages of a post that were handed over
    delivery_id INTEGER NOT NULL REFERENCES deliveries (id) ON DELETE CASCADE,
    part INTEGER NOT NULL,         -- from 0
    message_id INTEGER,            -- the channel's own number; null where nobody knows whether it was accepted
    PRIMARY KEY (delivery_id, part)
) STRICT;

CREATE TABLE post_articles (       -- what a post tells
    delivery_id INTEGER NOT NULL REFERENCES deliveries (id) ON DELETE CASCADE,
    article_id INTEGER NOT NULL,   -- outlives the article, so that its removal can be told
    told TEXT NOT NULL,            -- the content hash as it was told, or 'withdrawn'
    PRIMARY KEY (delivery_id, article_id)
) STRICT;
CREATE INDEX post_articles_article ON post_articles (article_id, delivery_id);

CREATE TABLE post_follow (         -- one row: up to which change of an article its posts were looked for
    id INTEGER PRIMARY KEY CHECK (id = 1),
    change INTEGER NOT NULL
) STRICT;
INSERT INTO post_follow (id, change) SELECT 1, value FROM change_clock;

CREATE TABLE chat_turns (          -- when a chat may be written to again; rows of the past are removed
    chat TEXT PRIMARY KEY,         -- '*telegram' for all chats together
    free_at TEXT NOT NULL
) STRICT;
