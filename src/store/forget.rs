//! What is not kept: sign-ups that nobody confirmed, and deliveries that were settled long ago. A bounded chunk each time.

use chrono::{DateTime, Utc};
use sqlx::QueryBuilder;

use super::{Result, Store, on_db};

/// Never confirmed, and no link is good any more. Who never confirmed but whose mails came back stays: forgotten, they would be
/// written to again at the next answer to the form.
const STRANGERS: &str = "DELETE FROM subscribers WHERE id IN (
        SELECT p.id FROM subscribers p WHERE p.confirmed_at IS NULL AND p.suppressed_at IS NULL AND p.created_at <= $2
          AND NOT EXISTS (SELECT 1 FROM signups g WHERE g.subscriber_id = p.id AND g.expires_at > $1) ORDER BY p.id LIMIT $3)
    AND confirmed_at IS NULL
    AND NOT EXISTS (SELECT 1 FROM signups g WHERE g.subscriber_id = subscribers.id AND g.expires_at > $1)";

const EXPIRED: &str = "DELETE FROM signups WHERE id IN (
        SELECT id FROM signups WHERE confirmed_at IS NULL AND expires_at <= $1 ORDER BY expires_at LIMIT $2)
    AND confirmed_at IS NULL";

/// Settled deliveries `d` from before `$1` that nothing hangs on any more. An alert says that its articles were told at once, to
/// the digests that tell its round: it stays until one of either frequency is over that did, and none is on its way. Its round
/// and its run are over, so that none is made anew. A welcome stays with its subscriber: it says that they had theirs.
const SETTLED: &str = "SELECT d.id FROM deliveries d JOIN subscribers p ON p.id = d.subscriber_id
    WHERE d.created_at <= $1 AND d.kind <> 'welcome'
      AND (d.state IN ('sent', 'failed', 'cancelled', 'unknown')
           OR (d.state = 'folded' AND EXISTS (SELECT 1 FROM digest_runs r WHERE r.id = d.folded_into AND r.done_at IS NOT NULL)))
      AND (d.digest_run_id IS NULL
           OR EXISTS (SELECT 1 FROM digest_runs r WHERE r.id = d.digest_run_id AND r.done_at IS NOT NULL))
      AND (d.fanout_id IS NULL OR EXISTS (SELECT 1 FROM fanouts f WHERE f.id = d.fanout_id AND f.done_at IS NOT NULL
            AND EXISTS (SELECT 1 FROM digest_runs r WHERE r.schedule_id = p.daily_schedule_id AND r.number >= f.number
                        AND r.done_at IS NOT NULL)
            AND EXISTS (SELECT 1 FROM digest_runs r WHERE r.schedule_id = p.weekly_schedule_id AND r.number >= f.number
                        AND r.done_at IS NOT NULL)))
      AND NOT EXISTS (SELECT 1 FROM deliveries q WHERE q.subscriber_id = d.subscriber_id AND q.kind = 'digest'
                      AND q.state IN ('queued', 'sending'))
    ORDER BY d.id LIMIT $2";

impl Store {
    /// Erases at most `limit` people who never confirmed, none of whose links is good any more. Returns how many.
    /// `known_until` spares those whose row is younger: an office may be adding them this moment.
    pub async fn forget_strangers(
        &self,
        known_until: DateTime<Utc>,
        limit: i64,
        now: DateTime<Utc>,
    ) -> Result<usize> {
        let forgotten = on_db!(self.write, |pool| sqlx::query(STRANGERS)
            .bind(now)
            .bind(known_until)
            .bind(limit)
            .execute(pool)
            .await
            .map(|done| done.rows_affected()))?;
        Ok(usize::try_from(forgotten).unwrap_or(usize::MAX))
    }

    /// Erases at most `limit` sign-ups that were not confirmed in time. Returns how many.
    pub async fn forget_signups(&self, limit: i64, now: DateTime<Utc>) -> Result<usize> {
        let forgotten = on_db!(self.write, |pool| sqlx::query(EXPIRED)
            .bind(now)
            .bind(limit)
            .execute(pool)
            .await
            .map(|done| done.rows_affected()))?;
        Ok(usize::try_from(forgotten).unwrap_or(usize::MAX))
    }

    /// Erases at most `limit` deliveries from before a moment that are settled and that nothing hangs on. Returns how many.
    pub async fn forget_deliveries(&self, before: DateTime<Utc>, limit: i64) -> Result<usize> {
        // Found by a reader: on SQLite, nobody else would write while this looks through the deliveries.
        let ids: Vec<i64> = on_db!(self.read, |pool| sqlx::query_scalar(SETTLED)
            .bind(before)
            .bind(limit)
            .fetch_all(pool)
            .await)?;
        if ids.is_empty() {
            return Ok(0);
        }
        // What is settled stays settled.
        let forgotten = on_db!(self.write, |pool| {
            let mut sql = QueryBuilder::new("DELETE FROM deliveries WHERE id IN (");
            let mut list = sql.separated(", ");
            for id in &ids {
                list.push_bind(*id);
            }
            sql.push(")")
                .build()
                .execute(pool)
                .await
                .map(|done| done.rows_affected())
        })?;
        Ok(usize::try_from(forgotten).unwrap_or(usize::MAX))
    }
}
