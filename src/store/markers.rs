//! Who is told of an article by which marker. An article is announced once, to everyone who watches it. When it later comes
//! to match one more watch (it is listed in another section, whose topic it then has too), a marker for that watch alone
//! tells those who heard nothing yet.

/// That a marker `f` speaks to a watch `w` of its article.
macro_rules! speaks_to_watch {
    () => {
        "(f.only_watch_id IS NULL OR f.only_watch_id = w.watch_id)"
    };
}
pub(super) use speaks_to_watch;

/// That a subscriber `p` is written to at a moment: confirmed, not ended, not paused by themselves, and mails to them do not
/// come back.
macro_rules! is_written_to {
    ($now:literal) => {
        concat!(
            "p.confirmed_at IS NOT NULL AND p.ended_at IS NULL AND p.suppressed_at IS NULL
             AND (p.paused_until IS NULL OR p.paused_until <= ",
            $now,
            ")"
        )
    };
}
pub(super) use is_written_to;

/// That a marker `f` is news to the owner of a subscription `s` of a frequency: it is the article's first, or no other
/// watch of theirs matched the article when it was announced before.
macro_rules! is_news {
    ($frequency:literal) => {
        concat!(
            "(f.only_watch_id IS NULL OR (f.only_watch_id = s.watch_id AND NOT EXISTS (
                SELECT 1 FROM article_watches v JOIN subscriptions o ON o.watch_id = v.watch_id
                WHERE v.article_id = f.article_id AND o.subscriber_id = s.subscriber_id
                  AND o.frequency = '",
            $frequency,
            "' AND o.ended_at IS NULL
                  AND NOT EXISTS (SELECT 1 FROM fanout_articles g WHERE g.article_id = f.article_id
                                  AND g.only_watch_id = v.watch_id AND g.fanout_id >= f.fanout_id))))"
        )
    };
}
pub(super) use is_news;
