//! What can break between a portal and Loa, and what the operator is told of it.
//!
//! A section is *degraded* from the poll that notices a breakage to the one that reads it well again. Articles that stand
//! in the store are not touched meanwhile, and nothing is published from a page that was not understood.

use std::{fmt, str::FromStr};

use chrono::{DateTime, TimeDelta, Utc};

/// Why a section is degraded.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Cause {
    /// The list is a list, and has no items.
    Empty,
    /// The list has far fewer items than usual.
    Drop,
    /// A page that wants to see a person (captcha, script challenge, "access denied") answers instead.
    Challenge,
    /// A login form answers instead.
    Login,
    /// A maintenance notice answers instead.
    Maintenance,
    /// No profile recognises the page.
    Layout,
    /// Article pages are read, and less of each is found than usual.
    Yield,
    /// No page comes: time-outs, refused connections, statuses that are neither success nor one of the others here.
    Failing,
    /// The list answers 410: taken away for good, not asked again by itself.
    Gone,
    /// robots.txt forbids the list, or cannot be read (RFC 9309, 2.3.1.4).
    Robots,
}

/// A word that is no cause.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{0:?} is no cause of a breakage")]
pub struct UnknownCause(String);

impl Cause {
    /// All of them.
    pub const ALL: [Self; 10] = [
        Self::Empty,
        Self::Drop,
        Self::Challenge,
        Self::Login,
        Self::Maintenance,
        Self::Layout,
        Self::Yield,
        Self::Failing,
        Self::Gone,
        Self::Robots,
    ];

    /// The word in the store and in metrics.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Empty => "empty",
            Self::Drop => "drop",
            Self::Challenge => "challenge",
            Self::Login => "login",
            Self::Maintenance => "maintenance",
            Self::Layout => "layout",
            Self::Yield => "yield",
            Self::Failing => "failing",
            Self::Gone => "gone",
            Self::Robots => "robots",
        }
    }

    /// The cause that a word stands for.
    pub fn parse(word: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|cause| cause.as_str() == word)
    }
}

impl fmt::Display for Cause {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

impl FromStr for Cause {
    type Err = UnknownCause;

    fn from_str(s: &str) -> Result<Self, UnknownCause> {
        Self::parse(s).ok_or_else(|| UnknownCause(s.to_owned()))
    }
}

/// What an alarm tells.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Turn {
    /// The section broke.
    Degraded,
    /// It is read well again.
    Recovered,
}

impl Turn {
    /// The word in the store.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Degraded => "degraded",
            Self::Recovered => "recovered",
        }
    }

    /// The turn that a word stands for.
    pub fn parse(word: &str) -> Option<Self> {
        [Self::Degraded, Self::Recovered]
            .into_iter()
            .find(|turn| turn.as_str() == word)
    }
}

/// Whether the newest turn of a section is news to someone who last heard `heard` about it. What broke and recovered before
/// anyone was told is not; nor is what recovered and broke again in the same way.
pub fn is_news(heard: Option<(Turn, Cause)>, newest: (Turn, Cause)) -> bool {
    match (heard, newest) {
        (Some((Turn::Degraded, before)), (Turn::Degraded, cause)) => before != cause,
        (_, (Turn::Degraded, _)) | (Some((Turn::Degraded, _)), (Turn::Recovered, _)) => true,
        (_, (Turn::Recovered, _)) => false,
    }
}

/// The first wait after an alarm's mail was not taken; each further one is twice as long.
const FIRST_WAIT: TimeDelta = TimeDelta::minutes(1);

/// The longest: an alarm is never given up, and a relay that is back is noticed within this.
const LONGEST_WAIT: TimeDelta = TimeDelta::hours(1);

/// When to try an alarm's mail again after `attempts` attempts (1 or more). The relay's own wish counts where it is later.
pub fn retry_at(attempts: i64, now: DateTime<Utc>, wished: Option<TimeDelta>) -> DateTime<Utc> {
    let doublings = u32::try_from(attempts.clamp(1, 10) - 1).unwrap_or(0);
    let own = (FIRST_WAIT * 2_i32.pow(doublings)).min(LONGEST_WAIT);
    now + own.max(wished.unwrap_or_default())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_what_changes_what_was_heard_is_news() {
        let (empty, layout) = ((Turn::Degraded, Cause::Empty), (Turn::Degraded, Cause::Layout));
        let well = (Turn::Recovered, Cause::Empty);
        assert!(is_news(None, empty) && is_news(Some(well), empty) && is_news(Some(empty), well));
        assert!(is_news(Some(empty), layout), "it is broken in another way");
        assert!(!is_news(Some(empty), empty) && !is_news(None, well) && !is_news(Some(well), well));
    }

    #[test]
    fn waits_double_from_a_minute_to_an_hour_and_honour_the_relays_wish() {
        let now = DateTime::UNIX_EPOCH;
        let after = |attempts| (retry_at(attempts, now, None) - now).num_minutes();
        let waits: Vec<i64> = (1..=9).map(after).collect();
        assert_eq!(waits, [1, 2, 4, 8, 16, 32, 60, 60, 60]);
        assert_eq!(after(i64::MAX), 60);
        assert_eq!(
            retry_at(1, now, Some(TimeDelta::hours(2))),
            now + TimeDelta::hours(2)
        );
    }

    #[test]
    fn every_cause_and_turn_is_one_word_that_reads_back() {
        for cause in Cause::ALL {
            assert_eq!(cause.as_str().parse(), Ok(cause));
            assert!(cause.as_str().bytes().all(|b| b.is_ascii_lowercase()));
        }
        for turn in [Turn::Degraded, Turn::Recovered] {
            assert_eq!(Turn::parse(turn.as_str()), Some(turn));
        }
        assert_eq!(Cause::parse("other"), None);
        assert_eq!(Turn::parse("broken"), None);
    }
}
