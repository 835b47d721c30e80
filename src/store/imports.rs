//! Imports: what an office orders for its own people.

use std::collections::HashMap;

use chrono::{DateTime, Utc};

use super::{
    BeginWrite, Result, Store, StoreError,
    bounces::SUPPRESS_KNOWN,
    on_db,
    schedules::{HOLD_RUNS, TICK, change_frequency, give_schedule, schedule_id},
    watches::ADD_WATCH,
};
use crate::domain::{
    delivery::Kind,
    schedule::Schedule,
    subscription::{Address, Channel, Frequency, Language},
    time::to_micros,
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

/// One row of an office's list.
#[derive(Debug, Clone)]
pub struct Official {
    /// Whom, what, how often.
    pub import: Import,
    /// The office whose shared digest they are sent (row id).
    pub office: Option<i64>,
    /// The language that they are written to in, where the list says so.
    pub language: Option<Language>,
    /// When their own digests come, where the list says so and no office does.
    pub schedules: Vec<Schedule>,
}

/// What an import of one row did.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Imported {
    /// A new subscription.
    Added,
    /// It existed; its frequency is now the imported one.
    Kept,
    /// The person stopped all messages themselves, at that moment. Their word stands.
    Refused(DateTime<Utc>),
}

/// What an import of several rows did.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ImportDone {
    /// In the order of the rows.
    pub rows: Vec<Imported>,
    /// People who will be told by mail that they were added.
    pub welcomes: u64,
}

/// Somebody who only ever signed up, and did not confirm, is written to on the office's ground from now on.
const ADD_PERSON: &str =
    "INSERT INTO subscribers (channel, address, basis, basis_at, created_at, confirmed_at)
    VALUES ($1, $2, $3, $4, $4, $4)
    ON CONFLICT (channel, address) DO UPDATE SET
        basis = CASE WHEN subscribers.confirmed_at IS NULL THEN excluded.basis ELSE subscribers.basis END,
        basis_at = CASE WHEN subscribers.confirmed_at IS NULL THEN excluded.basis_at ELSE subscribers.basis_at END,
        confirmed_at = COALESCE(subscribers.confirmed_at, excluded.confirmed_at)
    RETURNING id, ended_at, confirmed_at";

/// An address as it stands here already, or else in small letters: whoever stopped all messages is not written to again because
/// an office's list has them in capitals.
macro_rules! spelling {
    ($tx:ident, $address:expr) => {{
        let (typed, small) = ($address.as_str(), $address.as_str().to_lowercase());
        let known: Option<String> = if $address.channel() == Channel::Email && typed != small {
            sqlx::query_scalar(crate::store::signups::KNOWN_AS)
                .bind(typed)
                .bind(&small)
                .fetch_optional(&mut *$tx)
                .await?
        } else {
            Some(typed.to_owned())
        };
        known.unwrap_or(small)
    }};
}

const ADD_SUBSCRIPTION: &str = "INSERT INTO subscriptions (subscriber_id, watch_id, frequency, created_at)
    SELECT $1, id, $4, $5 FROM watches WHERE kind = $2 AND value = $3
    ON CONFLICT (subscriber_id, watch_id) DO NOTHING";

const SET_LANGUAGE: &str = "UPDATE subscribers SET language = $2 WHERE id = $1 AND language <> $2";

/// Once ever: a unique index says so.
const WELCOME: &str =
    "INSERT INTO deliveries (subscriber_id, channel, kind, priority, state, due_at, created_at)
    VALUES ($1, 'email', 'welcome', $2, 'queued', $3, $3) ON CONFLICT DO NOTHING";

/// Whoever comes from another office leaves behind what that one ordered.
const LEAVE_OFFICE: &str =
    "UPDATE subscriptions SET ended_at = $3 WHERE subscriber_id = $1 AND ended_at IS NULL
    AND watch_id IN (SELECT w.watch_id FROM office_watches w JOIN subscribers p ON p.office_id = w.office_id
                     WHERE p.id = $1 AND p.office_id <> $2)
    AND watch_id NOT IN (SELECT w.watch_id FROM office_watches w WHERE w.office_id = $2)";
const JOIN_OFFICE: &str =
    "UPDATE subscribers SET office_id = $2 WHERE id = $1 AND (office_id IS NULL OR office_id <> $2)";
const TAKE_OVER_WATCHES: &str = "INSERT INTO subscriptions (subscriber_id, watch_id, frequency, created_at)
    SELECT $1, w.watch_id, w.frequency, $3 FROM office_watches w WHERE w.office_id = $2
    ON CONFLICT (subscriber_id, watch_id) DO NOTHING";
const OFFICE_SCHEDULES: &str = "SELECT daily_schedule_id, weekly_schedule_id FROM offices WHERE id = $1";

