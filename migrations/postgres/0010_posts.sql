-- What is remembered of posts: which of their messages were accepted, what they tell, when a chat may be written to again; and
-- webhooks as a third channel.

ALTER TABLE subscribers DROP CONSTRAINT subscribers_channel_check;
ALTER TABLE subscribers ADD CONSTRAINT subscribers_channel_check CHECK (channel IN ('email', 'telegram', 'webhook'));
ALTER TABLE deliveries DROP CONSTRAINT deliveries_channel_check;
ALTER TABLE deliveries ADD CONSTRAINT deliveries_channel_check CHECK (channel IN ('email', 'telegram', 'webhook'));
ALTER TABLE deliveries DROP CONSTRAINT deliveries_kind_check;
ALTER TABLE deliveries ADD CONSTRAINT deliveries_kind_check
    CHECK (kind IN ('confirmation', 'link', 'welcome', 'alert', 'digest', 'edit'));

ALTER TABLE deliveries ADD COLUMN parts TEXT;      -- JSON: the messages of a post that takes several, until the last is accepted
ALTER TABLE deliveries ADD COLUMN edits_id BIGINT REFERENCES deliveries (id) ON DELETE CASCADE;  -- an edit: of which delivery's post
CREATE UNIQUE INDEX deliveries_edits ON deliveries (edits_id) WHERE edits_id IS NOT NULL;

CREATE TABLE post_parts (          -- the messages of a post that were handed over
    delivery_id BIGINT NOT NULL REFERENCES deliveries (id) ON DELETE CASCADE,
    part BIGINT NOT NULL,          -- from 0
    message_id BIGINT,             -- the channel's own number; null where nobody knows whether it was accepted
    PRIMARY KEY (delivery_id, part)
);

CREATE TABLE post_articles (       -- what a post tells
    delivery_id BIGINT NOT NULL REFERENCES deliveries (id) ON DELETE CASCADE,
    article_id BIGINT NOT NULL,    -- outlives the article, so that its removal can be told
    told TEXT NOT NULL,            -- the content hash as it was told, or 'withdrawn'
    PRIMARY KEY (delivery_id, article_id)
);
CREATE INDEX post_articles_article ON post_articles (article_id, delivery_id);

CREATE TABLE post_follow (         -- one row: up to which change of an article its posts were looked for
    id BIGINT PRIMARY KEY CHECK (id = 1),
    change BIGINT NOT NULL
);
INSERT INTO post_follow (id, change) SELECT 1, value FROM change_clock;

CREATE TABLE chat_turns (          -- when a chat may be written to again; rows of the past are removed
    chat TEXT PRIMARY KEY,         -- '*telegram' for all chats together
    free_at TIMESTAMPTZ NOT NULL
);
