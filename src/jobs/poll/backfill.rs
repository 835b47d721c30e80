//! A backfill: walks the older list pages of one section and stores their articles silently. It is no poll: the section's
//! schedule, its validators and its baseline stay as they are, and what may be news is left to the next poll, which
//! announces it.
//!
//! The walk stands in the database: a list page's articles are noted in the transaction that moves the cursor behind that
//! page, and each article is recorded in one of its own. Whoever starts again goes on from there.

mod article;
mod list;

use std::{
    collections::{BTreeMap, HashSet},
    time::Duration,
};

use anyhow::{Context as _, Result, bail};
use chrono::{DateTime, Utc};
use url::Url;

use super::{Poller, Round, Target};
use crate::{
    jobs::random_number,
    portal::{
        Portal, Section,
        address::host_of,
        fetch::{FetchError, Page},
    },
    store::{BackfillRow, DueSection, Leave, Recorded},
};

/// A portal that asks for more than this is left alone: the run ends, and says when to go on.
const LONGEST_WAIT: Duration = Duration::from_mins(5);

/// The pause after a first failure; it doubles with each further one in a row.
const FIRST_PAUSE: Duration = Duration::from_secs(5);

/// Pauses in a row, over two and a half minutes in all, after which a portal is taken to be down.
const PAUSES: u32 = 5;

/// How far back to walk.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Until {
    /// So many list pages, counted from the first one and over all runs.
    Pages(i64),
    /// To the list page on which everything is older than this.
    Since(DateTime<Utc>),
}

/// What a step did: one request to the portal at most, but for the news at the list's beginning.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Step {
    /// A list page was read and what it shows is noted.
    Listed,
    /// An article's page was asked for; why, where it could not be read.
    Article(std::result::Result<Recorded, String>),
    /// Every article of a list page was asked for.
    Finished(PageLine),
    /// The portal fails or wants to be left alone: step again after this time.
    Pause {
        /// How long.
        wait: Duration,
        /// Why, for people.
        why: String,
    },
    /// The process is to end; the next run goes on here.
    Stopped,
    /// There is no more to do now.
    Ended(End),
}

/// Why a walk ends.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum End {
    /// As many list pages were read as were asked for.
    Pages,
    /// What follows is older than was asked for.
    Since,
    /// The list has no further page.
    List,
    /// The portal could not be read; the next run goes on here.
    Failed {
        /// Why, for people.
        why: String,
        /// How long the portal asks to be left alone, where that is longer than a run waits.
        wait: Option<Duration>,
    },
}

/// What became of one list page.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PageLine {
    /// Its number, from 1.
    pub number: i64,
    /// Articles on it.
    pub listed: usize,
    /// Those that the store did not know.
    pub new: usize,
    /// Those that were stored since it was read.
    pub stored: usize,
    /// Those whose pages could not be read.
    pub failed: usize,
    /// Those that are left to the next poll.
    pub left: usize,
    /// The oldest date on it, of those that the list or the store knows.
    pub oldest: Option<DateTime<Utc>>,
}

/// What a run did so far.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Tally {
    /// List pages read.
    pub list_pages: usize,
    /// Articles stored for the first time.
    pub stored: usize,
    /// Known articles that were materially edited.
    pub changed: usize,
    /// Listed articles that were known.
    pub known: usize,
    /// Listed articles that may be news: a poll stores and announces them.
    pub left: usize,
    /// Articles whose pages could not be read, by key, with the reason.
    pub failed: BTreeMap<String, String>,
}

/// A list page whose articles are being read.
struct Current {
    number: i64,
    listed: usize,
    new: usize,
    left: usize,
    /// Its address, where the walk may turn back before it.
    url: Option<Url>,
    stored_before: usize,
    failed_before: usize,
    /// What the walk saw here first.
    keys: Vec<String>,
    /// Dates that the list shows with those.
    dates: Vec<DateTime<Utc>>,
}

/// A run of the walk over one section.
pub struct Backfill<'a> {
    poller: &'a Poller,
    portal: &'a Portal,
    section: &'a Section,
    until: Until,
    due: DueSection,
    round: Round,
    at: Option<BackfillRow>,
    current: Option<Current>,
    /// The newest date on the last list page, of what the walk saw there first.
    newest: Option<DateTime<Utc>>,
    /// Number and address of that page.
    last: Option<(i64, Url)>,
    seen: HashSet<String>,
    repeats: u32,
    pauses: u32,
    tally: Tally,
}

