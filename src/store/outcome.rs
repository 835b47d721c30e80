//! What became of a delivery, and how it is kept.

use chrono::{DateTime, Utc};

/// What became of a claimed delivery.
#[derive(Debug, Clone)]
pub enum Outcome<'a> {
    /// Accepted; the channel's own id of the message where it has one.
    Sent(Option<&'a str>),
    /// Not sent: try again then.
    Later(DateTime<Utc>, &'a str),
    /// Not sent, and never will be.
    Failed(&'a str),
    /// Handed over, and nobody knows whether it arrived.
    Unknown(&'a str),
    /// As [`Outcome::Unknown`], but to be sent once more then, as recognisably the same message.
    UnknownRetry(DateTime<Utc>, &'a str),
    /// Too old to be an alert: the next digest tells it.
    Folded,
    /// Nothing left to tell.
    Cancelled(&'a str),
}

/// An outcome as columns.
pub(super) struct OutcomeRow<'a> {
    pub(super) state: &'static str,
    pub(super) due_at: Option<DateTime<Utc>>,
    pub(super) sent_at: Option<DateTime<Utc>>,
    pub(super) unknown_at: Option<DateTime<Utc>>,
    pub(super) remote_id: Option<&'a str>,
    pub(super) reason: Option<&'a str>,
}

impl<'a> Outcome<'a> {
    pub(super) fn row(&self, now: DateTime<Utc>) -> OutcomeRow<'a> {
        let row = |state, reason| OutcomeRow {
            state,
            due_at: None,
            sent_at: None,
            unknown_at: None,
            remote_id: None,
            reason,
        };
        match *self {
            Self::Sent(remote_id) => OutcomeRow {
                sent_at: Some(now),
                remote_id,
                ..row("sent", None)
            },
            Self::Later(at, why) => OutcomeRow {
                due_at: Some(at),
                ..row("queued", Some(why))
            },
            Self::Failed(why) => row("failed", Some(why)),
            Self::Unknown(why) => OutcomeRow {
                unknown_at: Some(now),
                ..row("unknown", Some(why))
            },
            Self::UnknownRetry(at, why) => OutcomeRow {
                due_at: Some(at),
                unknown_at: Some(now),
                ..row("queued", Some(why))
            },
            Self::Folded => row("folded", Some("older than alerts.instant_max_age")),
            Self::Cancelled(why) => row("cancelled", Some(why)),
        }
    }
}
