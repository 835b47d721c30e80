//! What an operator sees of suppressed people, and how a suppression ends.

use chrono::{DateTime, Utc};
use sqlx::FromRow;

use super::{
    BeginWrite, Result, Store, StoreError,
    bounces::{parse_address, parse_reason},
    on_db,
};
use crate::domain::{
    bounce::{Kind, Reason, SCORE_WINDOW, score},
    subscription::{Address, Channel, Language},
};

/// Who ends a suppression.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Lifter {
    /// The operator, of bounces alone or of a complaint too.
    Operator {
        /// Whether a complaint is lifted: the person said so.
        also_complaint: bool,
    },
    /// The person, who got a confirmation and confirmed it.
    Person,
}

/// What became of an attempt to lift.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Lifted {
    /// Lifted; it stood for this.
    Done(Reason),
    /// There was nothing to lift.
    NotSuppressed,
    /// It stands for a complaint, and whoever asks may not lift that.
    Complaint,
}

/// A bounce, a complaint, or a lifting, as it is kept.
#[derive(Debug, Clone, FromRow)]
pub struct BounceRow {
    /// When it was read.
    pub at: DateTime<Utc>,
    /// Its kind, or `lifted`.
    pub kind: String,
    /// Where it came from.
    pub source: String,
    /// The status that was told.
    pub status: Option<String>,
    /// The other side's words.
    pub detail: String,
    /// The delivery.
    pub delivery_id: Option<i64>,
}

/// How a subscriber stands.
#[derive(Debug, Clone)]
pub struct Standing {
    /// Row id.
    pub id: i64,
    /// In which language they are written to.
    pub language: Language,
    /// Why they may be written to.
    pub basis: String,
    /// When they came.
    pub created_at: DateTime<Utc>,
    /// When the address was confirmed.
    pub confirmed_at: Option<DateTime<Utc>>,
    /// When and why everything ended.
    pub ended: Option<(DateTime<Utc>, String)>,
    /// Their own wish for a pause.
    pub paused_until: Option<DateTime<Utc>>,
}

/// A row of the list of suppressed people.
#[derive(Debug, Clone)]
pub struct SuppressedPerson {
    /// Row id.
    pub id: i64,
    /// Whom.
    pub address: Address,
    /// Since when.
    pub at: DateTime<Utc>,
    /// Why.
    pub reason: Reason,
}

#[derive(FromRow)]
struct StandingRow {
    id: i64,
    language: String,
    basis: String,
    created_at: DateTime<Utc>,
    confirmed_at: Option<DateTime<Utc>>,
    ended_at: Option<DateTime<Utc>>,
    ended_reason: Option<String>,
    paused_until: Option<DateTime<Utc>>,
}

impl Store {
    /// Ends the suppression of an address, and keeps a record of it. Points count anew from here.
    pub async fn lift(
        &self,
        address: &Address,
        hash: &str,
        by: Lifter,
        now: DateTime<Utc>,
    ) -> Result<Lifted> {
        // A write first: it takes the lock that keeps a bounce of this moment out until the end.
        const TAKE: &str =
            "DELETE FROM suppressions WHERE address_hash = $1 AND reason IN ('bounce', $2) RETURNING reason";
        const ROWS: &str = "UPDATE subscribers SET suppressed_at = NULL, suppressed_for = NULL
            WHERE channel = 'email' AND address IN ($1, $2)";
        const RECORD: &str = "INSERT INTO bounces
                (event_key, address_hash, subscriber_id, delivery_id, at, kind, source, status, detail)
            VALUES ($1, $2, (SELECT id FROM subscribers WHERE channel = 'email' AND address IN ($3, $7) ORDER BY id LIMIT 1), NULL, $4, 'lifted', $5, NULL, $6)";
        let (also, source) = match by {
            Lifter::Operator { also_complaint: true } => ("complaint", "operator"),
            Lifter::Operator {
                also_complaint: false,
            } => ("bounce", "operator"),
            Lifter::Person => ("bounce", "person"),
        };
        let taken: Option<Reason> = on_db!(self.write, |pool| {
            let mut tx = pool.begin_write().await?;
            let reason: Option<String> = sqlx::query_scalar(TAKE)
                .bind(hash)
                .bind(also)
                .fetch_optional(&mut *tx)
                .await?;
            match reason {
                None => None,
                Some(reason) => {
                    sqlx::query(ROWS)
                        .bind(address.as_str())
                        .bind(address.as_str().to_lowercase())
                        .execute(&mut *tx)
                        .await?;
                    sqlx::query(RECORD)
                        .bind(format!("lifted:{hash}:{}", now.timestamp_micros()))
                        .bind(hash)
                        .bind(address.as_str())
                        .bind(now)
                        .bind(source)
                        .bind(format!("stood for a {reason}"))
                        .bind(address.as_str().to_lowercase())
                        .execute(&mut *tx)
                        .await?;
                    tx.commit().await?;
                    Some(parse_reason(&reason)?)
                }
            }
        });
        Ok(match taken {
            Some(reason) => Lifted::Done(reason),
            None if self.suppression_of(hash).await?.is_some() => Lifted::Complaint,
            None => Lifted::NotSuppressed,
        })
    }

