//! What polling counts for `/metrics`.

use super::{Poller, SectionReport, Target};
use crate::portal::fetch::FetchError;

impl Poller {
    /// Counts one request to a portal: `page`, `unchanged` (304), or [`FetchError::kind`].
    pub(super) fn count_fetch(&self, target: &Target<'_>, outcome: Result<&'static str, &FetchError>) {
        self.measures
            .fetched(&target.portal.id, outcome.unwrap_or_else(FetchError::kind));
    }

    /// Counts one section's poll and what it stored.
    pub(super) fn count_poll(&self, report: &SectionReport) {
        self.measures.polled(&report.portal, report.elapsed);
        self.measures.recorded(&report.portal, report.new, report.changed);
    }
}
