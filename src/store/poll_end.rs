//! The end of a section's poll, in one transaction: what is known of its list, when it is due next, whether it is broken,
//! and the alarm when that changes.

use chrono::{DateTime, Utc};

use super::{BeginWrite, Result, Store, alarms::raise_alarm, on_db};
use crate::domain::breakage::{Cause, Turn};

/// How a poll ended.
#[derive(Debug)]
pub enum PollResult<'a> {
    /// The list was read, or was the same, and what it shows is noted.
    Done {
        /// New `ETag`.
        etag: Option<&'a str>,
        /// New `Last-Modified`.
        last_modified: Option<&'a str>,
    },
    /// It was not read.
    Failed {
        /// Why.
        why: &'a str,
    },
    /// Nothing was asked: the host wants to be left alone, or another process asks it.
    Postponed,
}

/// Whether a section is as it should be.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Health<'a> {
    /// It is; if it was not, the operator is told.
    Sound,
    /// The poll says nothing about it.
    Unknown,
    /// Something is broken: the operator is told, once.
    Degraded {
        /// What kind.
        cause: Cause,
        /// The same for people.
        why: &'a str,
    },
}

/// What is usual of a section, as moving averages.
#[derive(Debug, Clone, Copy, Default, PartialEq)]
pub struct Usual {
    /// Items on the first list page.
    pub items: Option<f64>,
    /// Share of an article page that is found (0 to 1), over many pages.
    pub pages: Option<f64>,
    /// The same over the last few.
    pub recent_pages: Option<f64>,
}

/// All that the end of a poll writes.
#[derive(Debug)]
pub struct PollEnd<'a> {
    /// How it ended.
    pub result: PollResult<'a>,
    /// Address of the list that was asked for.
    pub url: &'a str,
    /// Where it was redirected for good.
    pub moved_to: Option<&'a str>,
    /// The list is gone for good (410): it is not asked for by itself again.
    pub is_gone: bool,
    /// What is usual, this poll included.
    pub usual: Usual,
    /// Whether something is broken.
    pub health: Health<'a>,
    /// When the next poll is due.
    pub next_poll_at: DateTime<Utc>,
}

const DONE: &str = "UPDATE sections SET etag = $4, last_modified = $5, polled_at = $3, baseline_at = COALESCE(baseline_at, $3),
    failures = 0, last_error = NULL, gone_at = NULL, url = $2,
    redirects = CASE WHEN $6 = '' THEN 0 ELSE redirects + 1 END, moved_to = NULLIF($6, '') WHERE id = $1";

const FAILED: &str = "UPDATE sections SET polled_at = $3, failures = failures + 1, last_error = $4,
    gone_at = CASE WHEN $5 = 1 THEN COALESCE(gone_at, $3) END, url = $2 WHERE id = $1";

const ALWAYS: &str =
    "UPDATE sections SET next_poll_at = $2, usual_items = $3, usual_yield = $4, recent_yield = $5
    WHERE id = $1";

const BREAK: &str = "UPDATE sections SET degraded_at = $4, degraded_by = $2, degraded_why = $3
    WHERE id = $1 AND degraded_at IS NULL";

const STILL_BROKEN: &str = "UPDATE sections SET degraded_by = $2, degraded_why = $3 WHERE id = $1";

const BROKEN: &str =
    "SELECT degraded_by, degraded_why FROM sections WHERE id = $1 AND degraded_at IS NOT NULL";

const RECOVER: &str =
    "UPDATE sections SET degraded_at = NULL, degraded_by = NULL, degraded_why = NULL WHERE id = $1";

impl Store {
    /// Ends a poll; all or nothing.
    pub async fn finish_poll(&self, section: i64, end: &PollEnd<'_>, now: DateTime<Utc>) -> Result<()> {
        on_db!(self.write, |pool| {
            let mut tx = pool.begin_write().await?;
            match end.result {
                PollResult::Done { etag, last_modified } => {
                    sqlx::query(DONE)
                        .bind(section)
                        .bind(end.url)
                        .bind(now)
                        .bind(etag)
                        .bind(last_modified)
                        .bind(end.moved_to.unwrap_or_default())
                        .execute(&mut *tx)
                        .await?;
                }
                PollResult::Failed { why } => {
                    sqlx::query(FAILED)
                        .bind(section)
                        .bind(end.url)
                        .bind(now)
                        .bind(why)
                        .bind(i64::from(end.is_gone))
                        .execute(&mut *tx)
                        .await?;
                }
                PollResult::Postponed => {}
            }
            sqlx::query(ALWAYS)
                .bind(section)
                .bind(end.next_poll_at)
                .bind(end.usual.items)
                .bind(end.usual.pages)
                .bind(end.usual.recent_pages)
                .execute(&mut *tx)
                .await?;
            match end.health {
                Health::Unknown => {}
                Health::Sound => {
                    let was: Option<(String, String)> = sqlx::query_as(BROKEN)
                        .bind(section)
                        .fetch_optional(&mut *tx)
                        .await?;
                    if let Some((cause, why)) = was {
                        sqlx::query(RECOVER).bind(section).execute(&mut *tx).await?;
                        let cause = Cause::parse(&cause).unwrap_or(Cause::Failing);
                        raise_alarm!(tx, section, Turn::Recovered, cause, why, now);
                    }
                }
                Health::Degraded { cause, why } => {
                    let broke = sqlx::query(BREAK)
                        .bind(section)
                        .bind(cause.as_str())
                        .bind(why)
                        .bind(now)
                        .execute(&mut *tx)
                        .await?;
                    if broke.rows_affected() == 1 {
                        raise_alarm!(tx, section, Turn::Degraded, cause, why, now);
                    } else {
                        sqlx::query(STILL_BROKEN)
                            .bind(section)
                            .bind(cause.as_str())
                            .bind(why)
                            .execute(&mut *tx)
                            .await?;
                    }
                }
            }
            tx.commit().await?;
        });
        Ok(())
    }
}
