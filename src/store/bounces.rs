//! What came back, and whom nothing is sent to for it.
//!
//! Addresses are known here by their keyed hash ([`crate::domain::token::Tokens::address_hash`]), which outlives the
//! person's row: whoever is erased after a complaint and imported again is still not written to.
//! `subscribers.suppressed_at` repeats it where fan-outs, digests and claims look.

use std::fmt;

use chrono::{DateTime, Utc};

use super::{BeginWrite, Result, Store, StoreError, on_db};
use crate::domain::{
    bounce::{Bounce, Kind, Reason, SCORE_LIMIT, SCORE_WINDOW, score},
    subscription::{Address, Channel},
};

/// Whom a bounce is about.
#[derive(Debug, Clone)]
pub struct BouncedPerson {
    /// Row id.
    pub subscriber_id: i64,
    /// The address that the delivery went to.
    pub address: Address,
}

/// What the store did about a bounce.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Counted {
    /// The same was said of the same delivery before.
    Again,
    /// Kept for the operator to see.
    Noted,
    /// Points against the address, out of [`SCORE_LIMIT`].
    Points(usize),
    /// Nothing is sent there any more.
    Suppressed(Reason),
}

impl fmt::Display for Counted {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Again => f.write_str("known already"),
            Self::Noted => f.write_str("noted"),
            Self::Points(points) => write!(f, "{points} of {SCORE_LIMIT} points"),
            Self::Suppressed(reason) => write!(f, "suppressed for a {}", reason.as_str()),
        }
    }
}

/// Why and since when nothing is sent to an address.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Suppression {
    /// Since when, or since the newest reason for it.
    pub at: DateTime<Utc>,
    /// Why.
    pub reason: Reason,
}

/// Sets the mark on a row that was just made or found, where its address is known to be suppressed. `$1`: its id; `$2`: the
/// address's hash. To be run in the transaction that makes the row.
pub(super) const SUPPRESS_KNOWN: &str = "UPDATE subscribers SET suppressed_at = s.at, suppressed_for = s.reason
    FROM suppressions s WHERE subscribers.id = $1 AND s.address_hash = $2 AND subscribers.suppressed_at IS NULL";

impl Store {
    /// Whom a delivery was for; `None` if it was no mail, or is not kept any more.
    pub async fn bounced_person(&self, delivery: i64) -> Result<Option<BouncedPerson>> {
        const SQL: &str =
            "SELECT p.id, p.address FROM deliveries d JOIN subscribers p ON p.id = d.subscriber_id
            WHERE d.id = $1 AND d.channel = 'email'";
        let row: Option<(i64, String)> = on_db!(self.read, |pool| sqlx::query_as(SQL)
            .bind(delivery)
            .fetch_optional(pool)
            .await)?;
        row.map(|(subscriber_id, address)| {
            let address = parse_address(subscriber_id, &address)?;
            Ok(BouncedPerson {
                subscriber_id,
                address,
            })
        })
        .transpose()
    }