/// Makes a subscriber a member of an office, with its watches and its times, where it is not one already.
macro_rules! join_office {
    ($tx:ident, $subscriber:expr, $office:expr, $offices:ident, ($is_new:expr, $number:expr, $now:expr)) => {{
        let (subscriber, office) = ($subscriber, $office);
        sqlx::query(LEAVE_OFFICE)
            .bind(subscriber)
            .bind(office)
            .bind($now)
            .execute(&mut *$tx)
            .await?;
        let joined = sqlx::query(JOIN_OFFICE)
            .bind(subscriber)
            .bind(office)
            .execute(&mut *$tx)
            .await?
            .rows_affected();
        if joined == 1 {
            sqlx::query(TAKE_OVER_WATCHES)
                .bind(subscriber)
                .bind(office)
                .bind($now)
                .execute(&mut *$tx)
                .await?;
            let (daily, weekly) = if let Some(known) = $offices.get(&office) {
                *known
            } else {
                sqlx::query_as(OFFICE_SCHEDULES)
                    .bind(office)
                    .fetch_one(&mut *$tx)
                    .await?
            };
            $offices.insert(office, (daily, weekly));
            give_schedule!($tx, subscriber, (Frequency::Daily, daily), $is_new, $number);
            give_schedule!($tx, subscriber, (Frequency::Weekly, weekly), $is_new, $number);
        }
    }};
}

impl Store {
    /// Adds a confirmed subscriber, with the legal basis that is recorded for it, and one subscription. Queues no welcome.
    pub async fn import(
        &self,
        import: &Import,
        basis: &str,
        tokens: &Tokens,
        now: DateTime<Utc>,
    ) -> Result<Imported> {
        let official = Official {
            import: import.clone(),
            office: None,
            language: None,
            schedules: Vec::new(),
        };
        let done = self.import_all(&[official], basis, false, tokens, now).await?;
        done.rows.first().copied().ok_or(StoreError::Unreadable {
            what: "subscribers",
            why: "an import of one row did nothing".to_owned(),
        })
    }

    /// Adds several, in one transaction: all of them or none. With `welcome`, everybody with an e-mail address who was not
    /// written to before is told so, by a letter that is queued in the same transaction. By `tokens` those are known whose mails
    /// came back, or who complained, before they were erased: they are added, and not written to.
    pub async fn import_all(
        &self,
        officials: &[Official],
        basis: &str,
        welcome: bool,
        tokens: &Tokens,
        now: DateTime<Utc>,
    ) -> Result<ImportDone> {
        let now = to_micros(now);
        let mut known: HashMap<Schedule, i64> = HashMap::new();
        let mut offices: HashMap<i64, (i64, i64)> = HashMap::new();
        on_db!(self.write, |pool| {
            let mut done = ImportDone {
                rows: Vec::with_capacity(officials.len()),
                welcomes: 0,
            };
            let mut tx = pool.begin_write().await?;
            let number: i64 = sqlx::query_scalar(TICK).fetch_one(&mut *tx).await?;
            sqlx::query(HOLD_RUNS).execute(&mut *tx).await?;
            for official in officials {
                let import = &official.import;
                let address = spelling!(tx, import.address);
                let (subscriber, ended, confirmed): (i64, Option<DateTime<Utc>>, DateTime<Utc>) =
                    sqlx::query_as(ADD_PERSON)
                        .bind(import.address.channel().as_str())
                        .bind(&address)
                        .bind(basis)
                        .bind(now)
                        .fetch_one(&mut *tx)
                        .await?;
                if let Some(ended) = ended {
                    done.rows.push(Imported::Refused(ended));
                    continue;
                }
                if import.address.channel() == Channel::Email {
                    sqlx::query(SUPPRESS_KNOWN)
                        .bind(subscriber)
                        .bind(tokens.address_hash(import.address.as_str()))
                        .execute(&mut *tx)
                        .await?;
                }
                let is_new = confirmed == now;
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
                    change_frequency!(tx, subscriber, (kind, &value), frequency, number);
                }
                if let Some(language) = official.language {
                    sqlx::query(SET_LANGUAGE)
                        .bind(subscriber)
                        .bind(language.as_str())
                        .execute(&mut *tx)
                        .await?;
                }
                for schedule in &official.schedules {
                    let id = if let Some(id) = known.get(schedule) {
                        *id
                    } else {
                        schedule_id!(tx, schedule, number, now)
                    };
                    known.insert(*schedule, id);
                    give_schedule!(tx, subscriber, (schedule.frequency(), id), is_new, number);
                }
                if let Some(office) = official.office {
                    join_office!(tx, subscriber, office, offices, (is_new, number, now));
                }
                if welcome && is_new && import.address.channel() == Channel::Email {
                    done.welcomes += sqlx::query(WELCOME)
                        .bind(subscriber)
                        .bind(Kind::Welcome.priority())
                        .bind(now)
                        .execute(&mut *tx)
                        .await?
                        .rows_affected();
                }
                done.rows.push(if added == 1 {
                    Imported::Added
                } else {
                    Imported::Kept
                });
            }
            tx.commit().await?;
            Ok(done)
        })
    }
}
