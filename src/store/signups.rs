//! Sign-ups: what somebody asked for on the form, before and after they confirmed it; and what letters say of a subscriber.

use chrono::{DateTime, TimeDelta, Utc};

use super::{
    BeginWrite, Result, Store, StoreError,
    bounces::SUPPRESS_KNOWN,
    on_db,
    people::{LETTER_PAUSE, LETTERS_A_DAY, MOST_WATCHES, OTHERS, follow},
    schedules::{TICK, change_frequency},
    watches::parse,
};
use crate::domain::{
    bounce::CONFIRMABLE_AFTER,
    delivery::Kind,
    subscription::{Address, Frequency, Language},
    watch::Watch,
};

/// How long the link of a confirmation is good: a week lets people come back from a holiday, and an address that somebody else
/// typed is not kept for longer.
pub const SIGNUP_GOOD_FOR: TimeDelta = TimeDelta::days(7);

/// What the basis of a subscriber begins with who signed up themselves on the web; the version of the wording follows.
const WEB_BASIS: &str = "web sign-up";

/// What a sign-up asked for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Signup {
    /// Row id.
    pub id: i64,
    /// Who (row id).
    pub subscriber_id: i64,
    /// What they want to hear about.
    pub watches: Vec<Watch>,
    /// How often.
    pub frequency: Frequency,
    /// The language of the form.
    pub language: Language,
    /// Until when the link is good.
    pub expires_at: DateTime<Utc>,
    /// When it was confirmed.
    pub confirmed_at: Option<DateTime<Utc>>,
}

/// What somebody asks for on the form.
#[derive(Debug, Clone, Copy)]
pub struct NewSignup<'a> {
    /// Whom: an e-mail address.
    pub address: &'a Address,
    /// By which it is known whether mails to it came back, or were complained about, before its owner was erased.
    pub address_hash: &'a str,
    /// What they want to hear about; at least one.
    pub watches: &'a [Watch],
    /// How often.
    pub frequency: Frequency,
    /// The language that they read the form in.
    pub language: Language,
    /// The version of the words that they agreed to.
    pub wording: &'a str,
}

/// What became of a confirmation.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Confirmed {
    /// It is confirmed now; the subscriber's row id.
    Now(i64),
    /// It was confirmed before, then; nothing changed.
    Before(i64, DateTime<Utc>),
    /// The link came too late, or the sign-up was forgotten since; nothing changed.
    TooLate,
}

/// What a subscriber follows.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Followed {
    /// What.
    pub watch: Watch,
    /// The title of the section, for a section.
    pub title: Option<String>,
    /// How often.
    pub frequency: Frequency,
}

/// The row of a person who typed the same address as it stands there, or in other capitals.
pub(super) const KNOWN_AS: &str =
    "SELECT address FROM subscribers WHERE channel = 'email' AND address IN ($1, $2)
    ORDER BY CASE WHEN address = $1 THEN 0 ELSE 1 END LIMIT 1";

/// The row is locked from here on, known or new: of two answers to the form at once, the second sees the first one's mail.
const ADD_PERSON: &str = "INSERT INTO subscribers (channel, address, language, basis, basis_at, created_at)
    VALUES ('email', $1, $2, $3, $4, $4)
    ON CONFLICT (channel, address) DO UPDATE
    SET language = CASE WHEN subscribers.confirmed_at IS NULL THEN excluded.language ELSE subscribers.language END
    RETURNING id";

const ADD_SIGNUP: &str =
    "INSERT INTO signups (subscriber_id, watches, frequency, language, wording, created_at, expires_at)
    SELECT p.id, $2, $3, $4, $5, $6, $7 FROM subscribers p WHERE p.id = $1
      AND (p.suppressed_at IS NULL OR (p.suppressed_for = 'bounce' AND p.suppressed_at <= $11))
      AND (SELECT COUNT(*) FROM deliveries d
           WHERE d.subscriber_id = p.id AND d.kind = 'confirmation' AND d.created_at > $8) = 0
      AND (SELECT COUNT(*) FROM deliveries d
           WHERE d.subscriber_id = p.id AND d.kind = 'confirmation' AND d.created_at > $9) < $10
    RETURNING id";

const ADD_DELIVERY: &str =
    "INSERT INTO deliveries (subscriber_id, channel, kind, priority, signup_id, state, due_at, created_at)
    VALUES ($1, 'email', $2, $3, $4, 'queued', $5, $5)";

const CONFIRM: &str = "UPDATE signups SET confirmed_at = $2
    WHERE id = $1 AND confirmed_at IS NULL AND expires_at > $2
    RETURNING subscriber_id, watches, frequency, language, wording";

