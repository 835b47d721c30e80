//! One portal's part of a round: its sections in turn, while no other process asks its host.

use std::{collections::HashSet, time::Instant};

use anyhow::{Context as _, Result};
use chrono::TimeDelta;

use super::{Polled, Poller, Round, SectionReport, Status, Target};
use crate::{
    portal::{Portal, Section, address::host_of, fetch::FetchError},
    store::{DueSection, Leave},
};

/// A poll that found its host busy comes again so soon; a backfill leaves the host to it for so long.
const NEXT_TURN: TimeDelta = TimeDelta::seconds(5);
const TURN_IS_KEPT: TimeDelta = TimeDelta::minutes(1);

impl Poller {
    /// Polls the portals of one host in turn.
    pub(super) async fn poll_host(
        &self,
        portals: &[&Portal],
        due: &[DueSection],
        round: &Round,
        is_eager: bool,
    ) -> Result<Vec<SectionReport>> {
        let mut reports = Vec::new();
        for portal in portals {
            reports.extend(self.poll_portal(portal, due, round, is_eager).await?);
        }
        Ok(reports)
    }

    /// Polls the claimed sections of a portal in turn, unless another process asks its host or nobody may.
    async fn poll_portal(
        &self,
        portal: &Portal,
        due: &[DueSection],
        round: &Round,
        is_eager: bool,
    ) -> Result<Vec<SectionReport>> {
        let due: Vec<&DueSection> = due.iter().filter(|due| due.portal == portal.id).collect();
        if due.is_empty() {
            return Ok(Vec::new());
        }
        let (host, now) = (host_of(&portal.base_url), self.clock.now());
        let holder = round.holder;
        let until = now + self.host_lease(portal);
        let leave = self.store.lease_host(&host, holder, now, until).await;
        match leave.context("asking for a host's turn")? {
            Leave::Granted => {}
            Leave::Busy(until) => {
                let why = format!("another process is asking {host}");
                let turn = self.store.want_host(&host, now + TURN_IS_KEPT).await;
                turn.context("asking for a host's next turn")?;
                let again = until.min(now + NEXT_TURN);
                return self.wait(portal, &due, &Status::Busy(why, again)).await;
            }
            Leave::Held(until) => {
                let why = format!("{host} asked to be left alone");
                return self.wait(portal, &due, &Status::Waiting(why, until)).await;
            }
        }
        let reports = self.poll_in_turn(portal, &due, round, is_eager).await;
        // Also after an error: others may ask now.
        let released = self.store.release_host(&host, holder).await;
        released.context("giving a host back")?;
        reports
    }

    /// Nothing may be asked now: every section waits.
    async fn wait(
        &self,
        portal: &Portal,
        due: &[&DueSection],
        status: &Status,
    ) -> Result<Vec<SectionReport>> {
        let mut reports = Vec::new();
        for due in due {
            let Some(section) = portal.section(&due.slug) else {
                continue;
            };
            let mut polled = Polled::begin(due, self.clock.now());
            polled.report.status.clone_from(status);
            self.settle(portal, due, section, &polled).await?;
            self.count_poll(&polled.report);
            reports.push(polled.report);
        }
        Ok(reports)
    }

    async fn poll_in_turn(
        &self,
        portal: &Portal,
        due: &[&DueSection],
        round: &Round,
        is_eager: bool,
    ) -> Result<Vec<SectionReport>> {
        let mut done = Vec::new();
        let claimed: Vec<i64> = due.iter().map(|due| due.id).collect();
        for due in due.iter().copied() {
            let Some(section) = portal.section(&due.slug) else {
                continue;
            };
            if self.stop.is_cancelled() {
                self.store
                    .make_due(Some(&due.portal), Some(&due.slug), self.clock.now())
                    .await?;
                continue;
            }
            let target = Target {
                portal,
                section,
                due,
                claimed: &claimed,
                is_eager,
            };
            let started = Instant::now();
            let mut polled = self.poll_section(&target, round).await?;
            polled.report.elapsed = started.elapsed();
            if let Some(FetchError::AskedToWait { wait, .. }) = &polled.error {
                let until = self.clock.now() + *wait;
                polled.report.status = Status::Waiting(
                    format!("{} asked to be left alone", host_of(&portal.base_url)),
                    until,
                );
            }
            done.push((due, section, polled));
        }
        let answering = self.answering_shapes(portal, &done).await?;
        let mut reports = Vec::new();
        for (due, section, mut polled) in done {
            let is_missing = matches!(polled.error, Some(FetchError::NotFound { .. }));
            let others_answer = answering.iter().any(|slug| *slug != section.slug);
            // A list that worked before and is not there any more is the operator's to know of.
            let never_worked = due.baseline_at.is_none();
            if is_missing && never_worked && others_answer && is_of_another_shape(portal, section, &answering)
            {
                polled.report.status = Status::Absent;
            }
            self.settle(portal, due, section, &polled).await?;
            self.count_poll(&polled.report);
            reports.push(polled.report);
        }
        Ok(reports)
    }

    /// Slugs of the portal's sections that answer: in this round, or at their last poll.
    async fn answering_shapes(
        &self,
        portal: &Portal,
        done: &[(&DueSection, &Section, Polled)],
    ) -> Result<HashSet<String>> {
        let failed_now: HashSet<&str> = done
            .iter()
            .filter(|(_, _, p)| p.error.is_some())
            .map(|(due, _, _)| due.slug.as_str())
            .collect();
        let before = self.store.sections().await.context("reading sections")?;
        let now = done.iter().map(|(due, _, _)| due.slug.clone());
        Ok(before
            .into_iter()
            .filter(|row| row.portal == portal.id && row.polled_at.is_some() && row.failures == 0)
            .map(|row| row.slug)
            .chain(now)
            .filter(|slug| !failed_now.contains(slug.as_str()))
            .collect())
    }
}

/// Whether none of the answering sections is of the shape of `section`: the portal then has another one now. A section's
/// shape is the profile that it prefers; the others are what its pages might still be read by.
fn is_of_another_shape(portal: &Portal, section: &Section, answering: &HashSet<String>) -> bool {
    fn shape(section: &Section) -> Option<&str> {
        section.profiles.first().map(|profile| profile.name.as_str())
    }
    portal
        .sections
        .iter()
        .filter(|other| answering.contains(&other.slug))
        .all(|other| shape(other) != shape(section))
}
