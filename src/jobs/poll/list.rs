//! One section's list: which of its articles are to be looked at, oldest first.

use std::collections::HashSet;

use anyhow::{Context as _, Result};
use chrono::{DateTime, TimeDelta, Utc};
use url::Url;

use super::{Polled, Poller, Round, Target, health, trouble::PageError};
use crate::{
    domain::{breakage::Cause, text},
    portal::{
        extract::{self, ExtractError, ListItem, ListPage},
        fetch::{FetchError, Page, Validators},
    },
    store::{Look, Relisted, StoreError, WantedPage},
};

/// When a page is new for the most part (hundreds of articles at once, or a long absence), further pages are read up to
/// this one; what a round leaves, the next finds the same way. Not only when all of it is: a pinned article is known.
pub(super) const CATCH_UP_LIST_PAGES: usize = 50;

/// An article that a portal dates so much earlier than the newest that the section had is old news that came back (moved,
/// or listed again), and is stored silently.
const OLD_NEWS: TimeDelta = TimeDelta::days(7);

impl Poller {
    /// Reads the list, following older pages while they are new for the most part, and notes which pages are to be read.
    /// Unless it is the first poll, a list that cannot be followed to known ground is noted not at all: noted by half, its
    /// newer half would hide the older one from every later poll.
    pub(super) async fn read_list(
        &self,
        target: &Target<'_>,
        round: &Round,
        first: &Page,
        polled: &mut Polled,
    ) -> Result<()> {
        let mut page = match self.list_page(target, first) {
            Ok(page) => page,
            Err(error) => {
                polled.fail(error.to_string());
                polled.meet_list(&error.into());
                return Ok(());
            }
        };
        self.weigh(target, &page, polled).await?;
        let is_first = target.due.baseline_at.is_none();
        let most = if is_first {
            self.limits.max_list_pages
        } else {
            CATCH_UP_LIST_PAGES
        };
        let old_before = self.old_news_before(target).await?;
        let mut wanted = Vec::new();
        let mut seen = HashSet::new();
        for read in 1.. {
            polled.report.found += page.items.len();
            let (mut new, mut known) = (0, 0);
            for item in page.items {
                if !seen.insert(item.key.clone()) {
                    continue;
                }
                let (is_new, look) = self.examine(target, round, &item, old_before).await?;
                *(if is_new { &mut new } else { &mut known }) += 1;
                if look {
                    wanted.push(wanted_page(&item, is_first));
                }
            }
            let Some(next) = page.next.filter(|_| new > known && read < most) else {
                break;
            };
            page = match self.next_page(target, round, &next).await? {
                Ok(page) => page,
                // The list ends here, though a page before linked on.
                Err(
                    PageError::Read(ExtractError::EmptyList { .. })
                    | PageError::Fetch(FetchError::NotFound { .. }),
                ) => {
                    break;
                }
                // What may not be read for good must not keep the rest from being noted.
                Err(error) if is_first || matches!(error, PageError::Fetch(FetchError::Robots { .. })) => {
                    polled.meet_list(&error);
                    polled.report.failed.push(error.to_string());
                    break;
                }
                Err(error) => {
                    polled.meet_list(&error);
                    polled.fail(error.to_string());
                    return Ok(());
                }
            };
        }
        wanted.reverse();
        let noted = self
            .store
            .want_pages(target.due.id, &wanted, self.clock.now())
            .await;
        noted.context("noting pages to be read")
    }

    /// Compares the first list page with what is usual, and finds which articles it should still show.
    async fn weigh(&self, target: &Target<'_>, page: &ListPage, polled: &mut Polled) -> Result<()> {
        let keys: Vec<String> = page.items.iter().map(|item| item.key.clone()).collect();
        let was_degraded = target.due.degraded_by.is_some();
        if let Some((items, usual)) = health::count_list(&mut polled.usual, keys.len(), was_degraded) {
            let why = format!("the list shows {items} articles where it usually shows {usual:.0}");
            polled.trouble = Some((Cause::Drop, why));
            // Without validators the next poll sees the list again, not that it has not changed.
            polled.validators = Validators::default();
            return Ok(());
        }
        let before = self
            .store
            .listed(target.due.id)
            .await
            .context("reading what was listed")?;
        polled.vanished = vanished(&before, &keys);
        polled.listed = Some(keys);
        Ok(())
    }

    /// Notes what the list shows, once its articles are recorded. Those that vanished from it are looked at.
    pub(super) async fn note_listed(&self, target: &Target<'_>, polled: &Polled) -> Result<()> {
        let Some(keys) = &polled.listed else {
            return Ok(());
        };
        let keys: Vec<&str> = keys.iter().map(String::as_str).collect();
        let (section, portal, now) = (target.due.id, target.portal.id.as_str(), self.clock.now());
        let noted = self
            .store
            .note_listed(section, portal, &keys, &polled.vanished, now)
            .await;
        noted.context("noting what is listed")
    }

