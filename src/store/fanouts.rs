//! Fan-out: from the marker that an article's transaction wrote to deliveries, in bounded chunks with a cursor, so that
//! a million subscribers neither block the writer for seconds nor start again from zero after a crash.

use chrono::{DateTime, Utc};

use super::{
    BeginWrite, Result, Store,
    markers::{is_written_to, speaks_to_watch},
    on_db,
    schedules::TICK,
};

/// A polling round that announces articles.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct FanoutId(pub(crate) i64);

/// The watches that a round (`$1`) speaks to.
macro_rules! watches_of_round {
    () => {
        concat!(
            "SELECT w.watch_id FROM article_watches w JOIN fanout_articles f ON f.article_id = w.article_id
             WHERE f.fanout_id = $1 AND ",
            speaks_to_watch!()
        )
    };
}

/// The subscribers after `$2`, up to `$last`, who want an article of the round (`$1`) at once; or did when the round became
/// ready, which is when it came to be owed to them.
macro_rules! wanting {
    ($last:literal) => {
        concat!(
            "SELECT s.subscriber_id FROM subscriptions s
             WHERE s.frequency = 'instant' AND s.ended_at IS NULL AND s.subscriber_id > $2",
            $last,
            " AND s.watch_id IN (",
            watches_of_round!(),
            ") UNION ALL SELECT s.subscriber_id FROM fanouts o
             JOIN subscriptions s ON s.changed > o.number AND s.changed > 0
             WHERE o.id = $1 AND s.ended_at IS NULL AND s.subscriber_id > $2",
            $last,
            " AND s.watch_id IN (",
            watches_of_round!(),
            ")"
        )
    };
}

/// The next chunk's end: the last of `$3` subscribers after the cursor who want the round's articles at once.
const CHUNK_END: &str = concat!(
    "SELECT MAX(c.subscriber_id) FROM (SELECT DISTINCT u.subscriber_id FROM (",
    wanting!(""),
    ") u ORDER BY u.subscriber_id LIMIT $3) c"
);

const INSERT_CHUNK: &str = concat!(
    "INSERT INTO deliveries (subscriber_id, channel, kind, priority, fanout_id, state, due_at, created_at)
    SELECT p.id, p.channel, 'alert', $5, $1, 'queued', $4, $4 FROM subscribers p
    WHERE ",
    is_written_to!("$4"),
    " AND p.id IN (",
    wanting!(" AND s.subscriber_id <= $3"),
    ") ORDER BY p.id ON CONFLICT DO NOTHING"
);

/// Within a transaction that announces: the round's heartbeat, and the proof that nobody has closed it. A closed round may
/// be fanned out already.
macro_rules! prove_open {
    ($tx:ident, $round:expr, $now:expr) => {
        let open = sqlx::query(crate::store::fanouts::HEARTBEAT)
            .bind($round.0)
            .bind($now)
            .execute(&mut *$tx)
            .await?;
        if open.rows_affected() == 0 {
            return Err(crate::store::StoreError::RoundClosed);
        }
    };
}
pub(super) use prove_open;

pub(super) const HEARTBEAT: &str = "UPDATE fanouts SET opened_at = $2 WHERE id = $1 AND ready_at IS NULL";

impl Store {
    /// Opens a polling round. Nothing is sent for it until it is ready.
    pub async fn open_fanout(&self, now: DateTime<Utc>) -> Result<FanoutId> {
        const SQL: &str = "INSERT INTO fanouts (opened_at) VALUES ($1) RETURNING id";
        Ok(FanoutId(on_db!(self.write, |pool| sqlx::query_scalar(SQL)
            .bind(now)
            .fetch_one(pool)
            .await)?))
    }

    /// Shows that a round's process is alive, however long the portal makes it wait. A round that was closed stays so.
    pub async fn keep_fanout_open(&self, round: FanoutId, now: DateTime<Utc>) -> Result<()> {
        Ok(on_db!(self.write, |pool| sqlx::query(HEARTBEAT)
            .bind(round.0)
            .bind(now)
            .execute(pool)
            .await
            .map(drop))?)
    }