impl Poller {
    /// Begins a walk over the list of a section, or goes on with one; `restart` begins again at the first page.
    pub async fn backfill(
        &self,
        portal: &str,
        section: &str,
        until: Until,
        restart: bool,
    ) -> Result<Backfill<'_>> {
        let found = self.portals.iter().find(|known| known.id == portal);
        let found = found.and_then(|portal| Some((portal, portal.section(section)?)));
        let due = self.store.section_unclaimed(portal, section).await;
        let due = due.context("looking for the section")?;
        let (Some((portal, section)), Some(due)) = (found, due) else {
            bail!("there is no section {portal}/{section}");
        };
        if restart {
            let forgotten = self.store.restart_backfill(due.id).await;
            forgotten.context("beginning again")?;
        }
        let at = self.store.backfill(due.id).await;
        Ok(Backfill {
            poller: self,
            portal,
            section,
            until,
            at: at.context("looking how far the walk came")?,
            due,
            round: Round {
                id: None,
                holder: random_number()?,
            },
            current: None,
            newest: None,
            last: None,
            seen: HashSet::new(),
            repeats: 0,
            pauses: 0,
            tally: Tally::default(),
        })
    }
}

impl Backfill<'_> {
    /// What the run did so far.
    pub fn tally(&self) -> &Tally {
        &self.tally
    }

    /// List pages that are behind the walk, over all runs.
    pub fn pages_read(&self) -> i64 {
        self.at.as_ref().map_or(0, |at| at.pages_read)
    }

    /// Does the next thing: reads one article, or one list page once there is none. Between steps others may ask the host.
    pub async fn step(&mut self) -> Result<Step> {
        let done = self.work().await;
        let host = host_of(&self.portal.base_url);
        let released = self.poller.store.release_host(&host, self.round.holder).await;
        released.context("giving a host back")?;
        done
    }

    async fn work(&mut self) -> Result<Step> {
        if self.poller.stop.is_cancelled() {
            return Ok(Step::Stopped);
        }
        let wanted = self.poller.store.wanted_silently(self.due.id, self.now()).await;
        if let Some(item) = wanted.context("looking for pages to be read")? {
            return self.read_article(&item).await;
        }
        if let Some(page) = self.current.take() {
            return Ok(Step::Finished(self.finish(page).await?));
        }
        let Some(end) = self.end() else {
            return self.walk_on().await;
        };
        if end == End::Since {
            self.turn_back().await?;
        }
        Ok(Step::Ended(end))
    }

    fn now(&self) -> DateTime<Utc> {
        self.poller.clock.now()
    }

    fn target(&self) -> Target<'_> {
        Target {
            portal: self.portal,
            section: self.section,
            due: &self.due,
            // The section is not claimed: a poll may go on beside the walk.
            claimed: &[],
            is_eager: false,
        }
    }

    /// The one place from which the portal is asked: in turn with polls, and not while it wants to be left alone.
    async fn ask(&self, url: &Url) -> Result<Result<Box<Page>, FetchError>> {
        let (host, now) = (host_of(url), self.now());
        let store = &self.poller.store;
        // News goes first: a walk of hours would otherwise leave polls no turn.
        if store
            .is_host_wanted(&host, now)
            .await
            .context("looking whether a poll waits")?
        {
            return Ok(Err(FetchError::AskedToWait {
                host,
                wait: FIRST_PAUSE,
            }));
        }
        let until = now + self.poller.host_lease(self.portal);
        let leave = store.lease_host(&host, self.round.holder, now, until).await;
        let wait = match leave.context("asking for a host's turn")? {
            Leave::Granted => None,
            Leave::Busy(_) => Some(FIRST_PAUSE),
            Leave::Held(until) => Some((until - now).to_std().unwrap_or_default()),
        };
        if let Some(wait) = wait {
            return Ok(Err(FetchError::AskedToWait { host, wait }));
        }
        self.poller.fetch_page(&self.target(), &self.round, url).await
    }

    /// Whether the walk has come far enough.
    fn end(&self) -> Option<End> {
        if self.at.as_ref().is_some_and(|at| at.next_url.is_none()) {
            return Some(End::List);
        }
        match self.until {
            Until::Pages(most) => (self.pages_read() >= most).then_some(End::Pages),
            Until::Since(since) => self
                .newest
                .is_some_and(|newest| newest < since)
                .then_some(End::Since),
        }
    }
}
