//! One article: fetched, read, classified, recorded.

use anyhow::{Context as _, Result};
use chrono::{DateTime, Utc};
use url::Url;

use super::{Polled, Poller, Round, Target, is_old, next};
use crate::{
    domain::{
        article::{Extracted, content_hash},
        watch::Watchable,
    },
    portal::{
        extract::{self, ArticlePage},
        fetch::Page,
    },
    store::{NewArticle, Recorded, StoreError, WantedPage},
};

/// Pages asked for at most, as a multiple of the budget: what fails does not count against it, or the oldest pages that
/// fail for good would keep every newer one from being read.
const ATTEMPTS: usize = 2;

impl Poller {
    /// Reads the pages that are due, oldest first, within the budget of a round.
    pub(super) async fn read_pages(
        &self,
        target: &Target<'_>,
        round: &Round,
        polled: &mut Polled,
    ) -> Result<()> {
        let section = target.due.id;
        let most = i64::try_from(self.limits.max_articles * ATTEMPTS).unwrap_or(i64::MAX);
        let due = self.store.wanted_pages(section, most, self.clock.now()).await;
        let due = due.context("looking for pages to be read")?;
        if due.is_empty() {
            return Ok(());
        }
        let old_before = self.old_news_before(target).await?;
        let mut left = self.limits.max_articles;
        for page in due {
            if left == 0 {
                break;
            }
            if self.stop.is_cancelled() {
                polled.was_stopped = true;
                break;
            }
            match self.read_article(target, round, &page, old_before).await? {
                Ok(recorded) => {
                    left -= 1;
                    polled.report.count(recorded);
                }
                Err(why) => {
                    let next = next::after_page_failure(page.attempts, self.clock.now());
                    let postponed = self.store.postpone_page(section, &page.key, next, &why).await;
                    postponed.context("postponing a page")?;
                    polled.report.failed.push(why);
                }
            }
        }
        Ok(())
    }

    /// Reads and records one article. The outer error is the database's; the inner one is a page that could not be read.
    async fn read_article(
        &self,
        target: &Target<'_>,
        round: &Round,
        item: &WantedPage,
        old_before: Option<DateTime<Utc>>,
    ) -> Result<Result<Recorded, String>> {
        let page = match self.article_page(target, round, item).await? {
            Ok(page) => page,
            Err(why) => return Ok(Err(why)),
        };
        self.record_page(target, round, item, &page, old_before).await
    }

    /// Classifies and records an article that was read. The inner error says why it waits for the next poll.
    pub(super) async fn record_page(
        &self,
        target: &Target<'_>,
        round: &Round,
        item: &WantedPage,
        page: &Extracted,
        old_before: Option<DateTime<Utc>>,
    ) -> Result<Result<Recorded, String>> {
        let announce = item.is_news == 1 && !is_old(page.published, old_before);
        let section = target.section;
        let vouched = self.vouched(target, item).await?;
        let topics = self
            .classifier
            .classify(&page.title, page.lead.as_deref(), &page.body_text, &vouched);
        let watchable = Watchable::new(&target.portal.id, &section.slug, page, &topics);
        let watches: Vec<i64> = round
            .watches
            .iter()
            .filter(|known| watchable.matches(&known.watch))
            .map(|known| known.id)
            .collect();
        let article = NewArticle {
            portal: &target.portal.id,
            page,
            content_hash: &content_hash(page),
            topics: &topics,
            watches: &watches,
            section: (target.due.id, &item.list_title),
            announce: announce.then_some(round.id).flatten(),
            now: self.clock.now(),
        };
        match self.store.record(&article).await {
            Ok(recorded) => Ok(Ok(recorded)),
            Err(e @ StoreError::RoundClosed) => Ok(Err(e.to_string())),
            Err(e) => Err(e).context("recording an article"),
        }
    }

    /// The topics that the sections of an article vouch for: this one, and those in which it is known to stand.
    async fn vouched(&self, target: &Target<'_>, item: &WantedPage) -> Result<Vec<String>> {
        let mut topics = target.section.topics.clone();
        let known = self
            .store
            .known(&target.portal.id, &item.key, target.due.id)
            .await;
        if let Some(id) = known.context("looking a key up")?.and_then(|known| known.id) {
            let article = self.store.article(id).await.context("reading a known article")?;
            let sections = article.map(|article| article.sections).unwrap_or_default();
            for section in sections
                .iter()
                .filter_map(|(slug, _)| target.portal.section(slug))
            {
                topics.extend(section.topics.iter().cloned());
            }
            topics.sort();
            topics.dedup();
        }
        Ok(topics)
    }

    async fn article_page(
        &self,
        target: &Target<'_>,
        round: &Round,
        item: &WantedPage,
    ) -> Result<Result<Extracted, String>> {
        let Ok(url) = Url::parse(&item.url) else {
            return Ok(Err(format!("{} is not an address", item.url)));
        };
        let fetched = self.fetch_page(target, round, &url).await?;
        Ok(fetched
            .map_err(|e| e.to_string())
            .and_then(|page| self.read_page(target, item, &page)))
    }

    pub(super) fn read_page(
        &self,
        target: &Target<'_>,
        item: &WantedPage,
        page: &Page,
    ) -> Result<Extracted, String> {
        let (html, url, now) = (&page.html, &page.final_url, self.clock.now());
        let read = extract::with_first(&target.section.profiles, url, |profile| {
            extract::article(html, url, profile, now)
        });
        match read.map_err(|e| e.to_string())?.1 {
            ArticlePage::Article(mut article) => {
                // The list's key is the identity: a redirect must not turn one article into two.
                article.key.clone_from(&item.key);
                Ok(*article)
            }
            ArticlePage::NotThere => Err(format!(
                "{} is listed but not there yet; it is looked at again",
                item.url
            )),
        }
    }
}
