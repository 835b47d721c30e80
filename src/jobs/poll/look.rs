//! Looking again at known articles: for edits that their list does not show, and for articles that the portal took away.
//! Conditional requests, within a budget; what is found is recorded silently.

use std::collections::HashSet;

use anyhow::{Context as _, Result};
use chrono::{DateTime, TimeDelta, Utc};
use url::Url;

use super::{Polled, Poller, Round, Target, next, trouble::PageError};
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
                    polled.pages_read += 1;
                    None
                }
                Verdict::Recorded(recorded) => {
                    polled.report.count(recorded);
                    polled.pages_read += 1;
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
                    let now = self.clock.now();
                    let ends = error.ends_asking() || error.is_outer();
                    // What passes is tried soon; a page that is of another kind now is left to its age.
                    let next = if ends {
                        Some(now + next::LOOK_SOON)
                    } else {
                        next::look(look.listed_at, now)
                    };
                    self.note(&look, Seen::Unreadable, next).await?;
                    polled.meet(&error);
                    polled.report.failed.push(error.to_string());
                    if ends {
                        break;
                    }
                }
            }
        }
        let is_control_needed = missing.iter().any(|(_, is_gone)| !is_gone) && polled.pages_read == 0;
        if is_control_needed && self.control_answers(target, round, &missing).await? {
            polled.pages_read += 1;
        }
        self.judge(missing, done, polled).await
    }

    /// Whether an article that the list shows is there: when one that is not listed is not, it may be the portal that hides
    /// them all.
    async fn control_answers(
        &self,
        target: &Target<'_>,
        round: &Round,
        missing: &[(Look, bool)],
    ) -> Result<bool> {
        let listed = self
            .store
            .listed(target.due.id)
            .await
            .context("reading what is listed")?;
        let is_missing = |look: &&Look| missing.iter().any(|(missing, _)| missing.id == look.id);
        let Some(control) = listed.iter().find(|look| !is_missing(look)) else {
            return Ok(false);
        };
        Ok(match self.look(target, round, control).await? {
            Verdict::Same(_) | Verdict::Recorded(_) => true,
            Verdict::Failed(_) => false,
        })
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
            // Those that this poll has just read are known.
            let listed = self.store.listed_looks(section, budget, polled.began_at).await;
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
            .record(target, round, &item, (&article, &page), (false, look.listed_at))
            .await?;
        Ok(recorded.map_or_else(Verdict::Failed, Verdict::Recorded))
    }

    /// Which of the articles that are not there were taken away. One that a list still shows was not, nor, at the first
    /// look, one that merely fell off its list's end, nor any while no other page answers; 410 says so itself.
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
            let is_left_out = look.is_listed == 0 && is_known_missing && polled.pages_read > 0;
            let is_withdrawn = !is_trouble && (is_gone || is_left_out);
            if is_withdrawn {
                if look.withdrawn_at.is_none() {
                    polled.report.withdrawn += 1;
                }
                self.note(&look, Seen::Withdrawn, next::look(look.listed_at, now))
                    .await?;
            } else {
                // Ever more rarely, and so no longer together with others that went at once.
                let missing_for = look.missing_since.map_or(TimeDelta::zero(), |since| now - since);
                let next = now + missing_for.max(next::LOOK_SOON);
                self.note(&look, Seen::Missing, Some(next)).await?;
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
    /// Remembers what a list page says about its section.
    pub(super) fn meet_list(&mut self, error: &PageError) {
        let cause = match error {
            PageError::Fetch(FetchError::Robots { .. }) => Some(Cause::Robots),
            _ => error.cause(),
        };
        if let Some(cause) = cause {
            self.trouble.get_or_insert_with(|| (cause, error.to_string()));
        }
    }

    /// Remembers what an article's page says about its section: the first thing that is wrong. A page of its own kind, or one
    /// that only some may see, says nothing about the others.
    pub(super) fn meet(&mut self, error: &PageError) {
        let is_about_section = |cause: &Cause| matches!(cause, Cause::Challenge | Cause::Maintenance);
        if let Some(cause) = error.cause().filter(is_about_section) {
            self.trouble.get_or_insert_with(|| (cause, error.to_string()));
        }
    }
}
