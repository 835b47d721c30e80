//! From articles to messages, without any I/O: [`mail`], [`posts`] and [`fn@hook`]; the letters about a subscription itself
//! ([`confirmation`], [`fn@welcome`], [`private_link`]); from breakages to [`fn@alarm`]; and [`trial_mail`] and [`trial_post`],
//! which only say that they came.
//!
//! One polling round makes one alert, however many articles it holds; a digest groups its articles by topic. What a
//! reader sees of an article is the same in every form (`item`): title, source and time, an excerpt, why it matched,
//! the portal's page and Loa's own.

mod alarm;
mod confirm;
mod grouping;
mod hook;
mod item;
mod letter;
mod link;
mod mailing;
mod measure;
mod operator;
mod posting;
mod rich;
mod sender;
mod split;
mod trial;
mod welcome;
mod words;
mod wrap;

use std::fmt;

use chrono::{DateTime, NaiveDate, Utc};
use serde::{Deserialize, Serialize};

pub use alarm::{ALARM_SECTIONS, AlarmItem, Alarms, alarm, alarm_message_id};
pub use confirm::{Confirmation, confirmation};
pub use hook::{hook, trial_hook};
pub use item::watch_name;
pub use link::{PrivateLink, private_link};
pub use mailing::mail;
pub use measure::{MAX_ENTITIES, MAX_UNITS, Measure, measure};
pub use operator::Operator;
pub use posting::{Posting, emptied, is_private, posts};
pub use sender::{Sender, SenderError};
pub use trial::{Trial, trial_mail, trial_post};
pub use welcome::{Welcome, welcome};
pub use words::frequency_name;

use crate::domain::{
    article::Article,
    subscription::{Address, Language},
    topic::Label,
    watch::Watch,
};

/// Articles shown in one alert. A polling round rarely finds more than a handful; past ten nobody reads on, and the
/// mail stays far below the 102 kB at which Gmail clips.
pub const ALERT_ITEMS: usize = 10;

/// Articles shown in one digest mail.
pub const DIGEST_ITEMS: usize = 40;

/// Bytes of HTML that the articles of one mail may take. Gmail clips at 102 kB, and with the clipped end goes the way out;
/// whatever articles bring along, past this the rest is "xem thêm". A usual digest of [`DIGEST_ITEMS`] takes two thirds of it.
pub const MAIL_BYTES: usize = 90_000;

/// Articles in one Telegram digest: more do not fit into 4096 units with their sources.
pub const POST_ITEMS: usize = 20;

/// What a message is about: the new articles of a polling round, or those of a window.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Occasion {
    /// The new articles of one polling round.
    Alert,
    /// The digest of a day, in the portal's zone.
    Daily(NaiveDate),
    /// The digest of a week: its first and last day, in the portal's zone.
    Weekly(NaiveDate, NaiveDate),
}

/// What a message is made from.
#[derive(Clone, Copy)]
pub struct Content<'a> {
    /// Alert or digest.
    pub occasion: Occasion,
    /// The articles, in the order to be shown; more than a message's cap become "xem thêm".
    pub articles: &'a [Article],
    /// Names of all topics.
    pub labels: &'a [Label],
    /// What the subscriber watches on this occasion: why each article is here is told from it.
    pub watches: &'a [Watch],
    /// The subscriber's language.
    pub language: Language,
    /// Where links lead.
    pub links: Links<'a>,
    /// The portal's name as people know it.
    pub portal_name: &'a str,
    /// The portal's authority (a host name), under which `List-Id` is made.
    pub authority: &'a str,
    /// Who runs this service and how to reach them, as the footer says it.
    pub operator: &'a Operator,
    /// How this person came to be written to: the footer says so.
    pub ground: Ground,
    /// The office whose shared digest this is, if it is one.
    pub office: Option<&'a str>,
}

/// How somebody came to be written to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Ground {
    /// They signed up themselves, and confirmed it.
    SignUp,
    /// Their office added them.
    Office,
}

