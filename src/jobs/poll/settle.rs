//! The end of a section's poll: what is stored of it, when the next is due, and what the log says.

use anyhow::{Context as _, Result};
use tracing::{info, warn};

use super::{Polled, Poller, Status, next};
use crate::{
    portal::{Section, fetch::FetchError},
    store::{DueSection, PollResult},
};

impl Poller {
    /// Stores how the poll ended and when the next is due, and says it in the log.
    pub(super) async fn settle(&self, due: &DueSection, section: &Section, polled: &Polled) -> Result<()> {
        let now = self.clock.now();
        let report = &polled.report;
        let scheduled = next::scheduled(&section.schedule, now);
        let name = format!("{}/{}", report.portal, report.section);
        let (result, next) = match &report.status {
            Status::Failed(why) => {
                let wished = polled.error.as_ref().and_then(FetchError::retry_after);
                let next = next::after_failure(due.failures + 1, wished, now);
                warn!(section = %name, next = %next::local(next), "Could not poll {name}, next try at {}: {why}", next::local(next).format("%H:%M:%S"));
                (PollResult::Failed { why }, next)
            }
            Status::Absent => {
                let next = now + next::ABSENT;
                info!(section = %name, next = %next::local(next), "The portal answers in its other shape; {name} is not there");
                (
                    PollResult::Failed {
                        why: "not there; the portal answers in its other shape",
                    },
                    next,
                )
            }
            Status::Read | Status::NotModified => {
                let etag = polled.validators.etag.as_deref();
                let last_modified = polled.validators.last_modified.as_deref();
                // Pages that the end of the process left unread are for whoever polls next.
                let next = if polled.was_stopped { now } else { scheduled };
                (PollResult::Done { etag, last_modified }, next)
            }
        };
        if let Some(why) = report.failed.first() {
            warn!(section = %name, failed = report.failed.len(), "Some articles of {name} could not be read: {why}");
        }
        if report.new + report.changed > 0 {
            info!(section = %name, new = report.new, changed = report.changed, "Polled {name}: {} new, {} changed", report.new, report.changed);
        }
        self.store
            .finish_poll(due.id, &result, next, now)
            .await
            .context("ending a poll")
    }
}
