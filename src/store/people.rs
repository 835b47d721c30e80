//! What people change about their own subscription behind their private link, and the letters that bring the link.

use chrono::{DateTime, TimeDelta, Utc};

use super::{
    BeginWrite, Result, Store, StoreError, on_db,
    schedules::{TICK, change_frequency},
};
use crate::domain::{
    delivery::Kind,
    subscription::{Address, Channel, Frequency, Language},
    watch::Watch,
};

/// How long after a letter nobody is sent another one of its kind: a mail server that greylists has delivered the first by
/// then, and a form is no way to fill somebody's mailbox.
pub const LETTER_PAUSE: TimeDelta = TimeDelta::minutes(10);

/// Letters of a kind that an address is sent within a day.
pub const LETTERS_A_DAY: i64 = 3;

/// New private links that somebody may make within a day.
pub const NEW_LINKS_A_DAY: i64 = 10;

/// What one person may follow. Each phrase is looked for in every article that ever comes.
pub const MOST_WATCHES: i64 = 60;

/// A subscriber, as their own page knows them.
#[derive(Debug, Clone)]
pub struct Person {
    /// Row id.
    pub id: i64,
    /// Where they are written to.
    pub address: Address,
    /// In which language.
    pub language: Language,
    /// When they confirmed; nobody is written to before.
    pub confirmed_at: Option<DateTime<Utc>>,
    /// When everything ended.
    pub ended_at: Option<DateTime<Utc>>,
    /// Until when they wished to hear nothing.
    pub paused_until: Option<DateTime<Utc>>,
    /// Since when mails to them come back.
    pub suppressed_at: Option<DateTime<Utc>>,
    /// What their private link is made with.
    pub link_number: i64,
}

/// What became of a wish to follow something.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Follow {
    /// They follow it, with the frequency that they asked for.
    Done,
    /// They follow as much as one person may; nothing changed.
    TooMany,
}

/// Follows a watch (`$2`, `$3`) that the subscriber never followed before.
pub(super) const FOLLOW: &str = "INSERT INTO subscriptions (subscriber_id, watch_id, frequency, created_at)
    SELECT $1, w.id, $4, $5 FROM watches w WHERE w.kind = $2 AND w.value = $3
    ON CONFLICT (subscriber_id, watch_id) DO NOTHING";

/// Within a transaction: follows a watch, whether it is new to the subscriber, was given up or goes on with another frequency.
/// `$number` is of a tick of the digest clock in the same transaction.
macro_rules! follow {
    ($tx:ident, $subscriber:expr, $watch:expr, $frequency:expr, $number:expr, $now:expr) => {{
        let (kind, value) = ($watch.kind(), $watch.value());
        sqlx::query(crate::store::watches::ADD_WATCH)
            .bind(kind)
            .bind(&value)
            .bind($now)
            .execute(&mut *$tx)
            .await?;
        let added = sqlx::query(crate::store::people::FOLLOW)
            .bind($subscriber)
            .bind(kind)
            .bind(&value)
            .bind($frequency)
            .bind($now)
            .execute(&mut *$tx)
            .await?
            .rows_affected();
        if added == 0 {
            change_frequency!($tx, $subscriber, (kind, &value), $frequency, $number);
        }
    }};
}
pub(super) use follow;

/// What a subscriber follows besides a watch (`$2`, `$3`).
pub(super) const OTHERS: &str = "SELECT COUNT(*) FROM subscriptions s JOIN watches w ON w.id = s.watch_id
    WHERE s.subscriber_id = $1 AND s.ended_at IS NULL AND NOT (w.kind = $2 AND w.value = $3)";

/// Owes a subscriber the letter with their private link, unless they had one a moment ago or `$6` of them since `$5`. Nobody
/// who never confirmed is sent one, and nobody whose mails come back.
const OWE_LINK: &str =
    "INSERT INTO deliveries (subscriber_id, channel, kind, priority, state, due_at, created_at)
    SELECT p.id, p.channel, 'link', $2, 'queued', $3, $3 FROM subscribers p
    WHERE p.id = $1 AND p.channel = 'email' AND p.confirmed_at IS NOT NULL AND p.suppressed_at IS NULL
      AND (SELECT COUNT(*) FROM deliveries d
           WHERE d.subscriber_id = p.id AND d.kind = 'link' AND d.created_at > $4) = 0
      AND (SELECT COUNT(*) FROM deliveries d
           WHERE d.subscriber_id = p.id AND d.kind = 'link' AND d.created_at > $5) < $6";

