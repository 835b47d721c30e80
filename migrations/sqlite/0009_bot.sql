-- What people said to the bot and was not answered yet: a crash answers twice rather than never, and a chat that writes too
-- fast waits here and not in anybody's way.

CREATE TABLE bot_updates (
    id INTEGER PRIMARY KEY AUTOINCREMENT,  -- in the order in which they came
    update_id INTEGER NOT NULL,            -- Telegram's own number
    fingerprint TEXT NOT NULL,             -- of the body: the same number and text is the same update, told twice
    chat INTEGER NOT NULL,                 -- answered in order within a chat; 0 once it was answered
    body TEXT,                             -- JSON, only what an answer needs; null once it was answered
    received_at TEXT NOT NULL,
    due_at TEXT NOT NULL,                  -- when to answer; moved ahead by a claim's lease
    attempts INTEGER NOT NULL DEFAULT 0,
    UNIQUE (update_id, fingerprint)
) STRICT;
CREATE INDEX bot_updates_waiting ON bot_updates (chat, id) WHERE body IS NOT NULL;
CREATE INDEX bot_updates_received ON bot_updates (received_at);
