-- Phrases of frequent words are found by their pairs of neighbours, without diacritics: FTS5 would else look at each place
-- where one of the words stands. The words of all articles are written again in the background (search_version).
DROP TABLE article_search;
CREATE VIRTUAL TABLE article_search USING fts5 (
    exact, folded, pairs, content = '', contentless_delete = 1, tokenize = "ascii"
);