/// Their own word brings back who had ended it. The basis of an office that wrote to them all the time stays: this consent
/// stands in the sign-up. `$4` is the rest of the basis after `web` or `telegram`.
pub(super) const WELCOME_BACK: &str = "UPDATE subscribers SET confirmed_at = COALESCE(confirmed_at, $2), language = $3,
        basis = CASE WHEN confirmed_at IS NULL OR ended_at IS NOT NULL OR basis LIKE 'web sign-up%' OR basis LIKE 'telegram sign-up%'
            THEN CASE channel WHEN 'telegram' THEN 'telegram ' ELSE 'web ' END || $4 ELSE basis END,
        basis_at = CASE WHEN confirmed_at IS NULL OR ended_at IS NOT NULL OR basis LIKE 'web sign-up%' OR basis LIKE 'telegram sign-up%'
            THEN $2 ELSE basis_at END,
        ended_at = NULL, ended_reason = NULL
    WHERE id = $1";

impl Store {
    /// Notes what somebody asked for, and owes them the mail that asks for confirmation; in one transaction. Nothing of it
    /// stands anywhere but in the sign-up until it is confirmed.
    ///
    /// `false` where no mail is owed and nothing is noted: mails to the address come back, or it had one a moment ago or
    /// several today. Whoever filled in the form must not be told: it may not be their address.
    pub async fn sign_up(&self, signup: &NewSignup<'_>, now: DateTime<Utc>) -> Result<bool> {
        // No mail server in use tells capitals apart before the @, and each way to write an address would be one more mail to
        // somebody who never asked. An address that an office imported stays as it stands there.
        let lower = signup.address.as_str().to_lowercase();
        let watches: Vec<String> = signup.watches.iter().map(ToString::to_string).collect();
        let watches = serde_json::to_string(&watches).map_err(|e| StoreError::Unreadable {
            what: "a sign-up's watches",
            why: e.to_string(),
        })?;
        on_db!(self.write, |pool| {
            let mut tx = pool.begin_write().await?;
            let known: Option<String> = sqlx::query_scalar(KNOWN_AS)
                .bind(signup.address.as_str())
                .bind(&lower)
                .fetch_optional(&mut *tx)
                .await?;
            let subscriber: i64 = sqlx::query_scalar(ADD_PERSON)
                .bind(known.unwrap_or(lower))
                .bind(signup.language.as_str())
                .bind(format!("{WEB_BASIS}, not confirmed"))
                .bind(now)
                .fetch_one(&mut *tx)
                .await?;
            sqlx::query(SUPPRESS_KNOWN)
                .bind(subscriber)
                .bind(signup.address_hash)
                .execute(&mut *tx)
                .await?;
            let id: Option<i64> = sqlx::query_scalar(ADD_SIGNUP)
                .bind(subscriber)
                .bind(watches)
                .bind(signup.frequency.as_str())
                .bind(signup.language.as_str())
                .bind(signup.wording)
                .bind(now)
                .bind(now + SIGNUP_GOOD_FOR)
                .bind(now - LETTER_PAUSE)
                .bind(now - TimeDelta::days(1))
                .bind(LETTERS_A_DAY)
                .bind(now - CONFIRMABLE_AFTER)
                .fetch_optional(&mut *tx)
                .await?;
            if let Some(id) = id {
                let kind = Kind::Confirmation;
                sqlx::query(ADD_DELIVERY)
                    .bind(subscriber)
                    .bind(kind.as_str())
                    .bind(kind.priority())
                    .bind(id)
                    .bind(now)
                    .execute(&mut *tx)
                    .await?;
            }
            tx.commit().await?;
            Ok(id.is_some())
        })
    }

    /// Confirms a sign-up: the subscriptions that it asked for begin, the basis is on record, and who had ended everything is
    /// back. Of two at once, one does it.
    pub async fn confirm_signup(&self, id: i64, now: DateTime<Utc>) -> Result<Confirmed> {
        const BEFORE: &str = "SELECT subscriber_id, confirmed_at FROM signups WHERE id = $1";
        type Before = (i64, Option<DateTime<Utc>>);
        type Row = (i64, String, String, String, String);
        on_db!(self.write, |pool| {
            let mut tx = pool.begin_write().await?;
            let number: i64 = sqlx::query_scalar(TICK).fetch_one(&mut *tx).await?;
            let row: Option<Row> = sqlx::query_as(CONFIRM)
                .bind(id)
                .bind(now)
                .fetch_optional(&mut *tx)
                .await?;
            let Some((subscriber, watches, frequency, language, wording)) = row else {
                let before: Option<Before> = sqlx::query_as(BEFORE).bind(id).fetch_optional(&mut *tx).await?;
                return Ok(match before {
                    Some((subscriber, Some(at))) => Confirmed::Before(subscriber, at),
                    _ => Confirmed::TooLate,
                });
            };
            sqlx::query(WELCOME_BACK)
                .bind(subscriber)
                .bind(now)
                .bind(language)
                .bind(format!("sign-up, wording {wording}"))
                .execute(&mut *tx)
                .await?;
            for watch in wanted(&watches)? {
                // Sign-ups add up, a few each day: what is one too many is left out.
                let others: i64 = sqlx::query_scalar(OTHERS)
                    .bind(subscriber)
                    .bind(watch.kind())
                    .bind(watch.value())
                    .fetch_one(&mut *tx)
                    .await?;
                if others < MOST_WATCHES {
                    follow!(tx, subscriber, watch, &frequency, number, now);
                }
            }
            tx.commit().await?;
            Ok(Confirmed::Now(subscriber))
        })
    }

