//! What a `WebSub` hub was told of: for each feed that everybody can name (not of phrases) the last change that it knows. A
//! change and the ping that it owes can never disagree, since nothing is written for it when it happens: what is owed is
//! the difference between two numbers.

use chrono::{DateTime, TimeDelta, Utc};
use sqlx::QueryBuilder;

use super::{BeginWrite, Result, Store, on_db, watches::parse};
use crate::domain::watch::Watch;

/// So long nothing may have changed before a hub is told: a round's articles are one ping, and every process serves the new
/// feed by then, which the hub fetches at once.
const QUIET: TimeDelta = TimeDelta::seconds(3);

/// A feed that never is quiet (a backfill) is told as often.
const LONGEST_WAIT: TimeDelta = TimeDelta::minutes(1);

/// How long one ping may take.
const LEASE: TimeDelta = TimeDelta::minutes(2);

/// A feed whose change is to be told, claimed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Ping {
    id: i64,
    claim: i64,
    /// Whose feed.
    pub watch: Watch,
    /// The change that the hub knows once it is told.
    pub change: i64,
    /// How often it was tried, this time included.
    pub attempts: i64,
}

/// Whether the watch `w` is not of a topic or section that is retired: its feed shows nothing new any more.
macro_rules! is_in_force {
    () => {
        "NOT EXISTS (SELECT 1 FROM topics t WHERE w.kind = 'topic' AND t.slug = w.value AND t.retired_at IS NOT NULL)
        AND NOT EXISTS (SELECT 1 FROM sections s WHERE w.kind = 'section' AND s.portal || '/' || s.slug = w.value
            AND s.retired_at IS NOT NULL)"
    };
}

const OWED: &str = concat!(
    "SELECT COUNT(*) FROM watches w LEFT JOIN pings p ON p.watch_id = w.id
    WHERE w.kind IN ('all', 'topic', 'section')
      AND (p.watch_id IS NULL OR (p.waiting_since IS NULL AND p.change < w.change)) AND ",
    is_in_force!()
);

/// At the very first start what happened before is not told; a feed that comes later is told from its first article on.
const BEGIN: &str = "INSERT INTO pings (watch_id, change, due_at)
    SELECT w.id, CASE WHEN $2 = 0 THEN w.change ELSE 0 END, $1 FROM watches w
    WHERE w.kind IN ('all', 'topic', 'section') ON CONFLICT DO NOTHING";

const WAIT: &str = concat!(
    "UPDATE pings SET waiting_since = $1, due_at = $1 WHERE waiting_since IS NULL
      AND EXISTS (SELECT 1 FROM watches w WHERE w.id = pings.watch_id AND pings.change < w.change AND ",
    is_in_force!(),
    ")"
);

const CLAIM: &str = "UPDATE pings SET claim = $1, due_at = $2, attempts = attempts + 1
    WHERE due_at <= $3 AND watch_id IN (
        SELECT p.watch_id FROM pings p JOIN watches w ON w.id = p.watch_id
        WHERE p.waiting_since IS NOT NULL AND p.due_at <= $3 AND p.change < w.change
          AND (w.changed_at <= $4 OR p.waiting_since <= $5) ORDER BY p.due_at, p.watch_id LIMIT $6)
    RETURNING watch_id, attempts";

impl Store {
    /// Claims at most `limit` feeds that changed since the hub was last told; `claim` is a random number.
    pub async fn claim_pings(&self, claim: i64, limit: i64, now: DateTime<Utc>) -> Result<Vec<Ping>> {
        self.note_owed_pings(now).await?;
        let quiet = now - QUIET;
        let claimed: Vec<(i64, i64)> = on_db!(self.write, |pool| sqlx::query_as(CLAIM)
            .bind(claim)
            .bind(now + LEASE)
            .bind(now)
            .bind(quiet)
            .bind(now - LONGEST_WAIT)
            .bind(limit)
            .fetch_all(pool)
            .await)?;
        let mut pings = Vec::new();
        for (id, attempts) in claimed {
            const SQL: &str = "SELECT kind, value, change, changed_at FROM watches WHERE id = $1";
            let (kind, value, change, changed_at): (String, String, i64, DateTime<Utc>) =
                on_db!(self.write, |pool| sqlx::query_as(SQL)
                    .bind(id)
                    .fetch_one(pool)
                    .await)?;
            pings.push(Ping {
                id,
                claim,
                watch: parse(&kind, value)?,
                // Not quiet yet: some process may serve what was before the last change, and it is told again.
                change: change - i64::from(changed_at > quiet),
                attempts,
            });
        }
        Ok(pings)
    }

    /// Notes which feeds the hub is owed a ping for.
    async fn note_owed_pings(&self, now: DateTime<Utc>) -> Result<()> {
        // Asked every few seconds: a look must not cost a lock.
        let owed: i64 = on_db!(self.read, |pool| sqlx::query_scalar(OWED).fetch_one(pool).await)?;
        if owed == 0 {
            return Ok(());
        }
        on_db!(self.write, |pool| {
            let mut tx = pool.begin_write().await?;
            let known: i64 = sqlx::query_scalar("SELECT COUNT(*) FROM pings")
                .fetch_one(&mut *tx)
                .await?;
            sqlx::query(BEGIN).bind(now).bind(known).execute(&mut *tx).await?;
            sqlx::query(WAIT).bind(now).execute(&mut *tx).await?;
            tx.commit().await?;
        });
        Ok(())
    }

    /// The hub knows.
    pub async fn ping_told(&self, ping: &Ping, now: DateTime<Utc>) -> Result<()> {
        const SQL: &str = "UPDATE pings SET change = $3, claim = NULL, attempts = 0, last_error = NULL, due_at = $4,
                waiting_since = CASE WHEN (SELECT w.change FROM watches w WHERE w.id = pings.watch_id) > $3 THEN $4 END
            WHERE watch_id = $1 AND claim = $2";
        Ok(on_db!(self.write, |pool| sqlx::query(SQL)
            .bind(ping.id)
            .bind(ping.claim)
            .bind(ping.change)
            .bind(now)
            .execute(pool)
            .await
            .map(drop))?)
    }

    /// The hub does not know yet: these are tried again then. The reason must hold no secret.
    pub async fn pings_postponed(&self, pings: &[Ping], next: DateTime<Utc>, why: &str) -> Result<()> {
        let Some(first) = pings.first() else {
            return Ok(());
        };
        on_db!(self.write, |pool| {
            let mut query = QueryBuilder::new("UPDATE pings SET claim = NULL, due_at = ");
            query.push_bind(next).push(", last_error = ").push_bind(why);
            query
                .push(" WHERE claim = ")
                .push_bind(first.claim)
                .push(" AND watch_id IN (");
            let mut ids = query.separated(", ");
            for ping in pings {
                ids.push_bind(ping.id);
            }
            query.push(")");
            query.build().execute(pool).await
        }
        .map(drop))?;
        Ok(())
    }
}
