//! Looking again at known articles: for edits that their list does not show, and for articles that the portal took away.
//! Conditional requests, within a budget; what is found is recorded silently.

use std::collections::HashSet;

use anyhow::{Context as _, Result};
use chrono::{DateTime, Utc};
use url::Url;

use super::{Polled, Poller, Round, Target, health, next, trouble::PageError};
use crate::{
    domain::breakage::Cause,
    portal::fetch::{FetchError, Fetched, Validators},
    store::{Look, Recorded, Seen, WantedPage},
};

/// So many articles that are not there any more, when they are most of those looked at, are the portal's trouble and not
/// its editors' doing.
const MANY_MISSING: usize = 3;

/// What became of a look.
enum Verdict {
    Same(Validators),
    Recorded(Recorded),
    Failed(PageError),
}

impl Poller {
    /// Looks at the articles of a section that are due; in a poll that somebody asked for and whose list changed, also at
    /// others that the list shows.
    pub(super) async fn look_again(
        &self,
        target: &Target<'_>,
        round: &Round,
        polled: &mut Polled,
    ) -> Result<()> {
        let looks = self.looks(target, polled).await?;
        let (mut done, mut missing) = (0, Vec::new());
        for look in looks {
            if self.stop.is_cancelled() {
                break;
            }
            let verdict = self.look(target, round, &look).await?;
            let error = match verdict {
                Verdict::Same(validators) => {
                    let same = Seen::Same {
                        etag: validators.etag.as_deref(),
                        last_modified: validators.last_modified.as_deref(),
                    };
                    self.note(&look, same, next::look(look.listed_at, self.clock.now()))
                        .await?;
                    None
                }
                Verdict::Recorded(recorded) => {
                    polled.report.count(recorded);
                    None
                }
                Verdict::Failed(error) => Some(error),
            };
            done += 1;
            match error {
                None => {}
                Some(error) if error.is_unasked() => break,
                Some(error) if error.is_missing() || error.is_gone() => missing.push((look, error.is_gone())),
                Some(error) => {
                    self.note(&look, Seen::Unreadable, Some(self.clock.now() + next::LOOK_SOON))
                        .await?;
                    if error.cause() == Some(Cause::Layout) {
                        health::count_page(&mut polled.usual, 0.0);
                    }
                    polled.meet(&error);
                    let ends = error.ends_asking() || error.is_outer();
                    polled.report.failed.push(error.to_string());
                    if ends {
                        break;
                    }
                }
            }
        }
        self.judge(missing, done, polled).await
    }

    async fn looks(&self, target: &Target<'_>, polled: &Polled) -> Result<Vec<Look>> {
        let (section, now) = (target.due.id, self.clock.now());
        let budget = i64::try_from(self.limits.max_looks).unwrap_or(i64::MAX);
        let mut looks = self
            .store
            .due_looks(section, budget, now)
            .await
            .context("finding articles to look at")?;
        if target.is_eager && polled.listed.is_some() {
            let listed = self.store.listed_looks(section, budget, now).await;
            let known: HashSet<i64> = looks.iter().map(|look| look.id).collect();
            let listed = listed.context("finding listed articles to look at")?;
            looks.extend(listed.into_iter().filter(|look| !known.contains(&look.id)));
        }
        Ok(looks)
    }

    /// Asks for one article's page as it was known.
    async fn look(&self, target: &Target<'_>, round: &Round, look: &Look) -> Result<Verdict> {
        let Ok(url) = Url::parse(&look.url) else {
            return Ok(Verdict::Failed(PageError::Address(look.url.clone())));
        };
        let validators = Validators {
            etag: look.etag.clone(),
            last_modified: look.last_modified.clone(),
        };
        let page = match self.fetch(target, round, &url, &validators).await? {
            Ok(Fetched::NotModified { validators, .. }) => return Ok(Verdict::Same(validators)),
            Ok(Fetched::Page(page)) => page,
            Err(error) => return Ok(Verdict::Failed(error.into())),
        };
        let item = WantedPage {
            key: look.key.clone(),
            url: look.url.clone(),
            list_title: look.list_title.clone(),
            is_news: 0,
            attempts: 0,
        };
        let mut article = match self.read_page(target, &item, &page) {
            Ok(article) => article,
            Err(error) => return Ok(Verdict::Failed(error)),
        };
        self.learn_files(target, round, &mut article).await?;
        let recorded = self
            .record(target, round, &item, (&article, &page), false)
            .await?;
        Ok(recorded.map_or_else(Verdict::Failed, Verdict::Recorded))
    }

    /// Which of the articles that are not there were taken away. One that a list still shows was not, nor, at the first
    /// look, one that merely fell off its list's end; 410 says so itself.
    async fn judge(&self, missing: Vec<(Look, bool)>, done: usize, polled: &mut Polled) -> Result<()> {
        let now = self.clock.now();
        let is_trouble = missing.len() >= MANY_MISSING && missing.len() * 2 > done;
        if is_trouble {
            let why = format!(
                "{} of {done} articles that were looked at again are not there any more; none of them counts as withdrawn",
                missing.len()
            );
            polled.trouble = polled.trouble.take().or(Some((Cause::Yield, why)));
        }
        for (look, is_gone) in missing {
            let is_known_missing = look.missing_since.is_some() || polled.vanished.contains(&look.id);
            let is_withdrawn = !is_trouble && (is_gone || (look.is_listed == 0 && is_known_missing));
            if is_withdrawn {
                if look.withdrawn_at.is_none() {
                    polled.report.withdrawn += 1;
                }
                self.note(&look, Seen::Withdrawn, next::look(look.listed_at, now))
                    .await?;
            } else {
                self.note(&look, Seen::Missing, Some(now + next::LOOK_SOON))
                    .await?;
            }
        }
        Ok(())
    }

    async fn note(&self, look: &Look, seen: Seen<'_>, next: Option<DateTime<Utc>>) -> Result<()> {
        let noted = self.store.note_look(look.id, seen, next, self.clock.now()).await;
        noted.context("noting a look at an article")
    }
}

impl Polled {
    /// Remembers what a page says about its section: the first thing that is wrong.
    pub(super) fn meet(&mut self, error: &PageError) {
        let is_about_section = |cause: &Cause| *cause != Cause::Layout || self.listed.is_none();
        if let Some(cause) = error.cause().filter(is_about_section) {
            self.trouble.get_or_insert_with(|| (cause, error.to_string()));
        }
        if let PageError::Fetch(error @ FetchError::Robots { .. }) = error {
            self.trouble
                .get_or_insert_with(|| (Cause::Robots, error.to_string()));
        }
    }
}
