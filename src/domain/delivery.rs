//! Deliveries: one message owed to one subscriber, the states of its life, and when to try again.

use chrono::{DateTime, TimeDelta, Utc};

/// What a delivery carries.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    /// The new articles of one polling round.
    Alert,
    /// A daily or weekly digest.
    Digest,
    /// Asks whether an address really wants to subscribe.
    Confirmation,
    /// The private link, to somebody who asked for it.
    Link,
    /// Tells somebody that an office added them, why, and the way out.
    Welcome,
    /// An article changed that a post tells: the post is to say so.
    Edit,
}

/// A sending lane: the lower, the sooner. A backlog of digests never delays a confirmation.
impl Kind {
    /// Every lane, the most urgent first.
    pub const LANES: [i64; 4] = [0, 1, 2, 3];

    /// The lane of people who sit before a screen and wait.
    pub const URGENT: i64 = Self::LANES[0];

    /// The lane's number, as the store orders by it.
    pub fn priority(self) -> i64 {
        match self {
            Self::Confirmation | Self::Link => Self::URGENT,
            Self::Alert => 1,
            Self::Digest | Self::Welcome => 2,
            Self::Edit => 3,
        }
    }

    /// Whether it is a letter: about the subscription itself, not about news.
    pub fn is_letter(self) -> bool {
        matches!(self, Self::Confirmation | Self::Link | Self::Welcome)
    }

    /// Whether it is news: what somebody who wished for a pause is not told.
    pub fn is_news(self) -> bool {
        matches!(self, Self::Alert | Self::Digest)
    }

    /// The word in the store.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Alert => "alert",
            Self::Digest => "digest",
            Self::Confirmation => "confirmation",
            Self::Link => "link",
            Self::Welcome => "welcome",
            Self::Edit => "edit",
        }
    }

    /// From the word in the store.
    pub fn parse(word: &str) -> Option<Self> {
        let all = [
            Self::Alert,
            Self::Digest,
            Self::Confirmation,
            Self::Link,
            Self::Welcome,
            Self::Edit,
        ];
        all.into_iter().find(|kind| kind.as_str() == word)
    }
}

/// How long to wait after the n-th attempt failed for a passing reason (seconds). A mail server that greylists answers
/// within minutes, one that is down is usually back within a day; after the last entry the delivery has failed.
pub const RETRY_AFTER_SECS: [i64; 9] = [60, 300, 900, 1800, 3600, 7200, 14_400, 28_800, 86_400];

/// When to try again after `attempts` attempts (1 or more), or `None` when enough is enough. The receiver's own wish
/// (`Retry-After`, Telegram's `retry_after`) counts where it is later.
pub fn retry_at(attempts: i64, now: DateTime<Utc>, wished: Option<TimeDelta>) -> Option<DateTime<Utc>> {
    let step = usize::try_from(attempts.max(1) - 1).ok()?;
    let own = TimeDelta::seconds(*RETRY_AFTER_SECS.get(step)?);
    Some(now + own.max(wished.unwrap_or_default()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn retries_grow_and_end_and_honour_the_receivers_wish() {
        let now = DateTime::UNIX_EPOCH;
        let after = |attempts, wished| retry_at(attempts, now, wished).map(|at| (at - now).num_seconds());
        assert_eq!(after(1, None), Some(60));
        assert_eq!(after(2, None), Some(300));
        assert_eq!(after(1, Some(TimeDelta::hours(1))), Some(3600));
        assert_eq!(after(9, None), Some(86_400));
        assert_eq!(after(10, None), None);
    }
}
