//! Everything that is held about one person, as they may ask for it.

use chrono::{DateTime, Utc};
use serde::Serialize;
use sqlx::FromRow;

use super::{Result, Store, StoreError, on_db};

type Moment = Option<DateTime<Utc>>;

/// Everything that is held about a subscriber. Serialised, it is the export; moments are RFC 3339 in UTC.
#[derive(Debug, Serialize)]
pub struct Held {
    subscriber: HeldPerson,
    /// Those that ended too.
    subscriptions: Vec<HeldSubscription>,
    signups: Vec<HeldSignup>,
    deliveries: Vec<HeldDelivery>,
}

#[derive(Debug, Serialize, FromRow)]
struct HeldPerson {
    id: i64,
    channel: String,
    address: String,
    language: String,
    basis: String,
    basis_at: DateTime<Utc>,
    created_at: DateTime<Utc>,
    confirmed_at: Moment,
    ended_at: Moment,
    ended_reason: Option<String>,
    paused_until: Moment,
    suppressed_at: Moment,
    link_number: i64,
}

#[derive(Debug, Serialize, FromRow)]
struct HeldSubscription {
    kind: String,
    value: String,
    frequency: String,
    created_at: DateTime<Utc>,
    ended_at: Moment,
}

#[derive(Debug, Serialize)]
struct HeldSignup {
    id: i64,
    watches: serde_json::Value,
    frequency: String,
    language: String,
    /// The version of the words that were agreed to.
    wording: String,
    created_at: DateTime<Utc>,
    expires_at: DateTime<Utc>,
    confirmed_at: Moment,
}

#[derive(Debug, Serialize, FromRow)]
struct HeldDelivery {
    id: i64,
    kind: String,
    state: String,
    attempts: i64,
    created_at: DateTime<Utc>,
    sent_at: Moment,
    reason: Option<String>,
}

impl Store {
    /// Everything that is held about a subscriber; `None` if there is no such row.
    pub async fn held(&self, subscriber: i64) -> Result<Option<Held>> {
        const PERSON: &str = "SELECT id, channel, address, language, basis, basis_at, created_at, confirmed_at, ended_at,
                ended_reason, paused_until, suppressed_at, link_number FROM subscribers WHERE id = $1";
        const SUBSCRIPTIONS: &str = "SELECT w.kind, w.value, s.frequency, s.created_at, s.ended_at
            FROM subscriptions s JOIN watches w ON w.id = s.watch_id WHERE s.subscriber_id = $1 ORDER BY s.id";
        const SIGNUPS: &str = "SELECT id, watches, frequency, language, wording, created_at, expires_at, confirmed_at
            FROM signups WHERE subscriber_id = $1 ORDER BY id";
        const DELIVERIES: &str = "SELECT id, kind, state, attempts, created_at, sent_at, reason
            FROM deliveries WHERE subscriber_id = $1 ORDER BY id";
        type Signup = (
            i64,
            String,
            String,
            String,
            String,
            DateTime<Utc>,
            DateTime<Utc>,
            Moment,
        );
        on_db!(self.read, |pool| {
            // What is asked for by its own page is erased or changed between two of these at worst.
            let person: Option<HeldPerson> =
                sqlx::query_as(PERSON).bind(subscriber).fetch_optional(pool).await?;
            let Some(person) = person else { return Ok(None) };
            let subscriptions = sqlx::query_as(SUBSCRIPTIONS)
                .bind(subscriber)
                .fetch_all(pool)
                .await?;
            let signups: Vec<Signup> = sqlx::query_as(SIGNUPS).bind(subscriber).fetch_all(pool).await?;
            let deliveries = sqlx::query_as(DELIVERIES).bind(subscriber).fetch_all(pool).await?;
            Ok(Some(Held {
                subscriber: person,
                subscriptions,
                signups: signups.into_iter().map(signup).collect::<Result<_>>()?,
                deliveries,
            }))
        })
    }
}

fn signup(
    (id, watches, frequency, language, wording, created_at, expires_at, confirmed_at): (
        i64,
        String,
        String,
        String,
        String,
        DateTime<Utc>,
        DateTime<Utc>,
        Moment,
    ),
) -> Result<HeldSignup> {
    let watches = serde_json::from_str(&watches).map_err(|e| StoreError::Unreadable {
        what: "signups.watches",
        why: e.to_string(),
    })?;
    Ok(HeldSignup {
        id,
        watches,
        frequency,
        language,
        wording,
        created_at,
        expires_at,
        confirmed_at,
    })
}
