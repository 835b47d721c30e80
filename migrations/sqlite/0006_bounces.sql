-- What came back, and whom nothing is sent to for it. Both are known by a keyed hash of the address: erasing a person
-- keeps no address, and yet nobody who complained is written to again.

CREATE TABLE bounces (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    event_key TEXT NOT NULL UNIQUE,    -- the same word about the same delivery counts once, however often it is read
    address_hash TEXT NOT NULL,
    subscriber_id INTEGER REFERENCES subscribers (id) ON DELETE SET NULL,
    delivery_id INTEGER,                -- by its number alone: deliveries are forgotten sooner
    at TEXT NOT NULL,
    kind TEXT NOT NULL CHECK (kind IN ('hard', 'soft', 'refused', 'delayed', 'complaint', 'lifted')),
    source TEXT NOT NULL CHECK (source IN ('rcpt', 'dsn', 'text', 'arf', 'operator', 'person')),
    status TEXT,                       -- RFC 3463, as it was told
    detail TEXT NOT NULL               -- in the other side's words, addresses masked
) STRICT;
CREATE INDEX bounces_address ON bounces (address_hash, id);
CREATE INDEX bounces_subscriber ON bounces (subscriber_id);
CREATE INDEX bounces_kind ON bounces (kind);

CREATE TABLE suppressions (
    address_hash TEXT PRIMARY KEY,
    at TEXT NOT NULL,
    reason TEXT NOT NULL CHECK (reason IN ('bounce', 'complaint'))
) STRICT;

ALTER TABLE subscribers ADD COLUMN suppressed_for TEXT CHECK (suppressed_for IN ('bounce', 'complaint'));  -- beside suppressed_at
CREATE INDEX subscribers_suppressed ON subscribers (suppressed_at) WHERE suppressed_at IS NOT NULL;
