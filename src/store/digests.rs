//! Digest runs: one per schedule and date, whatever happens. A run tells the polling rounds between two numbers of the digest
//! clock: where its schedule's run before ended, and its own start. Numbers are given under a lock that is held to the commit,
//! so that no round can come to stand before a run that has started; no window of time can promise that.

use chrono::{DateTime, NaiveDate, Utc};
use sqlx::FromRow;

use super::{
    BeginWrite, Result, Store, StoreError,
    markers::{is_news, is_written_to, speaks_to_watch},
    on_db,
    schedules::{TICK, frequency, frequency_at, read},
    watches::parse,
};
use crate::domain::{schedule::Schedule, subscription::Frequency, watch::Watch};

/// A schedule, and how far its runs came.
#[derive(Debug, Clone)]
pub struct ScheduleRow {
    /// Row id.
    pub id: i64,
    /// When its digests come.
    pub schedule: Schedule,
    /// Since when: digests of moments before are not made up for.
    pub created_at: DateTime<Utc>,
    /// The date of its newest run, in its zone.
    pub last_date: Option<NaiveDate>,
}

/// A digest run.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct DigestRun {
    /// Row id.
    pub id: i64,
    /// Daily or weekly.
    pub frequency: Frequency,
    /// The date in its schedule's zone.
    pub date: NaiveDate,
    /// The last round that it tells, by the digest clock.
    pub number: i64,
    /// The last round that the schedule's run before told.
    pub after: i64,
}

/// A run that is not done.
#[derive(FromRow)]
struct Unfinished {
    id: i64,
    cursor: i64,
    frequency: String,
}

/// The statements of a frequency. All take the run's id as `$1`.
struct Statements {
    chunk_end: &'static str,
    insert: &'static str,
    articles: &'static str,
}

/// Where a digest of a run `r` begins for a subscriber `p`: where the run before ended, or, for whoever changed to the schedule
/// since (or made it), where the schedule that they had before had come to.
macro_rules! after {
    ($frequency:literal) => {
        concat!(
            "CASE WHEN p.",
            $frequency,
            "_since >= r.after_number THEN p.",
            $frequency,
            "_told ELSE r.after_number END"
        )
    };
}

/// That a subscriber `p` has folded alerts that no digest has taken, and that a digest of this frequency may: their daily one,
/// which all have, or a weekly one that they asked for, if it comes first.
macro_rules! takes_folded {
    ($frequency:literal) => {
        concat!(
            "(EXISTS (SELECT 1 FROM deliveries d WHERE d.subscriber_id = p.id AND d.state = 'folded' AND d.folded_into IS NULL)
              AND ('", $frequency, "' = 'daily' OR EXISTS (SELECT 1 FROM subscriptions s
                   WHERE s.subscriber_id = p.id AND s.frequency = 'weekly' AND s.ended_at IS NULL)))"
        )
    };
}

