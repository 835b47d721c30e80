//! What waits and what became of it, for the operator; and the secrets that Loa makes for itself.

use chrono::{DateTime, Utc};

use super::{Result, Store, on_db};

/// The states of a delivery, see the outbox.
pub const DELIVERY_STATES: [&str; 7] = [
    "queued",
    "sending",
    "sent",
    "failed",
    "unknown",
    "folded",
    "cancelled",
];

/// How many deliveries are in a state.
pub type DeliveryCounts = Vec<(String, String, i64)>;

/// How many articles are stored.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct ArticleCounts {
    /// All of them.
    pub all: i64,
    /// Those that were withdrawn.
    pub withdrawn: i64,
}

impl Store {
    /// (channel, state, count) of all deliveries.
    pub async fn delivery_counts(&self) -> Result<DeliveryCounts> {
        const SQL: &str =
            "SELECT channel, state, COUNT(*) FROM deliveries GROUP BY channel, state ORDER BY channel, state";
        Ok(on_db!(self.read, |pool| sqlx::query_as(SQL)
            .fetch_all(pool)
            .await)?)
    }

    /// (channel, count) of the deliveries whose outcome was ever unknown: those that were sent once more are in another state.
    pub async fn unsure_counts(&self) -> Result<Vec<(String, i64)>> {
        const SQL: &str = "SELECT channel, COUNT(*) FROM deliveries WHERE unknown_at IS NOT NULL GROUP BY channel ORDER BY channel";
        Ok(on_db!(self.read, |pool| sqlx::query_as(SQL)
            .fetch_all(pool)
            .await)?)
    }

    /// The last deliveries to a subscriber that failed, wait after a failure, or may not have arrived, the newest first: row id, state,
    /// when it came to be owed, why.
    pub async fn troubles_of(
        &self,
        subscriber: i64,
        limit: i64,
    ) -> Result<Vec<(i64, String, DateTime<Utc>, String)>> {
        const SQL: &str = "SELECT id, state, created_at, reason FROM deliveries
            WHERE subscriber_id = $1 AND reason IS NOT NULL AND state IN ('failed', 'unknown', 'queued')
            ORDER BY id DESC LIMIT $2";
        Ok(on_db!(self.read, |pool| sqlx::query_as(SQL)
            .bind(subscriber)
            .bind(limit)
            .fetch_all(pool)
            .await)?)
    }

    /// How many articles there are.
    pub async fn article_counts(&self) -> Result<ArticleCounts> {
        const SQL: &str = "SELECT COUNT(*), COUNT(withdrawn_at) FROM articles";
        let (all, withdrawn) = on_db!(self.read, |pool| sqlx::query_as(SQL).fetch_one(pool).await)?;
        Ok(ArticleCounts { all, withdrawn })
    }

    /// (section id, count) of the article pages that are still to be read.
    pub async fn wanted_counts(&self) -> Result<Vec<(i64, i64)>> {
        const SQL: &str = "SELECT section_id, COUNT(*) FROM wanted_pages GROUP BY section_id";
        Ok(on_db!(self.read, |pool| sqlx::query_as(SQL)
            .fetch_all(pool)
            .await)?)
    }

    /// The named secret, if there is one.
    pub async fn known_secret(&self, name: &str) -> Result<Option<String>> {
        const SQL: &str = "SELECT value FROM secrets WHERE name = $1";
        Ok(on_db!(self.read, |pool| sqlx::query_scalar(SQL)
            .bind(name)
            .fetch_optional(pool)
            .await)?)
    }

    /// The named secret; `fresh` becomes it if there is none yet. All processes on one database agree on it.
    pub async fn secret(&self, name: &str, fresh: &str) -> Result<String> {
        const GET: &str = "SELECT value FROM secrets WHERE name = $1";
        const ADD: &str = "INSERT INTO secrets (name, value) VALUES ($1, $2) ON CONFLICT (name) DO NOTHING";
        on_db!(self.write, |pool| sqlx::query(ADD)
            .bind(name)
            .bind(fresh)
            .execute(pool)
            .await
            .map(drop))?;
        Ok(on_db!(self.write, |pool| sqlx::query_scalar(GET)
            .bind(name)
            .fetch_one(pool)
            .await)?)
    }
}
