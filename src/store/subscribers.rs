//! Subscribers and their subscriptions.

use chrono::{DateTime, Utc};

use super::{
    BeginWrite, Result, Store, StoreError,
    bounces::SUPPRESS_KNOWN,
    on_db,
    watches::{ADD_WATCH, parse},
};
use crate::domain::{
    subscription::{Address, Channel, Frequency},
    token::Tokens,
    watch::Watch,
};

/// A subscription that an office adds for its own people.
#[derive(Debug, Clone)]
pub struct Import {
    /// Whom.
    pub address: Address,
    /// What they hear about.
    pub watch: Watch,
    /// How often.
    pub frequency: Frequency,
}

/// What an import did.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Imported {
    /// A new subscription.
    Added,
    /// It existed; its frequency is now the imported one.
    Kept,
    /// The person stopped all messages themselves, at that moment. Their word stands.
    Refused(DateTime<Utc>),
}

const ADD_PERSON: &str =
    "INSERT INTO subscribers (channel, address, basis, basis_at, created_at, confirmed_at)
    VALUES ($1, $2, $3, $4, $4, $4)
    ON CONFLICT (channel, address) DO UPDATE SET confirmed_at = COALESCE(subscribers.confirmed_at, excluded.confirmed_at)
    RETURNING id, ended_at";

const ADD_SUBSCRIPTION: &str = "INSERT INTO subscriptions (subscriber_id, watch_id, frequency, created_at)
    SELECT $1, id, $4, $5 FROM watches WHERE kind = $2 AND value = $3
    ON CONFLICT (subscriber_id, watch_id) DO NOTHING";

const CHANGE_SUBSCRIPTION: &str =
    "UPDATE subscriptions SET frequency = $4, ended_at = NULL WHERE subscriber_id = $1
    AND watch_id = (SELECT id FROM watches WHERE kind = $2 AND value = $3)";

impl Store {
    /// Adds a confirmed subscriber, with the legal basis that is recorded for it, and one subscription.
    pub async fn import(
        &self,
        import: &Import,
        basis: &str,
        tokens: &Tokens,
        now: DateTime<Utc>,
    ) -> Result<Imported> {
        let done = self
            .import_all(std::slice::from_ref(import), basis, tokens, now)
            .await?;
        done.first().copied().ok_or(StoreError::Unreadable {
            what: "subscribers",
            why: "an import of one row did nothing".to_owned(),
        })
    }

    /// Adds several, in one transaction: all of them or none. The results stand in the order of the imports. By `tokens` those
    /// are known whose mails came back, or who complained, before they were erased: they are added, and not written to.
    pub async fn import_all(
        &self,
        imports: &[Import],
        basis: &str,
        tokens: &Tokens,
        now: DateTime<Utc>,
    ) -> Result<Vec<Imported>> {
        on_db!(self.write, |pool| {
            let mut done = Vec::with_capacity(imports.len());
            let mut tx = pool.begin_write().await?;
            for import in imports {
                let (subscriber, ended): (i64, Option<DateTime<Utc>>) = sqlx::query_as(ADD_PERSON)
                    .bind(import.address.channel().as_str())
                    .bind(import.address.as_str())
                    .bind(basis)
                    .bind(now)
                    .fetch_one(&mut *tx)
                    .await?;
                if let Some(ended) = ended {
                    done.push(Imported::Refused(ended));
                    continue;
                }
                if import.address.channel() == Channel::Email {
                    sqlx::query(SUPPRESS_KNOWN)
                        .bind(subscriber)
                        .bind(tokens.address_hash(import.address.as_str()))
                        .execute(&mut *tx)
                        .await?;
                }
                let (kind, value) = (import.watch.kind(), import.watch.value());
                let frequency = import.frequency.as_str();
                sqlx::query(ADD_WATCH)
                    .bind(kind)
                    .bind(&value)
                    .bind(now)
                    .execute(&mut *tx)
                    .await?;
                let added = sqlx::query(ADD_SUBSCRIPTION)
                    .bind(subscriber)
                    .bind(kind)
                    .bind(&value)
                    .bind(frequency)
                    .bind(now)
                    .execute(&mut *tx)
                    .await?
                    .rows_affected();
                if added == 0 {
                    sqlx::query(CHANGE_SUBSCRIPTION)
                        .bind(subscriber)
                        .bind(kind)
                        .bind(&value)
                        .bind(frequency)
                        .execute(&mut *tx)
                        .await?;
                }
                done.push(if added == 1 {
                    Imported::Added
                } else {
                    Imported::Kept
                });
            }
            tx.commit().await?;
            Ok(done)
        })
    }

