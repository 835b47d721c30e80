//! One section's list: which of its articles are to be looked at, oldest first.

use std::collections::HashSet;

use anyhow::{Context as _, Result};
use chrono::{DateTime, TimeDelta, Utc};
use url::Url;

use super::{Polled, Poller, Round, Status, Target};
use crate::{
    domain::text,
    portal::{
        extract::{self, ListItem, ListPage},
        fetch::Page,
    },
    store::{Relisted, StoreError, WantedPage},
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
            Err(why) => {
                polled.report.status = Status::Failed(why);
                return Ok(());
            }
        };
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
                Err(why) if is_first => {
                    polled.report.failed.push(why);
                    break;
                }
                Err(why) => {
                    polled.report.status = Status::Failed(why);
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
        Ok(match (known.id, known.list_title) {
            (Some(_), Some(shown)) => (false, shown != title),
            (Some(id), None) => {
                self.relist(target, round, id, &title, old_before).await?;
                (false, false)
            }
            (None, _) => (false, false),
        })
    }

    /// A known article stands in this section too: with the section's vote it may have one more topic.
    async fn relist(
        &self,
        target: &Target<'_>,
        round: &Round,
        id: i64,
        list_title: &str,
        old_before: Option<DateTime<Utc>>,
    ) -> Result<()> {
        let Some(article) = self.store.article(id).await.context("reading a known article")? else {
            return Ok(());
        };
        let (lead, body) = (article.lead.as_deref(), article.body_text.as_str());
        let topics = self
            .classifier
            .classify(&article.title, lead, body, &target.section.topics);
        let relisted = Relisted {
            article: id,
            section: (target.due.id, list_title),
            topics: &topics,
            announce: target
                .announces(article.published, old_before)
                .then_some(round.id)
                .flatten(),
            now: self.clock.now(),
        };
        match self.store.relist(&relisted).await {
            // The next poll finds it again.
            Ok(()) | Err(StoreError::RoundClosed) => Ok(()),
            Err(e) => Err(e).context("adding an article to a section"),
        }
    }

    pub(super) fn list_page(&self, target: &Target<'_>, page: &Page) -> Result<ListPage, String> {
        let (html, url, now) = (&page.html, &page.final_url, self.clock.now());
        let read = extract::with_first(&target.section.profiles, url, |profile| {
            extract::list(html, url, profile, now)
        });
        read.map(|(_, list)| list).map_err(|e| e.to_string())
    }

    /// The outer error is the database's; the inner one is a page that could not be read.
    async fn next_page(
        &self,
        target: &Target<'_>,
        round: &Round,
        url: &Url,
    ) -> Result<Result<ListPage, String>> {
        let fetched = self.fetch_page(target, round, url).await?;
        Ok(fetched
            .map_err(|e| e.to_string())
            .and_then(|page| self.list_page(target, &page)))
    }
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
