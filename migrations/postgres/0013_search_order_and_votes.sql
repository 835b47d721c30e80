-- What searches need to put the best first, and what readers say of an article's topics.

-- The words of titles, and of titles with their leads, and their pairs, beside those of whole articles (see article_search):
-- the newest that hold frequent words in their titles are found without a look at every text that holds them.
CREATE TABLE article_search_heading (
    article_id BIGINT PRIMARY KEY REFERENCES articles (id) ON DELETE CASCADE,
    title_exact TSVECTOR NOT NULL,
    title_folded TSVECTOR NOT NULL,
    head_exact TSVECTOR NOT NULL,
    head_folded TSVECTOR NOT NULL
);
CREATE INDEX article_search_heading_title_exact ON article_search_heading USING gin (title_exact);
CREATE INDEX article_search_heading_title_folded ON article_search_heading USING gin (title_folded);
CREATE INDEX article_search_heading_head_exact ON article_search_heading USING gin (head_exact);
CREATE INDEX article_search_heading_head_folded ON article_search_heading USING gin (head_folded);

CREATE TABLE topic_votes (         -- how many readers said that an article should have a topic, or should not; nothing of who
    article_id BIGINT NOT NULL REFERENCES articles (id) ON DELETE CASCADE,
    topic TEXT NOT NULL,           -- its slug
    says TEXT NOT NULL,            -- should, should_not
    votes BIGINT NOT NULL,
    first_at TIMESTAMPTZ NOT NULL,
    last_at TIMESTAMPTZ NOT NULL,
    PRIMARY KEY (article_id, topic, says)
);
