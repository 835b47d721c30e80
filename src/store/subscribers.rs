//! Subscribers and their subscriptions.

use chrono::{DateTime, Utc};

use super::{BeginWrite, Result, Store, on_db, watches::parse};
use crate::domain::{
    subscription::{Address, Frequency},
    watch::Watch,
};

impl Store {
    /// Whether topics and sections of these names exist: the watch of a typo would stay silent for ever.
    pub async fn watch_exists(&self, watch: &Watch) -> Result<bool> {
        let found: Option<i64> = match watch {
            Watch::All | Watch::Phrase(_) => return Ok(true),
            Watch::Topic(slug) => on_db!(self.read, |pool| {
                sqlx::query_scalar("SELECT id FROM topics WHERE slug = $1 AND retired_at IS NULL")
                    .bind(slug)
                    .fetch_optional(pool)
                    .await
            })?,
            Watch::Section { portal, slug } => on_db!(self.read, |pool| {
                sqlx::query_scalar(
                    "SELECT id FROM sections WHERE portal = $1 AND slug = $2 AND retired_at IS NULL",
                )
                .bind(portal)
                .bind(slug)
                .fetch_optional(pool)
                .await
            })?,
        };
        Ok(found.is_some())
    }

    /// What a subscriber hears about at one frequency.
    pub async fn watches_of(&self, subscriber: i64, frequency: Frequency) -> Result<Vec<Watch>> {
        const SQL: &str = "SELECT w.kind, w.value FROM subscriptions s JOIN watches w ON w.id = s.watch_id
            WHERE s.subscriber_id = $1 AND s.frequency = $2 AND s.ended_at IS NULL ORDER BY w.id";
        let rows: Vec<(String, String)> = on_db!(self.read, |pool| sqlx::query_as(SQL)
            .bind(subscriber)
            .bind(frequency.as_str())
            .fetch_all(pool)
            .await)?;
        rows.into_iter()
            .map(|(kind, value)| parse(&kind, value))
            .collect()
    }

    /// A subscriber's address and whether they are still written to; `None` if there is no such row.
    pub async fn contact(&self, subscriber: i64) -> Result<Option<(Address, bool)>> {
        const SQL: &str = "SELECT channel, address, ended_at FROM subscribers WHERE id = $1";
        let row: Option<(String, String, Option<DateTime<Utc>>)> =
            on_db!(self.read, |pool| sqlx::query_as(SQL)
                .bind(subscriber)
                .fetch_optional(pool)
                .await)?;
        Ok(row.and_then(|(channel, address, ended)| {
            let address = Address::parse(channel.parse().ok()?, &address).ok()?;
            Some((address, ended.is_none()))
        }))
    }

    /// Ends everything that a subscriber is sent, at once; what waits for them is cancelled. `false` if it had ended.
    pub async fn end_subscriber(&self, subscriber: i64, reason: &str, now: DateTime<Utc>) -> Result<bool> {
        const PERSON: &str =
            "UPDATE subscribers SET ended_at = $2, ended_reason = $3 WHERE id = $1 AND ended_at IS NULL";
        const SUBSCRIPTIONS: &str =
            "UPDATE subscriptions SET ended_at = $2 WHERE subscriber_id = $1 AND ended_at IS NULL";
        const WAITING: &str = "UPDATE deliveries SET state = 'cancelled', reason = $2, claim = NULL
            WHERE subscriber_id = $1 AND state IN ('queued', 'folded')";
        on_db!(self.write, |pool| {
            let mut tx = pool.begin_write().await?;
            let ended = sqlx::query(PERSON)
                .bind(subscriber)
                .bind(now)
                .bind(reason)
                .execute(&mut *tx)
                .await?;
            sqlx::query(SUBSCRIPTIONS)
                .bind(subscriber)
                .bind(now)
                .execute(&mut *tx)
                .await?;
            sqlx::query(WAITING)
                .bind(subscriber)
                .bind(reason)
                .execute(&mut *tx)
                .await?;
            tx.commit().await?;
            Ok(ended.rows_affected() == 1)
        })
    }

    /// A Telegram group became a supergroup: its address is another. `false` if someone else has the new address.
    pub async fn move_subscriber(&self, subscriber: i64, address: &Address) -> Result<bool> {
        const SQL: &str = "UPDATE subscribers SET address = $2 WHERE id = $1";
        let moved: sqlx::Result<()> = on_db!(self.write, |pool| sqlx::query(SQL)
            .bind(subscriber)
            .bind(address.as_str())
            .execute(pool)
            .await
            .map(drop));
        match moved {
            Ok(()) => Ok(true),
            Err(e)
                if e.as_database_error()
                    .is_some_and(sqlx::error::DatabaseError::is_unique_violation) =>
            {
                Ok(false)
            }
            Err(e) => Err(e.into()),
        }
    }
}