macro_rules! statements {
    ($frequency:literal) => {
        Statements {
            // Everybody on the schedule is walked, in order: who has nothing costs a look at their few subscriptions.
            chunk_end: concat!(
                "SELECT MAX(c.id) FROM (SELECT p.id FROM subscribers p
                   WHERE p.", $frequency, "_schedule_id = (SELECT r.schedule_id FROM digest_runs r WHERE r.id = $1) AND p.id > $2
                   ORDER BY p.id LIMIT $3) c"
            ),
            // Whoever came to the schedule after the run had begun is told by the next one, which begins where they are. Where
            // nothing is owed after all (an alert told it), the delivery finds so, and is not sent. What comes in a pause is in
            // feeds and pages, and is not made up for: the next run begins where this one ends.
            insert: concat!(
                "INSERT INTO deliveries (subscriber_id, channel, kind, priority, digest_run_id, after_number, state, due_at, created_at)
                 SELECT p.id, p.channel, 'digest', $5, r.id, ", after!($frequency), ", 'queued', $4, $4
                 FROM digest_runs r JOIN subscribers p ON p.", $frequency, "_schedule_id = r.schedule_id
                 WHERE r.id = $1 AND p.id > $2 AND p.id <= $3 AND ", is_written_to!("$4"), "
                   AND (p.", $frequency, "_since IS NULL OR p.", $frequency, "_since < r.number)
                   AND (EXISTS (SELECT 1 FROM subscriptions s WHERE s.subscriber_id = p.id AND s.ended_at IS NULL
                          AND (s.frequency = '", $frequency, "' OR s.changed > r.after_number)
                          AND s.watch_id IN (SELECT w.watch_id FROM digest_runs q
                            JOIN fanouts o ON o.number > q.after_number AND o.number <= q.number
                            JOIN fanout_articles f ON f.fanout_id = o.id JOIN article_watches w ON w.article_id = f.article_id
                            WHERE q.id = $1 AND ", speaks_to_watch!(), "))
                     OR (p.", $frequency, "_since >= r.after_number AND EXISTS (SELECT 1 FROM fanouts o
                            JOIN fanout_articles f ON f.fanout_id = o.id JOIN article_watches w ON w.article_id = f.article_id
                            JOIN subscriptions s ON s.subscriber_id = p.id AND s.watch_id = w.watch_id
                            WHERE o.number > p.", $frequency, "_told AND o.number <= r.number AND s.ended_at IS NULL))
                     OR ", takes_folded!($frequency), ")
                 ORDER BY p.id ON CONFLICT DO NOTHING"
            ),
            articles: concat!(
                "SELECT DISTINCT f.article_id FROM digest_runs r JOIN fanouts o ON o.number > $3 AND o.number <= r.number
                   JOIN fanout_articles f ON f.fanout_id = o.id JOIN article_watches w ON w.article_id = f.article_id
                   JOIN subscriptions s ON s.subscriber_id = $2 AND s.watch_id = w.watch_id
                 WHERE r.id = $1 AND s.ended_at IS NULL AND ", frequency_at!("s", "o"), " = '", $frequency, "' AND ",
                is_news!($frequency),
                // An alert told it: not one that was folded, unless a digest before this one told that.
                " AND NOT EXISTS (SELECT 1 FROM fanout_articles g JOIN fanouts t ON t.id = g.fanout_id
                     JOIN deliveries d ON d.fanout_id = t.id AND d.subscriber_id = $2
                     JOIN article_watches v ON v.article_id = g.article_id
                     JOIN subscriptions i ON i.subscriber_id = $2 AND i.watch_id = v.watch_id
                     WHERE g.article_id = f.article_id AND (d.state <> 'folded' OR d.folded_into < $1)
                       AND i.ended_at IS NULL AND ", frequency_at!("i", "t"), " = 'instant')
                 UNION
                 SELECT f.article_id FROM deliveries d JOIN fanouts o ON o.id = d.fanout_id
                   JOIN fanout_articles f ON f.fanout_id = o.id JOIN article_watches w ON w.article_id = f.article_id
                   JOIN subscriptions s ON s.subscriber_id = $2 AND s.watch_id = w.watch_id
                 WHERE d.folded_into = $1 AND d.subscriber_id = $2 AND d.state = 'folded'
                   AND s.ended_at IS NULL AND ", frequency_at!("s", "o"), " = 'instant' AND ",
                is_news!("instant")
            ),
        }
    };
}

const DAILY: Statements = statements!("daily");
const WEEKLY: Statements = statements!("weekly");

fn of(frequency: Frequency) -> &'static Statements {
    if frequency == Frequency::Weekly {
        &WEEKLY
    } else {
        &DAILY
    }
}

/// The digests that were just made (`$1` the run, after `$2` up to `$3`) take their subscribers' folded alerts.
const TAKE_FOLDED: &str = "UPDATE deliveries SET folded_into = $1
    WHERE state = 'folded' AND folded_into IS NULL AND subscriber_id > $2 AND subscriber_id <= $3
      AND EXISTS (SELECT 1 FROM deliveries x WHERE x.subscriber_id = deliveries.subscriber_id AND x.digest_run_id = $1)";

impl Store {
    /// All schedules: the daily ones first, which take folded alerts before a weekly one of the same moment.
    pub async fn schedules(&self) -> Result<Vec<ScheduleRow>> {
        const SQL: &str = "SELECT c.id, c.frequency, c.at_time, c.days, c.zone, c.created_at,
                (SELECT MAX(r.date) FROM digest_runs r WHERE r.schedule_id = c.id)
            FROM schedules c ORDER BY c.frequency, c.id";
        type Row = (i64, String, String, i64, String, DateTime<Utc>, Option<String>);
        let rows: Vec<Row> = on_db!(self.read, |pool| sqlx::query_as(SQL).fetch_all(pool).await)?;
        rows.into_iter()
            .map(|(id, frequency, at, days, zone, created_at, last_date)| {
                Ok(ScheduleRow {
                    id,
                    schedule: read(&frequency, &at, days, &zone)?,
                    created_at,
                    last_date: last_date.as_deref().map(date).transpose()?,
                })
            })
            .collect()
    }

    /// Starts a schedule's run of a date, once: it tells every round that became ready since the schedule's run before.
    /// `false` if the run exists.
    pub async fn start_digest_run(&self, schedule: i64, date: NaiveDate, now: DateTime<Utc>) -> Result<bool> {
        const RUN: &str =
            "INSERT INTO digest_runs (schedule_id, date, number, after_number, created_at)
            SELECT c.id, $2, $3, COALESCE((SELECT MAX(r.number) FROM digest_runs r WHERE r.schedule_id = c.id), c.number), $4
            FROM schedules c WHERE c.id = $1
            ON CONFLICT (schedule_id, date) DO NOTHING";
        on_db!(self.write, |pool| {
            let mut tx = pool.begin_write().await?;
            let number: i64 = sqlx::query_scalar(TICK).fetch_one(&mut *tx).await?;
            let started = sqlx::query(RUN)
                .bind(schedule)
                .bind(date.to_string())
                .bind(number)
                .bind(now)
                .execute(&mut *tx)
                .await?
                .rows_affected();
            tx.commit().await?;
            Ok(started == 1)
        })
    }

