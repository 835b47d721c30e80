//! Alarms as rows, and which of them are to be told.

use chrono::{DateTime, TimeDelta, Utc};
use sqlx::FromRow;

use crate::{
    domain::breakage::{Cause, Turn, is_news},
    store::{Result, StoreError},
};

/// How long alarms wait for the polling rounds under way, whose sections may break too. A portal that hangs makes rounds
/// long, and must not keep its own alarm.
const GATHER: TimeDelta = TimeDelta::minutes(15);

/// A section that broke or recovered.
#[derive(Debug, Clone)]
pub struct Alarm {
    /// Row id.
    pub id: i64,
    /// Portal id.
    pub portal: String,
    /// Section slug.
    pub slug: String,
    /// The section's title for people.
    pub title: String,
    /// Whether it broke or recovered.
    pub turn: Turn,
    /// What kind of breakage.
    pub cause: Cause,
    /// The same for people.
    pub why: String,
    /// When that was noticed.
    pub created_at: DateTime<Utc>,
    /// Since when it was broken.
    pub broken_at: DateTime<Utc>,
    /// When the section is polled next.
    pub next_poll_at: DateTime<Utc>,
    /// Where the portal redirects the list for good.
    pub moved_to: Option<String>,
}

/// Alarms that are ours to tell in one mail until the lease ends.
#[derive(Debug, Clone)]
pub struct AlarmMail {
    /// A random number: the Message-ID is made from it.
    pub id: i64,
    /// Attempts, this one included.
    pub attempts: i64,
    /// The alarms, oldest first; never none.
    pub alarms: Vec<Alarm>,
    /// How far it came before, for each address.
    pub states: Vec<(String, MailState)>,
    pub(super) lease: DateTime<Utc>,
}

/// How far an alarm's mail came for one address.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum MailState {
    /// The relay took it.
    Told,
    /// The relay may have taken it: its answer was lost.
    Unsure,
    /// The relay does not take it for this address, and took it for another.
    GivenUp,
}

impl MailState {
    pub(super) fn as_str(self) -> &'static str {
        match self {
            Self::Told => "told",
            Self::Unsure => "unsure",
            Self::GivenUp => "given up",
        }
    }

    pub(super) fn parse(word: &str) -> Result<Self> {
        [Self::Told, Self::Unsure, Self::GivenUp]
            .into_iter()
            .find(|state| state.as_str() == word)
            .ok_or_else(|| unreadable("alarm_mails.state", word))
    }
}

#[derive(FromRow)]
pub(super) struct AlarmRow {
    id: i64,
    section_id: i64,
    kind: String,
    cause: String,
    why: String,
    created_at: DateTime<Utc>,
    due_at: DateTime<Utc>,
    pub(super) attempts: i64,
    portal: String,
    slug: String,
    title: String,
    next_poll_at: DateTime<Utc>,
    moved_to: Option<String>,
    retired_at: Option<DateTime<Utc>>,
    broken_at: Option<DateTime<Utc>>,
}

/// Whether the alarms in no mail are to be told now.
pub(super) fn is_time(pending: &[AlarmRow], is_round_under_way: bool, now: DateTime<Utc>) -> bool {
    let mut due = pending.iter().filter(|row| row.due_at <= now).peekable();
    let is_any = due.peek().is_some();
    is_any && (!is_round_under_way || due.any(|row| now - row.created_at >= GATHER))
}

/// Row ids of what is to be told, the newest of each section, and of what is no news any more.
pub(super) fn sifted(pending: &[AlarmRow], heard: &[(i64, String, String)]) -> Result<(Vec<i64>, Vec<i64>)> {
    let (mut news, mut stale) = (Vec::new(), Vec::new());
    for (at, row) in pending.iter().enumerate() {
        let is_newest = pending[at + 1..]
            .iter()
            .all(|other| other.section_id != row.section_id);
        let before = heard.iter().find(|(section, ..)| *section == row.section_id);
        let before = before.map(|(_, kind, cause)| read(kind, cause)).transpose()?;
        let is_told = is_newest && row.retired_at.is_none() && is_news(before, read(&row.kind, &row.cause)?);
        if is_told { &mut news } else { &mut stale }.push(row.id);
    }
    Ok((news, stale))
}

fn read(kind: &str, cause: &str) -> Result<(Turn, Cause)> {
    let turn = Turn::parse(kind).ok_or_else(|| unreadable("alarms.kind", kind))?;
    let cause = Cause::parse(cause).ok_or_else(|| unreadable("alarms.cause", cause))?;
    Ok((turn, cause))
}

fn unreadable(what: &'static str, word: &str) -> StoreError {
    StoreError::Unreadable {
        what,
        why: format!("{word:?}"),
    }
}

impl AlarmRow {
    pub(super) fn into_alarm(self) -> Result<Alarm> {
        let (turn, cause) = read(&self.kind, &self.cause)?;
        Ok(Alarm {
            id: self.id,
            portal: self.portal,
            slug: self.slug,
            title: self.title,
            turn,
            cause,
            why: self.why,
            created_at: self.created_at,
            broken_at: self.broken_at.unwrap_or(self.created_at),
            next_poll_at: self.next_poll_at,
            moved_to: self.moved_to,
        })
    }
}
