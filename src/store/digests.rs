//! Digest runs: one per date and frequency, whatever happens. A run takes the rounds that no earlier run of its frequency
//! has told, by a mark on the round itself: no window of time can lose or repeat an article.

use chrono::{DateTime, NaiveDate, Utc};

use super::{
    BeginWrite, Result, Store,
    chunks::{Chunk, make_chunk},
    markers::{is_news, is_written_to, speaks_to_watch},
    on_db,
};
use crate::domain::subscription::Frequency;

/// The statements of a frequency: each names its own column of `fanouts`.
struct Statements {
    take: &'static str,
    chunk_end: &'static str,
    insert: &'static str,
    articles: &'static str,
}

macro_rules! statements {
    ($frequency:literal, $column:literal) => {
        Statements {
            take: concat!("UPDATE fanouts SET ", $column, " = $1 WHERE ", $column, " IS NULL AND ready_at IS NOT NULL"),
            chunk_end: concat!(
                "SELECT MAX(c.subscriber_id) FROM (SELECT DISTINCT u.subscriber_id FROM (",
                wanting!($frequency, $column),
                ") u WHERE u.subscriber_id > $2 ORDER BY u.subscriber_id LIMIT $3) c"
            ),
            insert: concat!(
                "INSERT INTO deliveries (subscriber_id, channel, kind, priority, digest_run_id, state, due_at, created_at)
                 SELECT p.id, p.channel, 'digest', $5, $1, 'queued', $4, $4 FROM subscribers p
                 WHERE ", is_written_to!("$4"), " AND p.id > $2 AND p.id <= $3 AND p.id IN (",
                wanting!($frequency, $column),
                ") ORDER BY p.id ON CONFLICT DO NOTHING"
            ),
            articles: concat!(
                "SELECT DISTINCT f.article_id FROM fanouts o JOIN fanout_articles f ON f.fanout_id = o.id
                   JOIN article_watches w ON w.article_id = f.article_id JOIN subscriptions s ON s.watch_id = w.watch_id
                 WHERE o.", $column, " = $1 AND s.subscriber_id = $2 AND s.frequency = '", $frequency, "' AND s.ended_at IS NULL AND ",
                is_news!($frequency),
                " AND NOT EXISTS (SELECT 1 FROM deliveries d
                     JOIN subscriptions i ON i.subscriber_id = d.subscriber_id AND i.frequency = 'instant' AND i.ended_at IS NULL
                     JOIN article_watches v ON v.watch_id = i.watch_id AND v.article_id = f.article_id
                     JOIN fanout_articles g ON g.fanout_id = d.fanout_id AND g.article_id = f.article_id
                     WHERE d.subscriber_id = $2 AND d.state <> 'folded')
                 UNION
                 SELECT f.article_id FROM deliveries d JOIN fanout_articles f ON f.fanout_id = d.fanout_id
                   JOIN article_watches w ON w.article_id = f.article_id
                   JOIN subscriptions s ON s.watch_id = w.watch_id AND s.subscriber_id = d.subscriber_id
                 WHERE d.folded_into = $1 AND d.subscriber_id = $2 AND d.state = 'folded'
                   AND s.frequency = 'instant' AND s.ended_at IS NULL AND ",
                is_news!("instant")
            ),
        }
    };
}

/// Subscribers for whom a run (`$1`) has something: a watch that one of its rounds matches, or a folded alert.
macro_rules! wanting {
    ($frequency:literal, $column:literal) => {
        concat!(
            "SELECT s.subscriber_id FROM subscriptions s WHERE s.frequency = '", $frequency, "' AND s.ended_at IS NULL
               AND s.watch_id IN (SELECT w.watch_id FROM fanouts o JOIN fanout_articles f ON f.fanout_id = o.id
                 JOIN article_watches w ON w.article_id = f.article_id WHERE o.", $column, " = $1 AND ", speaks_to_watch!(), ")
             UNION SELECT d.subscriber_id FROM deliveries d WHERE d.state = 'folded' AND d.folded_into = $1"
        )
    };
}