/// Locks a subscriber's row until the transaction ends. On SQLite, the whole database is locked already.
const LOCK: &str = "UPDATE subscribers SET link_number = link_number WHERE id = $1";

impl Store {
    /// A subscriber by their row id.
    pub async fn person(&self, id: i64) -> Result<Option<Person>> {
        const SQL: &str =
            "SELECT channel, address, language, confirmed_at, ended_at, paused_until, suppressed_at, link_number
            FROM subscribers WHERE id = $1";
        type Moment = Option<DateTime<Utc>>;
        type Row = (String, String, String, Moment, Moment, Moment, Moment, i64);
        let row: Option<Row> = on_db!(self.read, |pool| sqlx::query_as(SQL)
            .bind(id)
            .fetch_optional(pool)
            .await)?;
        let Some((
            channel,
            address,
            language,
            confirmed_at,
            ended_at,
            paused_until,
            suppressed_at,
            link_number,
        )) = row
        else {
            return Ok(None);
        };
        let unreadable = |what, why: String| StoreError::Unreadable { what, why };
        let channel: Channel = channel
            .parse()
            .map_err(|e| unreadable("subscribers.channel", format!("{e}")))?;
        Ok(Some(Person {
            id,
            address: Address::parse(channel, &address)
                .map_err(|e| unreadable("subscribers.address", format!("row {id}: {e}")))?,
            language: language
                .parse()
                .map_err(|e| unreadable("subscribers.language", format!("{e}")))?,
            confirmed_at,
            ended_at,
            paused_until,
            suppressed_at,
            link_number,
        }))
    }

    /// The row id of whoever has an address, as it was typed or in small letters.
    pub async fn person_at(&self, address: &Address) -> Result<Option<i64>> {
        const SQL: &str = "SELECT id FROM subscribers WHERE channel = $1 AND address IN ($2, $3)
            ORDER BY CASE WHEN address = $2 THEN 0 ELSE 1 END LIMIT 1";
        Ok(on_db!(self.read, |pool| sqlx::query_scalar(SQL)
            .bind(address.channel().as_str())
            .bind(address.as_str())
            .bind(address.as_str().to_lowercase())
            .fetch_optional(pool)
            .await)?)
    }

    /// Follows something, or with another frequency than before. Nothing happens to who ended everything: they sign up again,
    /// so that their consent is on record.
    pub async fn follow(
        &self,
        subscriber: i64,
        watch: &Watch,
        frequency: Frequency,
        now: DateTime<Utc>,
    ) -> Result<Follow> {
        const IS_LIVE: &str = "SELECT COUNT(*) FROM subscribers
            WHERE id = $1 AND confirmed_at IS NOT NULL AND ended_at IS NULL";
        let (kind, value) = (watch.kind(), watch.value());
        on_db!(self.write, |pool| {
            let mut tx = pool.begin_write().await?;
            let number: i64 = sqlx::query_scalar(TICK).fetch_one(&mut *tx).await?;
            sqlx::query(LOCK).bind(subscriber).execute(&mut *tx).await?;
            let live: i64 = sqlx::query_scalar(IS_LIVE)
                .bind(subscriber)
                .fetch_one(&mut *tx)
                .await?;
            let others: i64 = sqlx::query_scalar(OTHERS)
                .bind(subscriber)
                .bind(kind)
                .bind(&value)
                .fetch_one(&mut *tx)
                .await?;
            if others >= MOST_WATCHES {
                return Ok(Follow::TooMany);
            }
            if live == 1 {
                follow!(tx, subscriber, watch, frequency.as_str(), number, now);
            }
            tx.commit().await?;
            Ok(Follow::Done)
        })
    }

    /// Follows something no more; the rest goes on. What is on its way about it alone is not sent.
    pub async fn unfollow(&self, subscriber: i64, watch: &Watch, now: DateTime<Utc>) -> Result<()> {
        const SQL: &str =
            "UPDATE subscriptions SET ended_at = $4 WHERE subscriber_id = $1 AND ended_at IS NULL
            AND watch_id = (SELECT id FROM watches WHERE kind = $2 AND value = $3)";
        on_db!(self.write, |pool| sqlx::query(SQL)
            .bind(subscriber)
            .bind(watch.kind())
            .bind(watch.value())
            .bind(now)
            .execute(pool)
            .await
            .map(drop))?;
        Ok(())
    }

