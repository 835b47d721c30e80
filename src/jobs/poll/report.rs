//! What a round tells about each section: the lines of `loa poll`'s table.

use std::time::Duration;

use chrono::{DateTime, Utc};

use crate::store::{DueSection, Recorded};

/// How the poll of a section ended.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Status {
    /// The list was read.
    Read,
    /// 304: nothing changed.
    NotModified,
    /// The portal has no such list, and another shape of it answers.
    Absent,
    /// It could not be read; why.
    Failed(String),
    /// Nothing was asked: the host wants to be left alone; which, and until when.
    Waiting(String, DateTime<Utc>),
    /// Nothing was asked: another process asks the host; which, and when to try again.
    Busy(String, DateTime<Utc>),
}

/// One line of a round's table.
#[derive(Debug, Clone)]
pub struct SectionReport {
    /// Portal id.
    pub portal: String,
    /// Section slug.
    pub section: String,
    /// How it ended.
    pub status: Status,
    /// Items on the list pages that were read.
    pub found: usize,
    /// Articles stored for the first time.
    pub new: usize,
    /// Articles materially edited.
    pub changed: usize,
    /// Articles that the portal took away.
    pub withdrawn: usize,
    /// Article pages that could not be read: the first one's reason, and how many.
    pub failed: Vec<String>,
    /// How long it took.
    pub elapsed: Duration,
}

impl SectionReport {
    /// The report of a poll that has yet to see anything.
    pub(super) fn begin(due: &DueSection) -> Self {
        Self {
            portal: due.portal.clone(),
            section: due.slug.clone(),
            status: Status::Read,
            found: 0,
            new: 0,
            changed: 0,
            withdrawn: 0,
            failed: Vec::new(),
            elapsed: Duration::ZERO,
        }
    }

    /// Counts an article that was read.
    pub(super) fn count(&mut self, recorded: Recorded) {
        match recorded {
            Recorded::New(_) => self.new += 1,
            Recorded::Changed(_) => self.changed += 1,
            Recorded::Same(_) | Recorded::Removed => {}
        }
    }

    /// Whether the operator should look.
    pub fn is_failure(&self) -> bool {
        matches!(
            self.status,
            Status::Failed(_) | Status::Waiting(..) | Status::Busy(..)
        ) || !self.failed.is_empty()
    }
}
