//! Polling: reads the lists of the sections that are due, fetches the pages of articles that are new or whose list title
//! changed, and records them. All articles of one round are announced together, so that nobody gets three messages.

mod article;
pub mod backfill;
mod list;
mod next;
mod report;
mod settle;

use std::{
    collections::HashSet,
    sync::Arc,
    time::{Duration, Instant},
};

use anyhow::{Context as _, Result};
use chrono::{DateTime, TimeDelta, Utc};
use tokio_util::sync::CancellationToken;
use url::Url;

use crate::{
    clock::Clock,
    domain::{article::Published, classify::Classifier},
    portal::{
        Portal, Section,
        fetch::{FetchError, Fetched, Fetcher, Page, Validators},
    },
    store::{DueSection, FanoutId, KnownWatch, Store},
};

pub use report::{SectionReport, Status};

/// How long a claimed section belongs to its poller. Polling it twice would only cost the portal requests.
const LEASE: TimeDelta = TimeDelta::minutes(10);

/// How much one round may ask of a section.
#[derive(Debug, Clone, Copy)]
pub struct Limits {
    /// Article pages; the rest waits for the next round.
    pub max_articles: usize,
    /// List pages at the first poll.
    pub max_list_pages: usize,
}

/// What polling works with.
#[derive(Clone)]
pub struct Poller {
    /// Where articles are recorded.
    pub store: Store,
    /// The time.
    pub clock: Clock,
    /// The portals in force.
    pub portals: Arc<[Portal]>,
    /// The polite client.
    pub fetcher: Arc<Fetcher>,
    /// The topic rules.
    pub classifier: Arc<Classifier>,
    /// How much to ask for.
    pub limits: Limits,
    /// Set when the process is to end: what is not yet read is due at once for whoever polls next.
    pub stop: CancellationToken,
}

/// A section under work.
struct Target<'a> {
    portal: &'a Portal,
    section: &'a Section,
    due: &'a DueSection,
    /// Row ids of every section that the round claimed of this portal: they are settled together.
    claimed: &'a [i64],
}

impl Target<'_> {
    /// Whether an article of this date is news: not at the first poll, and not when it is older than the section's news.
    fn announces(&self, published: Option<Published>, old_before: Option<DateTime<Utc>>) -> bool {
        self.due.baseline_at.is_some() && !is_old(published, old_before)
    }
}

/// Whether an article is older than the section's news.
fn is_old(published: Option<Published>, old_before: Option<DateTime<Utc>>) -> bool {
    matches!((published, old_before), (Some(at), Some(before)) if at.at < before)
}

/// What every section of a round shares.
struct Round {
    /// What announces its articles; `None` where all of them are stored silently.
    id: Option<FanoutId>,
    watches: Vec<KnownWatch>,
}

/// What a poll found, before it is settled.
struct Polled {
    report: SectionReport,
    validators: Validators,
    /// The process is to end; articles are left.
    was_stopped: bool,
    error: Option<FetchError>,
}

impl Poller {
    /// Polls every section that is due, portals side by side, sections of one portal in turn.
    pub async fn step(&self) -> Result<Vec<SectionReport>> {
        let now = self.clock.now();
        let due = self
            .store
            .claim_due_sections(now, now + LEASE)
            .await
            .context("claiming due sections")?;
        self.round(&due).await
    }

    /// Polls sections now, due or not, and no others: all, or those of a portal, or one.
    pub async fn poll_named(
        &self,
        portal: Option<&str>,
        section: Option<&str>,
    ) -> Result<Vec<SectionReport>> {
        let claimed = self
            .store
            .claim_named_sections(portal, section, self.clock.now() + LEASE)
            .await
            .context("claiming sections")?;
        self.round(&claimed).await
    }

