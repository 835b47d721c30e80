//! The list pages of a backfill: which of their articles are noted, which are left to the next poll, and where the walk
//! goes on.

use std::time::Duration;

use anyhow::{Context as _, Result, bail};
use url::Url;

use super::{Backfill, Current, End, PageLine, Step, Until};
use crate::{
    jobs::poll::list::{CATCH_UP_LIST_PAGES, wanted_page},
    portal::{
        extract::{ListItem, ListPage},
        fetch::FetchError,
    },
    store::{BackfillRow, WantedPage},
};

/// List pages in a row with nothing that the walk has not seen: the portal repeats its last page for ever. One alone may
/// be a list that moved on by a page while the walk paused.
const REPEATS: u32 = 2;

impl Backfill<'_> {
    /// Reads the next list page and notes what it shows.
    pub(super) async fn walk_on(&mut self) -> Result<Step> {
        let (portal, slug) = (&self.portal.id, &self.section.slug);
        let due = self.poller.store.section_unclaimed(portal, slug).await;
        let Some(due) = due.context("looking for the section")? else {
            bail!("the section {portal}/{slug} was retired meanwhile");
        };
        self.due = due;
        let url = self.next_url()?;
        if self.at.is_none() && self.due.baseline_at.is_some() {
            return self.pass_news(url).await;
        }
        match self.list_page(&url).await? {
            Ok(page) => self.take(url, page).await,
            Err(step) => Ok(step),
        }
    }

    /// Where the list goes on: on the origin that is polled now, which need not be that of an earlier run.
    fn next_url(&self) -> Result<Url> {
        let mut url = self.portal.section_url(self.section);
        if let Some(next) = self.at.as_ref().and_then(|at| at.next_url.as_deref()) {
            let next = Url::parse(next).context("reading where the walk goes on")?;
            url.set_path(next.path());
            url.set_query(next.query());
        }
        Ok(url)
    }

    /// The outer error is the database's; the inner one is the step that a page ends which could not be read.
    async fn list_page(&mut self, url: &Url) -> Result<Result<ListPage, Step>> {
        let fetched = self.ask(url).await?;
        let step = match fetched {
            Ok(page) => match self.poller.list_page(&self.target(), &page) {
                Ok(page) => {
                    self.pauses = 0;
                    return Ok(Ok(page));
                }
                // Most often a notice that goes by: maintenance, an error page with status 200.
                Err(error) => self.pause_for(error.to_string(), Duration::ZERO),
            },
            Err(error) if passes(&error) => self.pause(&error),
            Err(error) => Step::Ended(End::Failed {
                why: error.to_string(),
                wait: None,
            }),
        };
        Ok(Err(step))
    }

    /// At the beginning of a polled section's list: passes over the pages that the next poll reads, since what is unknown
    /// there may be news, and a silent backfill must not take it away from those who wait for it. The cursor moves once
    /// they are behind.
    async fn pass_news(&mut self, mut url: Url) -> Result<Step> {
        let (mut left, mut known, mut number) = (0, 0, 0);
        let is_behind = loop {
            let page = match self.list_page(&url).await? {
                Ok(page) => page,
                Err(step) => return Ok(step),
            };
            number += 1;
            let (new, elsewhere) = self.unknown(&page.items).await?;
            left += new + elsewhere;
            known += page.items.len() - new - elsewhere;
            // As a poll follows a list, see `Poller::read_list`.
            let is_followed = new > page.items.len() - new && number < CATCH_UP_LIST_PAGES;
            let Some(next) = page.next.clone().filter(|_| is_followed) else {
                break Some(page);
            };
            if self.poller.stop.is_cancelled() {
                return Ok(Step::Stopped);
            }
            if matches!(self.until, Until::Pages(most) if i64::try_from(number).is_ok_and(|read| read >= most))
            {
                break None;
            }
            url = next;
        };
        self.tally.list_pages += number;
        self.tally.known += known;
        self.tally.left = left;
        let Some(page) = is_behind else {
            return Ok(Step::Ended(End::Pages));
        };
        let number = i64::try_from(number).context("counting list pages")?;
        let mut current = self.look_at(&page.items, number, None);
        current.left = left;
        self.advance(number, page.next.as_ref(), &[]).await?;
        self.current = Some(current);
        Ok(Step::Listed)
    }

    /// How many items the store does not know, and how many it knows from other sections alone.
    async fn unknown(&self, items: &[ListItem]) -> Result<(usize, usize)> {
        let (mut new, mut elsewhere) = (0, 0);
        for item in items {
            let store = &self.poller.store;
            let known = store.known(&self.portal.id, &item.key, self.due.id).await;
            match known.context("looking a key up")? {
                None => new += 1,
                Some(known) if known.is_withdrawn || (known.id.is_some() && known.list_title.is_none()) => {
                    elsewhere += 1;
                }
                Some(_) => {}
            }
        }
        Ok((new, elsewhere))
    }

    /// Notes what a list page shows and the store does not know.
    async fn take(&mut self, url: Url, page: ListPage) -> Result<Step> {
        let number = self.pages_read() + 1;
        let mut current = self.look_at(&page.items, number, Some(url));
        if self.is_too_old(&page.items, &current) {
            // The cursor stays: a later run that is to go further back begins with this page.
            return Ok(Step::Ended(End::Since));
        }
        let mut wanted = Vec::new();
        for item in &page.items {
            let (target, round) = (self.target(), &self.round);
            let examined = self.poller.examine(&target, round, item, None).await;
            let (is_new, look) = examined?;
            current.new += usize::from(is_new);
            if look {
                wanted.push(wanted_page(item, true));
            }
        }
        // Oldest first, as a poll does: the order of articles of one day whose hour is unknown.
        wanted.reverse();
        self.repeats = if current.keys.is_empty() {
            self.repeats + 1
        } else {
            0
        };
        let next = page.next.filter(|_| self.repeats < REPEATS);
        self.advance(number, next.as_ref(), &wanted).await?;
        self.tally.list_pages += 1;
        self.tally.known += page.items.len() - current.new;
        self.seen.extend(page.items.into_iter().map(|item| item.key));
        self.current = Some(current);
        Ok(Step::Listed)
    }

    /// Whether the list itself dates everything that a page brings, and before what is asked for.
    fn is_too_old(&self, items: &[ListItem], page: &Current) -> bool {
        let Until::Since(since) = self.until else {
            return false;
        };
        let fresh = items.iter().filter(|item| !self.seen.contains(&item.key));
        !page.keys.is_empty()
            && fresh
                .into_iter()
                .all(|item| item.published.is_some_and(|at| at.at < since))
    }

    fn look_at(&self, items: &[ListItem], number: i64, url: Option<Url>) -> Current {
        let fresh = || items.iter().filter(|item| !self.seen.contains(&item.key));
        Current {
            number,
            listed: items.len(),
            new: 0,
            left: 0,
            url,
            stored_before: self.tally.stored,
            failed_before: self.tally.failed.len(),
            keys: fresh().map(|item| item.key.clone()).collect(),
            dates: fresh().filter_map(|item| Some(item.published?.at)).collect(),
        }
    }

    /// Moves the cursor behind a page, and notes its articles in the same transaction.
    async fn advance(&mut self, pages_read: i64, next: Option<&Url>, wanted: &[WantedPage]) -> Result<()> {
        let now = self.now();
        let to = BackfillRow {
            next_url: next.map(Url::to_string),
            pages_read,
            done_at: next.is_none().then_some(now),
        };
        let store = &self.poller.store;
        let done = store.advance_backfill(self.due.id, self.at.as_ref(), &to, wanted, now);
        if !done.await.context("noting a list page")? {
            bail!(
                "another backfill of {}/{} is at work",
                self.portal.id,
                self.section.slug
            );
        }
        self.at = Some(to);
        Ok(())
    }

    /// Everything on the last list page turned out to be older than what was asked for: the cursor goes back before it. The
    /// same run again then asks for that page alone, and one that is to go further back begins with it.
    pub(super) async fn turn_back(&mut self) -> Result<()> {
        match self.last.take() {
            Some((1, _)) => {
                let forgotten = self.poller.store.restart_backfill(self.due.id).await;
                forgotten.context("going back before a list page")?;
                self.at = None;
                Ok(())
            }
            Some((number, url)) => self.advance(number - 1, Some(&url), &[]).await,
            None => Ok(()),
        }
    }

    /// Every article of a list page was asked for: what became of it, and how far back the walk has come. A list that shows
    /// no dates is dated by its articles.
    pub(super) async fn finish(&mut self, page: Current) -> Result<PageLine> {
        let stored = self
            .poller
            .store
            .published_between(&self.portal.id, &page.keys)
            .await
            .context("dating a list page")?;
        let dates = || {
            let stored = stored.into_iter().flat_map(|(oldest, newest)| [oldest, newest]);
            page.dates.iter().copied().chain(stored)
        };
        self.newest = dates().max();
        self.last = page.url.map(|url| (page.number, url));
        Ok(PageLine {
            number: page.number,
            listed: page.listed,
            new: page.new,
            stored: self.tally.stored - page.stored_before,
            failed: self.tally.failed.len().saturating_sub(page.failed_before),
            left: page.left,
            oldest: dates().min(),
        })
    }
}

/// Whether a failure may go by within minutes. What was refused for good is not asked for again.
fn passes(error: &FetchError) -> bool {
    match error {
        FetchError::Status { code, .. } => matches!(code, 408 | 425 | 429 | 500..=599),
        FetchError::Timeout { .. }
        | FetchError::Connect { .. }
        | FetchError::AskedToWait { .. }
        | FetchError::Broken { .. }
        | FetchError::RobotsUnavailable(_) => true,
        _ => false,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_failures_that_go_by_are_waited_for() {
        let status = |code| FetchError::Status {
            url: String::new(),
            code,
            retry_after: None,
        };
        assert_eq!(
            [403, 408, 429, 500, 503].map(|code| passes(&status(code))),
            [false, true, true, true, true]
        );
        assert!(!passes(&FetchError::Gone { url: String::new() }));
    }
}
