//! Polling: reads the lists of the sections that are due, fetches the pages of articles that are new or whose list title
//! changed, and records them. All articles of one round are announced together, so that nobody gets three messages.

mod article;
mod ask;
pub mod backfill;
mod files;
mod health;
mod list;
mod look;
mod measured;
mod next;
mod portal;
mod report;
mod settle;
mod trouble;
mod watches;

use std::{collections::BTreeMap, sync::Arc};

use anyhow::{Context as _, Result};
use chrono::{DateTime, TimeDelta, Utc};
use tokio_util::sync::CancellationToken;
use url::Url;

use super::{random_number, rules::Rules};
use crate::{
    clock::Clock,
    domain::{article::Published, breakage::Cause},
    measure::Measures,
    portal::{
        Portal, Section,
        address::host_of,
        fetch::{FetchError, Fetched, Fetcher, Validators},
    },
    store::{DueSection, FanoutId, Store, Usual},
};

pub use report::{SectionReport, Status};
pub use watches::KnownWatches;

/// How long a claimed section belongs to its poller. Polling it twice would only cost the portal requests.
const LEASE: TimeDelta = TimeDelta::minutes(10);

/// How much one round may ask of a section.
#[derive(Debug, Clone, Copy)]
pub struct Limits {
    /// Article pages; the rest waits for the next round.
    pub max_articles: usize,
    /// List pages at the first poll.
    pub max_list_pages: usize,
    /// Known articles that are looked at again for edits.
    pub max_looks: usize,
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
    pub rules: Rules,
    /// What is watched.
    pub watches: KnownWatches,
    /// What this process counts.
    pub measures: Measures,
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
    /// Somebody asked for this poll and wants to know what changed: listed articles are looked at again.
    is_eager: bool,
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
    /// What the round holds hosts by.
    holder: i64,
}

/// What a poll found, before it is settled.
struct Polled {
    began_at: DateTime<Utc>,
    report: SectionReport,
    validators: Validators,
    /// The process is to end; articles are left.
    was_stopped: bool,
    error: Option<FetchError>,
    /// What is broken, beyond a list that could not be had.
    trouble: Option<(Cause, String)>,
    /// Where the list was redirected for good.
    moved_to: Option<Url>,
    usual: Usual,
    /// The keys on the first list page, where that was read.
    listed: Option<Vec<String>>,
    /// Row ids of articles that the list no longer shows though it should.
    vanished: Vec<i64>,
    /// Article pages that answered as they should.
    pages_read: usize,
}

impl Polled {
    fn begin(due: &DueSection, now: DateTime<Utc>) -> Self {
        Self {
            began_at: now,
            report: SectionReport::begin(due),
            validators: Validators {
                etag: due.etag.clone(),
                last_modified: due.last_modified.clone(),
            },
            was_stopped: false,
            error: None,
            trouble: None,
            moved_to: None,
            usual: Usual {
                items: due.usual_items,
                pages: due.usual_yield,
                recent_pages: due.recent_yield,
            },
            listed: None,
            vanished: Vec::new(),
            pages_read: 0,
        }
    }

    /// The list could not be read.
    fn fail(&mut self, why: String) {
        self.report.status = Status::Failed(why);
    }
}

impl Poller {
    /// Polls every section that is due, hosts side by side, sections of one host in turn.
    pub async fn step(&self) -> Result<Vec<SectionReport>> {
        let now = self.clock.now();
        let due = self
            .store
            .claim_due_sections(now, now + LEASE)
            .await
            .context("claiming due sections")?;
        self.round(&due, false).await
    }

    /// Polls sections now, due or not, and no others: all, or those of a portal, or one. Where a list changed, articles on
    /// it are looked at again, whenever that was due.
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
        self.round(&claimed, true).await
    }

    async fn round(&self, due: &[DueSection], is_eager: bool) -> Result<Vec<SectionReport>> {
        if due.is_empty() {
            return Ok(Vec::new());
        }
        let opened = self.store.open_fanout(self.clock.now()).await;
        let fanout = opened.context("opening a polling round")?;
        let round = Round {
            id: Some(fanout),
            holder: random_number()?,
        };
        let mut by_host: BTreeMap<String, Vec<&Portal>> = BTreeMap::new();
        for portal in self.portals.iter() {
            by_host.entry(host_of(&portal.base_url)).or_default().push(portal);
        }
        let work = by_host
            .values()
            .map(|portals| self.poll_host(portals, due, &round, is_eager));
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

    async fn poll_section(&self, target: &Target<'_>, round: &Round) -> Result<Polled> {
        let Target {
            portal, section, due, ..
        } = target;
        let url = portal.section_url(section);
        let mut polled = Polled::begin(due, self.clock.now());
        if due.url != url.as_str() {
            // Another address now: what was known of the old one says nothing.
            polled.validators = Validators::default();
        }
        let validators = polled.validators.clone();
        match self.fetch(target, round, &url, &validators).await? {
            Ok(Fetched::NotModified { validators, moved_to }) => {
                polled.report.status = Status::NotModified;
                polled.validators = validators;
                polled.moved_to = moved_to;
            }
            Ok(Fetched::Page(page)) => {
                polled.validators = page.validators.clone();
                polled.moved_to.clone_from(&page.moved_to);
                self.read_list(target, round, &page, &mut polled).await?;
            }
            Err(error) => {
                polled.fail(error.to_string());
                polled.error = Some(error);
            }
        }
        if !matches!(polled.report.status, Status::Failed(_)) {
            let may_go_on = self.read_pages(target, round, &mut polled).await?;
            self.note_listed(target, &polled).await?;
            if may_go_on {
                self.look_again(target, round, &mut polled).await?;
            }
        }
        Ok(polled)
    }
}
