//! The portals that there ever were: an article's identity in feeds outlives the settings that named its portal.

use super::{BeginWrite, Result, Store, StoreError, on_db};
use crate::domain::identity::PortalIdentity;

impl Store {
    /// Remembers the portals that the settings name; what they say now stands.
    pub async fn remember_portals(&self, portals: &[PortalIdentity]) -> Result<()> {
        const UPSERT: &str = "INSERT INTO portals (id, name, authority, year) VALUES ($1, $2, $3, $4)
            ON CONFLICT (id) DO UPDATE SET name = excluded.name, authority = excluded.authority, year = excluded.year";
        on_db!(self.write, |pool| {
            let mut tx = pool.begin_write().await?;
            for portal in portals {
                sqlx::query(UPSERT)
                    .bind(&portal.id)
                    .bind(&portal.name)
                    .bind(&portal.authority)
                    .bind(i64::from(portal.year))
                    .execute(&mut *tx)
                    .await?;
            }
            tx.commit().await?;
        });
        Ok(())
    }

    /// All that were remembered, by id.
    pub async fn portals(&self) -> Result<Vec<PortalIdentity>> {
        const SQL: &str = "SELECT id, name, authority, year FROM portals ORDER BY id";
        let rows: Vec<(String, String, String, i64)> =
            on_db!(self.read, |pool| sqlx::query_as(SQL).fetch_all(pool).await)?;
        rows.into_iter()
            .map(|(id, name, authority, year)| {
                let year = i32::try_from(year).map_err(|e| StoreError::Unreadable {
                    what: "portals.year",
                    why: e.to_string(),
                })?;
                Ok(PortalIdentity {
                    id,
                    name,
                    authority,
                    year,
                })
            })
            .collect()
    }
}
