//! What people said to the bot, until it is answered. Telegram forgets an update once it was told that it arrived; so it is kept
//! here first. Kept twice, it is answered once; answered by a process that died before it said so, it is answered again.

use chrono::{DateTime, TimeDelta, Utc};

use super::{BeginWrite, Result, Store, StoreError, on_db};
use crate::domain::bot_update::Incoming;

/// How long an update that was answered is known, so that it is not answered again when Telegram tells it again.
const REMEMBERED: TimeDelta = TimeDelta::days(2);

/// What waits for one chat at most. Whoever writes faster is not heard: the rest would be answered minutes later.
const MOST_WAITING: i64 = 20;

/// For how long a claimed update is nobody else's: an answer takes a few requests of seconds each.
const LEASE: TimeDelta = TimeDelta::minutes(2);

/// Something that waits for an answer.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct WaitingUpdate {
    /// Row id.
    pub id: i64,
    /// What happened.
    pub incoming: Incoming,
    /// How often an answer was begun, this time included.
    pub attempts: i64,
}

const KEEP: &str = "INSERT INTO bot_updates (update_id, fingerprint, chat, body, received_at, due_at)
    SELECT $1, $2, $3, $4, $5, $5 WHERE
        (SELECT COUNT(*) FROM bot_updates w WHERE w.chat = $3 AND w.body IS NOT NULL) < $6
    ON CONFLICT (update_id, fingerprint) DO NOTHING";

const FORGET: &str = "DELETE FROM bot_updates WHERE body IS NULL AND received_at < $1";

/// The first of each chat, if its time has come: a chat is answered in order.
macro_rules! claim {
    ($lock:literal) => {
        concat!(
            "UPDATE bot_updates SET due_at = $2, attempts = attempts + 1 WHERE id IN (
                SELECT u.id FROM bot_updates u WHERE u.body IS NOT NULL AND u.due_at <= $1
                  AND NOT EXISTS (SELECT 1 FROM bot_updates e WHERE e.chat = u.chat AND e.body IS NOT NULL AND e.id < u.id)
                ORDER BY u.due_at, u.id LIMIT $3",
            $lock,
            ") AND body IS NOT NULL AND due_at <= $1 RETURNING id, body, attempts"
        )
    };
}

impl Store {
    /// Keeps what concerns the bot. Returns how much of it is new.
    pub async fn keep_updates(&self, updates: &[Incoming], now: DateTime<Utc>) -> Result<u64> {
        let mut rows = Vec::with_capacity(updates.len());
        for update in updates {
            let body = serde_json::to_string(update).map_err(|e| StoreError::Unreadable {
                what: "an update",
                why: e.to_string(),
            })?;
            let fingerprint = blake3::hash(body.as_bytes()).to_hex().to_string();
            rows.push((update, fingerprint, body));
        }
        on_db!(self.write, |pool| {
            let mut tx = pool.begin_write().await?;
            let mut kept = 0;
            for (update, fingerprint, body) in &rows {
                kept += sqlx::query(KEEP)
                    .bind(update.update_id)
                    .bind(fingerprint)
                    .bind(update.chat.id)
                    .bind(body)
                    .bind(now)
                    .bind(MOST_WAITING)
                    .execute(&mut *tx)
                    .await?
                    .rows_affected();
            }
            sqlx::query(FORGET)
                .bind(now - REMEMBERED)
                .execute(&mut *tx)
                .await?;
            tx.commit().await?;
            Ok(kept)
        })
    }

    /// Claims what is to be answered now, one of each chat at most. What nobody reports on is claimed again later.
    pub async fn claim_updates(&self, limit: i64, now: DateTime<Utc>) -> Result<Vec<WaitingUpdate>> {
        const WAITS: &str = "SELECT COUNT(*) FROM (SELECT 1 FROM bot_updates WHERE body IS NOT NULL AND due_at <= $1 LIMIT 1) AS due";
        // Seldom anything does: on SQLite, looking takes no turn of the writers.
        let waits: i64 = on_db!(self.read, |pool| sqlx::query_scalar(WAITS)
            .bind(now)
            .fetch_one(pool)
            .await)?;
        if waits == 0 {
            return Ok(Vec::new());
        }
        let sql = match &self.write {
            super::Pool::Sqlite(_) => claim!(""),
            super::Pool::Postgres(_) => claim!(" FOR UPDATE SKIP LOCKED"),
        };
        let rows: Vec<(i64, String, i64)> = on_db!(self.write, |pool| sqlx::query_as(sql)
            .bind(now)
            .bind(now + LEASE)
            .bind(limit)
            .fetch_all(pool)
            .await)?;
        let mut waiting = rows
            .into_iter()
            .map(|(id, body, attempts)| {
                let incoming = serde_json::from_str(&body).map_err(|e| StoreError::Unreadable {
                    what: "bot_updates.body",
                    why: e.to_string(),
                })?;
                Ok(WaitingUpdate {
                    id,
                    incoming,
                    attempts,
                })
            })
            .collect::<Result<Vec<_>>>()?;
        waiting.sort_by_key(|update| update.id);
        Ok(waiting)
    }

    /// An update was answered, or will not be: nothing is kept of it but its number.
    pub async fn settle_update(&self, id: i64) -> Result<()> {
        const SQL: &str = "UPDATE bot_updates SET body = NULL, chat = 0 WHERE id = $1";
        on_db!(self.write, |pool| sqlx::query(SQL)
            .bind(id)
            .execute(pool)
            .await
            .map(drop))?;
        Ok(())
    }

    /// An update is answered at another time. One that only waits for its turn does not count as tried.
    pub async fn postpone_update(&self, id: i64, until: DateTime<Utc>, was_tried: bool) -> Result<()> {
        const SQL: &str = "UPDATE bot_updates SET due_at = $2, attempts = attempts - $3 WHERE id = $1";
        on_db!(self.write, |pool| sqlx::query(SQL)
            .bind(id)
            .bind(until)
            .bind(i64::from(!was_tried))
            .execute(pool)
            .await
            .map(drop))?;
        Ok(())
    }
}