    /// Sends a subscriber nothing before a moment, or goes on (`None`).
    pub async fn pause(&self, subscriber: i64, until: Option<DateTime<Utc>>) -> Result<()> {
        const SQL: &str = "UPDATE subscribers SET paused_until = $2 WHERE id = $1";
        on_db!(self.write, |pool| sqlx::query(SQL)
            .bind(subscriber)
            .bind(until)
            .execute(pool)
            .await
            .map(drop))?;
        Ok(())
    }

    /// Writes to a subscriber in another language from now on.
    pub async fn speak(&self, subscriber: i64, language: Language) -> Result<()> {
        const SQL: &str = "UPDATE subscribers SET language = $2 WHERE id = $1";
        on_db!(self.write, |pool| sqlx::query(SQL)
            .bind(subscriber)
            .bind(language.as_str())
            .execute(pool)
            .await
            .map(drop))?;
        Ok(())
    }

    /// Owes a subscriber the letter with their private link; `false` if none is owed: they had one a moment ago or several
    /// today, never confirmed, or their mails come back.
    pub async fn owe_link(&self, subscriber: i64, now: DateTime<Utc>) -> Result<bool> {
        let kind = Kind::Link;
        on_db!(self.write, |pool| {
            let mut tx = pool.begin_write().await?;
            sqlx::query(LOCK).bind(subscriber).execute(&mut *tx).await?;
            let owed = sqlx::query(OWE_LINK)
                .bind(subscriber)
                .bind(kind.priority())
                .bind(now)
                .bind(now - LETTER_PAUSE)
                .bind(now - TimeDelta::days(1))
                .bind(LETTERS_A_DAY)
                .execute(&mut *tx)
                .await?
                .rows_affected();
            tx.commit().await?;
            Ok(owed == 1)
        })
    }

    /// Makes every private link of a subscriber so far void and owes them the letter with the new one. The new number, or
    /// `None` where they made too many today.
    pub async fn renew_link(&self, subscriber: i64, now: DateTime<Utc>) -> Result<Option<i64>> {
        const RENEW: &str = "UPDATE subscribers SET link_number = link_number + 1
            WHERE id = $1 AND (SELECT COUNT(*) FROM deliveries d
                WHERE d.subscriber_id = subscribers.id AND d.kind = 'link' AND d.created_at > $2) < $3
            RETURNING link_number";
        let (kind, yesterday) = (Kind::Link, now - TimeDelta::days(1));
        on_db!(self.write, |pool| {
            let mut tx = pool.begin_write().await?;
            sqlx::query(LOCK).bind(subscriber).execute(&mut *tx).await?;
            let number: Option<i64> = sqlx::query_scalar(RENEW)
                .bind(subscriber)
                .bind(yesterday)
                .bind(NEW_LINKS_A_DAY)
                .fetch_optional(&mut *tx)
                .await?;
            if number.is_some() {
                // The pause between letters does not count: whoever was sent their link a moment ago has one that is void now.
                sqlx::query(OWE_LINK)
                    .bind(subscriber)
                    .bind(kind.priority())
                    .bind(now)
                    .bind(now)
                    .bind(yesterday)
                    .bind(NEW_LINKS_A_DAY)
                    .execute(&mut *tx)
                    .await?;
            }
            tx.commit().await?;
            Ok(number)
        })
    }

    /// Erases a subscriber with all that hangs on them, at once; `false` if there is none. What came back from them stays as
    /// points beside a hash, without the other side's words, which may name the mailbox. What is being sent this moment is not
    /// marked afterwards, which does no harm.
    pub async fn erase(&self, subscriber: i64) -> Result<bool> {
        const WORDS: &str = "UPDATE bounces SET detail = '' WHERE subscriber_id = $1";
        const SQL: &str = "DELETE FROM subscribers WHERE id = $1";
        on_db!(self.write, |pool| {
            let mut tx = pool.begin_write().await?;
            // The person first, as whoever notes a bounce locks them: none of this moment comes between.
            sqlx::query(LOCK).bind(subscriber).execute(&mut *tx).await?;
            sqlx::query(WORDS).bind(subscriber).execute(&mut *tx).await?;
            let erased = sqlx::query(SQL).bind(subscriber).execute(&mut *tx).await?;
            tx.commit().await?;
            Ok(erased.rows_affected() == 1)
        })
    }
}