/// Addresses that a message links to.
#[derive(Clone, Copy)]
pub struct Links<'a> {
    /// Loa's own pages, without a slash at the end.
    pub public_url: &'a str,
    /// This subscriber's unsubscribe page, with its token.
    pub unsubscribe_url: &'a str,
    /// This subscriber's page of watches and frequency, with its token; may be empty.
    pub manage_url: &'a str,
}

/// Who sends a mail to whom, when, under which identity.
#[derive(Debug, Clone, Copy)]
pub struct Addressing<'a> {
    /// As [`message_id`] makes it from the delivery: a resend carries the same.
    pub message_id: &'a str,
    /// The `From` field.
    pub from: &'a Sender,
    /// The subscriber.
    pub to: &'a Address,
    /// The delivery's mark in the return path and the envelope's id ([`crate::domain::token::Tokens::bounce_mark`]), by which
    /// a bounce is known; none for mails that are no delivery.
    pub mark: Option<&'a str>,
    /// The `Date` field.
    pub at: DateTime<Utc>,
}

/// A mail ready to be encoded and sent.
#[derive(Clone, PartialEq, Eq)]
pub struct Mail {
    /// With its angle brackets, such as `<loa.delivery.7@example.vn>`.
    pub message_id: String,
    /// Sender.
    pub from: Sender,
    /// Recipient.
    pub to: Address,
    /// One line of plain text.
    pub subject: String,
    /// The plain text part.
    pub text: String,
    /// The HTML part.
    pub html: String,
    /// What stands between the angle brackets of `List-Id`.
    pub list_id: Option<String>,
    /// Target of one-click unsubscription (RFC 8058).
    pub unsubscribe_url: Option<String>,
    /// The delivery's mark in the return path and the envelope's id.
    pub mark: Option<String>,
    /// Moment of the `Date` field.
    pub date: DateTime<Utc>,
    /// What kind of mail it is, one word (`alert`, `daily`, `welcome`): for `Feedback-ID`.
    pub stream: &'static str,
}

/// Shows no text: it holds links with tokens.
impl fmt::Debug for Mail {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Mail")
            .field("message_id", &self.message_id)
            .field("to", &self.to)
            .field("subject", &self.subject)
            .finish_non_exhaustive()
    }
}

/// A Telegram message: HTML parse mode, within the Bot API's limits. What is left of one that takes several is kept in the
/// store in this form.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Post {
    /// Text in Telegram's HTML.
    pub html: String,
    /// Rows of buttons.
    pub buttons: Vec<Vec<Button>>,
    /// Delivered without a sound (quiet hours).
    pub silent: bool,
    /// Whether the first link is shown with its picture; right for one article, noise for many.
    pub preview: bool,
}

/// A button under a Telegram message.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Button {
    /// Opens a page.
    Link {
        /// What stands on it.
        label: String,
        /// The page's address.
        url: String,
    },
    /// Tells the bot something.
    Call {
        /// What stands on it.
        label: String,
        /// What the bot is told: 1 to 64 bytes.
        data: String,
    },
}

/// Shows no address: it may hold a token.
impl fmt::Debug for Button {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Link { label, .. } => write!(f, "[{label}]"),
            Self::Call { label, data } => write!(f, "[{label}: {data}]"),
        }
    }
}

/// Shows no addresses: a button's may hold a token.
impl fmt::Debug for Post {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Post")
            .field("units", &measure(&self.html).units)
            .field("silent", &self.silent)
            .finish_non_exhaustive()
    }
}

/// The `Message-ID` of a delivery: the same for every attempt at it. `instance` tells one database from another on the
/// same host: mail programs drop a mail whose id they have seen, and row ids begin at 1 again in a new database.
pub fn message_id(delivery_id: i64, instance: &str, authority: &str) -> String {
    format!("<loa.delivery.{delivery_id}.{instance}@{authority}>")
}
