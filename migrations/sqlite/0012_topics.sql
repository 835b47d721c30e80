-- Topics that stay right: what staff say of an article, what was learned, and how far articles are classified by the rules.

CREATE TABLE topic_corrections (   -- what staff say against the rules; holds after every change of the rules
    article_id INTEGER NOT NULL REFERENCES articles (id) ON DELETE CASCADE,
    topic_id INTEGER NOT NULL REFERENCES topics (id) ON DELETE CASCADE,
    is_about INTEGER NOT NULL,
    corrected_at TEXT NOT NULL,
    PRIMARY KEY (article_id, topic_id)
) STRICT;
CREATE INDEX topic_corrections_topic ON topic_corrections (topic_id, article_id);

CREATE TABLE learned_models (      -- one row: the second vote in force
    id INTEGER PRIMARY KEY CHECK (id = 1),
    version INTEGER NOT NULL,      -- grows with each training
    model BLOB,                    -- null: none is used
    trained_at TEXT NOT NULL
) STRICT;

CREATE TABLE classification (      -- one row: by which rules the stored articles are classified
    id INTEGER PRIMARY KEY CHECK (id = 1),
    rules TEXT NOT NULL,           -- hash of the rules, the model and the sections' votes
    done_to INTEGER NOT NULL,      -- row id of the last article that is classified by them
    finished_at TEXT               -- null while articles are left
) STRICT;
