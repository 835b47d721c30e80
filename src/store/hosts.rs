//! Who may ask a host, and which hosts want to be left alone: manners that hold across processes and survive a restart.
//! The spacing of requests within one process is the fetcher's.

use chrono::{DateTime, Utc};

use super::{Result, Store, on_db};

/// The answer to who wants to ask a host.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Leave {
    /// It may.
    Granted,
    /// Another process asks it, until then at most.
    Busy(DateTime<Utc>),
    /// The host asked to be left alone until then.
    Held(DateTime<Utc>),
}

impl Store {
    /// Asks for leave to send requests to a host until `until`; whoever holds it already prolongs it. `holder` is a number
    /// that no other process has.
    pub async fn lease_host(
        &self,
        host: &str,
        holder: i64,
        now: DateTime<Utc>,
        until: DateTime<Utc>,
    ) -> Result<Leave> {
        const TAKE: &str = "INSERT INTO hosts (host, lease, leased_until) VALUES ($1, $2, $4)
            ON CONFLICT (host) DO UPDATE SET lease = excluded.lease, leased_until = excluded.leased_until, wanted_until = NULL
            WHERE (hosts.hold_until IS NULL OR hosts.hold_until <= $3)
              AND (hosts.lease IS NULL OR hosts.lease = $2 OR hosts.leased_until <= $3)";
        const LOOK: &str = "SELECT leased_until, hold_until FROM hosts WHERE host = $1";
        on_db!(self.write, |pool| {
            let taken = sqlx::query(TAKE)
                .bind(host)
                .bind(holder)
                .bind(now)
                .bind(until)
                .execute(pool)
                .await?;
            if taken.rows_affected() == 1 {
                return Ok(Leave::Granted);
            }
            let (leased, held): (Option<DateTime<Utc>>, Option<DateTime<Utc>>) =
                sqlx::query_as(LOOK).bind(host).fetch_one(pool).await?;
            Ok(match held.filter(|held| *held > now) {
                Some(held) => Leave::Held(held),
                None => Leave::Busy(leased.unwrap_or(now)),
            })
        })
    }

    /// A poll waits for a host's turn: until then a backfill leaves it to polls.
    pub async fn want_host(&self, host: &str, until: DateTime<Utc>) -> Result<()> {
        const SQL: &str = "UPDATE hosts SET wanted_until = $2 WHERE host = $1";
        on_db!(self.write, |pool| sqlx::query(SQL)
            .bind(host)
            .bind(until)
            .execute(pool)
            .await
            .map(drop))?;
        Ok(())
    }

    /// Whether a poll waits for a host's turn.
    pub async fn is_host_wanted(&self, host: &str, now: DateTime<Utc>) -> Result<bool> {
        const SQL: &str = "SELECT COUNT(*) FROM hosts WHERE host = $1 AND wanted_until > $2";
        let wanted: i64 = on_db!(self.read, |pool| sqlx::query_scalar(SQL)
            .bind(host)
            .bind(now)
            .fetch_one(pool)
            .await)?;
        Ok(wanted > 0)
    }

    /// Gives a host back.
    pub async fn release_host(&self, host: &str, holder: i64) -> Result<()> {
        const SQL: &str = "UPDATE hosts SET lease = NULL, leased_until = NULL WHERE host = $1 AND lease = $2";
        on_db!(self.write, |pool| sqlx::query(SQL)
            .bind(host)
            .bind(holder)
            .execute(pool)
            .await
            .map(drop))?;
        Ok(())
    }

    /// Nobody asks the host until then; a longer wish that it made before stays.
    pub async fn hold_host(&self, host: &str, until: DateTime<Utc>) -> Result<()> {
        const SQL: &str = "INSERT INTO hosts (host, hold_until) VALUES ($1, $2)
            ON CONFLICT (host) DO UPDATE SET hold_until = excluded.hold_until
            WHERE hosts.hold_until IS NULL OR hosts.hold_until < excluded.hold_until";
        on_db!(self.write, |pool| sqlx::query(SQL)
            .bind(host)
            .bind(until)
            .execute(pool)
            .await
            .map(drop))?;
        Ok(())
    }
}
