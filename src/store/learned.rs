//! The learned second vote, as bytes.

use chrono::{DateTime, Utc};

use super::{Result, Store, on_db};

impl Store {
    /// Puts a trained model in force, or (`None`) takes the one in force out.
    pub async fn learn(&self, model: Option<&[u8]>, now: DateTime<Utc>) -> Result<()> {
        const SQL: &str = "INSERT INTO learned_models (id, version, model, trained_at) VALUES (1, 1, $1, $2)
            ON CONFLICT (id) DO UPDATE SET version = learned_models.version + 1, model = excluded.model,
                trained_at = excluded.trained_at";
        on_db!(self.write, |pool| sqlx::query(SQL)
            .bind(model)
            .bind(now)
            .execute(pool)
            .await
            .map(drop)?);
        Ok(())
    }

    /// How often a model was trained; 0 before the first.
    pub async fn learned_version(&self) -> Result<i64> {
        const SQL: &str = "SELECT COALESCE(MAX(version), 0) FROM learned_models";
        Ok(on_db!(self.read, |pool| sqlx::query_scalar(SQL)
            .fetch_one(pool)
            .await)?)
    }

    /// The model in force, if there is one.
    pub async fn learned(&self) -> Result<Option<Vec<u8>>> {
        const SQL: &str = "SELECT model FROM learned_models WHERE model IS NOT NULL";
        Ok(on_db!(self.read, |pool| sqlx::query_scalar(SQL)
            .fetch_optional(pool)
            .await)?)
    }
}
