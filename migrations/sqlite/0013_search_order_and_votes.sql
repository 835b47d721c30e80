-- What searches need to put the best first, and what readers say of an article's topics.

-- The words of titles, and of titles with their leads, beside those of whole articles (see article_search): the newest that
-- hold frequent words in their titles are found without a look at every text that holds them.
CREATE VIRTUAL TABLE article_search_heading USING fts5 (
    title_exact, title_folded, head_exact, head_folded, content = '', contentless_delete = 1, tokenize = "ascii"
);
CREATE TRIGGER articles_forget_heading AFTER DELETE ON articles BEGIN
    DELETE FROM article_search_heading WHERE rowid = unixepoch(old.listed_at) * 2147483648 + old.id;
END;

CREATE TABLE topic_votes (         -- how many readers said that an article should have a topic, or should not; nothing of who
    article_id INTEGER NOT NULL REFERENCES articles (id) ON DELETE CASCADE,
    topic TEXT NOT NULL,           -- its slug
    says TEXT NOT NULL,            -- should, should_not
    votes INTEGER NOT NULL,
    first_at TEXT NOT NULL,
    last_at TEXT NOT NULL,
    PRIMARY KEY (article_id, topic, says)
) STRICT;
