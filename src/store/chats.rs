//! Chats of Telegram as the bot knows them: what they agreed to, how they want their messages, and what Telegram says of them.

use chrono::{DateTime, NaiveTime, Utc};

use super::{
    BeginWrite, Confirmed, Followed, KnownWatch, Result, SIGNUP_GOOD_FOR, Store, StoreError, on_db,
    schedules::TICK, signups::WELCOME_BACK, watches::parse,
};
use crate::domain::{
    subscription::{Address, Channel, Frequency, Language},
    watch::Watch,
};

/// How a chat wants its messages.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct ChatWishes {
    /// Between these times of day, in the portal's zone, messages come without a sound.
    pub quiet: Option<(NaiveTime, NaiveTime)>,
    /// Whether messages show a preview of their link.
    pub preview: bool,
}

const MEET: &str = "INSERT INTO subscribers (channel, address, language, basis, basis_at, created_at)
    VALUES ('telegram', $1, $2, 'telegram sign-up, not confirmed', $3, $3)
    ON CONFLICT (channel, address) DO UPDATE SET language = subscribers.language RETURNING id";

const DROP_OLDER: &str = "DELETE FROM signups WHERE subscriber_id = $1 AND confirmed_at IS NULL";

const ASK: &str =
    "INSERT INTO signups (subscriber_id, watches, frequency, language, wording, created_at, expires_at, confirmed_at)
    VALUES ($1, $2, $3, $4, $5, $6, $7, $8) RETURNING id";

/// What ended together with everything else; what was given up before stays given up.
const ENDED_WITH_ALL: &str =
    "SELECT w.kind, w.value, s.frequency FROM subscriptions s JOIN watches w ON w.id = s.watch_id
    JOIN subscribers p ON p.id = s.subscriber_id
    WHERE p.id = $1 AND p.ended_at IS NOT NULL AND s.ended_at = p.ended_at ORDER BY s.id";
const TAKE_UP: &str = "UPDATE subscriptions SET ended_at = NULL WHERE subscriber_id = $1
    AND ended_at = (SELECT p.ended_at FROM subscribers p WHERE p.id = $1)";

/// The rows of a chat and of its threads.
const OF_CHAT: &str = "SELECT id, address FROM subscribers
    WHERE channel = 'telegram' AND (address = $1 OR address LIKE $1 || ':%') ORDER BY id";

impl Store {
    /// The row of a chat, made where there is none. Nothing is sent to one that agreed to nothing, and it is forgotten after a
    /// while, as a sign-up that nobody confirmed.
    pub async fn meet_chat(&self, address: &Address, language: Language, now: DateTime<Utc>) -> Result<i64> {
        Ok(on_db!(self.write, |pool| sqlx::query_scalar(MEET)
            .bind(address.as_str())
            .bind(language.as_str())
            .bind(now)
            .fetch_one(pool)
            .await)?)
    }

    /// Notes what a chat is asked to agree to, in place of what it was asked before; the sign-up's row id.
    pub async fn ask_chat(
        &self,
        subscriber: i64,
        watches: &[Watch],
        (language, wording): (Language, &str),
        now: DateTime<Utc>,
    ) -> Result<i64> {
        let watches = json(watches)?;
        on_db!(self.write, |pool| {
            let mut tx = pool.begin_write().await?;
            sqlx::query(DROP_OLDER).bind(subscriber).execute(&mut *tx).await?;
            let id: i64 = sqlx::query_scalar(ASK)
                .bind(subscriber)
                .bind(watches)
                .bind(Frequency::Instant.as_str())
                .bind(language.as_str())
                .bind(wording)
                .bind(now)
                .bind(now + SIGNUP_GOOD_FOR)
                .bind(None::<DateTime<Utc>>)
                .fetch_one(&mut *tx)
                .await?;
            tx.commit().await?;
            Ok(id)
        })
    }