    /// Keeps a bounce or a complaint about a delivery and does what follows from it, in one transaction. Said again, it
    /// changes nothing.
    pub async fn note_bounce(
        &self,
        person: &BouncedPerson,
        hash: &str,
        delivery: i64,
        bounce: &Bounce,
        now: DateTime<Utc>,
    ) -> Result<Counted> {
        const ADD: &str = "INSERT INTO bounces
                (event_key, address_hash, subscriber_id, delivery_id, at, kind, source, status, detail)
            SELECT $1, $2, p.id, $4, $5, $6, $7, $8, $9 FROM subscribers p WHERE p.id = $3
            ON CONFLICT (event_key) DO NOTHING";
        // Points count from the last lifting on.
        const SOFT: &str =
            "SELECT at FROM bounces WHERE address_hash = $1 AND kind = 'soft' AND at > $2 AND id > COALESCE(
                (SELECT MAX(l.id) FROM bounces l WHERE l.address_hash = $1 AND l.kind = 'lifted'), 0)";
        let id = person.subscriber_id;
        on_db!(self.write, |pool| {
            let mut tx = pool.begin_write().await?;
            let added = sqlx::query(ADD)
                .bind(format!("{delivery}:{}", bounce.kind.as_str()))
                .bind(hash)
                .bind(id)
                .bind(delivery)
                .bind(now)
                .bind(bounce.kind.as_str())
                .bind(bounce.source.as_str())
                .bind(bounce.status.map(|status| status.to_string()))
                .bind(&bounce.detail)
                .execute(&mut *tx)
                .await?
                .rows_affected();
            if added == 0 {
                return Ok(Counted::Again);
            }
            let counted = match bounce.kind {
                Kind::Hard => Counted::Suppressed(Reason::Bounce),
                Kind::Complaint => Counted::Suppressed(Reason::Complaint),
                Kind::Refused | Kind::Delayed => Counted::Noted,
                Kind::Soft => {
                    let failures: Vec<DateTime<Utc>> = sqlx::query_scalar(SOFT)
                        .bind(hash)
                        .bind(now - SCORE_WINDOW)
                        .fetch_all(&mut *tx)
                        .await?;
                    match score(&failures, now) {
                        points if points < SCORE_LIMIT => Counted::Points(points),
                        _ => Counted::Suppressed(Reason::Bounce),
                    }
                }
            };
            if let Counted::Suppressed(reason) = counted {
                let word = reason.as_str();
                sqlx::query(SUPPRESS)
                    .bind(hash)
                    .bind(now)
                    .bind(word)
                    .execute(&mut *tx)
                    .await?;
                sqlx::query(SUPPRESS_ROWS)
                    .bind(hash)
                    .bind(person.address.as_str())
                    .bind(person.address.as_str().to_lowercase())
                    .execute(&mut *tx)
                    .await?;
                if reason == Reason::Complaint {
                    sqlx::query(END)
                        .bind(id)
                        .bind(now)
                        .bind(word)
                        .execute(&mut *tx)
                        .await?;
                    sqlx::query(END_SUBSCRIPTIONS)
                        .bind(id)
                        .bind(now)
                        .execute(&mut *tx)
                        .await?;
                }
                sqlx::query(CANCEL)
                    .bind(id)
                    .bind("mails to the address came back, or were complained about")
                    .execute(&mut *tx)
                    .await?;
            }
            tx.commit().await?;
            Ok(counted)
        })
    }

    /// Why nothing is sent to the address of this hash, if so.
    pub async fn suppression_of(&self, hash: &str) -> Result<Option<Suppression>> {
        const SQL: &str = "SELECT at, reason FROM suppressions WHERE address_hash = $1";
        let row: Option<(DateTime<Utc>, String)> = on_db!(self.read, |pool| sqlx::query_as(SQL)
            .bind(hash)
            .fetch_optional(pool)
            .await)?;
        row.map(|(at, reason)| {
            Ok(Suppression {
                at,
                reason: parse_reason(&reason)?,
            })
        })
        .transpose()
    }
}

/// A complaint is never weakened by a bounce after it.
const SUPPRESS: &str = "INSERT INTO suppressions (address_hash, at, reason) VALUES ($1, $2, $3)
    ON CONFLICT (address_hash) DO UPDATE SET at = excluded.at,
        reason = CASE WHEN suppressions.reason = 'complaint' THEN 'complaint' ELSE excluded.reason END";

/// Rows of the address, and of its spelling in small letters, which mail servers treat alike.
const SUPPRESS_ROWS: &str = "UPDATE subscribers SET suppressed_at = s.at, suppressed_for = s.reason
    FROM suppressions s WHERE s.address_hash = $1 AND subscribers.channel = 'email' AND subscribers.address IN ($2, $3)";

const END: &str =
    "UPDATE subscribers SET ended_at = $2, ended_reason = $3 WHERE id = $1 AND ended_at IS NULL";

const END_SUBSCRIPTIONS: &str =
    "UPDATE subscriptions SET ended_at = $2 WHERE subscriber_id = $1 AND ended_at IS NULL";

const CANCEL: &str = "UPDATE deliveries SET state = 'cancelled', reason = $2, claim = NULL
    WHERE subscriber_id = $1 AND state IN ('queued', 'folded')";

pub(super) fn parse_address(subscriber: i64, text: &str) -> Result<Address> {
    Address::parse(Channel::Email, text).map_err(|e| StoreError::Unreadable {
        what: "subscribers.address",
        why: format!("row {subscriber}: {e}"),
    })
}

pub(super) fn parse_reason(word: &str) -> Result<Reason> {
    Reason::parse(word).ok_or_else(|| StoreError::Unreadable {
        what: "suppressions.reason",
        why: format!("{word:?}"),
    })
}
