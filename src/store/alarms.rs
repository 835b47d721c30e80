//! Alarms: what the operator is owed word of, once when a section breaks and once when it recovers.
//!
//! All alarms that are due go into one mail. Which ones is settled under a lock, against what the operator heard last. A
//! mail that may have left stays the same mail, with the same alarms and number, until it has surely arrived.

mod rows;

use chrono::{DateTime, TimeDelta, Utc};
use sqlx::QueryBuilder;

use super::{BeginWrite, Pool, Result, Store, on_db};
use crate::domain::breakage::{Cause, Turn};
pub use rows::{Alarm, AlarmMail, MailState};
use rows::{AlarmRow, is_time, sifted};

/// How long a claimed mail belongs to its claimer: longer than a mail server may take for one mail (RFC 5321, 4.5.3.2).
const LEASE: TimeDelta = TimeDelta::minutes(40);

/// A polling round that gave no sign of life since is not under way.
const ROUND_SIGN_OF_LIFE: TimeDelta = TimeDelta::minutes(10);

/// Alarms that nobody is told (no operator is set) are kept so long: whoever sets one later learns of today's.
const UNTOLD: TimeDelta = TimeDelta::days(1);

/// How long told alarms are kept.
const KEPT: TimeDelta = TimeDelta::days(90);

/// Writes an alarm, due at once: section, kind, cause, why and now. See `raise_alarm!`.
pub(super) const RAISE: &str =
    "INSERT INTO alarms (section_id, kind, cause, why, created_at, due_at) VALUES ($1, $2, $3, $4, $5, $5)";

/// Within a transaction that says that a section broke or recovered: the alarm about it.
macro_rules! raise_alarm {
    ($tx:ident, $section:expr, $turn:expr, $cause:expr, $why:expr, $now:expr) => {
        sqlx::query(crate::store::alarms::RAISE)
            .bind($section)
            .bind($turn.as_str())
            .bind($cause.as_str())
            .bind($why)
            .bind($now)
            .execute(&mut *$tx)
            .await?
    };
}
pub(super) use raise_alarm;

/// Two processes settle in turn what a mail holds, and nothing is added meanwhile. `BEGIN IMMEDIATE` has done that on SQLite.
const LOCK_SQLITE: &str = "SELECT 1";
const LOCK_POSTGRES: &str = "LOCK TABLE alarms IN SHARE ROW EXCLUSIVE MODE";

macro_rules! select_alarms {
    ($rest:literal) => {
        concat!(
            "SELECT a.id, a.section_id, a.kind, a.cause, a.why, a.created_at, a.due_at, a.attempts,
                s.portal, s.slug, s.title, s.next_poll_at, s.moved_to, s.retired_at,
                (SELECT MAX(d.created_at) FROM alarms d
                 WHERE d.section_id = a.section_id AND d.kind = 'degraded' AND d.id <= a.id) AS broken_at
            FROM alarms a JOIN sections s ON s.id = a.section_id ",
            $rest,
            " ORDER BY a.id"
        )
    };
}

/// Alarms in no mail. Those of a section wait while an older one stands in a mail that nobody surely got: "recovered" must
/// not come before "broken".
const PENDING: &str = select_alarms!(
    "WHERE a.sent_at IS NULL AND a.mail IS NULL AND NOT EXISTS (
        SELECT 1 FROM alarms o WHERE o.section_id = a.section_id AND o.sent_at IS NULL AND o.mail IS NOT NULL
        AND NOT EXISTS (SELECT 1 FROM alarm_mails m WHERE m.mail = o.mail AND m.state = 'told'))"
);

const OF_MAIL: &str = select_alarms!("WHERE a.mail = $1 AND a.sent_at IS NULL");

/// What the operator heard last of each section.
const HEARD: &str = "SELECT section_id, kind, cause FROM alarms
    WHERE id IN (SELECT MAX(id) FROM alarms WHERE sent_at IS NOT NULL OR mail IS NOT NULL GROUP BY section_id)";

impl Store {
    /// Says that a section broke or recovered, beside the transaction of a poll.
    pub async fn raise_alarm(
        &self,
        section: i64,
        (turn, cause): (Turn, Cause),
        why: &str,
        now: DateTime<Utc>,
    ) -> Result<()> {
        on_db!(self.write, |pool| {
            let mut tx = pool.begin_write().await?;
            raise_alarm!(tx, section, turn, cause, why, now);
            tx.commit().await?;
        });
        Ok(())
    }

