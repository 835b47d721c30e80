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
    /// What came back from the address, and complaints.
    bounces: Vec<HeldBounce>,
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
    suppressed_for: Option<String>,
    /// When a chat does not ring (`HH:MM` in the portal's zone).
    quiet_from: Option<String>,
    quiet_to: Option<String>,
    /// Whether messages show a preview of their first link.
    preview: bool,
    link_number: i64,
    office: Option<String>,
    /// When digests come: the time (empty: as the service does it), the days' bits (Monday is 1; 0: as the service does it) and
    /// the zone.
    daily_time: String,
    daily_days: i64,
    weekly_time: String,
    weekly_days: i64,
    zone: String,
    weekly_zone: String,
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

#[derive(Debug, Serialize, FromRow)]
struct HeldBounce {
    at: DateTime<Utc>,
    kind: String,
    source: String,
    status: Option<String>,
    /// In the other side's words, addresses masked.
    detail: String,
    delivery_id: Option<i64>,
}

impl Held {
    /// The export, for people and programs to read.
    pub fn to_json(&self) -> String {
        // Strings, numbers and moments alone: nothing of it can fail to be written.
        serde_json::to_string_pretty(self).expect("what is held can be written as JSON")
    }
}

impl Store {
    /// Everything that is held about a subscriber; `None` if there is no such row.
    pub async fn held(&self, subscriber: i64) -> Result<Option<Held>> {
        const PERSON: &str = "SELECT p.id, p.channel, p.address, p.language, p.basis, p.basis_at, p.created_at, p.confirmed_at,
                p.ended_at, p.ended_reason, p.paused_until, p.suppressed_at, p.suppressed_for,
                p.quiet_from, p.quiet_to, p.preview, p.link_number, o.name AS office,
                d.at_time AS daily_time, d.days AS daily_days, w.at_time AS weekly_time, w.days AS weekly_days, d.zone,
                w.zone AS weekly_zone
            FROM subscribers p JOIN schedules d ON d.id = p.daily_schedule_id JOIN schedules w ON w.id = p.weekly_schedule_id
            LEFT JOIN offices o ON o.id = p.office_id WHERE p.id = $1";
        const SUBSCRIPTIONS: &str = "SELECT w.kind, w.value, s.frequency, s.created_at, s.ended_at
            FROM subscriptions s JOIN watches w ON w.id = s.watch_id WHERE s.subscriber_id = $1 ORDER BY s.id";
        const SIGNUPS: &str =
            "SELECT id, watches, frequency, language, wording, created_at, expires_at, confirmed_at
            FROM signups WHERE subscriber_id = $1 ORDER BY id";
        const DELIVERIES: &str = "SELECT id, kind, state, attempts, created_at, sent_at, reason
            FROM deliveries WHERE subscriber_id = $1 ORDER BY id";
        const BOUNCES: &str = "SELECT at, kind, source, status, detail, delivery_id
            FROM bounces WHERE subscriber_id = $1 ORDER BY id";
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
            let person: Option<HeldPerson> = sqlx::query_as(PERSON)
                .bind(subscriber)
                .fetch_optional(pool)
                .await?;
            let Some(person) = person else { return Ok(None) };
            let subscriptions = sqlx::query_as(SUBSCRIPTIONS)
                .bind(subscriber)
                .fetch_all(pool)
                .await?;
            let signups: Vec<Signup> = sqlx::query_as(SIGNUPS).bind(subscriber).fetch_all(pool).await?;
            let deliveries = sqlx::query_as(DELIVERIES)
                .bind(subscriber)
                .fetch_all(pool)
                .await?;
            let bounces = sqlx::query_as(BOUNCES).bind(subscriber).fetch_all(pool).await?;
            Ok(Some(Held {
                subscriber: person,
                subscriptions,
                signups: signups.into_iter().map(signup).collect::<Result<_>>()?,
                deliveries,
                bounces,
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
