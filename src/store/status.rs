//! What waits and what became of it, for the operator; and the secrets that Loa makes for itself.

use super::{Result, Store, on_db};

/// How many deliveries are in a state.
pub type DeliveryCounts = Vec<(String, String, i64)>;

impl Store {
    /// (channel, state, count) of all deliveries.
    pub async fn delivery_counts(&self) -> Result<DeliveryCounts> {
        const SQL: &str =
            "SELECT channel, state, COUNT(*) FROM deliveries GROUP BY channel, state ORDER BY channel, state";
        Ok(on_db!(self.read, |pool| sqlx::query_as(SQL)
            .fetch_all(pool)
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
