//! Offices, whose members are sent one shared digest: the same watches at the same time. Members stay people of their own: what
//! one adds, changes or gives up is theirs alone, and their digest is then not the shared one any more.

use chrono::{DateTime, Utc};

use super::{
    BeginWrite, Result, Store, on_db,
    schedules::{HOLD_RUNS, TICK, of, schedule_id},
    watches::ADD_WATCH,
};
use crate::domain::{schedule::Schedule, subscription::Frequency, watch::Watch};

/// What an office orders for its members.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct OfficeOrder {
    /// The office's name, as the heading of its digest says it.
    pub name: String,
    /// What every member hears about, and how often.
    pub watches: Vec<(Watch, Frequency)>,
    /// When its digests come; those of a frequency that is not here stay as they are.
    pub schedules: Vec<Schedule>,
}

const ADD: &str = "INSERT INTO offices (name, created_at) VALUES ($1, $2)
    ON CONFLICT (name) DO UPDATE SET name = excluded.name RETURNING id, daily_schedule_id, weekly_schedule_id";

const KNOWN_WATCH: &str = "SELECT w.id, o.frequency FROM watches w
    LEFT JOIN office_watches o ON o.watch_id = w.id AND o.office_id = $1 WHERE w.kind = $2 AND w.value = $3";

const ORDER: &str = "INSERT INTO office_watches (office_id, watch_id, frequency) VALUES ($1, $2, $3)
    ON CONFLICT (office_id, watch_id) DO UPDATE SET frequency = excluded.frequency";

/// Whoever has the watch already, or had it once, keeps their own word.
const FOR_MEMBERS: &str = "INSERT INTO subscriptions (subscriber_id, watch_id, frequency, created_at)
    SELECT p.id, $2, $3, $4 FROM subscribers p WHERE p.office_id = $1 AND p.ended_at IS NULL
    ON CONFLICT (subscriber_id, watch_id) DO NOTHING";

/// Members who have the watch at the office's old frequency (`$3`) get it at its new one (`$5`), from the number `$4` on.
const REMEMBER: &str = "INSERT INTO subscription_changes (subscription_id, number, frequency)
    SELECT s.id, $4, s.frequency FROM subscriptions s JOIN subscribers p ON p.id = s.subscriber_id
    WHERE p.office_id = $1 AND s.watch_id = $2 AND s.frequency = $3";
const CHANGE: &str =
    "UPDATE subscriptions SET frequency = $5, changed = $4 WHERE watch_id = $2 AND frequency = $3
    AND subscriber_id IN (SELECT p.id FROM subscribers p WHERE p.office_id = $1)";

/// The name of a member's office where their digest of a frequency is the shared one.
macro_rules! shared {
    ($frequency:literal) => {
        concat!(
            "SELECT o.name FROM subscribers p JOIN offices o ON o.id = p.office_id
             WHERE p.id = $1 AND p.",
            $frequency, "_schedule_id = o.", $frequency, "_schedule_id
               AND NOT EXISTS (SELECT 1 FROM subscriptions s WHERE s.subscriber_id = p.id AND s.ended_at IS NULL
                   AND s.frequency = '", $frequency, "' AND NOT EXISTS (SELECT 1 FROM office_watches w
                       WHERE w.office_id = o.id AND w.watch_id = s.watch_id AND w.frequency = s.frequency))
               AND NOT EXISTS (SELECT 1 FROM office_watches w WHERE w.office_id = o.id AND w.frequency = '", $frequency, "'
                   AND NOT EXISTS (SELECT 1 FROM subscriptions s WHERE s.subscriber_id = p.id AND s.watch_id = w.watch_id
                       AND s.ended_at IS NULL AND s.frequency = w.frequency))"
        )
    };
}

impl Store {
    /// Makes offices as ordered, in one transaction; those that exist get what is new to them, with all members who kept to
    /// the office's ways. Gives the row ids in the order of the orders.
    pub async fn order_for_offices(&self, orders: &[OfficeOrder], now: DateTime<Utc>) -> Result<Vec<i64>> {
        if orders.is_empty() {
            return Ok(Vec::new());
        }
        on_db!(self.write, |pool| {
            let mut ids = Vec::with_capacity(orders.len());
            let mut tx = pool.begin_write().await?;
            let number: i64 = sqlx::query_scalar(TICK).fetch_one(&mut *tx).await?;
            sqlx::query(HOLD_RUNS).execute(&mut *tx).await?;
            for order in orders {
                let (office, daily, weekly): (i64, i64, i64) = sqlx::query_as(ADD)
                    .bind(&order.name)
                    .bind(now)
                    .fetch_one(&mut *tx)
                    .await?;
                ids.push(office);
                for (watch, frequency) in &order.watches {
                    let (kind, value, frequency) = (watch.kind(), watch.value(), frequency.as_str());
                    sqlx::query(ADD_WATCH)
                        .bind(kind)
                        .bind(&value)
                        .bind(now)
                        .execute(&mut *tx)
                        .await?;
                    let (watch, known): (i64, Option<String>) = sqlx::query_as(KNOWN_WATCH)
                        .bind(office)
                        .bind(kind)
                        .bind(&value)
                        .fetch_one(&mut *tx)
                        .await?;
                    if known.as_deref() == Some(frequency) {
                        continue;
                    }
                    sqlx::query(ORDER)
                        .bind(office)
                        .bind(watch)
                        .bind(frequency)
                        .execute(&mut *tx)
                        .await?;
                    let Some(old) = known else {
                        sqlx::query(FOR_MEMBERS)
                            .bind(office)
                            .bind(watch)
                            .bind(frequency)
                            .bind(now)
                            .execute(&mut *tx)
                            .await?;
                        continue;
                    };
                    sqlx::query(REMEMBER)
                        .bind(office)
                        .bind(watch)
                        .bind(&old)
                        .bind(number)
                        .execute(&mut *tx)
                        .await?;
                    sqlx::query(CHANGE)
                        .bind(office)
                        .bind(watch)
                        .bind(&old)
                        .bind(number)
                        .bind(frequency)
                        .execute(&mut *tx)
                        .await?;
                }
                for schedule in &order.schedules {
                    let sql = of(schedule.frequency());
                    let old = if schedule.frequency() == Frequency::Weekly {
                        weekly
                    } else {
                        daily
                    };
                    let new = schedule_id!(tx, schedule, number, now);
                    sqlx::query(sql.set_members)
                        .bind(office)
                        .bind(new)
                        .bind(number)
                        .bind(old)
                        .execute(&mut *tx)
                        .await?;
                    sqlx::query(sql.set_office)
                        .bind(office)
                        .bind(new)
                        .execute(&mut *tx)
                        .await?;
                }
            }
            tx.commit().await?;
            Ok(ids)
        })
    }

    /// The office whose shared digest a subscriber's digest of a frequency is: that of a member who follows just what the
    /// office ordered for its digests of that frequency, at the office's time. `None` for everybody else.
    pub async fn shared_digest_of(&self, subscriber: i64, frequency: Frequency) -> Result<Option<String>> {
        let sql = if frequency == Frequency::Weekly {
            shared!("weekly")
        } else {
            shared!("daily")
        };
        Ok(on_db!(self.read, |pool| sqlx::query_scalar(sql)
            .bind(subscriber)
            .fetch_optional(pool)
            .await)?)
    }
}
