-- An article's words, of the whole and of its title and lead, in one row that is short: all sets and texts lie outside of it, so
-- that an index finds all articles with some words, and they are put in order, without a look at any of these. Texts are not
-- compressed: phrases are looked for in them. The words of all articles are written again in the background (search_version).
DROP TABLE article_search_heading;
DROP TABLE article_search;
CREATE TABLE article_search (
    article_id BIGINT PRIMARY KEY REFERENCES articles (id) ON DELETE CASCADE,
    listed_at TIMESTAMPTZ NOT NULL,    -- as the article has it
    is_shown BOOLEAN NOT NULL,         -- the article was not withdrawn
    exact TEXT NOT NULL,
    folded TEXT NOT NULL,
    exact_words TSVECTOR NOT NULL,
    folded_words TSVECTOR NOT NULL,
    title_exact TSVECTOR NOT NULL,
    title_folded TSVECTOR NOT NULL,
    head_exact TSVECTOR NOT NULL,
    head_folded TSVECTOR NOT NULL
) WITH (toast_tuple_target = 128);
ALTER TABLE article_search ALTER COLUMN exact SET STORAGE EXTERNAL;
ALTER TABLE article_search ALTER COLUMN folded SET STORAGE EXTERNAL;
-- A short list of what was not merged into the index yet, which every search looks through (kB).
CREATE INDEX article_search_exact ON article_search USING gin (exact_words) WITH (gin_pending_list_limit = 256);
CREATE INDEX article_search_folded ON article_search USING gin (folded_words) WITH (gin_pending_list_limit = 256);
CREATE INDEX article_search_title_exact ON article_search USING gin (title_exact) WITH (gin_pending_list_limit = 256);
CREATE INDEX article_search_title_folded ON article_search USING gin (title_folded) WITH (gin_pending_list_limit = 256);
CREATE INDEX article_search_head_exact ON article_search USING gin (head_exact) WITH (gin_pending_list_limit = 256);
CREATE INDEX article_search_head_folded ON article_search USING gin (head_folded) WITH (gin_pending_list_limit = 256);

CREATE FUNCTION article_search_follows() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    UPDATE article_search SET listed_at = NEW.listed_at, is_shown = NEW.withdrawn_at IS NULL WHERE article_id = NEW.id;
    RETURN NULL;
END $$;
CREATE TRIGGER articles_move_words AFTER UPDATE OF listed_at, withdrawn_at ON articles FOR EACH ROW
    WHEN (OLD.listed_at <> NEW.listed_at OR (OLD.withdrawn_at IS NULL) <> (NEW.withdrawn_at IS NULL))
    EXECUTE FUNCTION article_search_follows();