const DAILY: Statements = statements!("daily", "daily_run_id");
const WEEKLY: Statements = statements!("weekly", "weekly_run_id");

fn of(frequency: Frequency) -> &'static Statements {
    if frequency == Frequency::Weekly {
        &WEEKLY
    } else {
        &DAILY
    }
}

/// A folded alert is told by the next digest of whatever frequency comes first.
const TAKE_FOLDED: &str =
    "UPDATE deliveries SET folded_into = $1 WHERE state = 'folded' AND folded_into IS NULL";

impl Store {
    /// Starts the run of a date, once: it takes every round that is ready and that none of its frequency has told, and
    /// every folded alert. `false` if the run exists.
    pub async fn start_digest_run(
        &self,
        date: NaiveDate,
        frequency: Frequency,
        now: DateTime<Utc>,
    ) -> Result<bool> {
        const RUN: &str = "INSERT INTO digest_runs (date, frequency, created_at) VALUES ($1, $2, $3)
            ON CONFLICT (date, frequency) DO NOTHING RETURNING id";
        on_db!(self.write, |pool| {
            let mut tx = pool.begin_write().await?;
            let run: Option<i64> = sqlx::query_scalar(RUN)
                .bind(date.to_string())
                .bind(frequency.as_str())
                .bind(now)
                .fetch_optional(&mut *tx)
                .await?;
            let Some(run) = run else { return Ok(false) };
            sqlx::query(of(frequency).take)
                .bind(run)
                .execute(&mut *tx)
                .await?;
            sqlx::query(TAKE_FOLDED).bind(run).execute(&mut *tx).await?;
            tx.commit().await?;
            Ok(true)
        })
    }

    /// Makes one chunk of deliveries for the oldest run that is not done. `None` when every run is.
    pub async fn digest_chunk(&self, chunk: i64, priority: i64, now: DateTime<Utc>) -> Result<Option<u64>> {
        const TAKE: &str = "UPDATE digest_runs SET cursor = cursor
            WHERE id = (SELECT id FROM digest_runs WHERE done_at IS NULL ORDER BY id LIMIT 1)
            AND done_at IS NULL RETURNING id, cursor, frequency";
        on_db!(self.write, |pool| {
            let mut tx = pool.begin_write().await?;
            let run: Option<(i64, i64, String)> = sqlx::query_as(TAKE).fetch_optional(&mut *tx).await?;
            let Some((run, cursor, frequency)) = run else {
                return Ok(None);
            };
            let sql = if frequency == "weekly" { &WEEKLY } else { &DAILY };
            let sql = Chunk {
                end: sql.chunk_end,
                insert: sql.insert,
                advance: "UPDATE digest_runs SET cursor = $2 WHERE id = $1",
                finish: "UPDATE digest_runs SET done_at = $2 WHERE id = $1",
            };
            let made = make_chunk!(tx, sql, (run, cursor), chunk, priority, now);
            tx.commit().await?;
            Ok(Some(made))
        })
    }

    /// A run's frequency and date.
    pub async fn digest_run(&self, run: i64) -> Result<Option<(Frequency, NaiveDate)>> {
        const SQL: &str = "SELECT frequency, date FROM digest_runs WHERE id = $1";
        let row: Option<(String, String)> = on_db!(self.read, |pool| sqlx::query_as(SQL)
            .bind(run)
            .fetch_optional(pool)
            .await)?;
        Ok(row.and_then(|(frequency, date)| Some((frequency.parse().ok()?, date.parse().ok()?))))
    }

    /// The articles that a digest tells a subscriber: each once, and none that an alert has told.
    pub async fn articles_of_digest(
        &self,
        run: i64,
        frequency: Frequency,
        subscriber: i64,
    ) -> Result<Vec<i64>> {
        Ok(on_db!(self.read, |pool| sqlx::query_scalar(
            of(frequency).articles
        )
        .bind(run)
        .bind(subscriber)
        .fetch_all(pool)
        .await)?)
    }
}
