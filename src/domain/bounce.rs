//! Bounces and complaints: what a status means for the person behind an address, and when enough is enough.

use std::fmt;

use chrono::{DateTime, TimeDelta, Utc};

use crate::domain::time::local_date;

/// Points at which an address that keeps failing is given up. Somebody with a full mailbox or a server that is rebuilt gets
/// a working week to notice; a mailbox that nobody opens any more is full for good.
pub const SCORE_LIMIT: usize = 5;

/// How long a point counts. Long enough for five weekly digests, so that a dead mailbox is found out at any frequency.
pub const SCORE_WINDOW: TimeDelta = TimeDelta::days(30);

/// After this long, somebody whose mails came back may ask for one confirmation: mailboxes are emptied, servers repaired. A
/// mail a month is nothing that a relay's reputation suffers from.
pub const CONFIRMABLE_AFTER: TimeDelta = TimeDelta::days(30);

/// An enhanced status code (RFC 3463): `5.1.1`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Status {
    class: u16,
    subject: u16,
    detail: u16,
}

/// What an event means.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Kind {
    /// There is no such mailbox: nothing is sent there any more.
    Hard,
    /// The mailbox did not take this mail; it may take the next. Counts a point.
    Soft,
    /// The mail was refused for what it says or where it comes from. About us, never counted against the person.
    Refused,
    /// It is late, and may still arrive.
    Delayed,
    /// The person called it spam: that is a refusal, obeyed at once.
    Complaint,
}

/// Where the word came from.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Source {
    /// The server's answer while the mail was sent.
    Recipient,
    /// A delivery report (RFC 3464).
    Report,
    /// A bounce in words alone.
    Text,
    /// A feedback report (RFC 5965).
    Feedback,
}

/// One event, about one delivery.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Bounce {
    /// What it means.
    pub kind: Kind,
    /// Where it comes from.
    pub source: Source,
    /// The status that was told, if one was.
    pub status: Option<Status>,
    /// The other side's words, addresses masked.
    pub detail: String,
}

/// Why nothing is sent to an address.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Reason {
    /// Mails came back.
    Bounce,
    /// Somebody complained.
    Complaint,
}

impl Kind {
    /// All of them.
    pub const ALL: [Self; 5] = [
        Self::Hard,
        Self::Soft,
        Self::Refused,
        Self::Delayed,
        Self::Complaint,
    ];

    /// The word in the store.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Hard => "hard",
            Self::Soft => "soft",
            Self::Refused => "refused",
            Self::Delayed => "delayed",
            Self::Complaint => "complaint",
        }
    }

    /// What is left of it where it is not the address itself that failed but one that it forwards to: the mailbox or the
    /// office's list exists, and one of many readers must not silence it for all at once.
    #[must_use]
    pub fn behind_the_address(self) -> Self {
        if self == Self::Hard { Self::Soft } else { self }
    }
}

impl Source {
    /// The word in the store.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Recipient => "rcpt",
            Self::Report => "dsn",
            Self::Text => "text",
            Self::Feedback => "arf",
        }
    }
}

impl Reason {
    /// The word in the store.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Bounce => "bounce",
            Self::Complaint => "complaint",
        }
    }

    /// From the word in the store.
    pub fn parse(word: &str) -> Option<Self> {
        [Self::Bounce, Self::Complaint]
            .into_iter()
            .find(|reason| reason.as_str() == word)
    }

    /// Whether an address that is suppressed for this since `at` may be sent the confirmation that its owner asks for.
    pub fn is_confirmable(self, at: DateTime<Utc>, now: DateTime<Utc>) -> bool {
        self == Self::Bounce && now - at >= CONFIRMABLE_AFTER
    }
}

impl Status {
    /// `5.1.1` and nothing else around it; comments behind it (`5.1.1 (bad mailbox)`) are passed over.
    pub fn parse(text: &str) -> Option<Self> {
        let word = text.split_whitespace().next()?;
        let mut numbers = word.split('.').map(|n| {
            let is_number = (1..=3).contains(&n.len()) && n.bytes().all(|b| b.is_ascii_digit());
            is_number.then(|| n.parse::<u16>().ok()).flatten()
        });
        let status = Self {
            class: numbers.next()??,
            subject: numbers.next()??,
            detail: numbers.next()??,
        };
        (numbers.next().is_none() && matches!(status.class, 2 | 4 | 5)).then_some(status)
    }

    /// The first status of a failure in a text: `550-5.1.1 no such user`, `(#5.1.1)`. Network addresses are none.
    pub fn find(text: &str) -> Option<Self> {
        text.split(|c: char| !(c.is_ascii_digit() || c == '.'))
            .filter_map(|word| Self::parse(word.trim_matches('.')))
            .find(|status| status.class != 2)
    }

    /// Whether it says no more than that something failed (`5.0.0`).
    pub fn is_vague(self) -> bool {
        self.subject == 0 && self.detail == 0
    }

