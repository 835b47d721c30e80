//! Topics and sections that the settings no longer name: what people and readers are told of them.

use chrono::{DateTime, Utc};

use super::{Result, Store, on_db};
use crate::domain::watch::Watch;

/// A topic or section that is no more.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Retired {
    /// Its Vietnamese name.
    pub vi: String,
    /// Its English name; a section has one name.
    pub en: String,
    /// Since when.
    pub at: DateTime<Utc>,
}

impl Store {
    /// What is known of a watch whose topic or section was retired; `None` where it is in force, or never was.
    pub async fn retired(&self, watch: &Watch) -> Result<Option<Retired>> {
        const TOPIC: &str = "SELECT vi, en, retired_at FROM topics
            WHERE slug = $1 AND $2 = '' AND retired_at IS NOT NULL";
        const SECTION: &str = "SELECT title, title, retired_at FROM sections
            WHERE portal = $1 AND slug = $2 AND retired_at IS NOT NULL";
        let (sql, first, second) = match watch {
            Watch::Topic(slug) => (TOPIC, slug.as_str(), ""),
            Watch::Section { portal, slug } => (SECTION, portal.as_str(), slug.as_str()),
            Watch::All | Watch::Phrase(_) => return Ok(None),
        };
        let row: Option<(String, String, DateTime<Utc>)> = on_db!(self.read, |pool| sqlx::query_as(sql)
            .bind(first)
            .bind(second)
            .fetch_optional(pool)
            .await)?;
        Ok(row.map(|(vi, en, at)| Retired { vi, en, at }))
    }
}
