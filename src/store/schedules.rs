//! When and how often somebody is told: their schedules, and the frequency of what they follow. A change neither loses nor
//! repeats an article, whenever it comes:
//!
//! * A polling round belongs to the frequency that a subscription had when the round became ready. What waited for Monday's
//!   digest is told by it, though the watch is a daily one since Wednesday; what comes after Wednesday is told daily.
//! * A new schedule's first digest begins where the old schedule's last one ended.
//!
//! Both are comparisons of numbers of one clock, whose row is locked to the commit by whatever needs a place in the order.

use chrono::{DateTime, Utc};

use super::{BeginWrite, Result, Store, StoreError, on_db};
use crate::domain::{
    schedule::Schedule,
    subscription::{Frequency, UnknownWord},
    watch::Watch,
};

/// Gives the next place in the order, and locks the order until the transaction ends. The first statement of a transaction
/// that needs it: locks are taken in one sequence everywhere.
pub(super) const TICK: &str = "UPDATE digest_clock SET value = value + 1 WHERE id = 1 RETURNING value";

/// How often a subscription (`$s`) tells a round (`$o`): its frequency when the round became ready.
macro_rules! frequency_at {
    ($s:literal, $o:literal) => {
        concat!(
            "CASE WHEN ",
            $s,
            ".changed <= ",
            $o,
            ".number THEN ",
            $s,
            ".frequency
                ELSE (SELECT h.frequency FROM subscription_changes h WHERE h.subscription_id = ",
            $s,
            ".id
                      AND h.number > ",
            $o,
            ".number ORDER BY h.number LIMIT 1) END"
        )
    };
}
pub(super) use frequency_at;

/// The row of a schedule, made where nobody had the same wish before.
pub(super) const ADD: &str =
    "INSERT INTO schedules (frequency, at_time, days, zone, created_at, number) VALUES ($1, $2, $3, $4, $5, $6)
    ON CONFLICT (frequency, at_time, days, zone) DO UPDATE SET frequency = excluded.frequency RETURNING id";

/// The id of a schedule, within a transaction that ticked at `number`.
macro_rules! schedule_id {
    ($tx:ident, $schedule:expr, $number:expr, $now:expr) => {{
        let (at, days) = $schedule.columns();
        let id: i64 = sqlx::query_scalar(crate::store::schedules::ADD)
            .bind($schedule.frequency().as_str())
            .bind(at)
            .bind(days)
            .bind($schedule.zone().name())
            .bind($now)
            .bind($number)
            .fetch_one(&mut *$tx)
            .await?;
        id
    }};
}
pub(super) use schedule_id;

/// Gives subscribers another schedule (`$2`) at a number (`$3`). What they were told is what the last run of the old one has
/// passed them by; where none did since the change before, it stays as it was.
macro_rules! set {
    ($frequency:literal, $who:expr) => {
        concat!(
            "UPDATE subscribers SET ",
            $frequency,
            "_told = COALESCE((SELECT MAX(r.number) FROM digest_runs r WHERE r.schedule_id = subscribers.",
            $frequency,
            "_schedule_id AND (r.done_at IS NOT NULL OR r.cursor >= subscribers.id)
                AND (subscribers.",
            $frequency,
            "_since IS NULL OR r.number > subscribers.",
            $frequency,
            "_since)), subscribers.",
            $frequency,
            "_told, (SELECT c.number FROM schedules c WHERE c.id = subscribers.",
            $frequency,
            "_schedule_id)), ",
            $frequency,
            "_since = $3, ",
            $frequency,
            "_schedule_id = $2 ",
            $who,
            " AND ",
            $frequency,
            "_schedule_id <> $2"
        )
    };
}

/// Gives somebody whom this transaction added a schedule: they were told nothing, and begin as everybody on it.
macro_rules! begin {
    ($frequency:literal) => {
        concat!(
            "UPDATE subscribers SET ",
            $frequency,
            "_schedule_id = $2 WHERE id = $1 AND ",
            $frequency,
            "_schedule_id <> $2"
        )
    };
}

/// The statements of a frequency.
pub(super) struct Statements {
    of: &'static str,
    pub(super) set: &'static str,
    pub(super) begin: &'static str,
    /// Members (`$1` the office) who have the office's old schedule (`$4`) get its new one.
    pub(super) set_members: &'static str,
    /// The office itself.
    pub(super) set_office: &'static str,
}

macro_rules! statements {
    ($frequency:literal) => {
        Statements {
            of: concat!(
                "SELECT c.frequency, c.at_time, c.days, c.zone FROM subscribers p JOIN schedules c ON c.id = p.",
                $frequency, "_schedule_id WHERE p.id = $1"
            ),
            set: set!($frequency, "WHERE id = $1"),
            begin: begin!($frequency),
            set_members: set!($frequency, concat!("WHERE office_id = $1 AND ", $frequency, "_schedule_id = $4")),
            set_office: concat!("UPDATE offices SET ", $frequency, "_schedule_id = $2 WHERE id = $1"),
        }
    };
}

/// Gives a subscriber the schedule of a frequency and an id, within a transaction that ticked at `number`, and holds the runs.
macro_rules! give_schedule {
    ($tx:ident, $subscriber:expr, ($frequency:expr, $id:expr), $is_new:expr, $number:expr) => {{
        let sql = crate::store::schedules::of($frequency);
        if $is_new {
            sqlx::query(sql.begin)
                .bind($subscriber)
                .bind($id)
                .execute(&mut *$tx)
                .await?
        } else {
            sqlx::query(sql.set)
                .bind($subscriber)
                .bind($id)
                .bind($number)
                .execute(&mut *$tx)
                .await?
        }
        .rows_affected()
    }};
}
pub(super) use give_schedule;

const DAILY: Statements = statements!("daily");
const WEEKLY: Statements = statements!("weekly");

pub(super) fn of(frequency: Frequency) -> &'static Statements {
    if frequency == Frequency::Weekly {
        &WEEKLY
    } else {
        &DAILY
    }
}

/// Locks the runs that are under way, so that what they have passed stands still. After [`TICK`].
pub(super) const HOLD_RUNS: &str = "UPDATE digest_runs SET cursor = cursor WHERE done_at IS NULL";

/// Sets the frequency of a subscription (`$1` subscriber, `$2` kind and `$3` value of the watch) within a transaction, and
/// remembers the one before: for the rounds until now. Takes the subscription up again if it had ended.
pub(super) const REMEMBER_CHANGE: &str =
    "INSERT INTO subscription_changes (subscription_id, number, frequency)
    SELECT s.id, $5, s.frequency FROM subscriptions s WHERE s.subscriber_id = $1 AND s.frequency <> $4
      AND s.watch_id = (SELECT w.id FROM watches w WHERE w.kind = $2 AND w.value = $3)
    ON CONFLICT DO NOTHING";
pub(super) const CHANGE: &str = "UPDATE subscriptions SET ended_at = NULL, frequency = $4,
        changed = CASE WHEN frequency = $4 THEN changed ELSE $5 END
    WHERE subscriber_id = $1 AND watch_id = (SELECT w.id FROM watches w WHERE w.kind = $2 AND w.value = $3)";

/// Both of them. `$number` is of a tick of the same transaction.
macro_rules! change_frequency {
    ($tx:ident, $subscriber:expr, ($kind:expr, $value:expr), $frequency:expr, $number:expr) => {{
        sqlx::query(crate::store::schedules::REMEMBER_CHANGE)
            .bind($subscriber)
            .bind($kind)
            .bind($value)
            .bind($frequency)
            .bind($number)
            .execute(&mut *$tx)
            .await?;
        sqlx::query(crate::store::schedules::CHANGE)
            .bind($subscriber)
            .bind($kind)
            .bind($value)
            .bind($frequency)
            .bind($number)
            .execute(&mut *$tx)
            .await?
            .rows_affected()
    }};
}
pub(super) use change_frequency;

impl Store {
    /// When a subscriber's digests of a frequency come (instant: those that tell their folded alerts, the daily ones).
    /// `None` if there is no such subscriber.
    pub async fn schedule_of(&self, subscriber: i64, frequency: Frequency) -> Result<Option<Schedule>> {
        let row: Option<(String, String, i64, String)> =
            on_db!(self.read, |pool| sqlx::query_as(of(frequency).of)
                .bind(subscriber)
                .fetch_optional(pool)
                .await)?;
        row.map(|(frequency, at, days, zone)| read(&frequency, &at, days, &zone))
            .transpose()
    }

    /// Gives a subscriber another schedule for the digests of its frequency. The next digest is the first of the new one,
    /// and begins where the last of the old one ended. `false` if there is no such subscriber, or it was theirs already.
    pub async fn set_schedule(
        &self,
        subscriber: i64,
        schedule: &Schedule,
        now: DateTime<Utc>,
    ) -> Result<bool> {
        on_db!(self.write, |pool| {
            let mut tx = pool.begin_write().await?;
            let number: i64 = sqlx::query_scalar(TICK).fetch_one(&mut *tx).await?;
            sqlx::query(HOLD_RUNS).execute(&mut *tx).await?;
            let id = schedule_id!(tx, schedule, number, now);
            let set = give_schedule!(tx, subscriber, (schedule.frequency(), id), false, number);
            tx.commit().await?;
            Ok(set == 1)
        })
    }

    /// Changes how often a subscriber hears of a watch that they follow, or followed once: it is taken up again. `false` if
    /// they never followed it.
    pub async fn set_frequency(&self, subscriber: i64, watch: &Watch, frequency: Frequency) -> Result<bool> {
        let (kind, value, frequency) = (watch.kind(), watch.value(), frequency.as_str());
        on_db!(self.write, |pool| {
            let mut tx = pool.begin_write().await?;
            let number: i64 = sqlx::query_scalar(TICK).fetch_one(&mut *tx).await?;
            let changed = change_frequency!(tx, subscriber, (kind, &value), frequency, number);
            tx.commit().await?;
            Ok(changed == 1)
        })
    }
}

/// A schedule from its columns.
pub(super) fn read(frequency: &str, at: &str, days: i64, zone: &str) -> Result<Schedule> {
    Schedule::from_columns(frequency, at, days, zone).map_err(|why| StoreError::Unreadable {
        what: "schedules",
        why,
    })
}

/// A frequency from its column.
pub(super) fn frequency(word: &str) -> Result<Frequency> {
    word.parse().map_err(|e: UnknownWord| StoreError::Unreadable {
        what: "schedules.frequency",
        why: e.to_string(),
    })
}
