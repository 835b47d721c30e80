//! The articles of a backfill, and how long it leaves a portal alone that fails.

use std::time::Duration;

use anyhow::{Context as _, Result};
use url::Url;

use super::{Backfill, End, FIRST_PAUSE, LONGEST_WAIT, PAUSES, Step};
use crate::{
    jobs::poll::{next, trouble::PageError},
    portal::fetch::{FetchError, Page},
    store::{Recorded, WantedPage},
};

impl Backfill<'_> {
    pub(super) async fn read_article(&mut self, item: &WantedPage) -> Result<Step> {
        let (why, wait) = match Url::parse(&item.url) {
            Err(e) => (format!("{} is not an address: {e}", item.url), None),
            Ok(url) => match self.ask(&url).await? {
                // Not this page's fault: nothing was asked for it.
                Err(
                    e @ (FetchError::AskedToWait { .. }
                    | FetchError::Connect { .. }
                    | FetchError::RobotsUnavailable(_)),
                ) => return Ok(self.pause(&e)),
                Err(e) => (e.to_string(), e.retry_after().map(|_| e)),
                Ok(page) => match self.record(item, &page).await? {
                    Ok(recorded) => return Ok(self.count(item, recorded)),
                    Err(error) => (error.to_string(), None),
                },
            },
        };
        let next = next::after_page_failure(item.attempts, self.now());
        let postponed = self
            .poller
            .store
            .postpone_page(self.due.id, &item.key, next, &why);
        postponed.await.context("postponing a page")?;
        self.tally.failed.insert(item.key.clone(), why.clone());
        Ok(match wait {
            Some(e) => self.pause(&e),
            None => Step::Article(Err(why)),
        })
    }

    async fn record(
        &self,
        item: &WantedPage,
        page: &Page,
    ) -> Result<std::result::Result<Recorded, PageError>> {
        let (poller, target) = (self.poller, self.target());
        let mut article = match poller.read_page(&target, item, page) {
            Ok(article) => article,
            Err(error) => return Ok(Err(error)),
        };
        poller.learn_files(&target, &self.round, &mut article).await?;
        poller
            .record(&target, &self.round, item, (&article, page), (false, self.now()))
            .await
    }

    fn count(&mut self, item: &WantedPage, recorded: Recorded) -> Step {
        self.pauses = 0;
        self.tally.failed.remove(&item.key);
        match recorded {
            Recorded::New(_) => self.tally.stored += 1,
            Recorded::Changed(_) => self.tally.changed += 1,
            Recorded::Same(_) | Recorded::Removed => {}
        }
        Step::Article(Ok(recorded))
    }

    /// The portal failed in a way that passes.
    pub(super) fn pause(&mut self, error: &FetchError) -> Step {
        let (why, asked) = (error.to_string(), error.retry_after().unwrap_or_default());
        if asked > LONGEST_WAIT {
            let wait = Some(asked);
            return Step::Ended(End::Failed { why, wait });
        }
        if matches!(error, FetchError::AskedToWait { .. }) {
            // No failure: nothing was asked.
            let wait = asked.max(FIRST_PAUSE);
            return Step::Pause { wait, why };
        }
        self.pause_for(why, asked)
    }

    pub(super) fn pause_for(&mut self, why: String, asked: Duration) -> Step {
        if self.pauses == PAUSES {
            return Step::Ended(End::Failed { why, wait: None });
        }
        let wait = asked.max(FIRST_PAUSE * 2_u32.pow(self.pauses));
        self.pauses += 1;
        Step::Pause { wait, why }
    }
}
