//! Deliveries whose sender died between handing over and marking.
//!
//! What the process knew last decides. Where the answer of a channel was awaited longer than usual, that was written down, and
//! the delivery is not sent again. Else it may have died before a byte was written, and nobody would ever hear of the message: it
//! is sent once more, and counted as unknown. A mail then carries the same Message-ID; a post may stand there twice.

use chrono::{DateTime, Utc};

use super::{BeginWrite, Result, Store, deliveries::UNKNOWN_RETRY, on_db};

const WHY: &str = "the sending process ended before it knew";

/// Late: a mail server that took the mail, and was slow to say so, has said it by then.
const MAIL: &str =
    "UPDATE deliveries SET state = 'queued', unknown_at = $1, due_at = $2, claim = NULL, reason = $3
    WHERE state = 'sending' AND due_at <= $1 AND channel = 'email' AND unknown_at IS NULL";

const OTHERS: &str = "UPDATE deliveries SET state = 'queued', unknown_at = $1, claim = NULL, reason = $2
    WHERE state = 'sending' AND due_at <= $1 AND channel <> 'email' AND unknown_at IS NULL";

/// An edit says the same twice, and a hook carries its id: they are sent again, however often.
const HARMLESS: &str = "UPDATE deliveries SET state = 'queued', claim = NULL, reason = $2
    WHERE state = 'sending' AND due_at <= $1 AND (kind = 'edit' OR channel = 'webhook')";

/// One retry is all.
const TWICE: &str = "UPDATE deliveries SET state = 'unknown', claim = NULL, reason = $2
    WHERE state = 'sending' AND due_at <= $1";

/// A message of a post that waited for its answer; the post's other messages are still owed.
const PART: &str = "INSERT INTO post_parts (delivery_id, part, message_id)
    SELECT d.id, (SELECT COUNT(*) FROM post_parts x WHERE x.delivery_id = d.id), NULL FROM deliveries d
    WHERE d.state = 'unknown' AND d.claim IS NOT NULL AND d.due_at <= $1 AND d.parts IS NOT NULL
    ON CONFLICT DO NOTHING";
const GO_ON: &str =
    "UPDATE deliveries SET state = 'queued', attempts = 0, unknown_at = $1, claim = NULL, reason = $2
    WHERE state = 'unknown' AND claim IS NOT NULL AND due_at <= $1 AND parts IS NOT NULL";
const AWAITED: &str = "UPDATE deliveries SET unknown_at = COALESCE(unknown_at, $1), claim = NULL, reason = $2
    WHERE state = 'unknown' AND claim IS NOT NULL AND due_at <= $1";

impl Store {
    /// Settles the deliveries of senders that died: sent once more, or unknown. Returns how many.
    pub async fn settle_lost_sendings(&self, now: DateTime<Utc>) -> Result<u64> {
        let settled = on_db!(self.write, |pool| {
            let mut tx = pool.begin_write().await?;
            let mut settled = sqlx::query(MAIL)
                .bind(now)
                .bind(now + UNKNOWN_RETRY)
                .bind(WHY)
                .execute(&mut *tx)
                .await?
                .rows_affected();
            sqlx::query(PART).bind(now).execute(&mut *tx).await?;
            for sql in [HARMLESS, OTHERS, TWICE, GO_ON, AWAITED] {
                settled += sqlx::query(sql)
                    .bind(now)
                    .bind(WHY)
                    .execute(&mut *tx)
                    .await?
                    .rows_affected();
            }
            tx.commit().await?;
            settled
        });
        Ok(settled)
    }
}
