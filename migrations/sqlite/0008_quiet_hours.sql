-- When a chat is not to ring, and whether its messages show a preview of the first link.

ALTER TABLE subscribers ADD COLUMN quiet_from TEXT;     -- HH:MM in the portal's zone; messages between the two come silently
ALTER TABLE subscribers ADD COLUMN quiet_to TEXT;       -- null: no quiet hours; earlier than quiet_from: over midnight
ALTER TABLE subscribers ADD COLUMN preview INTEGER NOT NULL DEFAULT 1;