    /// Claims one mail: one that was tried before and may have left, or all other alarms as soon as one of them is due and
    /// no polling round is under way. Alarms that are no news to the operator any more are removed. `fresh` is a random number.
    pub async fn claim_alarms(&self, fresh: i64, now: DateTime<Utc>) -> Result<Option<AlarmMail>> {
        const DUE: &str = "SELECT COUNT(*) FROM alarms WHERE sent_at IS NULL AND due_at <= $1";
        const IN_DOUBT: &str =
            "SELECT mail FROM alarms WHERE sent_at IS NULL AND mail IS NOT NULL AND due_at <= $1
            ORDER BY due_at, mail LIMIT 1";
        const UNDER_WAY: &str = "SELECT COUNT(*) FROM fanouts
            WHERE ready_at IS NULL AND done_at IS NULL AND opened_at > $1";
        const CLAIM: &str =
            "UPDATE alarms SET due_at = $2, attempts = attempts + 1 WHERE mail = $1 AND sent_at IS NULL";
        const STATES: &str = "SELECT address, state FROM alarm_mails WHERE mail = $1";
        // Asked every few seconds: a look must not cost a lock.
        let is_any: i64 = on_db!(self.read, |pool| sqlx::query_scalar(DUE)
            .bind(now)
            .fetch_one(pool)
            .await)?;
        if is_any == 0 {
            return Ok(None);
        }
        let lock = match self.write {
            Pool::Sqlite(_) => LOCK_SQLITE,
            Pool::Postgres(_) => LOCK_POSTGRES,
        };
        let lease = now + LEASE;
        let (mail, rows, states): (i64, Vec<AlarmRow>, Vec<(String, String)>) = on_db!(self.write, |pool| {
            let mut tx = pool.begin_write().await?;
            sqlx::query(lock).execute(&mut *tx).await?;
            let in_doubt: Option<i64> = sqlx::query_scalar(IN_DOUBT)
                .bind(now)
                .fetch_optional(&mut *tx)
                .await?;
            let mail = in_doubt.unwrap_or(fresh);
            if in_doubt.is_none() {
                let pending: Vec<AlarmRow> = sqlx::query_as(PENDING).fetch_all(&mut *tx).await?;
                let under_way: i64 = sqlx::query_scalar(UNDER_WAY)
                    .bind(now - ROUND_SIGN_OF_LIFE)
                    .fetch_one(&mut *tx)
                    .await?;
                if !is_time(&pending, under_way > 0, now) {
                    return Ok(None);
                }
                let heard: Vec<(i64, String, String)> = sqlx::query_as(HEARD).fetch_all(&mut *tx).await?;
                let (news, stale) = sifted(&pending, &heard)?;
                if !stale.is_empty() {
                    let mut query = QueryBuilder::new("DELETE FROM alarms WHERE id IN (");
                    let mut ids = query.separated(", ");
                    for id in &stale {
                        ids.push_bind(*id);
                    }
                    query.push(")");
                    query.build().execute(&mut *tx).await?;
                }
                if !news.is_empty() {
                    let attempts = pending.iter().map(|row| row.attempts).max().unwrap_or(0);
                    let mut query = QueryBuilder::new("UPDATE alarms SET mail = ");
                    query.push_bind(mail).push(", attempts = ").push_bind(attempts);
                    query.push(" WHERE id IN (");
                    let mut ids = query.separated(", ");
                    for id in &news {
                        ids.push_bind(*id);
                    }
                    query.push(")");
                    query.build().execute(&mut *tx).await?;
                }
            }
            sqlx::query(CLAIM)
                .bind(mail)
                .bind(lease)
                .execute(&mut *tx)
                .await?;
            let rows = sqlx::query_as(OF_MAIL).bind(mail).fetch_all(&mut *tx).await?;
            let states = sqlx::query_as(STATES).bind(mail).fetch_all(&mut *tx).await?;
            tx.commit().await?;
            (mail, rows, states)
        });
        let Some(attempts) = rows.iter().map(|row| row.attempts).max() else {
            return Ok(None);
        };
        let alarms = rows
            .into_iter()
            .map(AlarmRow::into_alarm)
            .collect::<Result<_>>()?;
        let states = states
            .into_iter()
            .map(|(address, state)| Ok((address, MailState::parse(&state)?)))
            .collect::<Result<_>>()?;
        Ok(Some(AlarmMail {
            id: mail,
            attempts,
            alarms,
            states,
            lease,
        }))
    }

