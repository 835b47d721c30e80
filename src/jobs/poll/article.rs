//! One article: fetched, read, classified, recorded.

use anyhow::{Context as _, Result};
use chrono::{DateTime, Utc};
use url::Url;

use super::{Polled, Poller, Round, Target, health, is_old, next, trouble::PageError};
use crate::{
    domain::{
        article::{Extracted, content_hash},
        correction::Corrections,
        watch::Watchable,
    },
    jobs::rules::vouched,
    portal::{
        extract::{self, ArticlePage},
        fetch::Page,
    },
    store::{Known, NewArticle, Recorded, StoreError, WantedPage},
};

/// Pages asked for at most, as a multiple of the budget: what fails does not count against it, or the oldest pages that
/// fail for good would keep every newer one from being read.
const ATTEMPTS: usize = 2;

/// Pages in a row that may fail for outer reasons (time-outs, 5xx) before the rest is left for the next round.
const MOST_OUTER_FAILURES: usize = 3;

impl Poller {
    /// Reads the pages that are due, oldest first, within the budget of a round. Gives whether the host may be asked more.
    pub(super) async fn read_pages(
        &self,
        target: &Target<'_>,
        round: &Round,
        polled: &mut Polled,
    ) -> Result<bool> {
        let section = target.due.id;
        let most = i64::try_from(self.limits.max_articles * ATTEMPTS).unwrap_or(i64::MAX);
        let due = self.store.wanted_pages(section, most, self.clock.now()).await;
        let due = due.context("looking for pages to be read")?;
        if due.is_empty() {
            return Ok(true);
        }
        let old_before = self.old_news_before(target).await?;
        let mut left = self.limits.max_articles;
        let mut outer_failures = 0;
        for page in due {
            if left == 0 {
                break;
            }
            if self.stop.is_cancelled() {
                polled.was_stopped = true;
                return Ok(false);
            }
            let error = match self
                .read_article(target, round, &page, old_before, polled)
                .await?
            {
                Ok(recorded) => {
                    left -= 1;
                    outer_failures = 0;
                    polled.pages_read += 1;
                    polled.report.count(recorded);
                    continue;
                }
                Err(error) => error,
            };
            if error.is_unasked() {
                return Ok(false);
            }
            outer_failures = if error.is_outer() { outer_failures + 1 } else { 0 };
            let may_go_on = !error.ends_asking() && outer_failures < MOST_OUTER_FAILURES;
            self.leave(target, &page, error, polled).await?;
            if !may_go_on {
                return Ok(false);
            }
        }
        Ok(true)
    }

    /// A page could not be recorded: it is asked for again later, or never where it is gone for good.
    async fn leave(
        &self,
        target: &Target<'_>,
        page: &WantedPage,
        error: PageError,
        polled: &mut Polled,
    ) -> Result<()> {
        let (section, now, why) = (target.due.id, self.clock.now(), error.to_string());
        if error.counts_against_yield(page.attempts) {
            health::count_page(&mut polled.usual, 0.0);
        }
        polled.meet(&error);
        if error.is_gone() && !self.is_stored(target, page).await? {
            let forgotten = self
                .store
                .forget_page(section, &target.portal.id, &page.key, now)
                .await;
            forgotten.context("forgetting a page that is gone")?;
        } else {
            let next = next::after_page_failure(page.attempts, now);
            let postponed = self.store.postpone_page(section, &page.key, next, &why).await;
            postponed.context("postponing a page")?;
        }
        polled.report.failed.push(why);
        Ok(())
    }

    async fn is_stored(&self, target: &Target<'_>, page: &WantedPage) -> Result<bool> {
        let known = self
            .store
            .known(&target.portal.id, &page.key, target.due.id)
            .await;
        Ok(known
            .context("looking a key up")?
            .is_some_and(|known| known.id.is_some()))
    }

