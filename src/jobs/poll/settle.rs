//! The end of a section's poll: what is stored of it, when the next is due, and what the log says.

use anyhow::{Context as _, Result};
use chrono::{DateTime, Utc};
use tracing::{info, warn};

use super::{Polled, Poller, Status, health, next};
use crate::{
    domain::breakage::Cause,
    portal::{Portal, Section, fetch::FetchError},
    store::{DueSection, Health, PollEnd, PollResult},
};

impl Poller {
    /// Stores how the poll ended and when the next is due, and says it in the log.
    pub(super) async fn settle(
        &self,
        portal: &Portal,
        due: &DueSection,
        section: &Section,
        polled: &Polled,
    ) -> Result<()> {
        let now = self.clock.now();
        let name = format!("{}/{}", due.portal, due.slug);
        let broken = breakage(due, polled);
        let health = match (&broken, &polled.report.status) {
            (Some((cause, why)), _) => Health::Degraded { cause: *cause, why },
            (None, Status::Read | Status::NotModified) if is_well_again(due, polled) => Health::Sound,
            (None, _) => Health::Unknown,
        };
        let (result, next_poll_at) = result(due, section, polled, now);
        tell(due, polled, health, &name, next_poll_at);
        let url = portal.section_url(section);
        let end = PollEnd {
            result,
            url: url.as_str(),
            moved_to: polled.moved_to.as_ref().map(url::Url::as_str),
            is_gone: matches!(polled.error, Some(FetchError::Gone { .. })),
            usual: polled.usual,
            health,
            next_poll_at,
        };
        self.store
            .finish_poll(due.id, &end, now)
            .await
            .context("ending a poll")
    }
}

/// Whether a poll without trouble ends the trouble before it: a list that is read says nothing of article pages.
fn is_well_again(due: &DueSection, polled: &Polled) -> bool {
    let cause = due.degraded_by.as_deref().and_then(Cause::parse);
    let was_of_pages =
        due.failures == 0 && matches!(cause, Some(Cause::Challenge | Cause::Maintenance | Cause::Yield));
    !was_of_pages || polled.pages_read > 0
}

/// What is broken, if something is.
fn breakage(due: &DueSection, polled: &Polled) -> Option<(Cause, String)> {
    if let (Some(error), Status::Failed(why)) = (&polled.error, &polled.report.status) {
        return health::cause_of_fetching(error, due.failures + 1).map(|cause| (cause, why.clone()));
    }
    if let (None, Status::Failed(why)) = (&polled.trouble, &polled.report.status) {
        // One of the list's further pages, for whatever reason.
        return (due.failures + 1 >= health::FAILURES_TO_TELL).then(|| (Cause::Failing, why.clone()));
    }
    let was_low = due.degraded_by.as_deref() == Some(Cause::Yield.as_str());
    polled.trouble.clone().or_else(|| {
        health::is_yield_low(&polled.usual, was_low).then(|| {
            let first = polled
                .report
                .failed
                .first()
                .map(|why| format!(", for example: {why}"));
            let why = "less than usual is found of its article pages";
            (Cause::Yield, format!("{why}{}", first.unwrap_or_default()))
        })
    })
}

fn result<'p>(
    due: &DueSection,
    section: &Section,
    polled: &'p Polled,
    now: DateTime<Utc>,
) -> (PollResult<'p>, DateTime<Utc>) {
    match &polled.report.status {
        Status::Failed(why) => {
            let wished = polled.error.as_ref().and_then(FetchError::retry_after);
            let next = next::after_failure(due.failures + 1, wished, due.id, now);
            (PollResult::Failed { why }, next)
        }
        Status::Waiting(_, until) | Status::Busy(_, until) => (PollResult::Postponed, *until),
        Status::Absent => {
            let why = "not there; the portal answers in its other shape";
            (PollResult::Failed { why }, now + next::ABSENT)
        }
        Status::Read | Status::NotModified => {
            let etag = polled.validators.etag.as_deref();
            let last_modified = polled.validators.last_modified.as_deref();
            // Pages that the end of the process left unread are for whoever polls next.
            let next = if polled.was_stopped {
                now
            } else {
                next::scheduled(&section.schedule, now)
            };
            (PollResult::Done { etag, last_modified }, next)
        }
    }
}

/// What the operator reads in the log, once each.
fn tell(due: &DueSection, polled: &Polled, health: Health<'_>, name: &str, next: DateTime<Utc>) {
    let report = &polled.report;
    let next = next::local(next);
    match (&report.status, &polled.error) {
        (Status::Failed(why), Some(FetchError::Gone { .. })) => {
            warn!(section = %name, "{name} is not asked for again by itself: {why}");
        }
        (Status::Failed(why), _) => {
            warn!(section = %name, next = %next, "Could not poll {name}, next try at {}: {why}", next.format("%H:%M:%S"));
        }
        (Status::Waiting(why, _) | Status::Busy(why, _), _) => {
            info!(section = %name, next = %next, "{name} waits until {}: {why}", next.format("%H:%M:%S"));
        }
        (Status::Absent, _) => {
            info!(section = %name, next = %next, "The portal answers in its other shape; {name} is not there");
        }
        (Status::Read | Status::NotModified, _) => {}
    }
    match health {
        Health::Degraded { cause, why } if due.degraded_by.is_none() => {
            warn!(section = %name, cause = %cause, "{name} is degraded: {why}");
        }
        Health::Sound if due.degraded_by.is_some() => info!(section = %name, "{name} is well again"),
        _ => {}
    }
    if let Some(to) = polled
        .moved_to
        .as_ref()
        .filter(|to| due.moved_to.as_deref() != Some(to.as_str()))
    {
        warn!(section = %name, "{name} moved for good to {to}; correct its path in the portal's file");
    }
    if let Some(why) = report.failed.first() {
        warn!(section = %name, failed = report.failed.len(), "Some articles of {name} could not be read: {why}");
    }
    if report.new + report.changed + report.withdrawn > 0 {
        let (new, changed, withdrawn) = (report.new, report.changed, report.withdrawn);
        info!(section = %name, new, changed, withdrawn, "Polled {name}: {new} new, {changed} changed, {withdrawn} withdrawn");
    }
}
