-- How many mails were handed over on a day, so that caps outlive the process and hold for several of them.

CREATE TABLE mail_counts (
    scope TEXT NOT NULL,           -- 'all', or a relay: host:port, with /user where it has one
    day TEXT NOT NULL,             -- YYYY-MM-DD in the portal's zone
    mails INTEGER NOT NULL,
    PRIMARY KEY (scope, day)
) STRICT;

-- What somebody was told today, for the cap per person.
CREATE INDEX deliveries_told ON deliveries (subscriber_id, sent_at) WHERE kind = 'alert' AND sent_at IS NOT NULL;