    /// A chat agrees to what it was asked, and says how often.
    pub async fn agree_chat(
        &self,
        subscriber: i64,
        signup: i64,
        frequency: Frequency,
        now: DateTime<Utc>,
    ) -> Result<Confirmed> {
        const CHOOSE: &str = "UPDATE signups SET frequency = $3
            WHERE id = $1 AND subscriber_id = $2 AND confirmed_at IS NULL AND expires_at > $4";
        const IS_OURS: &str = "SELECT COUNT(*) FROM signups WHERE id = $1 AND subscriber_id = $2";
        let ours: i64 = on_db!(self.write, |pool| {
            sqlx::query(CHOOSE)
                .bind(signup)
                .bind(subscriber)
                .bind(frequency.as_str())
                .bind(now)
                .execute(pool)
                .await?;
            sqlx::query_scalar(IS_OURS)
                .bind(signup)
                .bind(subscriber)
                .fetch_one(pool)
                .await
        })?;
        if ours == 0 {
            return Ok(Confirmed::TooLate);
        }
        self.confirm_signup(signup, now).await
    }

    /// A chat that had ended, by a block for example, is back by its own word: what ended with it goes on, and the word is on
    /// record. What it follows now; nothing where it had not ended.
    pub async fn resume_chat(
        &self,
        subscriber: i64,
        (language, wording): (Language, &str),
        now: DateTime<Utc>,
    ) -> Result<Vec<Watch>> {
        on_db!(self.write, |pool| {
            let mut tx = pool.begin_write().await?;
            sqlx::query(TICK).execute(&mut *tx).await?;
            let rows: Vec<(String, String, String)> = sqlx::query_as(ENDED_WITH_ALL)
                .bind(subscriber)
                .fetch_all(&mut *tx)
                .await?;
            let Some(frequency) = rows.first().map(|row| row.2.clone()) else {
                return Ok(Vec::new());
            };
            let watches = rows
                .into_iter()
                .map(|(kind, value, _)| parse(&kind, value))
                .collect::<Result<Vec<_>>>()?;
            sqlx::query(TAKE_UP).bind(subscriber).execute(&mut *tx).await?;
            sqlx::query(ASK)
                .bind(subscriber)
                .bind(json(&watches)?)
                .bind(frequency)
                .bind(language.as_str())
                .bind(wording)
                .bind(now)
                .bind(now)
                .bind(Some(now))
                .execute(&mut *tx)
                .await?;
            sqlx::query(WELCOME_BACK)
                .bind(subscriber)
                .bind(now)
                .bind(language.as_str())
                .bind(format!("sign-up, wording {wording}"))
                .execute(&mut *tx)
                .await?;
            tx.commit().await?;
            Ok(watches)
        })
    }

    /// How a chat wants its messages.
    pub async fn chat_wishes(&self, subscriber: i64) -> Result<Option<ChatWishes>> {
        const SQL: &str = "SELECT quiet_from, quiet_to, preview FROM subscribers WHERE id = $1";
        let row: Option<(Option<String>, Option<String>, bool)> = on_db!(self.read, |pool| {
            sqlx::query_as(SQL).bind(subscriber).fetch_optional(pool).await
        })?;
        let Some((from, to, preview)) = row else {
            return Ok(None);
        };
        let time = |text: String| {
            NaiveTime::parse_from_str(&text, "%H:%M").map_err(|e| StoreError::Unreadable {
                what: "subscribers.quiet_from or quiet_to",
                why: e.to_string(),
            })
        };
        let quiet = from
            .zip(to)
            .map(|(from, to)| Ok::<_, StoreError>((time(from)?, time(to)?)));
        Ok(Some(ChatWishes {
            quiet: quiet.transpose()?,
            preview,
        }))
    }

    /// Changes how a chat wants its messages.
    pub async fn set_chat_wishes(&self, subscriber: i64, wishes: ChatWishes) -> Result<()> {
        const SQL: &str = "UPDATE subscribers SET quiet_from = $2, quiet_to = $3, preview = $4 WHERE id = $1";
        let text = |at: NaiveTime| at.format("%H:%M").to_string();
        on_db!(self.write, |pool| sqlx::query(SQL)
            .bind(subscriber)
            .bind(wishes.quiet.map(|(from, _)| text(from)))
            .bind(wishes.quiet.map(|(_, to)| text(to)))
            .bind(wishes.preview)
            .execute(pool)
            .await
            .map(drop))?;
        Ok(())
    }