    /// A sign-up by its id.
    pub async fn signup(&self, id: i64) -> Result<Option<Signup>> {
        const SQL: &str = "SELECT subscriber_id, watches, frequency, language, expires_at, confirmed_at FROM signups WHERE id = $1";
        type Row = (i64, String, String, String, DateTime<Utc>, Option<DateTime<Utc>>);
        let row: Option<Row> = on_db!(self.read, |pool| sqlx::query_as(SQL)
            .bind(id)
            .fetch_optional(pool)
            .await)?;
        let Some((subscriber_id, watches, frequency, language, expires_at, confirmed_at)) = row else {
            return Ok(None);
        };
        let watches = wanted(&watches)?;
        let frequency = frequency.parse().map_err(|e| StoreError::Unreadable {
            what: "signups.frequency",
            why: format!("{e}"),
        })?;
        let language = language.parse().map_err(|e| StoreError::Unreadable {
            what: "signups.language",
            why: format!("{e}"),
        })?;
        Ok(Some(Signup {
            id,
            subscriber_id,
            watches,
            frequency,
            language,
            expires_at,
            confirmed_at,
        }))
    }

    /// Watches as they are named to people: those of sections with the sections' titles.
    pub async fn named(&self, watches: Vec<Watch>, frequency: Frequency) -> Result<Vec<Followed>> {
        let has_sections = watches.iter().any(|watch| matches!(watch, Watch::Section { .. }));
        let sections = if has_sections {
            self.sections().await?
        } else {
            Vec::new()
        };
        let title_of = |watch: &Watch| match watch {
            Watch::Section { portal, slug } => sections
                .iter()
                .find(|row| row.portal == *portal && row.slug == *slug)
                .map(|row| row.title.clone()),
            _ => None,
        };
        let named = watches.into_iter().map(|watch| Followed {
            title: title_of(&watch),
            watch,
            frequency,
        });
        Ok(named.collect())
    }

    /// What a subscriber follows, in the order in which they began.
    pub async fn followed(&self, subscriber: i64) -> Result<Vec<Followed>> {
        const SQL: &str = "SELECT w.kind, w.value, s.frequency, e.title FROM subscriptions s
            JOIN watches w ON w.id = s.watch_id
            LEFT JOIN sections e ON w.kind = 'section' AND w.value = e.portal || '/' || e.slug
            WHERE s.subscriber_id = $1 AND s.ended_at IS NULL ORDER BY s.id";
        type Row = (String, String, String, Option<String>);
        let rows: Vec<Row> = on_db!(self.read, |pool| sqlx::query_as(SQL)
            .bind(subscriber)
            .fetch_all(pool)
            .await)?;
        rows.into_iter()
            .map(|(kind, value, frequency, title)| {
                Ok(Followed {
                    watch: parse(&kind, value)?,
                    title,
                    frequency: frequency.parse().map_err(|e| StoreError::Unreadable {
                        what: "subscriptions.frequency",
                        why: format!("{e}"),
                    })?,
                })
            })
            .collect()
    }

    /// Why a subscriber may be written to, as it was recorded.
    pub async fn basis(&self, subscriber: i64) -> Result<Option<String>> {
        const SQL: &str = "SELECT basis FROM subscribers WHERE id = $1";
        Ok(on_db!(self.read, |pool| sqlx::query_scalar(SQL)
            .bind(subscriber)
            .fetch_optional(pool)
            .await)?)
    }
}

/// What stands in `signups.watches`.
fn wanted(json: &str) -> Result<Vec<Watch>> {
    let unreadable = |why| StoreError::Unreadable {
        what: "signups.watches",
        why,
    };
    let words: Vec<String> = serde_json::from_str(json).map_err(|e| unreadable(e.to_string()))?;
    let watches = words.iter().map(|word| word.parse());
    watches
        .collect::<std::result::Result<_, crate::domain::watch::WatchError>>()
        .map_err(|e| unreadable(e.to_string()))
}