    /// Ends a round: its fan-out may begin. A round that announced nothing is removed.
    pub async fn close_fanout(&self, round: FanoutId, now: DateTime<Utc>) -> Result<()> {
        const READY: &str = "UPDATE fanouts SET ready_at = $2, number = $3 WHERE id = $1 AND ready_at IS NULL
            AND EXISTS (SELECT 1 FROM fanout_articles f WHERE f.fanout_id = $1)";
        const EMPTY: &str = "DELETE FROM fanouts WHERE id = $1 AND ready_at IS NULL";
        on_db!(self.write, |pool| {
            let mut tx = pool.begin_write().await?;
            let number: i64 = sqlx::query_scalar(TICK).fetch_one(&mut *tx).await?;
            sqlx::query(READY)
                .bind(round.0)
                .bind(now)
                .bind(number)
                .execute(&mut *tx)
                .await?;
            sqlx::query(EMPTY).bind(round.0).execute(&mut *tx).await?;
            tx.commit().await?;
        });
        Ok(())
    }

    /// Closes rounds that gave no sign of life since `opened_before` and never ended: their process died. What they had recorded
    /// is still owed. Returns how many there were.
    pub async fn close_abandoned_fanouts(
        &self,
        opened_before: DateTime<Utc>,
        now: DateTime<Utc>,
    ) -> Result<usize> {
        const SQL: &str = "SELECT id FROM fanouts WHERE ready_at IS NULL AND opened_at < $1";
        let abandoned: Vec<i64> = on_db!(self.read, |pool| sqlx::query_scalar(SQL)
            .bind(opened_before)
            .fetch_all(pool)
            .await)?;
        for id in &abandoned {
            self.close_fanout(FanoutId(*id), now).await?;
        }
        Ok(abandoned.len())
    }

    /// Makes one chunk of deliveries for the oldest fan-out that is owed. `None` when nothing is owed, otherwise how many
    /// deliveries were made (0 when the fan-out turned out to be complete).
    pub async fn fan_out_chunk(&self, chunk: i64, priority: i64, now: DateTime<Utc>) -> Result<Option<u64>> {
        /// Locks the row on PostgreSQL, so that two processes take turns; the cursor is read under the lock.
        const TAKE: &str = "UPDATE fanouts SET cursor = cursor WHERE id =
            (SELECT id FROM fanouts WHERE ready_at IS NOT NULL AND done_at IS NULL ORDER BY id LIMIT 1)
            AND done_at IS NULL RETURNING id, cursor";
        const ADVANCE: &str = "UPDATE fanouts SET cursor = $2 WHERE id = $1";
        const FINISH: &str = "UPDATE fanouts SET done_at = $2 WHERE id = $1";
        on_db!(self.write, |pool| {
            let mut tx = pool.begin_write().await?;
            let owed: Option<(i64, i64)> = sqlx::query_as(TAKE).fetch_optional(&mut *tx).await?;
            let Some((fanout, cursor)) = owed else {
                return Ok(None);
            };
            let end: Option<i64> = sqlx::query_scalar(CHUNK_END)
                .bind(fanout)
                .bind(cursor)
                .bind(chunk)
                .fetch_one(&mut *tx)
                .await?;
            let mut made = 0;
            if let Some(end) = end {
                made = sqlx::query(INSERT_CHUNK)
                    .bind(fanout)
                    .bind(cursor)
                    .bind(end)
                    .bind(now)
                    .bind(priority)
                    .execute(&mut *tx)
                    .await?
                    .rows_affected();
                sqlx::query(ADVANCE)
                    .bind(fanout)
                    .bind(end)
                    .execute(&mut *tx)
                    .await?;
            } else {
                sqlx::query(FINISH)
                    .bind(fanout)
                    .bind(now)
                    .execute(&mut *tx)
                    .await?;
            }
            tx.commit().await?;
            Ok(Some(made))
        })
    }
}