    /// Whether it is about an address or a mailbox (RFC 3463: subjects 1 and 2), not about servers, routes or rules.
    pub fn is_about_mailbox(self) -> bool {
        matches!(self.subject, 1 | 2)
    }

    /// Whether it tells of a failure that lasts.
    pub fn is_permanent(self) -> bool {
        self.class == 5
    }

    /// Whether it tells of success.
    pub fn is_success(self) -> bool {
        self.class == 2
    }

    /// What a final failure with this status means (registry of RFC 5248).
    pub fn kind(self) -> Kind {
        match (self.class, self.subject, self.detail) {
            // About the sender's address, not the recipient's; a protocol's or relay's trouble; the mail's size, form,
            // content; policy, reputation, authentication.
            (5, 1, 7 | 8) | (5, 2, 3) | (5, 3, 4) | (5, 5..=7, _) => Kind::Refused,
            // No such mailbox; no valid address; moved without a new address; the domain takes no mail (null MX), which
            // Exchange says of mailboxes.
            (5, 1, 1 | 3 | 6 | 10) => Kind::Hard,
            // All the rest is said of mailboxes that live as well. 5.1.2 and 5.4.4: a domain that vanishes is often an
            // expired registration or a broken name server, and would silence a whole office at once. 5.2.1: disabled, but
            // also "receives mail too quickly" (Gmail). 5.2.2: full. 5.4.1: Exchange's word for unknown people, and other
            // servers' for a time-out. 4.x: the sender gave up after days.
            _ => Kind::Soft,
        }
    }
}

impl fmt::Display for Status {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}.{}.{}", self.class, self.subject, self.detail)
    }
}

/// Points against an address: one a day (in the portal's zone) on which a mail failed softly, however many did, within the
/// window that ends now.
pub fn score(failures: &[DateTime<Utc>], now: DateTime<Utc>) -> usize {
    let days: std::collections::BTreeSet<_> = failures
        .iter()
        .filter(|at| now - **at < SCORE_WINDOW)
        .map(|at| local_date(*at))
        .collect();
    days.len()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn statuses_are_found_in_what_servers_say() {
        let found = |text| Status::find(text).map(|status| status.to_string());
        assert_eq!(
            found("smtp; 550-5.1.1 The email account").as_deref(),
            Some("5.1.1")
        );
        assert_eq!(found("no mailbox here (#5.1.1)").as_deref(), Some("5.1.1"));
        assert_eq!(
            found("host mx[10.5.1.1] said: 452 4.2.2.").as_deref(),
            Some("4.2.2")
        );
        assert_eq!(found("on 5.11.2026 at 5.1 MB, 2.0.0 ok, 5.1.1.1"), None);
        assert_eq!(Status::parse(" 5.1.10 (unknown)").unwrap().to_string(), "5.1.10");
        for bad in ["", "5", "5.1", "5.1.1.1", "3.1.1", "5.1.1000", "5..1", "+5.1.1"] {
            assert_eq!(Status::parse(bad), None, "{bad:?}");
        }
    }

    #[test]
    fn only_what_is_said_of_the_mailbox_itself_is_hard() {
        let of = |kind| {
            let all = "5.0.0 5.1.0 5.1.1 5.1.2 5.1.3 5.1.6 5.1.7 5.1.8 5.1.10 5.2.0 5.2.1 5.2.2 5.2.3 5.3.0 5.3.4 5.4.1 5.4.4 5.4.7 \
                       5.5.0 5.6.0 5.7.1 5.7.26 4.1.1 4.2.2 4.4.7 4.7.0";
            let those = all
                .split_whitespace()
                .filter(|s| Status::parse(s).unwrap().kind() == kind);
            those.collect::<Vec<_>>().join(" ")
        };
        assert_eq!(of(Kind::Hard), "5.1.1 5.1.3 5.1.6 5.1.10");
        assert_eq!(
            of(Kind::Refused),
            "5.1.7 5.1.8 5.2.3 5.3.4 5.5.0 5.6.0 5.7.1 5.7.26"
        );
        assert_eq!(
            of(Kind::Soft),
            "5.0.0 5.1.0 5.1.2 5.2.0 5.2.1 5.2.2 5.3.0 5.4.1 5.4.4 5.4.7 4.1.1 4.2.2 4.4.7 4.7.0"
        );
    }

    #[test]
    fn a_day_is_a_point_and_a_month_forgets_it() {
        let now: DateTime<Utc> = "2026-11-24T00:00:00Z".parse().unwrap();
        let ago = |days: i64, hours: i64| now - TimeDelta::days(days) - TimeDelta::hours(hours);
        assert_eq!(score(&[], now), 0);
        // Midnight in Vietnam is 17:00 UTC: 07:00 now, and 4 hours ago was the same day.
        assert_eq!(score(&[now, ago(0, 4), ago(0, 6)], now), 1);
        assert_eq!(score(&[now, ago(0, 8)], now), 2);
        assert_eq!(score(&[ago(29, 0), ago(30, 0), ago(31, 0)], now), 1);
    }
}