    /// The rows of a chat and of its threads, with their addresses.
    pub async fn rows_of_chat(&self, chat: i64) -> Result<Vec<(i64, Address)>> {
        let rows: Vec<(i64, String)> = on_db!(self.read, |pool| sqlx::query_as(OF_CHAT)
            .bind(chat.to_string())
            .fetch_all(pool)
            .await)?;
        rows.into_iter()
            .map(|(id, text)| {
                let address = Address::parse(Channel::Telegram, &text);
                address
                    .map(|address| (id, address))
                    .map_err(|e| StoreError::Unreadable {
                        what: "subscribers.address",
                        why: format!("row {id}: {e}"),
                    })
            })
            .collect()
    }

    /// What everybody may follow: everything, each topic and each section, with row ids, in the order of lists.
    pub async fn offered(&self) -> Result<Vec<(KnownWatch, Option<String>)>> {
        const SQL: &str = "SELECT w.id, w.kind, w.value, e.title FROM watches w
            LEFT JOIN topics t ON w.kind = 'topic' AND t.slug = w.value
            LEFT JOIN sections e ON w.kind = 'section' AND w.value = e.portal || '/' || e.slug
            WHERE w.kind = 'all' OR (t.id IS NOT NULL AND t.retired_at IS NULL)
               OR (e.id IS NOT NULL AND e.retired_at IS NULL)
            ORDER BY CASE w.kind WHEN 'all' THEN 0 WHEN 'topic' THEN 1 ELSE 2 END, t.position, e.id";
        type Row = (i64, String, String, Option<String>);
        let rows: Vec<Row> = on_db!(self.read, |pool| sqlx::query_as(SQL).fetch_all(pool).await)?;
        rows.into_iter()
            .map(|(id, kind, value, title)| {
                let watch = parse(&kind, value)?;
                Ok((KnownWatch { id, watch }, title))
            })
            .collect()
    }

    /// What a subscriber follows, with the watches' row ids, in the order in which they began.
    pub async fn followed_rows(&self, subscriber: i64) -> Result<Vec<(i64, Followed)>> {
        Ok(self
            .ever_followed(subscriber)
            .await?
            .into_iter()
            .filter(|row| row.2)
            .map(|(id, followed, _)| (id, followed))
            .collect())
    }

    /// What a subscriber follows or followed once; whether they do now.
    pub async fn ever_followed(&self, subscriber: i64) -> Result<Vec<(i64, Followed, bool)>> {
        const SQL: &str =
            "SELECT w.id, w.kind, w.value, s.frequency, e.title, s.ended_at FROM subscriptions s
            JOIN watches w ON w.id = s.watch_id
            LEFT JOIN sections e ON w.kind = 'section' AND w.value = e.portal || '/' || e.slug
            WHERE s.subscriber_id = $1 ORDER BY s.id";
        type Row = (i64, String, String, String, Option<String>, Option<DateTime<Utc>>);
        let rows: Vec<Row> = on_db!(self.read, |pool| sqlx::query_as(SQL)
            .bind(subscriber)
            .fetch_all(pool)
            .await)?;
        rows.into_iter()
            .map(|(id, kind, value, frequency, title, ended_at)| {
                let followed = Followed {
                    watch: parse(&kind, value)?,
                    title,
                    frequency: super::schedules::frequency(&frequency)?,
                };
                Ok((id, followed, ended_at.is_none()))
            })
            .collect()
    }
}

fn json(watches: &[Watch]) -> Result<String> {
    let watches: Vec<String> = watches.iter().map(ToString::to_string).collect();
    serde_json::to_string(&watches).map_err(|e| StoreError::Unreadable {
        what: "a sign-up's watches",
        why: e.to_string(),
    })
}