    async fn round(&self, due: &[DueSection]) -> Result<Vec<SectionReport>> {
        if due.is_empty() {
            return Ok(Vec::new());
        }
        let opened = self.store.open_fanout(self.clock.now()).await;
        let fanout = opened.context("opening a polling round")?;
        let round = Round {
            id: Some(fanout),
            watches: self.store.watches().await.context("reading watches")?,
        };
        let work = self
            .portals
            .iter()
            .map(|portal| self.poll_portal(portal, due, &round));
        let reports = futures::future::join_all(work).await;
        // Also after an error: what was recorded is owed.
        self.store
            .close_fanout(fanout, self.clock.now())
            .await
            .context("closing the polling round")?;
        Ok(reports
            .into_iter()
            .collect::<Result<Vec<_>>>()?
            .into_iter()
            .flatten()
            .collect())
    }

    async fn poll_portal(
        &self,
        portal: &Portal,
        due: &[DueSection],
        round: &Round,
    ) -> Result<Vec<SectionReport>> {
        let mut done = Vec::new();
        let of_portal = || due.iter().filter(|due| due.portal == portal.id);
        let claimed: Vec<i64> = of_portal().map(|due| due.id).collect();
        for due in of_portal() {
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
            };
            let started = Instant::now();
            let mut polled = self.poll_section(&target, round).await?;
            polled.report.elapsed = started.elapsed();
            done.push((due, section, polled));
        }
        let answering = self.answering_shapes(portal, &done).await?;
        let mut reports = Vec::new();
        for (due, section, mut polled) in done {
            let is_missing = matches!(polled.error, Some(FetchError::NotFound { .. }));
            let others_answer = answering.iter().any(|slug| *slug != section.slug);
            if is_missing && others_answer && is_of_another_shape(portal, section, &answering) {
                polled.report.status = Status::Absent;
            }
            self.settle(due, section, &polled).await?;
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

    async fn poll_section(&self, target: &Target<'_>, round: &Round) -> Result<Polled> {
        let Target {
            portal, section, due, ..
        } = target;
        let validators = Validators {
            etag: due.etag.clone(),
            last_modified: due.last_modified.clone(),
        };
        let url = portal.section_url(section);
        let mut polled = Polled {
            report: SectionReport {
                portal: due.portal.clone(),
                section: due.slug.clone(),
                status: Status::Read,
                found: 0,
                new: 0,
                changed: 0,
                failed: Vec::new(),
                elapsed: Duration::ZERO,
            },
            validators: validators.clone(),
            was_stopped: false,
            error: None,
        };
        match self.fetch(target, round, &url, &validators).await? {
            Ok(Fetched::NotModified { validators }) => {
                polled.report.status = Status::NotModified;
                polled.validators = validators;
            }
            Ok(Fetched::Page(page)) => {
                polled.validators = page.validators.clone();
                self.read_list(target, round, &page, &mut polled).await?;
            }
            Err(error) => {
                polled.report.status = Status::Failed(error.to_string());
                polled.error = Some(error);
            }
        }
        if !matches!(polled.report.status, Status::Failed(_)) {
            self.read_pages(target, round, &mut polled).await?;
        }
        Ok(polled)
    }

    /// Asks for a list as it was known before, see [`Poller::keep_alive`].
    async fn fetch(
        &self,
        target: &Target<'_>,
        round: &Round,
        url: &Url,
        validators: &Validators,
    ) -> Result<Result<Fetched, FetchError>> {
        let now = self.keep_alive(target, round).await?;
        Ok(self.fetcher.get(target.portal, url, validators, now).await)
    }

    /// Asks for a page whatever was known of it, see [`Poller::keep_alive`].
    async fn fetch_page(
        &self,
        target: &Target<'_>,
        round: &Round,
        url: &Url,
    ) -> Result<Result<Box<Page>, FetchError>> {
        let now = self.keep_alive(target, round).await?;
        Ok(self.fetcher.get_page(target.portal, url, now).await)
    }

    /// Shows before each request that the round is alive: a slow portal must not make it look dead, nor hand its sections
    /// to another process. Gives the moment.
    async fn keep_alive(&self, target: &Target<'_>, round: &Round) -> Result<DateTime<Utc>> {
        let now = self.clock.now();
        if let Some(fanout) = round.id {
            let open = self.store.keep_fanout_open(fanout, now).await;
            open.context("keeping the polling round open")?;
        }
        let kept = self.store.keep_sections(target.claimed, now + LEASE).await;
        kept.context("keeping the sections claimed")?;
        Ok(now)
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