    /// Makes one chunk of deliveries for the oldest run that is not done: walks `chunk` subscribers of its schedule, and queues
    /// a digest for each to whom there may be something to tell. `None` when every run is done.
    pub async fn digest_chunk(&self, chunk: i64, priority: i64, now: DateTime<Utc>) -> Result<Option<u64>> {
        /// Locks the row on PostgreSQL, so that two processes take turns; the cursor is read under the lock.
        const TAKE: &str = "UPDATE digest_runs SET cursor = cursor
            WHERE id = (SELECT id FROM digest_runs WHERE done_at IS NULL ORDER BY id LIMIT 1) AND done_at IS NULL
            RETURNING id, cursor, (SELECT c.frequency FROM schedules c WHERE c.id = schedule_id) AS frequency";
        const ADVANCE: &str = "UPDATE digest_runs SET cursor = $2 WHERE id = $1";
        const FINISH: &str = "UPDATE digest_runs SET done_at = $2 WHERE id = $1";
        on_db!(self.write, |pool| {
            let mut tx = pool.begin_write().await?;
            let run: Option<Unfinished> = sqlx::query_as(TAKE).fetch_optional(&mut *tx).await?;
            let Some(run) = run else { return Ok(None) };
            let sql = of(frequency(&run.frequency)?);
            let end: Option<i64> = sqlx::query_scalar(sql.chunk_end)
                .bind(run.id)
                .bind(run.cursor)
                .bind(chunk)
                .fetch_one(&mut *tx)
                .await?;
            let mut made = 0;
            if let Some(end) = end {
                made = sqlx::query(sql.insert)
                    .bind(run.id)
                    .bind(run.cursor)
                    .bind(end)
                    .bind(now)
                    .bind(priority)
                    .execute(&mut *tx)
                    .await?
                    .rows_affected();
                sqlx::query(TAKE_FOLDED)
                    .bind(run.id)
                    .bind(run.cursor)
                    .bind(end)
                    .execute(&mut *tx)
                    .await?;
                sqlx::query(ADVANCE)
                    .bind(run.id)
                    .bind(end)
                    .execute(&mut *tx)
                    .await?;
            } else {
                sqlx::query(FINISH)
                    .bind(run.id)
                    .bind(now)
                    .execute(&mut *tx)
                    .await?;
            }
            tx.commit().await?;
            Ok(Some(made))
        })
    }

    /// A run.
    pub async fn digest_run(&self, run: i64) -> Result<Option<DigestRun>> {
        const SQL: &str = "SELECT c.frequency, r.date, r.number, r.after_number FROM digest_runs r
            JOIN schedules c ON c.id = r.schedule_id WHERE r.id = $1";
        let row: Option<(String, String, i64, i64)> = on_db!(self.read, |pool| sqlx::query_as(SQL)
            .bind(run)
            .fetch_optional(pool)
            .await)?;
        row.map(|(word, day, number, after)| {
            Ok(DigestRun {
                id: run,
                frequency: frequency(&word)?,
                date: date(&day)?,
                number,
                after,
            })
        })
        .transpose()
    }

    /// The articles that a digest tells a subscriber, of the rounds after `after` ([`super::Claimed::digest_after`]): each once,
    /// and none that an alert has told.
    pub async fn articles_of_digest(&self, run: &DigestRun, after: i64, subscriber: i64) -> Result<Vec<i64>> {
        Ok(on_db!(self.read, |pool| sqlx::query_scalar(
            of(run.frequency).articles
        )
        .bind(run.id)
        .bind(subscriber)
        .bind(after)
        .fetch_all(pool)
        .await)?)
    }
}

impl Store {
    /// What a digest's articles may be there for: what the subscriber follows at its frequency, or did while it was being
    /// gathered, and what they follow at once, since it also tells alerts that came too late to be sent as such.
    pub async fn watches_of_digest(
        &self,
        run: &DigestRun,
        after: i64,
        subscriber: i64,
    ) -> Result<Vec<Watch>> {
        const SQL: &str = "SELECT w.kind, w.value FROM subscriptions s JOIN watches w ON w.id = s.watch_id
            WHERE s.subscriber_id = $1 AND s.ended_at IS NULL AND (s.frequency IN ('instant', $2) OR s.changed > $3) ORDER BY w.id";
        let rows: Vec<(String, String)> = on_db!(self.read, |pool| sqlx::query_as(SQL)
            .bind(subscriber)
            .bind(run.frequency.as_str())
            .bind(after)
            .fetch_all(pool)
            .await)?;
        rows.into_iter()
            .map(|(kind, value)| parse(&kind, value))
            .collect()
    }
}

fn date(text: &str) -> Result<NaiveDate> {
    text.parse()
        .map_err(|e: chrono::ParseError| StoreError::Unreadable {
            what: "digest_runs.date",
            why: e.to_string(),
        })
}