    /// Whether topics and sections of these names exist: the watch of a typo would stay silent for ever.
    pub async fn watch_exists(&self, watch: &Watch) -> Result<bool> {
        let found: Option<i64> = match watch {
            Watch::All | Watch::Phrase(_) => return Ok(true),
            Watch::Topic(slug) => on_db!(self.read, |pool| {
                sqlx::query_scalar("SELECT id FROM topics WHERE slug = $1 AND retired_at IS NULL")
                    .bind(slug)
                    .fetch_optional(pool)
                    .await
            })?,
            Watch::Section { portal, slug } => on_db!(self.read, |pool| {
                sqlx::query_scalar(
                    "SELECT id FROM sections WHERE portal = $1 AND slug = $2 AND retired_at IS NULL",
                )
                .bind(portal)
                .bind(slug)
                .fetch_optional(pool)
                .await
            })?,
        };
        Ok(found.is_some())
    }

    /// What a subscriber hears about at one frequency.
    pub async fn watches_of(&self, subscriber: i64, frequency: Frequency) -> Result<Vec<Watch>> {
        const SQL: &str = "SELECT w.kind, w.value FROM subscriptions s JOIN watches w ON w.id = s.watch_id
            WHERE s.subscriber_id = $1 AND s.frequency = $2 AND s.ended_at IS NULL ORDER BY w.id";
        let rows: Vec<(String, String)> = on_db!(self.read, |pool| sqlx::query_as(SQL)
            .bind(subscriber)
            .bind(frequency.as_str())
            .fetch_all(pool)
            .await)?;
        rows.into_iter()
            .map(|(kind, value)| parse(&kind, value))
            .collect()
    }

    /// A subscriber's address and whether they are still written to; `None` if there is no such row.
    pub async fn contact(&self, subscriber: i64) -> Result<Option<(Address, bool)>> {
        const SQL: &str = "SELECT channel, address, ended_at FROM subscribers WHERE id = $1";
        let row: Option<(String, String, Option<DateTime<Utc>>)> =
            on_db!(self.read, |pool| sqlx::query_as(SQL)
                .bind(subscriber)
                .fetch_optional(pool)
                .await)?;
        Ok(row.and_then(|(channel, address, ended)| {
            let address = Address::parse(channel.parse().ok()?, &address).ok()?;
            Some((address, ended.is_none()))
        }))
    }

    /// Ends everything that a subscriber is sent, at once; what waits for them is cancelled. `false` if it had ended.
    pub async fn end_subscriber(&self, subscriber: i64, reason: &str, now: DateTime<Utc>) -> Result<bool> {
        const PERSON: &str =
            "UPDATE subscribers SET ended_at = $2, ended_reason = $3 WHERE id = $1 AND ended_at IS NULL";
        const SUBSCRIPTIONS: &str =
            "UPDATE subscriptions SET ended_at = $2 WHERE subscriber_id = $1 AND ended_at IS NULL";
        const WAITING: &str = "UPDATE deliveries SET state = 'cancelled', reason = $2, claim = NULL
            WHERE subscriber_id = $1 AND state IN ('queued', 'folded')";
        on_db!(self.write, |pool| {
            let mut tx = pool.begin_write().await?;
            let ended = sqlx::query(PERSON)
                .bind(subscriber)
                .bind(now)
                .bind(reason)
                .execute(&mut *tx)
                .await?;
            sqlx::query(SUBSCRIPTIONS)
                .bind(subscriber)
                .bind(now)
                .execute(&mut *tx)
                .await?;
            sqlx::query(WAITING)
                .bind(subscriber)
                .bind(reason)
                .execute(&mut *tx)
                .await?;
            tx.commit().await?;
            Ok(ended.rows_affected() == 1)
        })
    }

    /// A Telegram group became a supergroup: its address is another. `false` if someone else has the new address.
    pub async fn move_subscriber(&self, subscriber: i64, address: &Address) -> Result<bool> {
        const SQL: &str = "UPDATE subscribers SET address = $2 WHERE id = $1";
        let moved: sqlx::Result<()> = on_db!(self.write, |pool| sqlx::query(SQL)
            .bind(subscriber)
            .bind(address.as_str())
            .execute(pool)
            .await
            .map(drop));
        match moved {
            Ok(()) => Ok(true),
            Err(e)
                if e.as_database_error()
                    .is_some_and(sqlx::error::DatabaseError::is_unique_violation) =>
            {
                Ok(false)
            }
            Err(e) => Err(e.into()),
        }
    }
}
