//! What can break between a portal and Loa, and what the operator is told of it.
//!
//! A section is *degraded* from the poll that notices a breakage to the one that reads it well again. Articles that stand
//! in the store are not touched meanwhile, and nothing is published from a page that was not understood.

use std::{fmt, str::FromStr};

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

#[cfg(test)]
mod tests {
    use super::*;

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
