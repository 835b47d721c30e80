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
        fetch::{Fetched, Validators},
    },
    store::{Recorded, Relisted, StoreError},
};

/// When a page is new for the most part (hundreds of articles at once, or a long absence), further pages are read up to
/// this one; what a round leaves, the next finds the same way. Not only when all of it is: a pinned article is known.
const CATCH_UP_LIST_PAGES: usize = 50;

/// Pages asked for at most, as a multiple of the budget: what fails does not count against it, or the oldest pages that
/// fail for good would keep every newer one from being read.
const ATTEMPTS: usize = 2;

/// An article that a portal dates so much earlier than the newest that the section had is old news that came back (moved,
/// or listed again), and is stored silently.
const OLD_NEWS: TimeDelta = TimeDelta::days(7);

impl Poller {
    /// Reads the list, following older pages while they are new for the most part, then the articles.
    pub(super) async fn read_list(
        &self,
        target: &Target<'_>,
        round: &Round,
        html: &str,
        url: &Url,
        polled: &mut Polled,
    ) -> Result<()> {
        let mut page = match self.list_page(target, html, url) {
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
                    wanted.push(item);
                }
            }
            let Some(next) = page.next.filter(|_| new > known && read < most) else {
                break;
            };
            page = match self.next_page(target, round, &next).await? {
                Ok(page) => page,
                Err(why) => {
                    polled.report.failed.push(why);
                    break;
                }
            };
        }
        wanted.reverse();
        let most = self.limits.max_articles * ATTEMPTS;
        polled.has_more = wanted.len() > most;
        wanted.truncate(most);
        self.read_articles(target, round, &wanted, old_before, polled)
            .await
    }

    async fn read_articles(
        &self,
        target: &Target<'_>,
        round: &Round,
        wanted: &[ListItem],
        old_before: Option<DateTime<Utc>>,
        polled: &mut Polled,
    ) -> Result<()> {
        let mut left = self.limits.max_articles;
        for item in wanted {
            if left == 0 {
                polled.has_more = true;
                break;
            }
            if self.stop.is_cancelled() {
                polled.was_stopped = true;
                break;
            }
            let read = self.read_article(target, round, item, old_before).await?;
            left -= usize::from(read.is_ok());
            match read {
                Ok(Recorded::New(_)) => polled.report.new += 1,
                Ok(Recorded::Changed(_)) => polled.report.changed += 1,
                Ok(Recorded::Same(_)) => {}
                Err(why) => polled.report.failed.push(why),
            }
        }
        Ok(())
    }

    /// Articles dated before this are old news; `None` while the section has none to compare with.
    async fn old_news_before(&self, target: &Target<'_>) -> Result<Option<DateTime<Utc>>> {
        let newest = self
            .store
            .newest_in_section(target.due.id)
            .await
            .context("reading the section")?;
        Ok(newest.map(|at| at - OLD_NEWS))
    }

    /// Whether the store has never seen an item, and whether its page is to be read.
    async fn examine(
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
                .then_some(round.id),
            now: self.clock.now(),
        };
        match self.store.relist(&relisted).await {
            // The next poll finds it again.
            Ok(()) | Err(StoreError::RoundClosed) => Ok(()),
            Err(e) => Err(e).context("adding an article to a section"),
        }
    }

    fn list_page(&self, target: &Target<'_>, html: &str, url: &Url) -> Result<ListPage, String> {
        let now = self.clock.now();
        let mut first_error = None;
        for profile in &target.section.profiles {
            match extract::list(html, url, profile, now) {
                Ok(page) => return Ok(page),
                Err(e) => first_error = first_error.or(Some(e.to_string())),
            }
        }
        Err(first_error.unwrap_or_else(|| "the section has no profile".to_owned()))
    }

    /// The outer error is the database's; the inner one is a page that could not be read.
    async fn next_page(
        &self,
        target: &Target<'_>,
        round: &Round,
        url: &Url,
    ) -> Result<Result<ListPage, String>> {
        Ok(
            match self.fetch(target, round, url, &Validators::default()).await? {
                Ok(Fetched::Page(page)) => self.list_page(target, &page.html, &page.final_url),
                Ok(Fetched::NotModified { .. }) => {
                    Err(format!("{url} answered 304 to a request without validators"))
                }
                Err(e) => Err(e.to_string()),
            },
        )
    }
}

/// The title as the list shows it, in the form that is compared: white space and letter forms do not count.
pub(super) fn list_title(item: &ListItem) -> String {
    text::one_line(&item.title)
}
