//! Sign-ups: what somebody asked for on the form, before and after they confirmed it; and what letters say of a subscriber.

use chrono::{DateTime, Utc};

use super::{Result, Store, StoreError, on_db, watches::parse};
use crate::domain::{subscription::Frequency, watch::Watch};

/// What a sign-up asked for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Signup {
    /// Row id.
    pub id: i64,
    /// Who (row id).
    pub subscriber_id: i64,
    /// What they want to hear about.
    pub watches: Vec<Watch>,
    /// How often.
    pub frequency: Frequency,
    /// Until when the link is good.
    pub expires_at: DateTime<Utc>,
    /// When it was confirmed.
    pub confirmed_at: Option<DateTime<Utc>>,
}

/// What a subscriber follows.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Followed {
    /// What.
    pub watch: Watch,
    /// The title of the section, for a section.
    pub title: Option<String>,
    /// How often.
    pub frequency: Frequency,
}

impl Store {
    /// A sign-up by its id.
    pub async fn signup(&self, id: i64) -> Result<Option<Signup>> {
        const SQL: &str =
            "SELECT subscriber_id, watches, frequency, expires_at, confirmed_at FROM signups WHERE id = $1";
        type Row = (i64, String, String, DateTime<Utc>, Option<DateTime<Utc>>);
        let row: Option<Row> = on_db!(self.read, |pool| sqlx::query_as(SQL)
            .bind(id)
            .fetch_optional(pool)
            .await)?;
        let Some((subscriber_id, watches, frequency, expires_at, confirmed_at)) = row else {
            return Ok(None);
        };
        let unreadable = |what, why| StoreError::Unreadable { what, why };
        let words: Vec<String> =
            serde_json::from_str(&watches).map_err(|e| unreadable("signups.watches", e.to_string()))?;
        let watches = words
            .iter()
            .map(|word| word.parse())
            .collect::<std::result::Result<_, _>>()
            .map_err(|e: crate::domain::watch::WatchError| unreadable("signups.watches", e.to_string()))?;
        let frequency = frequency
            .parse()
            .map_err(|e| unreadable("signups.frequency", format!("{e}")))?;
        Ok(Some(Signup {
            id,
            subscriber_id,
            watches,
            frequency,
            expires_at,
            confirmed_at,
        }))
    }

    /// What a subscriber follows, in the order in which they began.
    pub async fn followed(&self, subscriber: i64) -> Result<Vec<Followed>> {
        const SQL: &str = "SELECT w.kind, w.value, s.frequency, e.title FROM subscriptions s
            JOIN watches w ON w.id = s.watch_id
            LEFT JOIN sections e ON w.kind = 'section' AND w.value = e.portal || '/' || e.slug
            WHERE s.subscriber_id = $1 AND s.ended_at IS NULL ORDER BY s.id";
        type Row = (String, String, String, Option<String>);
        let rows: Vec<Row> = on_db!(self.read, |pool| sqlx::query_as(SQL)
            .bind(subscriber)
            .fetch_all(pool)
            .await)?;
        rows.into_iter()
            .map(|(kind, value, frequency, title)| {
                Ok(Followed {
                    watch: parse(&kind, value)?,
                    title,
                    frequency: frequency.parse().map_err(|e| StoreError::Unreadable {
                        what: "subscriptions.frequency",
                        why: format!("{e}"),
                    })?,
                })
            })
            .collect()
    }

    /// Why a subscriber may be written to, as it was recorded.
    pub async fn basis(&self, subscriber: i64) -> Result<Option<String>> {
        const SQL: &str = "SELECT basis FROM subscribers WHERE id = $1";
        Ok(on_db!(self.read, |pool| sqlx::query_scalar(SQL)
            .bind(subscriber)
            .fetch_optional(pool)
            .await)?)
    }
}