    /// Notes how far a mail came for an address.
    pub async fn note_alarm_mail(&self, mail: &AlarmMail, address: &str, state: MailState) -> Result<()> {
        const SQL: &str = "INSERT INTO alarm_mails (mail, address, state) VALUES ($1, $2, $3)
            ON CONFLICT (mail, address) DO UPDATE SET state = excluded.state";
        Ok(on_db!(self.write, |pool| sqlx::query(SQL)
            .bind(mail.id)
            .bind(address)
            .bind(state.as_str())
            .execute(pool)
            .await
            .map(drop))?)
    }

    /// Marks a mail's alarms as told, and removes what was told long ago. What the operator still believes broken stays.
    pub async fn alarms_sent(&self, mail: &AlarmMail, now: DateTime<Utc>) -> Result<()> {
        const SENT: &str = "UPDATE alarms SET sent_at = $2 WHERE mail = $1 AND sent_at IS NULL";
        const OLD: &str = "DELETE FROM alarms WHERE sent_at < $1 AND (kind = 'recovered' OR EXISTS (
            SELECT 1 FROM alarms n WHERE n.section_id = alarms.section_id AND n.id > alarms.id AND n.sent_at IS NOT NULL))";
        const SETTLED: &str = "DELETE FROM alarm_mails WHERE mail NOT IN (
            SELECT mail FROM alarms WHERE sent_at IS NULL AND mail IS NOT NULL)";
        on_db!(self.write, |pool| {
            let mut tx = pool.begin_write().await?;
            sqlx::query(SENT)
                .bind(mail.id)
                .bind(now)
                .execute(&mut *tx)
                .await?;
            sqlx::query(OLD).bind(now - KEPT).execute(&mut *tx).await?;
            sqlx::query(SETTLED).execute(&mut *tx).await?;
            tx.commit().await?;
        });
        Ok(())
    }

    /// Leaves a mail until `due_at`. One that left for no address is dissolved: its alarms go into the next one with what
    /// has come since. Without effect if the lease was lost.
    pub async fn alarms_postponed(&self, mail: &AlarmMail, due_at: DateTime<Utc>) -> Result<()> {
        const SQL: &str = "UPDATE alarms SET due_at = $3,
                mail = CASE WHEN EXISTS (SELECT 1 FROM alarm_mails m WHERE m.mail = $1) THEN mail END
            WHERE mail = $1 AND sent_at IS NULL AND due_at = $2";
        Ok(on_db!(self.write, |pool| sqlx::query(SQL)
            .bind(mail.id)
            .bind(mail.lease)
            .bind(due_at)
            .execute(pool)
            .await
            .map(drop))?)
    }

    /// For a Loa that tells nobody: the alarms that nobody was shown yet. They are kept for a day, for whoever is set as
    /// operator meanwhile, and then removed untold.
    pub async fn alarms_for_nobody(&self, now: DateTime<Utc>) -> Result<Vec<Alarm>> {
        const UNSEEN: &str =
            select_alarms!("WHERE a.sent_at IS NULL AND a.attempts = 0 AND s.retired_at IS NULL");
        const SEEN: &str = "UPDATE alarms SET attempts = 1 WHERE sent_at IS NULL AND attempts = 0";
        const OLD: &str = "DELETE FROM alarms WHERE sent_at IS NULL AND created_at <= $1 AND due_at <= $2";
        const ANY: &str =
            "SELECT COUNT(*) FROM alarms WHERE sent_at IS NULL AND (attempts = 0 OR created_at <= $1)";
        let is_any: i64 = on_db!(self.read, |pool| sqlx::query_scalar(ANY)
            .bind(now - UNTOLD)
            .fetch_one(pool)
            .await)?;
        if is_any == 0 {
            return Ok(Vec::new());
        }
        let rows: Vec<AlarmRow> = on_db!(self.write, |pool| {
            let mut tx = pool.begin_write().await?;
            let rows = sqlx::query_as(UNSEEN).fetch_all(&mut *tx).await?;
            sqlx::query(SEEN).execute(&mut *tx).await?;
            sqlx::query(OLD)
                .bind(now - UNTOLD)
                .bind(now)
                .execute(&mut *tx)
                .await?;
            tx.commit().await?;
            rows
        });
        rows.into_iter().map(AlarmRow::into_alarm).collect()
    }

    /// How many alarms nobody was told of yet.
    pub async fn alarms_waiting(&self) -> Result<i64> {
        const SQL: &str = "SELECT COUNT(*) FROM alarms WHERE sent_at IS NULL";
        Ok(on_db!(self.read, |pool| sqlx::query_scalar(SQL)
            .fetch_one(pool)
            .await)?)
    }
}