    /// Articles dated before this are old news; `None` while the section has none to compare with.
    pub(super) async fn old_news_before(&self, target: &Target<'_>) -> Result<Option<DateTime<Utc>>> {
        let newest = self
            .store
            .newest_in_section(target.due.id)
            .await
            .context("reading the section")?;
        Ok(newest.map(|at| at - OLD_NEWS))
    }

    /// Whether the store has never seen an item, and whether its page is to be read.
    pub(super) async fn examine(
        &self,
        target: &Target<'_>,
        round: &Round,
        item: &ListItem,
        old_before: Option<DateTime<Utc>>,
    ) -> Result<(bool, bool)> {
        let section = target.due.id;
        let known = self
            .store
            .known(&target.portal.id, &item.key, section)
            .await
            .context("looking a key up")?;
        let Some(known) = known else {
            return Ok((true, true));
        };
        let title = list_title(item);
        if known.is_withdrawn {
            // The portal lists it again: its page tells whether it is back.
            return Ok((false, true));
        }
        Ok(match (known.id, known.list_title) {
            (Some(_), Some(shown)) => (false, shown != title),
            (Some(id), None) => {
                self.relist(target, round, (id, &title), old_before, true).await?;
                (false, false)
            }
            (None, _) => (false, false),
        })
    }

    /// A known article stands in this section too: with the section's vote it may have one more topic.
    pub(super) async fn relist(
        &self,
        target: &Target<'_>,
        round: &Round,
        (id, list_title): (i64, &str),
        old_before: Option<DateTime<Utc>>,
        is_news: bool,
    ) -> Result<()> {
        let Some(article) = self.store.article(id).await.context("reading a known article")? else {
            return Ok(());
        };
        let (lead, body) = (article.lead.as_deref(), article.body_text.as_str());
        let classifier = self.rules.current().classifier;
        let topics = classifier.classify(&article.title, lead, body, &target.section.topics);
        let topics = self.corrections(id).await?.apply(topics);
        let relisted = Relisted {
            article: id,
            section: (target.due.id, list_title),
            topics: &topics,
            announce: round
                .id
                .filter(|_| is_news && target.announces(article.published, old_before)),
            now: self.clock.now(),
        };
        match self.store.relist(&relisted).await {
            // The next poll finds it again.
            Ok(()) | Err(StoreError::RoundClosed) => Ok(()),
            Err(e) => Err(e).context("adding an article to a section"),
        }
    }

    pub(super) fn list_page(&self, target: &Target<'_>, page: &Page) -> Result<ListPage, ExtractError> {
        let (html, url, now) = (&page.html, &page.final_url, self.clock.now());
        let read = extract::with_first(&target.section.profiles, url, |profile| {
            extract::list(html, url, profile, now)
        });
        read.map(|(_, list)| list)
    }

    /// The outer error is the database's; the inner one is a page that could not be read.
    async fn next_page(
        &self,
        target: &Target<'_>,
        round: &Round,
        url: &Url,
    ) -> Result<Result<ListPage, PageError>> {
        let fetched = self.fetch_page(target, round, url).await?;
        Ok(fetched
            .map_err(PageError::from)
            .and_then(|page| Ok(self.list_page(target, &page)?)))
    }
}

/// Of the articles that a list showed, newest first, those that it no longer shows although it is long enough: as many of
/// the oldest as there are new ones have been pushed off its end, and are not missed.
fn vanished(before: &[Look], now: &[String]) -> Vec<i64> {
    let known: HashSet<&str> = before.iter().map(|look| look.key.as_str()).collect();
    let shown: HashSet<&str> = now.iter().map(String::as_str).collect();
    let new = now.iter().filter(|key| !known.contains(key.as_str())).count();
    let Some(oldest_shown) = before.iter().rposition(|look| shown.contains(look.key.as_str())) else {
        return Vec::new();
    };
    let pushed_off = (before.len() - 1 - oldest_shown).min(new);
    let expected = &before[..before.len() - pushed_off];
    let is_gone = |look: &&Look| !shown.contains(look.key.as_str());
    expected.iter().filter(is_gone).map(|look| look.id).collect()
}

pub(super) fn wanted_page(item: &ListItem, is_first: bool) -> WantedPage {
    WantedPage {
        key: item.key.clone(),
        url: item.url.to_string(),
        list_title: list_title(item),
        is_news: i64::from(!is_first),
        attempts: 0,
    }
}

/// The title as the list shows it, in the form that is compared: white space and letter forms do not count.
fn list_title(item: &ListItem) -> String {
    text::one_line(&item.title)
}