    /// All that came back from an address, the oldest first.
    pub async fn bounces_of(&self, hash: &str) -> Result<Vec<BounceRow>> {
        const SQL: &str = "SELECT at, kind, source, status, detail, delivery_id FROM bounces
            WHERE address_hash = $1 ORDER BY id";
        Ok(on_db!(self.read, |pool| sqlx::query_as(SQL)
            .bind(hash)
            .fetch_all(pool)
            .await)?)
    }

    /// The subscriber of an e-mail address as it was typed or in small letters, and how they stand.
    pub async fn standing(&self, address: &Address) -> Result<Option<Standing>> {
        const SQL: &str =
            "SELECT id, language, basis, created_at, confirmed_at, ended_at, ended_reason, paused_until
            FROM subscribers WHERE channel = $1 AND address IN ($2, $3)
            ORDER BY CASE WHEN address = $2 THEN 0 ELSE 1 END LIMIT 1";
        let row: Option<StandingRow> = on_db!(self.read, |pool| sqlx::query_as(SQL)
            .bind(address.channel().as_str())
            .bind(address.as_str())
            .bind(address.as_str().to_lowercase())
            .fetch_optional(pool)
            .await)?;
        row.map(|row| {
            Ok(Standing {
                language: row.language.parse().map_err(|e| StoreError::Unreadable {
                    what: "subscribers.language",
                    why: format!("row {}: {e}", row.id),
                })?,
                id: row.id,
                basis: row.basis,
                created_at: row.created_at,
                confirmed_at: row.confirmed_at,
                ended: row.ended_at.map(|at| (at, row.ended_reason.unwrap_or_default())),
                paused_until: row.paused_until,
            })
        })
        .transpose()
    }

    /// The suppressed people, the newest first.
    pub async fn suppressed_people(&self) -> Result<Vec<SuppressedPerson>> {
        const SQL: &str =
            "SELECT id, address, suppressed_at, COALESCE(suppressed_for, 'bounce') FROM subscribers
            WHERE suppressed_at IS NOT NULL AND channel = $1 ORDER BY suppressed_at DESC, id DESC";
        type Row = (i64, String, DateTime<Utc>, String);
        let rows: Vec<Row> = on_db!(self.read, |pool| sqlx::query_as(SQL)
            .bind(Channel::Email.as_str())
            .fetch_all(pool)
            .await)?;
        rows.into_iter()
            .map(|(id, address, at, reason)| {
                Ok(SuppressedPerson {
                    id,
                    address: parse_address(id, &address)?,
                    at,
                    reason: parse_reason(&reason)?,
                })
            })
            .collect()
    }

    /// (kind, count) of what came back.
    pub async fn bounce_counts(&self) -> Result<Vec<(String, i64)>> {
        const SQL: &str = "SELECT kind, COUNT(*) FROM bounces WHERE kind <> 'lifted' GROUP BY kind";
        Ok(on_db!(self.read, |pool| sqlx::query_as(SQL)
            .fetch_all(pool)
            .await)?)
    }

    /// (reason, count) of the addresses that nothing is sent to, erased people's included.
    pub async fn suppression_counts(&self) -> Result<Vec<(String, i64)>> {
        const SQL: &str = "SELECT reason, COUNT(*) FROM suppressions GROUP BY reason";
        Ok(on_db!(self.read, |pool| sqlx::query_as(SQL)
            .fetch_all(pool)
            .await)?)
    }
}

/// Points that stand against an address now.
pub fn points(bounces: &[BounceRow], now: DateTime<Utc>) -> usize {
    let since_lifted = bounces
        .iter()
        .rposition(|row| row.kind == "lifted")
        .map_or(0, |at| at + 1);
    let failures: Vec<_> = bounces[since_lifted..]
        .iter()
        .filter(|row| row.kind == Kind::Soft.as_str() && now - row.at < SCORE_WINDOW)
        .map(|row| row.at)
        .collect();
    score(&failures, now)
}