    /// Reads and records one article. The outer error is the database's; the inner one is a page that could not be read.
    async fn read_article(
        &self,
        target: &Target<'_>,
        round: &Round,
        item: &WantedPage,
        old_before: Option<DateTime<Utc>>,
        polled: &mut Polled,
    ) -> Result<Result<Recorded, PageError>> {
        let known = self
            .store
            .known(&target.portal.id, &item.key, target.due.id)
            .await;
        if let Some(Known {
            id: Some(id),
            list_title: None,
            is_withdrawn: false,
        }) = known.context("looking a key up")?
        {
            // Another section's poll recorded it meanwhile: this one's readers and its vote are still owed.
            let is_news = item.is_news == 1;
            self.relist(target, round, (id, &item.list_title), old_before, is_news)
                .await?;
            return Ok(Ok(Recorded::Same(id)));
        }
        let Ok(url) = Url::parse(&item.url) else {
            return Ok(Err(PageError::Address(item.url.clone())));
        };
        let page = match self.fetch_page(target, round, &url).await? {
            Ok(page) => page,
            Err(error) => return Ok(Err(error.into())),
        };
        let mut article = match self.read_page(target, item, &page) {
            Ok(article) => article,
            Err(error) => return Ok(Err(error)),
        };
        let announce = item.is_news == 1 && !is_old(article.published, old_before);
        self.learn_files(target, round, &mut article).await?;
        let recorded = self
            .record(
                target,
                round,
                item,
                (&article, &page),
                (announce, self.clock.now()),
            )
            .await?;
        if let Ok(Recorded::New(_)) = recorded {
            health::count_page(&mut polled.usual, health::page_yield(&article));
        }
        Ok(recorded)
    }

    /// Records what a page says. `since` dates an article without a date: when it was first seen.
    pub(super) async fn record(
        &self,
        target: &Target<'_>,
        round: &Round,
        item: &WantedPage,
        (article, page): (&Extracted, &Page),
        (announce, since): (bool, DateTime<Utc>),
    ) -> Result<Result<Recorded, PageError>> {
        let now = self.clock.now();
        let section = target.section;
        let (vouched, corrections) = self.said_of(target, item).await?;
        let (lead, body) = (article.lead.as_deref(), &article.body_text);
        let classifier = self.rules.current().classifier;
        let topics = classifier.classify(&article.title, lead, body, &vouched);
        let topics = corrections.apply(topics);
        let watchable = Watchable::new(&target.portal.id, &section.slug, article, &topics);
        let watches = self.watches.matching(&self.store, &watchable, now).await?;
        let published = article.published.map_or(since, |published| published.at.min(now));
        let validators = &page.validators;
        let article = NewArticle {
            portal: &target.portal.id,
            page: article,
            content_hash: &content_hash(article),
            topics: &topics,
            watches: &watches,
            section: (target.due.id, &item.list_title),
            announce: announce.then_some(round.id).flatten(),
            validators: (validators.etag.as_deref(), validators.last_modified.as_deref()),
            next_look_at: next::look(published, now),
            edited_look_at: next::look(now, now),
            now,
        };
        match self.store.record(&article).await {
            Ok(recorded) => Ok(Ok(recorded)),
            Err(e @ StoreError::RoundClosed) => Ok(Err(PageError::Round(e))),
            Err(e) => Err(e).context("recording an article"),
        }
    }

    /// The topics that the sections of an article vouch for (this one, and those in which it is known to stand), and what
    /// staff say of it.
    async fn said_of(&self, target: &Target<'_>, item: &WantedPage) -> Result<(Vec<String>, Corrections)> {
        let mut topics = target.section.topics.clone();
        let known = self
            .store
            .known(&target.portal.id, &item.key, target.due.id)
            .await;
        let Some(id) = known.context("looking a key up")?.and_then(|known| known.id) else {
            return Ok((topics, Corrections::default()));
        };
        let article = self.store.article(id).await.context("reading a known article")?;
        if let Some(article) = article {
            topics.extend(vouched(Some(target.portal), &article));
            topics.sort();
            topics.dedup();
        }
        Ok((topics, self.corrections(id).await?))
    }

    /// What staff say of an article.
    pub(super) async fn corrections(&self, article: i64) -> Result<Corrections> {
        let corrections = self.store.corrections(&[article]).await;
        Ok(corrections
            .context("reading corrections")?
            .remove(&article)
            .unwrap_or_default())
    }

    /// What a page says, under the key by which the list knows it.
    pub(super) fn read_page(
        &self,
        target: &Target<'_>,
        item: &WantedPage,
        page: &Page,
    ) -> Result<Extracted, PageError> {
        let (html, url, now) = (&page.html, &page.final_url, self.clock.now());
        let read = extract::with_first(&target.section.profiles, url, |profile| {
            extract::article(html, url, profile, now)
        });
        match read?.1 {
            ArticlePage::Article(mut article) => {
                // The list's key is the identity: a redirect must not turn one article into two.
                article.key.clone_from(&item.key);
                extract::mend(&mut article);
                Ok(*article)
            }
            ArticlePage::NotThere => Err(PageError::NotThere(item.url.clone())),
        }
    }
}
