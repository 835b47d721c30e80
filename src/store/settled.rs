//! Since when something that stands outside of the database has been as it is.

use chrono::{DateTime, Utc};

use super::{Result, Store, StoreError, on_db};

impl Store {
    /// Since when `state`, a word without blanks, has been the last that was told here under this name: `now` if another was, or
    /// none. All processes on one database agree on it.
    pub async fn settled_since(&self, name: &str, state: &str, now: DateTime<Utc>) -> Result<DateTime<Utc>> {
        const PUT: &str = "INSERT INTO secrets (name, value) VALUES ($1, $2)
            ON CONFLICT (name) DO UPDATE SET value = excluded.value
            WHERE substr(secrets.value, 1, length($3)) <> $3";
        const GET: &str = "SELECT value FROM secrets WHERE name = $1";
        let prefix = format!("{state} ");
        on_db!(self.write, |pool| sqlx::query(PUT)
            .bind(name)
            .bind(format!("{prefix}{}", now.to_rfc3339()))
            .bind(&prefix)
            .execute(pool)
            .await
            .map(drop))?;
        let kept: String = on_db!(self.write, |pool| sqlx::query_scalar(GET)
            .bind(name)
            .fetch_one(pool)
            .await)?;
        let at = kept.split(' ').next_back().unwrap_or_default();
        at.parse()
            .map_err(|e: chrono::ParseError| StoreError::Unreadable {
                what: "secrets.value",
                why: e.to_string(),
            })
    }
}
